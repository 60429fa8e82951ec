"""What each kind of criterion answers, and what it asks for when it cannot.

A table a criterion: the evidence, the answer, and the figure shown or what is missing and who can supply it.
"""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from sctrial.evaluate import CriterionResult
from sctrial.evidence import Evidence, Protocol
from sctrial.facts import BeforeAndAfter, Facts, GlobalChange
from sctrial.scales import ScaleCode
from sctrial.verdict import Answer, judge
from tests.sctrial.diaries import evidence_of, protocol
from tests.sctrial.test_node_reader import rule_of

F = Fraction
MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE
NRS, VAS, MYAIGUIDE = ScaleCode.NRS_11, ScaleCode.VAS_100, ScaleCode.MYAIGUIDE_SYMPTOM


def answer(evidence: Evidence, **criterion: Any) -> CriterionResult:
    rule = rule_of({"id": "c", "label": "The statement", "kind": "average", **criterion})
    return judge(evidence, rule_set=rule).criteria


def answer_to_facts(facts: Facts, **criterion: Any) -> CriterionResult:
    rule = rule_of({"id": "c", "label": "The statement", **criterion})
    return judge(replace(evidence_of("7 7", "3 3"), facts=facts), rule_set=rule).criteria


# fmt: off
LEVELS = [
    # scale      baseline  trial     asked          when        answer   shown
    (NRS,        "7 7",    "2 3",    "2.5 of 10",  "trial",     MET,     "2.50"),
    (NRS,        "7 7",    "2 2 4",  "2.5 of 10",  "trial",     NOT_MET, "2.67"),
    (NRS,        "7 7",    "2 3",    "25 of 100",  "trial",     MET,     "2.50"),
    (VAS,        "70 70",  "24 26",  "2.5 of 10",  "trial",     MET,     "25.00"),
    (VAS,        "70 70",  "26 26",  "2.5 of 10",  "trial",     NOT_MET, "26.00"),
    (NRS,        "2 3",    "7 7",    "2.5 of 10",  "baseline",  MET,     "2.50"),
    (NRS,        "7 7",    "-",      "2.5 of 10",  "trial",     UNKNOWN, None),
    # A scale without a true zero has no share of the way from "no pain".
    (MYAIGUIDE,  "7 7",    "2 2",    "2.5 of 10",  "trial",     UNKNOWN, None),
]
BASELINES = [
    (NRS, "5 5",   MET,     "5.00"),
    (NRS, "5 5 4", NOT_MET, "4.67"),
    (VAS, "50",    MET,     "50.00"),
    (VAS, "49",    NOT_MET, "49.00"),
    (NRS, "-",     UNKNOWN, None),
]
# fmt: on


@pytest.mark.parametrize("row", LEVELS)
def test_a_level_is_the_same_place_on_every_scale(
    row: tuple[ScaleCode, str, str, str, str, Answer, str | None],
) -> None:
    scale, baseline, trial, asked, when, expected, shown = row
    evidence = evidence_of(baseline, trial, under=protocol(scale=scale))

    result = answer(evidence, criterion="pain_level", at_most=asked, when=when)

    assert (result.answer, result.value) == (expected, shown)


@pytest.mark.parametrize(("scale", "baseline", "expected", "shown"), BASELINES)
def test_a_minimum_baseline_looks_at_the_baseline_only(
    scale: ScaleCode, baseline: str, expected: Answer, shown: str | None
) -> None:
    evidence = evidence_of(baseline, "0 0", under=protocol(scale=scale))

    result = answer(evidence, criterion="minimum_baseline", at_least="5 of 10")

    assert (result.answer, result.value) == (expected, shown)


def test_a_level_can_be_read_aloud() -> None:
    result = answer(evidence_of("7 7", "2 4"), criterion="pain_level", at_most="2.5 of 10")

    assert result.text == (
        "Average target pain in the trial: 3.00; the rule asks for at most 2.5 (2.5 of 10)."
    )
    assert result.threshold == "<= 2.5"


