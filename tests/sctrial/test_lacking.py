"""What each payer still lacks before the leads go in."""

from dataclasses import replace
from fractions import Fraction

import pytest

from sctrial.criteria import rule_set, shipped_rule_sets
from sctrial.evidence import Evidence, Protocol
from sctrial.facts import BeforeAndAfter, Facts
from sctrial.lacking import STATED_AFTER, asks_before_leads, lacking_before_leads, statements_before
from sctrial.nodes import Attested, walk
from sctrial.scales import ScaleCode
from sctrial.windows import Several, parse_window

NOTHING = Evidence(
    Protocol(parse_window("last-n-days:7"), parse_window("last-n-days:3"), Several.MEAN, ScaleCode.NRS_11)
)
READY_FOR_AETNA = Facts(
    scores={"odi": BeforeAndAfter(baseline=Fraction(40))},
    eligibility={
        "conservative_care_months": Fraction(6),
        "psych_clearance": True,
        "untreated_substance_use": False,
        "multidisciplinary_team": True,
    },
    attested={"indication_covered_aetna": True},
)


def lacks(payer: str, facts: Facts = Facts()) -> list[str]:  # noqa: B008 — frozen
    evidence = replace(NOTHING, facts=facts)
    return [lack.label for lack in lacking_before_leads(evidence, rule_set=rule_set(payer))]


@pytest.mark.parametrize(
    ("payer", "asked"),
    [
        # What the trial itself will show, relief and its length, is not asked yet.
        (
            "AETNA_0194",
            [
                "At least 6 months of conservative therapy",
                "ODI at least 21 at baseline",
                "Psychological clearance",
                "No untreated substance use disorder",
                "Assessed by a multidisciplinary team",
                "The diagnosis is covered",
            ],
        ),
        ("MAC_NGS", ["Earlier treatments documented", "Psychological evaluation documented"]),
        ("MAC_NORIDIAN", []),
        ("MAC_CGS", []),
        # A level of pain in the trial, not before it.
        ("REMITTER", []),
    ],
)
def test_a_payer_asks_before_the_leads_go_in(payer: str, asked: list[str]) -> None:
    assert lacks(payer) == asked
    assert asks_before_leads(rule_set(payer)) is bool(asked)


def test_what_is_recorded_as_asked_is_no_longer_lacking() -> None:
    assert lacks("AETNA_0194", READY_FOR_AETNA) == []


def test_what_is_recorded_otherwise_than_asked_is_told_apart_from_what_is_missing() -> None:
    using = {**READY_FOR_AETNA.eligibility, "untreated_substance_use": True}
    facts = replace(READY_FOR_AETNA, eligibility=using)

    (lack,) = lacking_before_leads(replace(NOTHING, facts=facts), rule_set=rule_set("AETNA_0194"))

    assert not lack.is_missing
    assert lack.text == "Recorded otherwise than the rule asks: No untreated substance use disorder."


def test_one_of_several_will_do_and_all_of_them_are_named() -> None:
    wanted = "Severe enough for the indication: Pain of at least 5 of 10 at baseline or No level asked for"

    assert wanted in lacks("BCBS_TYPE")
    assert wanted not in lacks("BCBS_TYPE", Facts(attested={"no_level_asked": True}))


def test_who_can_supply_it_is_named() -> None:
    lack = lacking_before_leads(NOTHING, rule_set=rule_set("MAC_NGS"))[0]

    assert (lack.is_missing, lack.who) == (True, "the clinic, from the log of earlier treatments")


def test_every_shipped_statement_is_made_before_or_after() -> None:
    asked = {
        node.statement
        for rule in shipped_rule_sets()
        for node in walk(rule.root)
        if isinstance(node, Attested)
    }
    before = set(statements_before(shipped_rule_sets()))

    assert asked >= STATED_AFTER
    assert (
        before
        == asked - STATED_AFTER
        == {
            "behavioural_health",
            "indication_covered_aetna",
            "indication_covered_bcbs",
            "indication_covered_evicore",
            "indication_covered_nl",
            "no_level_asked",
            "stimulation_covered_evicore",
        }
    )
