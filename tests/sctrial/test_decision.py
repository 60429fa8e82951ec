"""The sealed document: what it carries, and what is refused as one."""

import json
from fractions import Fraction
from typing import Any

import pytest

from sctrial import ENGINE_VERSION
from sctrial.criteria import rule_set, shipped_rule_sets
from sctrial.decision import (
    FORMAT,
    NotADocument,
    compose,
    compute_seal,
    document_bytes,
    parse_document,
    shipped_content,
)
from sctrial.seal import digest
from sctrial.strict import DocumentError
from sctrial.verdict import ReportOnlyWindow, judge
from tests.sctrial.diaries import evidence_of, protocol

NORTH = rule_set("NORTH_PP", version="2007.1")
EVIDENCE = evidence_of("7 7 6 8 7 7 7", "3 4 4 3", mme=(20, 10), satisfied=True)


def document() -> dict[str, Any]:
    return compose(EVIDENCE, rule_content=shipped_content(NORTH), subject="P-001")


def test_it_carries_all_that_a_verdict_rests_on() -> None:
    found = document()

    assert found["format"] == FORMAT == "sctrial.decision/1"
    assert (found["subject"], found["engine"]) == ("P-001", ENGINE_VERSION)
    assert found["evidence"] == EVIDENCE.canonical()
    assert found["verdict"] == judge(EVIDENCE, rule_set=NORTH).canonical()
    assert found["digests"] == {
        "evidence": EVIDENCE.digest,
        "rule_set": NORTH.digest,
        "verdict": digest(judge(EVIDENCE, rule_set=NORTH).canonical()),
    }


def test_it_carries_the_rule_in_full_so_that_no_file_is_needed_later() -> None:
    content = document()["rule_set"]

    assert content["in_force_from"] == "2007-01-01"
    assert content["root"]["of"][0]["threshold"] == "50%"
    assert len(content["source"]) == len(NORTH.sources)


@pytest.mark.parametrize("rules", shipped_rule_sets(), ids=lambda rules: f"{rules.id}@{rules.version}")
def test_the_shipped_content_is_that_of_the_rule(rules: Any) -> None:
    assert digest(shipped_content(rules)) == rules.digest


def test_the_seal_is_over_everything_but_itself_and_the_signature() -> None:
    found = document()
    body = {key: value for key, value in found.items() if key != "seal"}

    assert found["seal"] == digest(body) == compute_seal({**found, "signature": {"by": "somebody"}})


def test_its_bytes_are_canonical_and_end_with_a_line_end() -> None:
    data = document_bytes(document())

    assert data == json.dumps(
        document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode() + b"\n"  # fmt: skip
    assert parse_document(data) == document()


def test_blanks_and_the_order_of_keys_do_not_matter_when_it_is_read() -> None:
    loose = json.dumps(dict(reversed(document().items())), indent=2).encode()

    assert parse_document(loose) == document()


def test_there_is_no_float_in_it() -> None:
    def no_float(text: str) -> float:
        raise AssertionError(text)

    json.loads(document_bytes(document()), parse_float=no_float)


def changed(**keys: object) -> bytes:
    content = {**document(), **keys}
    return json.dumps({key: value for key, value in content.items() if value is not None}).encode()


# fmt: off
REFUSED = [
    (b"",                                        "is not a decision document"),
    (b"\xff{}",                                  "is not a decision document"),
    (b"[" * 100_000,                             "is not a decision document"),
    (b"[]",                                      "not a document of the format 'sctrial.decision/1'"),
    (changed(format="sctrial.decision/3"),       "not a document of the format 'sctrial.decision/1'"),
    (changed(evidence=None),                     "'evidence' is missing"),
    (changed(seal=None),                         "'seal' is missing"),
    (changed(remark="fine"),                     "'remark' is not known"),
    (changed(evidence="all of it"),              "/evidence must be an object"),
    (changed(subject=7),                         "/subject must be text"),
    (changed(signature="me"),                    "/signature must be an object"),
    (changed(subject=0.5),                       "the number 0.5 is not whole"),
    (changed(subject=float("nan")),              "the number NaN is not whole"),
    (changed(subject="\ud800"),                  "surrogate"),
    (b'{"format":"sctrial.decision/1","format":"sctrial.decision/1"}', "the key 'format' is given twice"),
]
# fmt: on


@pytest.mark.parametrize(("data", "message"), REFUSED)
def test_what_is_no_whole_document_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(NotADocument, match=message):
        parse_document(data)


def test_a_rule_of_the_clinics_own_is_carried_too() -> None:
    own = {**shipped_content(NORTH), "id": "OWN", "title": "Our own rule"}

    assert compose(EVIDENCE, rule_content=own, subject="P-001")["rule_set"]["id"] == "OWN"  # type: ignore[index]


def test_a_rule_that_cannot_be_read_and_a_window_that_cannot_be_judged_are_refused() -> None:
    with pytest.raises(DocumentError, match="rule_set: title"):
        compose(EVIDENCE, rule_content={**shipped_content(NORTH), "title": ""}, subject="P-001")
    best = evidence_of("7", "3", under=protocol(trial="best-day"))
    with pytest.raises(ReportOnlyWindow):
        compose(best, rule_content=shipped_content(NORTH), subject="P-001")


def test_fractions_are_text() -> None:
    assert document()["verdict"]["reduction"]["exact"] == "50/1"
    assert Fraction(document()["evidence"]["entries"][0]["value"]) == 7
