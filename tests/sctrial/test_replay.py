"""Replaying a sealed document: the same, or the first thing that is not."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from sctrial.criteria import RuleSet, rule_set, shipped_rule_sets
from sctrial.decision import (
    NotADocument,
    compose,
    compute_seal,
    document_bytes,
    parse_document,
    shipped_content,
)
from sctrial.facts import Facts
from sctrial.replay import Difference, replay
from sctrial.seal import digest
from tests.sctrial.diaries import evidence_of

Document = dict[str, Any]
Change = Callable[[Document], None]

NORTH = rule_set("NORTH_PP", version="2007.1")


def document() -> Document:
    evidence = evidence_of("7 7 6 8 7 7 7", "3 4 4 3", mme=(20, 10), satisfied=True)
    return copy.deepcopy(compose(evidence, rule_content=shipped_content(NORTH), subject="P-001"))


def put(value: object, *path: str | int) -> Change:
    def change(content: Document) -> None:
        table: Any = content
        for key in path[:-1]:
            table = table[key]
        table[path[-1]] = value

    return change


def resealed(content: Document) -> Document:
    """As a careful forger would leave it: every digest fits what stands in the document."""
    content["digests"] = {key: digest(content[key]) for key in ("evidence", "rule_set", "verdict")}
    content["seal"] = compute_seal(content)
    return content


def test_an_untouched_document_is_the_same() -> None:
    result = replay(parse_document(document_bytes(document())))

    assert result.is_same
    assert (result.difference, result.remarks) == (None, ())


@pytest.mark.parametrize("rules", shipped_rule_sets(), ids=lambda rules: f"{rules.id}@{rules.version}")
def test_every_shipped_rule_replays_with_and_without_facts(rules: RuleSet) -> None:
    plain = evidence_of("7 7 6 8 7 7 7", "3 4 - 3", mme=(20, 10))
    with_facts = replace(plain, facts=Facts(stated_relief=Fraction(55), lead_days=6))

    for evidence in (plain, with_facts):
        content = compose(evidence, rule_content=shipped_content(rules), subject="P-001")
        result = replay(parse_document(document_bytes(content)))

        assert (result.difference, result.remarks) == (None, ())


# fmt: off
TAMPERED = [
    # what was changed                                                   the first difference
    (put("9/1", "evidence", "entries", 0, "value"),                     "/digests/evidence"),
    (put("30%", "rule_set", "root", "of", 0, "threshold"),              "/digests/rule_set"),
    (put("not_met", "verdict", "answer"),                               "/verdict/answer"),
    (put("51/1", "verdict", "reduction", "exact"),                      "/verdict/reduction/exact"),
    (put("All is well.", "verdict", "criteria", "children", 0, "text"), "/verdict/criteria/children/0/text"),
    (put("P-002", "subject"),                                           "/seal"),
    (put("sha256:0", "seal"),                                           "/seal"),
    (put("sha256:0", "digests", "verdict"),                             "/digests/verdict"),
    (put({}, "digests"),                                                "/digests/evidence"),
    (put("yes", "digests", "more"),                                     "/digests/more"),
    (put([], "verdict", "reasons"),                                     "/verdict/reasons/0"),
    (put(True, "verdict", "baseline", "missing_days"),                  "/verdict/baseline/missing_days"),
]
# fmt: on


@pytest.mark.parametrize(("change", "pointer"), TAMPERED)
def test_the_first_difference_is_named_by_pointer(change: Change, pointer: str) -> None:
    content = document()
    change(content)

    difference = replay(content).difference

    assert difference is not None
    assert difference.pointer == pointer


def test_both_values_are_shown_as_json() -> None:
    content = document()
    content["verdict"]["answer"] = "not_met"

    assert str(replay(content).difference) == '/verdict/answer: sealed "not_met", recomputed "met"'


def test_a_value_that_one_side_does_not_have_is_shown_as_nothing() -> None:
    content = document()
    del content["verdict"]["reduction"]["reason"]

    assert str(replay(content).difference) == "/verdict/reduction/reason: sealed nothing, recomputed null"


def test_true_is_not_one() -> None:
    content = document()
    content["verdict"]["baseline"]["missing_days"] = False

    assert replay(content).difference == Difference("/verdict/baseline/missing_days", "false", "0")


def test_a_pointer_escapes_what_rfc_6901_asks_for() -> None:
    content = document()
    content["verdict"]["a/b~c"] = 1

    assert replay(content).difference == Difference("/verdict/a~1b~0c", "1", "nothing")


def test_fitting_digests_do_not_hide_a_verdict_that_does_not_follow() -> None:
    content = document()
    for entry in content["evidence"]["entries"]:
        entry["value"] = "7/1"

    difference = replay(resealed(content)).difference

    assert difference is not None
    assert str(difference).startswith('/verdict/answer: sealed "met", recomputed "not_met"')


def test_entries_in_another_order_are_not_what_was_sealed() -> None:
    content = document()
    content["evidence"]["entries"].reverse()

    assert replay(resealed(content)).difference == Difference(
        "/evidence/entries/0/day", '"2026-03-13"', '"2026-03-02"'
    )


def test_other_wording_alone_is_said_to_be_wording_alone() -> None:
    # As a later edition would meet it that words a sentence anew.
    content = document()
    content["verdict"]["reasons"][0]["text"] = "Pain fell by half."

    result = replay(resealed(content))

    assert result.difference is not None
    assert result.difference.pointer == "/verdict/reasons/0/text"
    assert result.remarks == ("Only sentences are worded differently; every figure and answer is the same.",)


def test_figures_are_named_before_wording() -> None:
    content = document()
    content["verdict"]["criteria"]["children"][0]["text"] = "Pain fell."
    content["verdict"]["trial"]["mean"] = "3/1"

    result = replay(resealed(content))

    assert result.difference == Difference("/verdict/trial/mean", '"3/1"', '"7/2"')
    assert result.remarks == ()


@pytest.mark.parametrize(
    ("change", "came_out"),
    [(put("7", "engine"), "came out the same"), (put("not_met", "verdict", "answer"), "came out different")],
)
def test_an_engine_that_this_edition_is_not_is_said_plainly(change: Change, came_out: str) -> None:
    content = document()
    change(content)
    content["engine"] = "7"

    result = replay(resealed(content))

    assert result.difference is not None
    assert result.difference.pointer == "/engine"
    assert "Sealed under engine 7, which this edition" in result.remarks[0]
    assert came_out in result.remarks[0]


def test_a_rule_that_is_not_the_published_one_is_remarked_on() -> None:
    own = {**shipped_content(NORTH), "title": "Half the pain, roughly"}
    content = compose(evidence_of("7", "3"), rule_content=own, subject="P-001")

    result = replay(content)

    assert result.is_same
    assert result.remarks == ("The rule in the document is not the NORTH_PP 2007.1 that was published.",)


def test_a_rule_that_is_not_shipped_is_judged_from_the_document() -> None:
    own = {**shipped_content(NORTH), "id": "OUR_CLINIC", "version": "2031.4"}

    result = replay(compose(evidence_of("7", "3"), rule_content=own, subject="P-001"))

    assert result.is_same
    assert "OUR_CLINIC 2031.4 is not shipped with this edition" in result.remarks[0]


def test_a_signature_is_neither_sealed_nor_checked() -> None:
    content = {**document(), "signature": {"by": "somebody"}}

    result = replay(parse_document(json.dumps(content).encode()))

    assert result.is_same
    assert result.remarks == ("The signature was not checked; this edition does not read signatures.",)


# fmt: off
UNREADABLE = [
    (put("11/1", "evidence", "entries", 0, "value"),              "cannot be judged: 11 is outside"),
    (put("sctrial.evidence/9", "evidence", "format"),             "use the release that wrote this document"),
    (put("best-day", "evidence", "protocol", "trial_window"),     "may be reported but not judged"),
    (put("telepathy", "rule_set", "root", "criterion"),           "root.criterion: 'telepathy' is not known"),
    (put([1], "evidence", "entries"),                             "/evidence: entries"),
]
# fmt: on


@pytest.mark.parametrize(("change", "message"), UNREADABLE)
def test_a_document_that_cannot_be_judged_at_all_is_refused(change: Change, message: str) -> None:
    content = document()
    change(content)

    with pytest.raises(NotADocument, match=message):
        replay(content)