# fmt: off
#  trial diary      window            asked                    answer
DIARIES = [
    ("3 3 3",       "last-n-days:3",  {"at_least": "70%"},     MET),
    ("3 3 - 3",     "last-n-days:4",  {"at_least": "75%"},     MET),
    ("3 - - 3",     "last-n-days:4",  {"at_least": "75%"},     UNKNOWN),
    ("3 3 3",       "last-n-days:7",  {"days": 3},             MET),
    ("3 3",         "last-n-days:7",  {"days": 3},             UNKNOWN),
    ("-",           "last-n-days:3",  {"at_least": "70%"},     UNKNOWN),
    ("-",           "whole-phase",    {"at_least": "70%"},     UNKNOWN),
]
# fmt: on


@pytest.mark.parametrize(("trial", "window", "asked", "expected"), DIARIES)
def test_a_diary_with_too_few_days_is_not_evaluable_and_never_a_failure(
    trial: str, window: str, asked: dict[str, Any], expected: Answer
) -> None:
    evidence = evidence_of("7 7", trial, under=protocol(trial=window))

    result = answer(evidence, criterion="diary_completeness", **asked)

    assert result.answer is expected
    assert (result.missing is None) is (expected is MET)


def test_an_incomplete_diary_asks_the_patient_for_days() -> None:
    evidence = evidence_of("7 7", "3 - - 3", under=protocol(trial="last-n-days:4"))

    missing = answer(evidence, criterion="diary_completeness", at_least="75%").missing

    assert missing is not None
    assert missing.who == "the patient"
    assert "2 of 4 days, the rule asks for scores on at least 75 % of the days" in missing.what


# The baseline mean is 7. Last three days of the trial: (3 + 4 + 5) / 3 = 4, 42.86 %; whole: 24/7, 51.02 %.
def test_a_rule_may_fix_the_window_itself_while_the_trial_s_own_is_still_reported() -> None:
    evidence = evidence_of("7 7", "3 3 3 3 3 4 5", under=protocol(trial="last-n-days:3"))
    asked = {"criterion": "pain_reduction", "threshold": "50%"}

    agreed = answer(evidence, **asked)
    fixed = answer(evidence, **asked, trial_window="whole-phase")

    assert (agreed.answer, agreed.exact) == (NOT_MET, str((7 - F(4)) / 7 * 100))
    assert (fixed.answer, fixed.exact) == (MET, str((7 - F(24, 7)) / 7 * 100))
    assert "(baseline as agreed, trial whole-phase)" in fixed.text


def test_a_rule_s_own_windows_do_not_move_with_the_protocol() -> None:
    scores = ("7 7", "3 3 3 3 3 4 5")
    asked = {"criterion": "pain_reduction", "threshold": "50%", "trial_window": "whole-phase"}

    def under(agreed: Protocol) -> CriterionResult:
        return answer(evidence_of(*scores, under=agreed), **asked)

    assert under(protocol(trial="last-n-days:1")) == under(protocol(trial="last-n-days:3"))


# fmt: off
STATED = [
    (F(50),     MET,     "50 %"),
    (F(49),     NOT_MET, "49 %"),
    (F(-20),    NOT_MET, "-20 %"),
    (None,      UNKNOWN, None),
]
GLOBAL = [
    # answer, best end   asked         answer
    (GlobalChange(2, 1), "much",       MET),
    (GlobalChange(6, 7), "much",       MET),
    (GlobalChange(2, 7), "much",       NOT_MET),
    (GlobalChange(3, 1), "much",       NOT_MET),
    (GlobalChange(3, 1), "minimally",  MET),
    (GlobalChange(1, 1), "very_much",  MET),
    (GlobalChange(4, 1), "minimally",  NOT_MET),
    (None,               "minimally",  UNKNOWN),
]
DEFICITS = [(False, MET), (True, NOT_MET), (None, UNKNOWN)]
# fmt: on


@pytest.mark.parametrize(("stated", "expected", "shown"), STATED)
def test_stated_relief_is_the_patient_s_own_percent(
    stated: F | None, expected: Answer, shown: str | None
) -> None:
    result = answer_to_facts(Facts(stated_relief=stated), criterion="stated_relief", threshold="50%")

    assert (result.answer, result.value) == (expected, shown)


