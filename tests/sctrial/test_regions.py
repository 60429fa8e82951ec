"""Target pain apart from the wound, and procedure days that are shown and left out."""

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.criteria import rule_set
from sctrial.evidence import Evidence
from sctrial.phases import DiaryPhase
from sctrial.regions import WOUND, Span, compute_region_reliefs, procedure_span
from sctrial.scales import ScoreKind
from sctrial.seal import canonical_json
from sctrial.verdict import judge
from tests.sctrial.diaries import LEADS_PLACED, diary, evidence_of, protocol

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
AVERAGE = ScoreKind.AVERAGE


def with_wound(evidence: Evidence, scores: str) -> Evidence:
    return replace(evidence, entries=evidence.entries + diary(scores, phase=DiaryPhase.TRIAL, region=WOUND))


def test_the_procedure_span_is_days_0_to_2_of_the_trial() -> None:
    assert procedure_span(date(2026, 3, 10)) == Span(date(2026, 3, 10), date(2026, 3, 12))
    assert procedure_span(date(2026, 3, 10), days=1) == Span(date(2026, 3, 10), date(2026, 3, 10))


@pytest.mark.parametrize("days", [0, -1])
def test_a_span_that_runs_backwards_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="runs backwards"):
        procedure_span(LEADS_PLACED, days=days)


def test_one_trial_with_and_without_its_procedure_days_worked_by_hand() -> None:
    """Baseline 8. Trial 8 7 6 3 - 3: with all days 27/5, without days 0 to 2 it is 3."""
    (target,) = compute_region_reliefs(
        evidence_of("8 8", "8 7 6 3 - 3"), kind=AVERAGE, left_out=procedure_span(LEADS_PLACED)
    )

    assert (target.region, target.is_target) == ("target", True)
    assert target.reduction.exact == (8 - F(8 + 7 + 6 + 3 + 3, 5)) / 8 * 100
    assert target.reduction_without.exact == F(8 - 3, 8) * 100
    assert [score for _, score in target.left_out] == [8, 7, 6]
    assert (target.trial_without.days, target.trial_without.missing_days) == (2, 1)


def test_a_procedure_day_without_a_score_is_not_missing_either() -> None:
    (target,) = compute_region_reliefs(
        evidence_of("8 8", "8 - 6 3 - 3"), kind=AVERAGE, left_out=procedure_span(LEADS_PLACED)
    )

    assert (target.trial.missing_days, target.trial_without.missing_days) == (2, 1)
    assert target.trial_without.missing_dates == (LEADS_PLACED + timedelta(days=4),)


def test_without_a_span_both_readings_are_one() -> None:
    (target,) = compute_region_reliefs(evidence_of("8 8", "4 4"), kind=AVERAGE)

    assert target.left_out == ()
    assert (target.trial, target.reduction) == (target.trial_without, target.reduction_without)


def test_the_wound_is_reported_by_itself_and_after_the_target() -> None:
    evidence = with_wound(evidence_of("8 8", "4 4"), "9 2")

    target, wound = compute_region_reliefs(evidence, kind=AVERAGE)

    assert (target.region, wound.region) == ("target", WOUND)
    assert wound.trial.mean == F(9 + 2, 2)
    # No wound before the procedure: its percent does not exist, and nothing is made up for it.
    assert wound.reduction.reason == "baseline_missing"


def test_the_target_is_listed_even_when_nobody_scored_it() -> None:
    evidence = replace(with_wound(evidence_of("8", "4"), "9"), entries=())

    assert [each.region for each in compute_region_reliefs(evidence, kind=AVERAGE)] == ["target"]


def test_a_window_is_placed_before_the_span_is_taken_from_it() -> None:
    evidence = evidence_of("8", "2 2 9 9 9", under=protocol(trial="last-n-days:3"))
    span = Span(LEADS_PLACED + timedelta(days=2), LEADS_PLACED + timedelta(days=4))

    (target,) = compute_region_reliefs(evidence, kind=AVERAGE, left_out=span)

    assert target.trial_without.mean is None
    assert target.reduction_without.reason == "trial_missing"


scores = st.lists(st.sampled_from(["-", "0", "3", "8", "2,7"]), max_size=8).map(" ".join)


@unhurried
@given(scores, scores, scores)
def test_the_wound_never_touches_the_target(baseline: str, after: str, wound: str) -> None:
    plain = evidence_of(baseline, after, under=protocol(baseline="last-n-days:3", trial="whole-phase"))
    days = {entry.day for entry in plain.entries}
    sore = with_wound(plain, wound)
    # A wound score on a day of its own moves the end of the diary; that is the diary's to say, not ours.
    sore = replace(sore, entries=tuple(each for each in sore.entries if each.day in days))

    assert compute_region_reliefs(sore, kind=AVERAGE)[0] == compute_region_reliefs(plain, kind=AVERAGE)[0]


@unhurried
@given(scores, scores)
def test_the_target_figures_are_those_of_the_verdict(baseline: str, after: str) -> None:
    evidence = evidence_of(baseline, after)
    verdict = judge(evidence, rule_set=rule_set("NORTH_PP"))

    target = compute_region_reliefs(evidence, kind=AVERAGE)[0]

    assert (target.baseline, target.trial) == (verdict.baseline, verdict.trial)
    assert target.reduction == verdict.reduction


@unhurried
@given(scores, scores, st.integers(1, 5))
def test_what_is_left_out_and_what_counts_are_the_window(baseline: str, after: str, days: int) -> None:
    span = procedure_span(LEADS_PLACED, days=days)
    (target,) = compute_region_reliefs(evidence_of(baseline, after), kind=AVERAGE, left_out=span)

    assert target.trial_without.days + len(target.left_out) == target.trial.days
    assert target.trial_without.total + sum(score for _, score in target.left_out) == target.trial.total


def test_the_answer_is_plain_enough_to_be_sealed() -> None:
    (target,) = compute_region_reliefs(evidence_of("8 8", "4 - 4"), kind=AVERAGE)

    assert json.loads(canonical_json(asdict(target)))
