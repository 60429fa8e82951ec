"""Missing days, further evenings, single days: worked by hand, and held against brute force."""

from datetime import timedelta

import pytest

from sctrial import nodes
from sctrial.limits import Place, Relation
from sctrial.nodes import AllOf, AnyOf, Criterion, DiaryCompleteness, Not, PainLevel
from sctrial.phases import DiaryPhase
from sctrial.scales import TARGET, ScoreKind
from sctrial.tipping import (
    MOST_EVENINGS,
    Fill,
    assess_bounds,
    assess_evenings,
    assess_influence,
    evenings_to_flip,
    find_tipping_point,
    largest_mean_kept,
)
from sctrial.verdict import judge
from tests.sctrial.diaries import LEADS_PLACED, evidence_of
from tests.sctrial.tipping_cases import (
    HALF,
    LAST_THREE,
    MET,
    NORIDIAN,
    NORTH,
    NOT_MET,
    UNKNOWN,
    F,
    pain,
    ruled_by,
    trial,
    with_missed,
)

# --- best and worst case -----------------------------------------------------------------------


def test_one_missing_day_worked_by_hand() -> None:
    """Baseline 8. Trial 4 3 5 - 3: mean 15/4 = 3.75, met.

    Best case, day 4 as the best day 3: 18/5 = 3.6. Worst case, day 4 as baseline 8: 23/5 = 4.6, not met.
    """
    bounds = assess_bounds(trial("8 8 8", "4 3 5 - 3"), rule_set=NORTH)

    assert bounds.missing_days == 1
    assert (bounds.best.value, bounds.best.answer) == (F(3), MET)
    assert bounds.best.exact == (8 - F(18, 5)) / 8 * 100
    assert (bounds.observed.exact, bounds.observed.answer) == ((8 - F(15, 4)) / 8 * 100, MET)
    assert (bounds.worst.value, bounds.worst.answer) == (F(8), NOT_MET)
    assert bounds.worst.exact == (8 - F(23, 5)) / 8 * 100


# fmt: off
#   each missing day is taken to be     in 8 8 8 | 4 3 5 - 3   in 4 4 4 | 6 - 8 (worse than baseline)
FILLS = [
    (Fill.SCALE_MINIMUM,                0,                     0),
    (Fill.BEST_REPORTED,                3,                     6),
    (Fill.BASELINE_MEAN,                8,                     7),   # as bad as the reported days, not better
    (Fill.WORST_REPORTED,               5,                     8),
    (Fill.SCALE_MAXIMUM,                10,                    10),
]
# fmt: on


@pytest.mark.parametrize(("fill", "better", "worse"), FILLS)
def test_what_a_fill_means_is_declared_in_the_answer(fill: Fill, better: int, worse: int) -> None:
    for evidence, value in ((trial("8 8 8", "4 3 5 - 3"), better), (trial("4 4 4", "6 - 8"), worse)):
        case = assess_bounds(evidence, rule_set=NORTH, worst=fill).worst

        assert (case.fill, case.value) == (fill, F(value))


def test_a_fill_that_does_not_exist_leaves_the_days_missing() -> None:
    bounds = assess_bounds(trial("8 8 8", "-"), rule_set=NORTH, best=Fill.BEST_REPORTED)

    assert (bounds.best.value, bounds.best.answer) == (None, UNKNOWN)


def test_a_window_before_the_first_day_has_missing_days_too() -> None:
    bounds = assess_bounds(trial("8 8 8", "3", under=LAST_THREE), rule_set=NORTH)

    assert bounds.missing_days == 2
    assert bounds.worst.exact == (8 - F(3 + 8 + 8, 3)) / 8 * 100


def test_a_filled_day_never_completes_a_diary() -> None:
    complete = DiaryCompleteness("days", "Days", TARGET, ScoreKind.AVERAGE, DiaryPhase.TRIAL, None, 3)
    rules = ruled_by(AllOf("both", "Both", (pain(HALF), complete)))

    assert judge(trial("8 8", "3 - 3"), rule_set=rules).answer is UNKNOWN
    assert assess_bounds(trial("8 8", "3 - 3"), rule_set=rules).best.answer is UNKNOWN


# --- the tipping point in points ---------------------------------------------------------------


def test_the_tipping_point_worked_by_hand() -> None:
    """Baseline 8, so a mean of 4 just holds. Four days with total 15 leave 4 * 5 - 15 = 5 for the fifth."""
    point = find_tipping_point(trial("8 8 8", "4 3 5 - 3"), rule_set=NORTH)

    (turn,) = point.turns
    assert (point.missing_days, point.observed) == (1, MET)
    assert (turn.mean, turn.below, turn.at, turn.above) == (F(5), MET, MET, NOT_MET)
    assert turn.reachable
    assert (
        largest_mean_kept(HALF, baseline_mean=F(8), trial_total=F(15), trial_days=4, missing_days=1)
        == F(1, 2) * 8 * 5 - 15
    )


