"""A signature belongs to one document, and replaying finds out when it does not."""

import copy
from typing import Any

import pytest

from sctrial.criteria import rule_set
from sctrial.decision import compose, compute_seal, document_bytes, parse_document, shipped_content
from sctrial.replay import replay
from sctrial.seal import digest
from sctrial.signing import compose_signed, is_bound
from tests.sctrial.diaries import evidence_of

NORTH = rule_set("NORTH_PP", version="2007.1")
SIGNATURE = {
    "meaning": "decided",
    "signer": "staff:7",
    "name": "Dr Made Up",
    "role": "clinician",
    "signed_at": "2026-10-12T18:00:00Z",
    "zone": "Europe/Berlin",
    "factors": ["password", "totp"],
}
# Mean of 7 against 3.5 is 50 %, which this rule asks for.
MET, NOT_MET = ("7 7 6 8 7 7 7", "3 4 4 3"), ("7 7 6 8 7 7 7", "7 7 7 7")


def signed(diary: tuple[str, str] = MET, *, subject: str = "P-001") -> dict[str, Any]:
    evidence = evidence_of(*diary, mme=(20, 10), satisfied=True)
    judged: dict[str, Any] = compose(evidence, rule_content=shipped_content(NORTH), subject=subject)
    shown = {key: judged["digests"][key] for key in ("evidence", "rule_set", "verdict")} | {
        "subject": subject,
        "engine": judged["engine"],
        "answer": judged["verdict"]["answer"],
    }
    decision = {"id": "1", "choice": "implant", "reason": "", "shown": shown}
    return copy.deepcopy(compose_signed(judged, decision=decision, signature=SIGNATURE))


def test_a_signed_document_replays_as_the_same() -> None:
    result = replay(parse_document(document_bytes(signed())))

    assert result.is_same
    assert result.remarks == (
        (
            "The signature is bound to this content, or the difference says where it is not. Whose it is, "
            "and when it was made, the clinic's audit trail vouches for."
        ),
    )
    assert is_bound(signed())


TAMPERED = [
    (("decision", "choice"), "no_implant", "/seal"),
    (("decision", "reason"), "as we wished", "/seal"),
    (("decision", "shown", "evidence"), "sha256:0", "/decision/shown/evidence"),
    (("decision", "shown", "answer"), "not_met", "/decision/shown/answer"),
    (("signature", "name"), "Dr Somebody Else", "/signature/digest"),
    (("signature", "meaning"), "countersigned", "/signature/digest"),
    (("signature", "signed_at"), "2026-10-11T18:00:00Z", "/signature/digest"),
    (("signature", "shown"), "sha256:0", "/signature/shown"),
    (("signature", "seal"), "sha256:0", "/signature/seal"),
    (("evidence", "entries", 0, "value"), "9/1", "/digests/evidence"),
]


@pytest.mark.parametrize(("path", "value", "pointer"), TAMPERED)
def test_a_change_anywhere_is_named(path: tuple[Any, ...], value: str, pointer: str) -> None:
    content = signed()
    table: Any = content
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value

    result = replay(parse_document(document_bytes(content)))

    assert result.difference is not None
    assert result.difference.pointer == pointer
    assert not is_bound(content) or path[0] == "evidence"


def test_a_signature_copied_from_another_document_does_not_fit() -> None:
    content = signed(NOT_MET, subject="P-002")
    content["signature"] = signed()["signature"]

    result = replay(parse_document(document_bytes(content)))

    assert result.difference is not None
    assert result.difference.pointer.startswith("/signature/")
    assert not is_bound(content)


def test_a_seal_made_anew_does_not_carry_the_old_signature() -> None:
    content = signed()
    content["decision"]["choice"] = "no_implant"
    content["seal"] = compute_seal(content)

    result = replay(parse_document(document_bytes(content)))

    assert result.difference is not None
    assert result.difference.pointer in {"/signature/digest", "/signature/seal"}


def test_the_signature_names_the_digest_of_what_was_shown() -> None:
    content = signed()

    assert content["signature"]["shown"] == digest(content["decision"]["shown"])
