"""A stored verdict in words. Figures: check case B of the methods, 53/7 to 19/5 is 2640/53 percent."""

import re
from fractions import Fraction

import pytest

from apps.outcomes.models import Assessment
from apps.workspace.verdicts import (
    criteria_of,
    pain_threshold,
    percent_of,
    read_assessment,
    threshold_words,
    window_words,
)
from sctrial.assurance import certainty_of
from sctrial.criteria import rule_set
from sctrial.evidence import Entry, Evidence, Protocol
from sctrial.phases import DiaryPhase
from sctrial.scales import ScaleCode, ScoreKind
from sctrial.verdict import judge
from sctrial.windows import Several, parse_window
from tests.factories import NOW

PROTOCOL = Protocol(
    parse_window("last-n-days:7"), parse_window("whole-phase"), Several.MEAN, ScaleCode.NRS_11
)
WINDOWS = {"baseline_window": "last-n-days:7", "trial_window": "whole-phase"}


def make_assessment(baseline: str, trial: str, *, rule_set_id: str = "MAC_NORIDIAN") -> Assessment:
    """Scores by day, unsaved: "8 7" at baseline, "4" in the trial."""
    days = [(DiaryPhase.BASELINE, 1, baseline), (DiaryPhase.TRIAL, 11, trial)]
    entries = tuple(
        Entry(NOW.date().replace(day=first + n), phase, "target", ScoreKind.AVERAGE, Fraction(score))
        for phase, first, scores in days
        for n, score in enumerate(scores.split())
    )
    evidence, rule = Evidence(PROTOCOL, entries), rule_set(rule_set_id)
    verdict = judge(evidence, rule_set=rule)
    return Assessment(
        rule_set_id=rule.id,
        rule_set_version=rule.version,
        rule_set_digest=rule.digest,
        answer=verdict.answer.value,
        verdict=verdict.canonical(),
        certainty=certainty_of(evidence, verdict=verdict, rule_set=rule).canonical(),
        assessed_at=NOW,
    )


def test_a_percent_just_below_the_threshold_is_never_shown_as_the_threshold() -> None:
    row = make_assessment("8 7 8 7 8 7 8", "4 4 3 4 4")

    assert row.verdict["reduction"]["exact"] == "2640/53"
    assert percent_of(row, rule=rule_set("MAC_NORIDIAN")) == "49.81 %"
    assert threshold_words(rule_set("MAC_NORIDIAN")) == "≥ 50 %"


def test_a_percent_of_49_998_stays_below_fifty() -> None:
    """Stored figures only: the exact percent is 50 - 1/500."""
    row = make_assessment("8", "4")
    row.verdict["reduction"]["exact"] = str(Fraction(50) - Fraction(1, 500))

    assert percent_of(row, rule=rule_set("MAC_NORIDIAN")) == "49.99 %"


def test_without_a_percent_the_reason_is_given() -> None:
    reading = read_assessment(make_assessment("0 0", "3"), rules={})

    assert reading.percent == ""
    assert reading.percent_why == "baseline is 0, so there is no percent"


def test_the_sentence_is_that_of_the_criterion_that_decided() -> None:
    rule = rule_set("NORTH_PP")
    failed = make_assessment("8 8", "7", rule_set_id="NORTH_PP")

    reading = read_assessment(failed, rules={rule.digest: rule})

    assert reading.sentence.startswith("Not met: Average target pain fell by 12.50 %, from 8.00 to 7.00")


def test_what_is_missing_says_who_can_supply_it() -> None:
    rule = rule_set("NORTH_PP")

    reading = read_assessment(make_assessment("8", "2", rule_set_id="NORTH_PP"), rules={rule.digest: rule})

    assert reading.answer_words == "Not evaluable"
    assert "whether the patient is satisfied (from the patient, asked by the clinic)" in reading.missing


def test_every_criterion_stands_in_the_order_of_the_rule_with_its_depth() -> None:
    lines = list(criteria_of(make_assessment("8", "2").verdict["criteria"]))

    assert [(line.label, line.depth) for line in lines] == [
        ("Trial success", 0),
        ("Target pain at least 50 % lower", 1),
        ("Analgesics at least 50 % lower", 1),
    ]


def test_a_rule_that_is_gone_still_shows_its_stored_answer() -> None:
    reading = read_assessment(make_assessment("8", "2"), rules={})

    assert (reading.answer_words, reading.percent, reading.threshold) == ("Met", "75.00 %", "")


def test_a_window_says_which_days_it_held() -> None:
    reading = read_assessment(make_assessment("8 8", "2 2"), rules={}, protocol=WINDOWS)

    assert reading.baseline.words == "last 7 days"
    assert (reading.baseline.days, reading.baseline.asked) == (2, 7)
    assert reading.trial.words == "whole phase"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("last-n-days:3", "last 3 days"),
        ("last-n-days:1", "last day"),
        ("last-n-days:21", "last 21 days"),
        ("exclude-first-n-days:2", "without the first 2 days"),
        ("something else", "something else"),
    ],
)
def test_windows_are_written_in_words(written: str, words: str) -> None:
    assert window_words(written) == words


def test_the_threshold_is_the_one_on_the_decision_region() -> None:
    assert pain_threshold(rule_set("NORTH_PP")) == Fraction(1, 2)
    assert pain_threshold(None) is None


def test_how_sure_the_reduction_is_is_said_in_one_line() -> None:
    reading = read_assessment(make_assessment("8 7 8 7 8 7 8", "4 4 3 4 4"), rules={})

    # 49.8 % on five days is close to even odds against 50 %.
    assert re.search(r"the probability that it reaches 50 % is 0\.[45]\d", reading.certainty)
    assert "90 % confidence" in reading.certainty


def test_without_a_baseline_above_zero_the_line_says_why_there_is_no_figure() -> None:
    reading = read_assessment(make_assessment("0 0 0 0 0 0 0", "4 4 3 4 4"), rules={})

    assert reading.certainty.startswith("Certainty: no figure")


def test_only_what_could_still_decide_the_verdict_is_asked_for() -> None:
    # Pain fell by 49.81 %: under NORTH_PP nothing about drugs or satisfaction can change that.
    decided = read_assessment(make_assessment("8 7 8 7 8 7 8", "4 4 3 4 4", rule_set_id="NORTH_PP"), rules={})
    open_ = read_assessment(make_assessment("8 7 8 7 8 7 8", "4 4 3 4 4"), rules={})

    assert (decided.answer, decided.missing) == ("not_met", ())
    assert open_.answer == "not_evaluable"
    assert open_.missing
