"""What each shipped rule says about the same patients.

NORTH_PP (practice parameters, North 2007): half the target pain AND analgesics not increased AND satisfied.
MAC_NORIDIAN (Medicare contractor page, 2023): half the target pain OR half the analgesics.
"""

import pytest

from sctrial.criteria import rule_set
from sctrial.verdict import Answer, judge
from tests.sctrial.diaries import evidence_of

MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE

HALVED, LESS, ZERO, SILENT = ("8 8 8", "4 4 4"), ("8 8 8", "5 6 5"), ("0 0 0", "0 0 0"), ("8 8 8", "-")

# fmt: off
PATIENTS = [
    # diary   MME before, after   satisfied   NORTH_PP   MAC_NORIDIAN
    (HALVED,  (60, 60),           True,       MET,       MET),
    (HALVED,  (60, 30),           True,       MET,       MET),
    (HALVED,  (60, 61),           True,       NOT_MET,   MET),
    (HALVED,  (60, 60),           False,      NOT_MET,   MET),
    (HALVED,  (None, None),       True,       UNKNOWN,   MET),
    (HALVED,  (60, None),         True,       UNKNOWN,   MET),
    (HALVED,  (60, 60),           None,       UNKNOWN,   MET),
    (HALVED,  (None, None),       False,      NOT_MET,   MET),
    (HALVED,  (0, 0),             True,       MET,       MET),
    (HALVED,  (0, 10),            True,       NOT_MET,   MET),
    # The branch that only the contractor has: 30 % relief with half the drugs.
    (LESS,    (60, 30),           True,       NOT_MET,   MET),
    (LESS,    (60, 31),           True,       NOT_MET,   NOT_MET),
    (LESS,    (None, None),       None,       NOT_MET,   UNKNOWN),
    (LESS,    (0, 0),             True,       NOT_MET,   UNKNOWN),
    (ZERO,    (60, 60),           True,       UNKNOWN,   UNKNOWN),
    (ZERO,    (60, 30),           True,       UNKNOWN,   MET),
    (SILENT,  (60, 60),           True,       UNKNOWN,   UNKNOWN),
    (SILENT,  (60, 70),           True,       NOT_MET,   UNKNOWN),
]
# fmt: on


@pytest.mark.parametrize(("scores", "mme", "satisfied", "north", "noridian"), PATIENTS)
def test_each_rule_answers_for_itself(
    scores: tuple[str, str],
    mme: tuple[int | None, int | None],
    satisfied: bool | None,
    north: Answer,
    noridian: Answer,
) -> None:
    evidence = evidence_of(*scores, mme=mme, satisfied=satisfied)

    assert judge(evidence, rule_set=rule_set("NORTH_PP")).answer is north
    assert judge(evidence, rule_set=rule_set("MAC_NORIDIAN")).answer is noridian


def test_what_is_missing_is_named_with_who_can_supply_it() -> None:
    tree = judge(evidence_of("8 8 8", "-"), rule_set=rule_set("NORTH_PP")).criteria

    missing = {child.id: child.missing for child in tree.children if child.missing}

    assert missing["target_pain"].what == "scores for average target pain in the trial window"
    assert missing["target_pain"].who == "the patient"
    assert missing["analgesics"].who == "the clinic, from the drug log"
    assert missing["satisfaction"].who == "the patient, asked by the clinic"


def test_nothing_is_asked_for_when_no_answer_could_help() -> None:
    tree = judge(evidence_of("0 0 0", "0 0 0", mme=(0, 0)), rule_set=rule_set("MAC_NORIDIAN")).criteria

    assert [child.code for child in tree.children] == ["baseline_zero", "analgesics_baseline_zero"]
    assert [child.missing for child in tree.children] == [None, None]


def test_what_a_rule_does_not_evaluate_stands_in_its_cautions() -> None:
    assert any("provocative activity" in caution for caution in rule_set("NORTH_PP").cautions)
    assert any("psychological evaluation" in caution for caution in rule_set("MAC_NORIDIAN").cautions)