# fmt: off
#   baseline  trial    missed   mean of the missing days that still holds    within reach of the scale?
REACH = [
    ("8",     "4",     1,       F(4 * 2 - 4),                                True),
    ("8",     "9",     1,       F(4 * 2 - 9),                                False),   # below 0
    ("10",    "0 0 0", 1,       F(5 * 4 - 0),                                False),   # above 10
    ("10",    "0",     1,       F(5 * 2 - 0),                                False),   # 10 still holds
    ("8",     "8",     1,       F(4 * 2 - 8),                                True),    # no pain at all
    ("8",     "3",     2,       F(4 * 3 - 3, 2),                             True),
]
# fmt: on


@pytest.mark.parametrize(("baseline", "scores", "missed", "mean", "reachable"), REACH)
def test_a_tipping_point_off_the_scale_says_that_nothing_can_turn_the_verdict(
    baseline: str, scores: str, missed: int, mean: F, reachable: bool
) -> None:
    (turn,) = find_tipping_point(with_missed(baseline, scores, missed=missed), rule_set=NORTH).turns

    assert (turn.mean, turn.reachable) == (mean, reachable)


NO_TURN = {
    "no day is missing": trial("8 8", "4 3"),
    "the baseline is 0": trial("0 0", "4 - 4"),
    "there is no baseline": trial("-", "4 - 4"),
    "another criterion fails": evidence_of("8 8", "3 - 3", mme=(60, 70), satisfied=True),
}


@pytest.mark.parametrize("why", NO_TURN)
def test_without_a_turn_the_missing_days_cannot_change_the_answer(why: str) -> None:
    point = find_tipping_point(NO_TURN[why], rule_set=NORTH)

    assert point.turns == ()
    assert point.observed is judge(NO_TURN[why], rule_set=NORTH).answer


def test_a_rule_met_by_its_other_branch_has_no_turn() -> None:
    evidence = evidence_of("8 8", "7 - 7", mme=(60, 30))

    assert find_tipping_point(evidence, rule_set=NORIDIAN).turns == ()


def test_while_satisfaction_is_unknown_the_turn_is_from_not_evaluable_to_not_met() -> None:
    (turn,) = find_tipping_point(evidence_of("8 8", "3 - 3", mme=(60, 60)), rule_set=NORTH).turns

    assert (turn.below, turn.at, turn.above) == (UNKNOWN, UNKNOWN, NOT_MET)


def test_a_rule_with_two_thresholds_turns_where_each_of_them_matters() -> None:
    """Between 30 % and 50 % but not more: met only while the mean of two days is in 4 < x <= 5.6."""
    moderate = AllOf("m", "Moderate", (pain(F(3, 10)), Not("n", "N", (pain(HALF, name="half"),))))

    turns = find_tipping_point(with_missed("8", "4", missed=1), rule_set=ruled_by(moderate)).turns

    assert [(turn.mean, turn.at, turn.above) for turn in turns] == [
        (F(4) * 2 - 4, NOT_MET, MET),
        (F(56, 10) * 2 - 4, MET, NOT_MET),
    ]


def test_a_level_that_pain_must_reach_turns_at_its_own_place() -> None:
    level = PainLevel(
        "l", "L", TARGET, ScoreKind.AVERAGE, DiaryPhase.TRIAL, Relation.AT_MOST, Place(F(3), F(10))
    )
    either = AnyOf("e", "Either", (level, pain(HALF)))

    turns = find_tipping_point(with_missed("5", "2", missed=1), rule_set=ruled_by(either)).turns

    # The reduction holds to 5/2 * 2 - 2 = 3, the level to 3 * 2 - 2 = 4: the weaker of the two turns it.
    assert [(turn.mean, turn.at, turn.above) for turn in turns] == [(F(4), MET, NOT_MET)]


def test_the_closed_form_refuses_what_has_no_percent_or_no_missing_day() -> None:
    for baseline, missing in ((F(0), 1), (F(8), 0)):
        with pytest.raises(ValueError, match="at least one missing day"):
            largest_mean_kept(
                HALF, baseline_mean=baseline, trial_total=F(3), trial_days=1, missing_days=missing
            )


