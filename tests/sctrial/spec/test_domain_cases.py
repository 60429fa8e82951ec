"""Seven patients worked by hand: what each diary gives under a 50 % rule.

Constructed cases A to G of the project's domain notes (section 8.4); every expected value is left as the
arithmetic that a reader can redo.
"""

from fractions import Fraction

import pytest

from sctrial.criteria import rule_set
from sctrial.reduction import NoPercent, display_percent
from sctrial.verdict import Answer, judge
from tests.sctrial.diaries import evidence_of

F = Fraction

MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE

# fmt: off
#      baseline         trial        exact percent reduction                   printed    50 % reached?
CASES = {
    "A": ("7 7 6 8 7 7 7", "3 4 4 3",     (7 - F(7, 2)) / 7 * 100,                  "50 %",   MET),
    "B": ("8 7 8 7 8 7 8", "4 4 3 4 4",   (F(53, 7) - F(19, 5)) / F(53, 7) * 100,   "50 %",   NOT_MET),
    "C": ("8 7 8 9 7 8 7", "4 3 4 5 3 4", (F(54, 7) - F(23, 6)) / F(54, 7) * 100,   "50 %",   MET),
    "D": ("5 6 5 6 5",     "6 7 7",       (F(27, 5) - F(20, 3)) / F(27, 5) * 100,   "-23 %",  NOT_MET),
    "E": ("7 7 7 7 7 7 7", "3 3 4",       (7 - F(10, 3)) / 7 * 100,                 "52 %",   MET),
    "F": ("0 0 0 0 0 0 0", "3 3 4",       None,                            "not evaluable",   UNKNOWN),
    "G, trial 4": ("7",    "4",           (7 - F(4)) / 7 * 100,                     "43 %",   NOT_MET),
    "G, trial 3": ("7",    "3",           (7 - F(3)) / 7 * 100,                     "57 %",   MET),
}
PRINTED_IN_THE_NOTES = {"B": F(2640, 53), "C": F(4075, 81), "D": F(-1900, 81), "E": F(1100, 21)}
# fmt: on


@pytest.mark.parametrize("case", CASES)
def test_the_percent_reduction_is_exact(case: str) -> None:
    baseline, trial, exact, printed, _ = CASES[case]

    verdict = judge(evidence_of(baseline, trial), rule_set=rule_set("NORTH_PP"))

    assert verdict.reduction.exact == exact
    assert display_percent(verdict.reduction.exact) == printed


@pytest.mark.parametrize("case", PRINTED_IN_THE_NOTES)
def test_the_arithmetic_agrees_with_the_fraction_in_the_notes(case: str) -> None:
    assert CASES[case][2] == PRINTED_IN_THE_NOTES[case]


@pytest.mark.parametrize("case", CASES)
def test_the_pain_criterion_is_answered_by_the_exact_value_and_not_by_the_printed_one(case: str) -> None:
    baseline, trial, _, _, answer = CASES[case]

    verdict = judge(evidence_of(baseline, trial), rule_set=rule_set("NORTH_PP"))

    assert verdict.criteria.children[0].id == "target_pain"
    assert verdict.criteria.children[0].answer is answer


@pytest.mark.parametrize("case", CASES)
def test_with_stable_drugs_and_a_satisfied_patient_the_pain_alone_decides(case: str) -> None:
    baseline, trial, _, _, answer = CASES[case]
    evidence = evidence_of(baseline, trial, mme=(60, 60), satisfied=True)

    assert judge(evidence, rule_set=rule_set("NORTH_PP")).answer is answer


def test_a_baseline_of_zero_has_no_percent_whatever_followed() -> None:
    for trial in ("0", "3 3 4", "-"):
        verdict = judge(evidence_of("0 0 0 0 0 0 0", trial), rule_set=rule_set("NORTH_PP"))

        assert verdict.reduction.reason is NoPercent.BASELINE_ZERO
        assert "baseline_zero" in [reason.code for reason in verdict.reasons]


def test_a_value_that_prints_as_the_threshold_but_fails_it_says_so_in_the_sentence() -> None:
    baseline, trial, *_ = CASES["B"]

    sentence = judge(evidence_of(baseline, trial), rule_set=rule_set("NORTH_PP")).reasons[0].text

    assert sentence == (
        "Average target pain fell by 49.81 %, from 7.57 to 3.80; the rule asks for a fall of at least 50 %."
    )
