"""A decision document with what was decided on it, and a signature that fits this one document only.

::

    decision    id, choice, reason, and ``shown``: the digests of what stood on the screen
    signature   meaning, signer, instant and zone, the factors used, and three digests:
                seal    of the document that it stands in
                shown   of what stood on the screen
                digest  of the signature itself, without this key

Copied into another document the seal is another one; changed to fit, the signature's own digest is.
"""

from collections.abc import Mapping

from sctrial.decision import FORMAT_SIGNED, SEALED, Document, compute_seal, parse_document
from sctrial.seal import canonical_json, digest

_BOUND = ("evidence", "rule_set", "verdict")


def compose_signed(
    document: Mapping[str, object], *, decision: Mapping[str, object], signature: Mapping[str, object]
) -> Document:
    """The judged ``document`` with ``decision`` sealed into it and ``signature`` bound to it."""
    content = {key: document[key] for key in SEALED} | {"format": FORMAT_SIGNED, "decision": decision}
    content["seal"] = compute_seal(content)
    content["signature"] = bind(signature, document=content)
    return parse_document(canonical_json(content))


def bind(signature: Mapping[str, object], *, document: Mapping[str, object]) -> Document:
    """The signature as it has to stand in ``document``."""
    bound = {key: value for key, value in signature.items() if key != "digest"}
    bound |= {"seal": compute_seal(document), "shown": digest(_shown(document))}
    return bound | {"digest": digest(bound)}


def decision_of(document: Mapping[str, object]) -> Document:
    """The decision as it has to stand in ``document``: on what is judged there, and on nothing else."""
    decision, digests, verdict = document["decision"], document["digests"], document["verdict"]
    assert isinstance(decision, dict)
    assert isinstance(digests, dict)
    assert isinstance(verdict, dict)
    fixed = {key: digests[key] for key in _BOUND if key in digests}
    fixed |= {"subject": document["subject"], "engine": document["engine"], "answer": verdict.get("answer")}
    return {**decision, "shown": {**_shown(document), **fixed}}


def is_bound(document: Mapping[str, object]) -> bool:
    """Whether the signature belongs to this document and nothing in either was changed."""
    signature = document["signature"]
    assert isinstance(signature, dict)
    return (
        document["seal"] == compute_seal(document)
        and document["decision"] == decision_of(document)
        and signature == bind(signature, document=document)
    )


def _shown(document: Mapping[str, object]) -> Mapping[str, object]:
    decision = document["decision"]
    shown = decision.get("shown") if isinstance(decision, dict) else None
    return shown if isinstance(shown, dict) else {}
