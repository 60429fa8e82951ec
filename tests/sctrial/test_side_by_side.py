"""One trial under many rules, and what each would still have to be told."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.criteria import rule_set, rule_sets
from sctrial.facts import Facts
from sctrial.seal import canonical_json
from sctrial.side_by_side import StillMissing, judge_all, rules_beside, still_missing
from sctrial.verdict import Answer, judge
from tests.sctrial.diaries import evidence_of
from tests.sctrial.test_facts import facts
from tests.sctrial.test_node_reader import rule_of

F = Fraction
AETNA = rule_set("AETNA_0194")


def test_the_trial_s_own_rule_comes_first_then_all_others_in_force_by_id() -> None:
    ids = [rule.id for rule in rules_beside(AETNA)]

    assert ids[0] == "AETNA_0194"
    assert ids[1:] == sorted(set(rule_sets()) - {"AETNA_0194"})


def test_a_rule_that_was_not_in_force_on_the_day_is_left_out_but_never_the_own_one() -> None:
    ids = [rule.id for rule in rules_beside(AETNA, on=date(2008, 6, 1))]

    assert ids == ["AETNA_0194", "CMS_NCD_160_7", "IMMPACT_30", "IMMPACT_50", "NORTH_PP"]


# Every rule is judged twice an example, which a busy machine cannot do within the usual deadline.
@settings(deadline=None)
@given(facts)
def test_judging_side_by_side_is_judging_one_by_one(given_facts: Facts) -> None:
    evidence = replace(evidence_of("7 7 7", "3 4 3", mme=(60, 60)), facts=given_facts)

    for one in judge_all(evidence, rules=rules_beside(AETNA)):
        assert one.verdict == judge(evidence, rule_set=one.rule_set)
        assert canonical_json(one.canonical())


def test_a_clinic_s_rule_with_windows_of_its_own_stands_beside_the_others() -> None:
    own = rule_of(
        {"criterion": "pain_reduction", "id": "r", "label": "R", "kind": "average", "threshold": "50%",
         "trial_window": "last-n-days:1"}
    )  # fmt: skip
    evidence = evidence_of("8 8", "8 4")

    found = judge_all(evidence, rules=rules_beside(own))

    assert found[0].verdict.answer is Answer.MET
    assert found[0].verdict == judge(evidence, rule_set=own)


def test_the_same_rule_twice_is_judged_once() -> None:
    assert len(judge_all(evidence_of("7", "3"), rules=[AETNA, AETNA])) == 1


def test_what_is_missing_is_listed_by_who_can_supply_it_each_thing_once() -> None:
    found = judge_all(evidence_of("8 8", "3 3"), rules=[AETNA])[0]

    assert found.verdict.answer is Answer.NOT_EVALUABLE
    assert found.missing == (
        StillMissing("the clinic, from the procedure record", ("when the leads were placed and removed",)),
        StillMissing(
            "the clinic, from the log of earlier treatments", ("how long conservative care was given",)
        ),
        StillMissing("the patient, by questionnaire", ("a score for disability, percent at baseline",)),
        StillMissing(
            "the clinic, from the psychological evaluation",
            ("the psychological evaluation cleared the patient", "a substance use disorder is untreated"),
        ),
        StillMissing(
            "the clinic, from the eligibility review", ("a multidisciplinary team assessed the patient",)
        ),
        StillMissing(
            "the clinic, from the payer's list", ("the diagnosis is on the list that Aetna covers",)
        ),
    )


def test_a_rule_that_is_decided_asks_for_nothing_more() -> None:
    """8 to 7 fails Aetna's 50 % whatever else is recorded; 8 to 3 meets Noridian without the drugs."""
    failed = judge_all(evidence_of("8 8", "7 7"), rules=[AETNA])[0]
    met = judge_all(evidence_of("8 8", "3 3"), rules=[rule_set("MAC_NORIDIAN")])[0]

    assert (failed.verdict.answer, failed.missing) == (Answer.NOT_MET, ())
    assert (met.verdict.answer, met.missing) == (Answer.MET, ())


def test_a_gap_below_a_branch_that_is_decided_is_not_asked_for() -> None:
    """MAC_NGS: half the pain is reached, so the unknown drugs no longer matter; two documents do."""
    found = judge_all(evidence_of("8 8", "3 3"), rules=[rule_set("MAC_NGS")])[0]

    assert [gap.who for gap in found.missing] == [
        "the clinic, from the log of earlier treatments",
        "the clinic, from the psychological evaluation",
    ]


def test_one_thing_asked_for_twice_in_a_rule_is_listed_once() -> None:
    leaf = {"criterion": "satisfied", "label": "Satisfied"}
    rule = rule_of(
        {"criterion": "all", "id": "r", "label": "R", "of": [{**leaf, "id": "a"}, {**leaf, "id": "b"}]}
    )

    gaps = still_missing(judge(evidence_of("8", "3"), rule_set=rule).criteria)

    assert gaps == (StillMissing("the patient, asked by the clinic", ("whether the patient is satisfied",)),)


@given(st.sampled_from(sorted(rule_sets())), facts)
def test_something_is_missing_only_where_there_is_no_answer(rule_id: str, given_facts: Facts) -> None:
    evidence = replace(evidence_of("7 7", "3 3", mme=(60, 60), satisfied=True), facts=given_facts)

    found = judge_all(evidence, rules=[rule_set(rule_id)])[0]

    assert not found.missing or found.verdict.answer is Answer.NOT_EVALUABLE