@pytest.mark.parametrize(("change", "asked", "expected"), GLOBAL)
def test_a_global_change_counts_steps_whichever_way_the_form_runs(
    change: GlobalChange | None, asked: str, expected: Answer
) -> None:
    result = answer_to_facts(Facts(global_change=change), criterion="global_change", at_least=asked)

    assert result.answer is expected


@pytest.mark.parametrize(("deficit", "expected"), DEFICITS)
def test_a_deficit_that_is_not_recorded_is_not_none(deficit: bool | None, expected: Answer) -> None:
    result = answer_to_facts(Facts(stimulation_deficit=deficit), criterion="no_stimulation_deficit")

    assert result.answer is expected


# fmt: off
THREE_DAYS, OVER_48 = {"at_least": "3 days"}, {"more_than": "48 hours"}
DURATIONS = [
    # calendar days, hours     asked        answer
    (3,    None,               THREE_DAYS,  MET),
    (2,    None,               THREE_DAYS,  NOT_MET),
    (None, F(80),              THREE_DAYS,  UNKNOWN),
    (None, None,               THREE_DAYS,  UNKNOWN),
    (None, F(49),              OVER_48,     MET),
    (None, F(48),              OVER_48,     NOT_MET),
    (2,    F(97, 2),           OVER_48,     MET),
    # From dates alone: d days apart is more than d - 1 and less than d + 1 times 24 hours.
    (3,    None,               OVER_48,     MET),
    (2,    None,               OVER_48,     UNKNOWN),
    (1,    None,               OVER_48,     NOT_MET),
    (0,    None,               OVER_48,     NOT_MET),
    (None, None,               OVER_48,     UNKNOWN),
]
# fmt: on


@pytest.mark.parametrize(("days", "hours", "asked", "expected"), DURATIONS)
def test_time_with_leads_is_answered_as_far_as_dates_or_hours_tell(
    days: int | None, hours: F | None, asked: dict[str, str], expected: Answer
) -> None:
    facts = Facts(lead_days=days, lead_hours=hours)

    result = answer_to_facts(facts, criterion="minimum_trial_duration", **asked)

    assert result.answer is expected
    if expected is UNKNOWN:
        assert result.missing is not None
        assert result.missing.who == "the clinic, from the procedure record"


# fmt: off
SCORES = [
    # score      before   after    asked         answer   exact change
    ("odi",      F(40),   F(30),   "10 points",  MET,     F(10)),
    ("odi",      F(40),   F(61, 2), "10 points", NOT_MET, F(19, 2)),
    ("odi",      F(40),   F(28),   "30%",        MET,     F(12, 40) * 100),
    ("odi",      F(40),   F(50),   "10 points",  NOT_MET, F(-10)),
    # Higher is better: a rise is the improvement.
    ("eq_vas",   F(40),   F(55),   "10 points",  MET,     F(15)),
    ("eq_vas",   F(55),   F(40),   "10 points",  NOT_MET, F(-15)),
    ("odi",      None,    F(30),   "10 points",  UNKNOWN, None),
    ("odi",      F(40),   None,    "10 points",  UNKNOWN, None),
    ("odi",      F(0),    F(0),    "10 points",  NOT_MET, F(0)),
    ("odi",      F(0),    F(0),    "30%",        UNKNOWN, None),
]
LEVEL_SCORES = [
    (F(21), None,  "baseline", {"at_least": "21 points"}, MET),
    (F(20), None,  "baseline", {"at_least": "21 points"}, NOT_MET),
    (None,  F(20), "trial",    {"at_most": "20 points"},  MET),
    (F(20), None,  "trial",    {"at_most": "20 points"},  UNKNOWN),
]
# fmt: on


@pytest.mark.parametrize("row", SCORES)
def test_a_score_must_get_better_by_the_amount(
    row: tuple[str, F | None, F | None, str, Answer, F | None],
) -> None:
    score, before, after, asked, expected, exact = row
    facts = Facts(scores={score: BeforeAndAfter(before, after)})

    result = answer_to_facts(facts, criterion="score_change", score=score, at_least=asked)

    assert result.answer is expected
    assert result.exact == (None if exact is None else f"{exact.numerator}/{exact.denominator}")


