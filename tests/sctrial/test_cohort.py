"""Cohort statistics on groups small enough to work out by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.cohort import (
    CUT_OFFS,
    CountedTwice,
    Denominator,
    GroupReduction,
    Outcome,
    Population,
    compute_group_reduction,
    compute_responder_curve,
    compute_waterfall,
    summarise_responders,
)
from sctrial.criteria import rule_set
from sctrial.intervals import Count, NoInterval, ProportionMethod, display_interval
from sctrial.kleene import Answer
from sctrial.phases import EndReason
from sctrial.verdict import judge
from tests.sctrial.diaries import evidence_of

F = Fraction
MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE


def outcome(
    trial: str, before: str | None, after: str | None, answer: Answer = UNKNOWN, *, technical: bool = False
) -> Outcome:
    sides = [None if side is None else Fraction(side) for side in (before, after)]
    return Outcome(trial, answer, sides[0], sides[1], technical)


# One patient of each kind that a cohort holds.
# fmt: off
COHORT = [
    #        trial  before  after  answer
    outcome("T-1", "10",   "5",   MET),       # exactly 50 %
    outcome("T-2", "4",    "1",   MET),       # 75 %
    outcome("T-3", "53/7", "19/5", NOT_MET),  # 49.81 %, printed as 50 %
    outcome("T-4", "1",    "10",  NOT_MET),   # nine times worse: -900 %
    outcome("T-5", "0",    "3",   UNKNOWN),   # no percent of nothing
    outcome("T-6", "7",    None,  UNKNOWN),   # no trial diary
    outcome("T-7", "8",    "1",   MET, technical=True),
]
# fmt: on
POPULATION = Population(n=4, zero_baselines=1, missing=1, technical_failures=1)


def test_a_responder_rate_shows_every_denominator() -> None:
    found = summarise_responders(COHORT)

    assert (found.met, found.not_met, found.not_evaluable, found.technical_failures) == (2, 2, 2, 1)
    assert {denominator: rate.count for denominator, rate in found.rates.items()} == {
        Denominator.EVALUABLE: Count(2, 2 + 2),
        Denominator.WITH_TECHNICAL_FAILURES: Count(2, 2 + 2 + 1),
        Denominator.EVERY_TRIAL: Count(2, 2 + 2 + 2 + 1),
    }
    assert found.rates[Denominator.EVALUABLE].method is ProportionMethod.WILSON


def test_a_technical_failure_is_not_a_success_whatever_its_diary_says() -> None:
    found = summarise_responders([outcome("T-1", "8", "1", MET, technical=True)])

    assert found.met == 0
    assert found.rates[Denominator.EVALUABLE].reason is NoInterval.NO_PATIENTS
    assert found.rates[Denominator.WITH_TECHNICAL_FAILURES].count == Count(0, 1)


def test_an_exact_interval_may_be_asked_for() -> None:
    # TRIAL-STIM sensitivity: 15 of 15, published as 78-100.
    cohort = [outcome(f"T-{n}", "8", "1", MET) for n in range(15)]

    found = summarise_responders(cohort, method=ProportionMethod.CLOPPER_PEARSON, confidence=F(95, 100))

    assert display_interval(found.rates[Denominator.EVALUABLE].interval) == "78.2 to 100.0 %"


def test_nobody_has_no_rate_no_curve_and_no_mean() -> None:
    nobody = Population(0, 0, 0, 0)

    assert {rate.reason for rate in summarise_responders([]).rates.values()} == {NoInterval.NO_PATIENTS}
    assert {point.share for point in compute_responder_curve([]).points} == {None}
    assert compute_waterfall([]).bars == ()
    assert compute_group_reduction([]) == GroupReduction(None, None, nobody)


def test_the_curve_counts_a_patient_at_exactly_the_cut_off() -> None:
    curve = compute_responder_curve(COHORT)
    counts = {point.cut_off: point.count for point in curve.points}

    # 75, 50, 49.81 and -900 %.
    assert {cut_off: counts[cut_off] for cut_off in (0, 49, 50, 51, 75, 76, 100)} == {
        0: 3, 49: 3, 50: 2, 51: 1, 75: 1, 76: 0, 100: 0
    }  # fmt: skip
    assert curve.points[50].share == F(2, 4)
    assert (curve.of, curve.population, len(curve.points)) == (4, POPULATION, 101)


def test_missing_patients_may_stay_in_the_denominator_and_reach_no_cut_off() -> None:
    curve = compute_responder_curve(COHORT, missing_as_nonresponders=True)

    # Those with a zero baseline stay out: no relief could have given them a percent.
    assert (curve.of, curve.points[50].share) == (4 + 1, F(2, 5))


def test_a_waterfall_runs_from_best_to_worst_and_clips_nothing() -> None:
    found = compute_waterfall(COHORT)

    assert found.bars == (
        ("T-2", F(100 * (4 - 1), 4)),
        ("T-1", F(100 * (10 - 5), 10)),
        ("T-3", F(2640, 53)),
        ("T-4", F(100 * (1 - 10), 1)),
    )
    assert found.population == POPULATION


def test_equal_bars_stand_in_order_of_trial() -> None:
    found = compute_waterfall([outcome("T-9", "8", "4"), outcome("T-2", "6", "3"), outcome("T-5", "2", "1")])

    assert [trial for trial, _ in found.bars] == ["T-2", "T-5", "T-9"]


def test_the_mean_of_percents_is_not_the_percent_of_means() -> None:
    found = compute_group_reduction([outcome("T-1", "10", "5"), outcome("T-2", "4", "1")])

    assert found.mean_of_percents == F(50 + 75, 2) == F(125, 2)  # 62.5
    assert found.percent_of_means == F(100 * (14 - 6), 14)  # 57.1
    assert found.population == Population(2, 0, 0, 0)


def test_both_means_rest_on_the_same_patients() -> None:
    # T-5 (zero baseline), T-6 (no diary) and T-7 (technical failure) are in neither.
    found = compute_group_reduction(COHORT)

    before, after = 10 + 4 + F(53, 7) + 1, 5 + 1 + F(19, 5) + 10
    assert found.percent_of_means == 100 * (before - after) / before
    assert found.mean_of_percents == (50 + 75 + F(2640, 53) - 900) / 4
    assert found.population == POPULATION


def test_one_patient_has_the_same_figure_twice() -> None:
    found = compute_group_reduction([outcome("T-1", "7", "3")])

    assert found.mean_of_percents == found.percent_of_means == F(100 * (7 - 3), 7)


# Group means as published; the percent of means, to two decimals.
# fmt: off
GROUP_MEANS = [
    # study                              before   after    percent
    ("TRIAL-STIM, trial group",          "7.47",  "4.28",  42.70),
    ("TRIAL-STIM, no-trial group",       "7.54",  "4.49",  40.45),
    ("Al-Kaisy 2014, back",              "8.4",   "3.3",   60.71),
    ("Al-Kaisy 2014, leg",               "5.4",   "2.3",   57.41),
    ("10 kHz, neck",                     "7.6",   "1.5",   80.26),
    ("10 kHz, arm",                      "7.1",   "1.0",   85.92),
]
# fmt: on


@pytest.mark.parametrize(("study", "before", "after", "percent"), GROUP_MEANS)
def test_published_group_means_give_the_percent_of_means(
    study: str, before: str, after: str, percent: float
) -> None:
    # Two patients half a point to either side have the published means.
    half = F(1, 2)
    pair = [
        Outcome(f"T-{side}", UNKNOWN, F(before) + side * half, F(after) + side * half) for side in (-1, 1)
    ]

    found = compute_group_reduction(pair).percent_of_means

    assert found is not None
    assert round(float(found), 2) == percent


def test_an_outcome_is_read_from_a_verdict() -> None:
    verdict = judge(evidence_of("7 7 6 8 7 7 7", "3 4 4 3"), rule_set=rule_set("MAC_NORIDIAN"))

    plain = Outcome.read("T-1", verdict=verdict)
    failed = Outcome.read("T-1", verdict=verdict, end_reason=EndReason.TECHNICAL_FAILURE)

    assert plain == Outcome("T-1", MET, F(7), F(7, 2))
    assert plain.reduction.exact == 50
    assert failed.technical_failure
    assert not Outcome.read("T-1", verdict=verdict, end_reason=EndReason.SUCCESS).technical_failure


@pytest.mark.parametrize(
    "summarise", [compute_responder_curve, compute_waterfall, compute_group_reduction, summarise_responders]
)
def test_a_trial_counted_twice_is_refused(summarise: object) -> None:
    twice = [outcome("T-1", "7", "3"), outcome("T-1", "7", "4")]

    with pytest.raises(CountedTwice, match="'T-1' is in the cohort twice"):
        summarise(twice)  # type: ignore[operator]


SCORES = st.one_of(st.none(), st.integers(0, 10).map(Fraction))
COHORTS = st.lists(st.tuples(SCORES, SCORES, st.sampled_from(Answer), st.booleans()), max_size=12).map(
    lambda rows: [Outcome(f"T-{n}", row[2], row[0], row[1], row[3]) for n, row in enumerate(rows)]
)


@given(COHORTS)
def test_everybody_is_counted_exactly_once(cohort: list[Outcome]) -> None:
    population = compute_waterfall(cohort).population
    rate = summarise_responders(cohort)

    assert sum(
        (population.n, population.zero_baselines, population.missing, population.technical_failures)
    ) == len(cohort)
    assert rate.met + rate.not_met + rate.not_evaluable + rate.technical_failures == len(cohort)


@given(COHORTS)
def test_the_curve_never_rises_and_meets_the_waterfall(cohort: list[Outcome]) -> None:
    curve, bars = compute_responder_curve(cohort), compute_waterfall(cohort).bars
    counts = [point.count for point in curve.points]

    assert counts == sorted(counts, reverse=True)
    assert counts == [sum(percent >= cut_off for _, percent in bars) for cut_off in CUT_OFFS]


@given(COHORTS.flatmap(lambda cohort: st.tuples(st.just(cohort), st.permutations(cohort))))
def test_the_order_of_the_cohort_does_not_matter(orders: tuple[list[Outcome], list[Outcome]]) -> None:
    cohort, shuffled = orders

    for summarise in (
        compute_responder_curve,
        compute_waterfall,
        compute_group_reduction,
        summarise_responders,
    ):
        assert summarise(shuffled) == summarise(cohort)