def test_every_kind_of_criterion_has_been_asked_whether_it_looks_at_the_trial_mean() -> None:
    """A new kind that does must get its limit in the table; then it may be listed here."""
    asked = {"PainReduction", "PainLevel"}
    blind = {
        *("AllOf", "AnyOf", "AtLeast", "Not"),
        *("DiaryCompleteness", "StatedRelief", "AnalgesicReduction", "AnalgesicNotIncreased", "ScoreChange"),
        *("ScoreLevel", "GlobalChanged", "TrialDuration", "Satisfied", "NoStimulationDeficit", "Eligibility"),
        *("Attested", "Criterion", "PainCriterion"),
    }
    kinds = {
        name for name, kind in vars(nodes).items() if isinstance(kind, type) and issubclass(kind, Criterion)
    }

    assert kinds == asked | blind


# --- further evenings --------------------------------------------------------------------------


def test_evenings_worked_by_hand() -> None:
    """Baseline 8, whole trial 2 2 2 2: (8 + 8k) / (4 + k) > 4 from k = 3 on: 32/7 = 4.57; at 2 it is 4."""
    found = assess_evenings(trial("8 8", "2 2 2 2"), rule_set=NORTH)

    assert (found.count, found.observed, found.becomes) == (3, MET, NOT_MET)
    assert evenings_to_flip(HALF, baseline_mean=F(8), trial_total=F(8), trial_days=4) == 3


def test_a_verdict_on_its_limit_falls_with_the_first_evening() -> None:
    assert assess_evenings(trial("8 8", "4 4"), rule_set=NORTH).count == 1


@pytest.mark.parametrize(("at_most", "count"), [(2, None), (3, 3)])
def test_no_more_evenings_are_asked_than_was_said(at_most: int, count: int | None) -> None:
    assert assess_evenings(trial("8 8", "2 2 2 2"), rule_set=NORTH, at_most=at_most).count == count


def test_in_a_window_of_the_last_days_old_evenings_drop_out() -> None:
    """The last three of 2 2 2 8: (2 + 2 + 8) / 3 = 4 still holds; of 2 2 2 8 8: 18 / 3 = 6 does not."""
    assert assess_evenings(trial("8 8", "2 2 2", under=LAST_THREE), rule_set=NORTH).count == 2


NO_FLIP = {
    "baseline evenings cannot help": (trial("8 8", "7 7"), NOT_MET),
    "no day yet": (trial("8 8", "-"), UNKNOWN),
    "no baseline": (trial("-", "2"), UNKNOWN),
}


@pytest.mark.parametrize("why", NO_FLIP)
def test_where_no_evening_flips_there_is_no_count(why: str) -> None:
    evidence, answer = NO_FLIP[why]

    found = assess_evenings(evidence, rule_set=NORTH)

    assert (found.count, found.observed, found.becomes) == (None, answer, None)


def test_the_walk_ends() -> None:
    weak = ruled_by(pain(F(1, 100)))

    assert assess_evenings(trial("8", "0"), rule_set=weak).count is None
    assert (
        evenings_to_flip(F(1, 100), baseline_mean=F(8), trial_total=F(0), trial_days=1) == 100 > MOST_EVENINGS
    )


@pytest.mark.parametrize(("baseline", "total", "days"), [(F(0), F(0), 3), (F(8), F(0), 0), (F(8), F(20), 3)])
def test_the_closed_form_knows_when_there_is_nothing_to_flip(baseline: F, total: F, days: int) -> None:
    assert evenings_to_flip(HALF, baseline_mean=baseline, trial_total=total, trial_days=days) is None


# --- influence ---------------------------------------------------------------------------------


def test_influence_worked_by_hand() -> None:
    """Baseline 8 8, trial 1 4 7: mean 4, exactly half. Without the 1 it is 5.5, without the 7 it is 2.5."""
    found = assess_influence(trial("8 8", "1 4 7"), rule_set=NORTH)

    assert [(each.phase.value, each.exact, each.flips) for each in found] == [
        ("baseline", 50, False),
        ("baseline", 50, False),
        ("trial", (8 - F(11, 2)) / 8 * 100, True),
        ("trial", 50, False),
        ("trial", (8 - F(5, 2)) / 8 * 100, False),
    ]


def test_the_only_day_of_a_side_leaves_nothing_to_judge() -> None:
    (_, only) = assess_influence(trial("8", "3"), rule_set=NORTH)

    assert (only.answer, only.exact, only.flips) == (UNKNOWN, None, True)


def test_a_day_left_out_does_not_let_the_window_slide_to_an_older_day() -> None:
    found = assess_influence(trial("8", "9 3 3 6", under=LAST_THREE), rule_set=NORTH)

    assert [each.day for each in found if each.phase is DiaryPhase.TRIAL] == [
        LEADS_PLACED + timedelta(days=n) for n in (1, 2, 3)
    ]
    assert found[-1].exact == F(8 - 3, 8) * 100