@pytest.mark.parametrize(("before", "after", "when", "asked", "expected"), LEVEL_SCORES)
def test_a_score_level_looks_at_one_side(
    before: F | None, after: F | None, when: str, asked: dict[str, str], expected: Answer
) -> None:
    facts = Facts(scores={"odi": BeforeAndAfter(before, after)})

    result = answer_to_facts(facts, criterion="score_level", score="odi", when=when, **asked)

    assert result.answer is expected


def test_a_missing_score_names_the_side_and_the_questionnaire() -> None:
    asked = {"criterion": "score_change", "score": "odi", "at_least": "10 points"}
    nothing, half = (
        answer_to_facts(facts, **asked).missing
        for facts in (Facts(), Facts(scores={"odi": BeforeAndAfter(F(40))}))
    )

    assert nothing is not None
    assert half is not None
    assert (nothing.what, nothing.who) == (
        "a score for disability, percent at baseline",
        "the patient, by questionnaire",
    )
    assert half.what == "a score for disability, percent at the end of the trial"


def test_a_baseline_score_of_zero_asks_nobody_for_anything() -> None:
    facts = Facts(scores={"odi": BeforeAndAfter(F(0), F(0))})

    result = answer_to_facts(facts, criterion="score_change", score="odi", at_least="30%")

    assert (result.code, result.missing) == ("score_baseline_zero", None)


# fmt: off
MONTHS = {"fact": "conservative_care_months", "at_least": "6"}
CLEARED, CLEAN = {"fact": "psych_clearance"}, {"fact": "untreated_substance_use", "expected": False}
ELIGIBILITY = [
    ({"psych_clearance": True},              CLEARED, MET),
    ({"psych_clearance": False},             CLEARED, NOT_MET),
    ({},                                     CLEARED, UNKNOWN),
    ({"untreated_substance_use": False},     CLEAN,   MET),
    ({"untreated_substance_use": True},      CLEAN,   NOT_MET),
    ({},                                     CLEAN,   UNKNOWN),
    ({"conservative_care_months": F(6)},     MONTHS,  MET),
    ({"conservative_care_months": F(11, 2)}, MONTHS,  NOT_MET),
    ({},                                     MONTHS,  UNKNOWN),
]
STATEMENTS = [({"relief_shown": True}, MET), ({"relief_shown": False}, NOT_MET), ({}, UNKNOWN)]
# fmt: on


@pytest.mark.parametrize(("known", "asked", "expected"), ELIGIBILITY)
def test_an_eligibility_fact_is_as_asked_or_not_or_not_known(
    known: dict[str, Any], asked: dict[str, Any], expected: Answer
) -> None:
    result = answer_to_facts(Facts(eligibility=known), criterion="eligibility", **asked)

    assert result.answer is expected
    assert (result.missing is not None) is (expected is UNKNOWN)


@pytest.mark.parametrize(("attested", "expected"), STATEMENTS)
def test_what_no_figure_shows_is_met_only_when_somebody_stated_it(
    attested: dict[str, bool], expected: Answer
) -> None:
    result = answer_to_facts(
        Facts(attested=attested), criterion="attested", statement="relief_shown", asks="relief was shown"
    )

    assert result.answer is expected
    assert "relief was shown" in result.text or expected is not UNKNOWN


def test_a_statement_is_asked_of_the_one_who_can_make_it() -> None:
    missing = answer_to_facts(
        Facts(), criterion="attested", statement="agreed", asks="the team agrees", who="the team"
    ).missing

    assert missing is not None
    assert (missing.what, missing.who) == ("the team agrees", "the team")


def test_an_opioid_without_a_factor_is_named_and_asks_nobody_for_anything() -> None:
    result = answer_to_facts(
        Facts(not_converted=("buprenorphine",)), criterion="analgesic_reduction", threshold="50%"
    )

    assert (result.answer, result.code, result.missing) == (UNKNOWN, "analgesics_not_converted", None)
    assert "(buprenorphine)" in result.text
