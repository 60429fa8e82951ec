"""The sentences of a verdict, as they would be read aloud."""

import pytest

from sctrial.commands.diaries import judge_fully
from sctrial.criteria import rule_set
from sctrial.evidence import Evidence
from sctrial.explain import explain, leaves
from tests.sctrial.diaries import evidence_of


def sentences(evidence: Evidence, *, rule: str = "NORTH_PP") -> list[str]:
    rules = rule_set(rule)
    return list(explain(judge_fully(evidence, rule_set=rules, patient="P-001"), rule_set=rules))


def test_a_rule_that_is_met_is_told_from_the_answer_to_the_doubt() -> None:
    told = sentences(evidence_of("8 8 8 8 8 8 8", "2 2 2", mme=(20, 10), satisfied=True))

    assert told[0] == f"P-001, judged by the rule NORTH_PP, version 2007.1: {rule_set('NORTH_PP').title}."
    assert told[1:4] == [
        "The rule is met.",
        "Before the trial, average target pain was 8.00: 7 days count and none is missing.",
        "In the trial, average target pain was 2.00: 3 days count and none is missing.",
    ]
    assert told[4].startswith(
        "Target pain at least 50 % lower: yes. Average target pain fell by 75.00 %, from 8"
    )
    assert told[5].startswith(
        "Analgesics stable or reduced: yes. Daily analgesics did not increase: from 20.00 "
    )
    assert told[6] == "Patient satisfied: yes. The patient is satisfied with the relief."
    assert [line.split(":")[0] for line in told[7:]] == ["Certainty", "Robustness"]


def test_just_under_half_is_never_read_out_as_half() -> None:
    # 53/7 to 19/5 is 49.81 %, which a table rounds to 50 %.
    told = sentences(evidence_of("8 7 8 7 8 7 8", "4 4 3 4 4", mme=(20, 10), satisfied=True))

    assert told[1] == "The rule is not met."
    assert told[4].startswith("Target pain at least 50 % lower: no. Average target pain fell by 49.81 %")
    assert not any("50.00 %" in line for line in told)


def test_what_is_missing_is_told_with_who_can_supply_it() -> None:
    told = sentences(evidence_of("7 7 7", "3 3 3"))

    assert told[1] == "Whether the rule is met cannot be said from what is recorded."
    needed = [line.removeprefix("Still needed: ") for line in told if line.startswith("Still needed: ")]
    assert [line.split(". Who can supply it: ") for line in needed] == [
        ["the daily analgesics before and at the end of the trial", "the clinic, from the drug log."],
        ["whether the patient is satisfied", "the patient, asked by the clinic."],
    ]


NO_SCORE = "there is no score of average target pain in the window."

# fmt: off
SIDES = [
    # before    trial    what is said of each
    ("7",       "3 - 2", "7.00: 1 day counts and none is missing", "2.50: 2 days count and 1 day is missing"),
    ("7 - - 6", "-",     "6.50: 2 days count and 2 days are missing.", NO_SCORE),
    ("-",       "3",     NO_SCORE, "3.00: 1 day counts and none is missing."),
]
# fmt: on


@pytest.mark.parametrize(("baseline", "trial", "before", "after"), SIDES)
def test_days_are_counted_in_words(baseline: str, trial: str, before: str, after: str) -> None:
    told = sentences(evidence_of(baseline, trial))

    assert told[2].startswith("Before the trial,")
    assert before in told[2]
    assert told[3].startswith("In the trial,")
    assert after in told[3]


def test_a_rule_that_asks_for_no_percent_still_tells_it() -> None:
    told = sentences(evidence_of("8 8", "2 2"), rule="REMITTER")

    assert "The percent reduction is 75.00 %." in told
    assert not any(line.startswith("The percent reduction") for line in sentences(evidence_of("8 8", "2 2")))


def test_a_zero_baseline_is_told_to_have_no_percent() -> None:
    told = sentences(evidence_of("0 0", "3 3"), rule="IMMPACT_50")

    assert told[1] == "Whether the rule is met cannot be said from what is recorded."
    assert "Certainty: no figure, because the baseline is 0." in told


def test_criteria_that_only_combine_are_not_told() -> None:
    rules = rule_set("NORTH_PP", version="2007.1")
    verdict = judge_fully(evidence_of("7", "3"), rule_set=rules, patient="P-001").verdict

    assert [leaf.id for leaf in leaves(verdict.criteria)] == ["target_pain", "analgesics", "satisfaction"]
