"""Missing days and further evenings, held against brute force."""

import json
from dataclasses import asdict, replace
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from sctrial.evidence import Entry, Protocol
from sctrial.phases import DiaryPhase
from sctrial.reduction import is_reduced_by
from sctrial.scales import TARGET, ScaleCode, ScoreKind
from sctrial.seal import canonical_json
from sctrial.tipping import (
    assess_bounds,
    assess_evenings,
    assess_influence,
    evenings_to_flip,
    find_tipping_point,
    largest_mean_kept,
)
from sctrial.verdict import judge
from tests.sctrial.diaries import LEADS_PLACED, protocol
from tests.sctrial.tipping_cases import (
    HALF,
    LAST_THREE,
    MET,
    NORTH,
    NOT_MET,
    UNKNOWN,
    F,
    pain,
    ruled_by,
    trial,
    unhurried,
)

cells = st.sampled_from(["-", "0", "1", "3", "4", "5", "8", "10"])
diaries = st.lists(cells, max_size=8).map(" ".join)
unders = st.sampled_from([protocol(), LAST_THREE, protocol(trial="exclude-first-n-days:2")])
thresholds = st.sampled_from([F(3, 10), HALF, F(4, 5)])
ORDER = {NOT_MET: 0, UNKNOWN: 1, MET: 2}


@unhurried
@given(diaries, diaries, unders, thresholds)
def test_the_best_case_is_never_below_the_observed_and_the_worst_never_above(
    baseline: str, after: str, under: Protocol, threshold: F
) -> None:
    bounds = assess_bounds(trial(baseline, after, under=under), rule_set=ruled_by(pain(threshold)))
    best, observed, worst = bounds.best, bounds.observed, bounds.worst

    assume(observed.exact is not None)
    assert best.exact >= observed.exact >= worst.exact  # type: ignore[operator]
    assert ORDER[best.answer] >= ORDER[observed.answer] >= ORDER[worst.answer]


@unhurried
@given(diaries, diaries, unders, thresholds, st.integers(0, 10))
def test_the_tipping_point_agrees_with_filling_every_missing_day_and_judging(
    baseline: str, after: str, under: Protocol, threshold: F, value: int
) -> None:
    rules = ruled_by(pain(threshold))
    evidence = trial(baseline, after, under=replace(under, scale=ScaleCode.NUMERIC_0_10))
    point = find_tipping_point(evidence, rule_set=rules)
    missing = judge(evidence, rule_set=rules).trial.missing_dates
    assume(len(missing) == point.missing_days)
    added = tuple(Entry(day, DiaryPhase.TRIAL, TARGET, ScoreKind.AVERAGE, F(value)) for day in missing)
    # Days before the diary began would move its first day and with it some windows; the last n stay.
    assume(all(day >= LEADS_PLACED for day in missing) or under == LAST_THREE)

    brute = judge(replace(evidence, entries=evidence.entries + added), rule_set=rules).answer

    expected = point.observed
    for turn in point.turns:
        expected = turn.below if value < turn.mean else turn.at if value == turn.mean else turn.above
    assert brute is expected


@unhurried
@given(st.integers(1, 10), st.integers(0, 60), st.integers(1, 8), st.integers(1, 8), thresholds)
def test_the_closed_form_is_the_last_mean_that_holds(
    baseline: int, total: int, days: int, missing: int, threshold: F
) -> None:
    mean = largest_mean_kept(
        threshold, baseline_mean=F(baseline), trial_total=F(total), trial_days=days, missing_days=missing
    )

    def holds(value: F) -> bool:
        return is_reduced_by(
            threshold,
            baseline_total=baseline,
            baseline_days=1,
            trial_total=total + missing * value,
            trial_days=days + missing,
        )

    assert holds(mean)
    assert not holds(mean + F(1, 10**9))


low = st.lists(st.sampled_from(["-", "0", "1", "2", "4"]), min_size=1, max_size=8).map(" ".join)
high = st.lists(st.sampled_from(["7", "8", "10"]), min_size=1, max_size=8).map(" ".join)


@unhurried
@given(high, low, thresholds)
def test_further_evenings_agree_with_the_closed_form_in_a_window_that_grows(
    baseline: str, after: str, threshold: F
) -> None:
    evidence, rules = trial(baseline, after), ruled_by(pain(threshold))
    verdict = judge(evidence, rule_set=rules)

    count = evenings_to_flip(
        threshold,
        baseline_mean=verdict.baseline.mean or F(0),
        trial_total=verdict.trial.total,
        trial_days=verdict.trial.days,
    )

    assert assess_evenings(evidence, rule_set=rules).count == count


@unhurried
@given(diaries, diaries, unders)
def test_leaving_out_a_day_is_judging_without_it_when_it_is_not_an_end_of_the_diary(
    baseline: str, after: str, under: Protocol
) -> None:
    evidence = trial(baseline, after, under=under)
    by_phase = [[entry.day for entry in evidence.entries if entry.phase is phase] for phase in DiaryPhase]
    ends = {end for days in by_phase if days for end in (min(days), max(days))}

    for each in assess_influence(evidence, rule_set=NORTH):
        if each.day not in ends:
            rest = tuple(entry for entry in evidence.entries if entry.day != each.day)
            verdict = judge(replace(evidence, entries=rest), rule_set=NORTH)
            assert (each.answer, each.exact) == (verdict.answer, verdict.reduction.exact)


@unhurried
@given(diaries, diaries, st.randoms(use_true_random=False))
def test_the_order_of_the_entries_is_no_matter(baseline: str, after: str, random: Random) -> None:
    evidence = trial(baseline, after)
    other = replace(evidence, entries=tuple(random.sample(evidence.entries, len(evidence.entries))))

    for ask in (assess_bounds, find_tipping_point, assess_evenings, assess_influence):
        assert ask(evidence, rule_set=NORTH) == ask(other, rule_set=NORTH)


def test_every_answer_is_plain_enough_to_be_sealed() -> None:
    evidence = trial("8 8", "4 - 3")

    for answer in (
        assess_bounds(evidence, rule_set=NORTH),
        find_tipping_point(evidence, rule_set=NORTH),
        assess_evenings(evidence, rule_set=NORTH),
        assess_influence(evidence, rule_set=NORTH)[0],
    ):
        assert json.loads(canonical_json(asdict(answer)))
