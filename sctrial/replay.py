"""A sealed decision document judged again: is every figure the same?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sctrial import ENGINE_VERSION
from sctrial.criteria import RuleSet, parse_rule_set, read_lock
from sctrial.decision import FORMAT_SIGNED, Document, NotADocument, compose, compute_seal
from sctrial.evidence import evidence_from_canonical
from sctrial.seal import canonical_json, digest
from sctrial.signing import bind, decision_of

#: Causes before effects: altered evidence is named before the verdict that no longer follows from it.
_ORDER: Final = (
    "engine",
    "evidence",
    "rule_set",
    "digests/evidence",
    "digests/rule_set",
    "verdict",
    "digests",
    "decision",
    "seal",
    "signature",
)

#: Keys whose text an edition may reword without any figure changing.
_WORDING: Final = frozenset({"label", "text", "what", "who"})


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two documents part: a JSON pointer (RFC 6901) and the value on either side as JSON."""

    pointer: str
    sealed: str
    recomputed: str

    @property
    def is_wording(self) -> bool:
        """Whether only a sentence of the verdict differs, never a figure or an answer."""
        return self.pointer.startswith("/verdict/") and self.pointer.rsplit("/", 1)[-1] in _WORDING

    def __str__(self) -> str:
        return f"{self.pointer}: sealed {self.sealed}, recomputed {self.recomputed}"


@dataclass(frozen=True, slots=True)
class Replay:
    """What came out: no ``difference`` means that everything is the same, to the byte.

    ``remarks`` are sentences about what replaying cannot settle by itself.
    """

    difference: Difference | None
    remarks: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether every figure, sentence and digest came out as sealed."""
        return self.difference is None


def replay(document: Document) -> Replay:
    """Judge the document's evidence under the document's rule and compare with what was sealed.

    The first difference is the first cause: engine, evidence, rule, verdict (figures before sentences), and
    then whether digests and seal fit the document they stand in. Raises NotADocument when the evidence or
    the rule inside cannot be read at all.
    """
    recomputed, rule = _judged_again(document)
    found = list(_differences(document, recomputed))
    remarks = [*_remarks(document, recomputed, rule)]
    if found and all(difference.is_wording for difference in found):
        remarks.insert(0, "Only sentences are worded differently; every figure and answer is the same.")
    return Replay(found[0] if found else None, tuple(remarks))


def _judged_again(document: Document) -> tuple[Document, RuleSet]:
    content, rule_content = document["evidence"], document["rule_set"]
    assert isinstance(content, dict)
    assert isinstance(rule_content, dict)
    try:
        evidence = evidence_from_canonical(content, origin="/evidence")
        rule = parse_rule_set(rule_content, origin="/rule_set")
        recomputed = compose(evidence, rule_content=rule_content, subject=str(document["subject"]))
    except ValueError as error:
        raise NotADocument(f"cannot be judged: {error}") from error
    # Digests and seal are about the document as it stands, not about what should have been in it.
    digests = {"evidence": evidence.digest, "rule_set": rule.digest, "verdict": digest(document["verdict"])}
    return {**recomputed, "digests": digests, "seal": compute_seal(document), **_signed(document)}, rule


def _signed(document: Document) -> Document:
    """Decision and signature as they have to stand here; the first format leaves its signature alone."""
    if document["format"] != FORMAT_SIGNED:
        return {"signature": document["signature"]} if "signature" in document else {}
    signature = document["signature"]
    assert isinstance(signature, dict)
    return {"decision": decision_of(document), "signature": bind(signature, document=document)}


def _differences(document: Document, recomputed: Document) -> Iterator[Difference]:
    for place in _ORDER:
        parted = _parted(_at(document, place), _at(recomputed, place), f"/{place}")
        # The sort is stable: figures first, each kind in the order of the document.
        yield from sorted(parted, key=lambda difference: difference.is_wording)


def _at(document: Document, place: str) -> object:
    value: object = document
    for key in place.split("/"):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _parted(sealed: object, recomputed: object, pointer: str) -> Iterator[Difference]:
    if isinstance(sealed, dict) and isinstance(recomputed, dict):
        yield from _parted_tables(sealed, recomputed, pointer)
    elif isinstance(sealed, list) and isinstance(recomputed, list):
        yield from _parted_tables(dict(enumerate(sealed)), dict(enumerate(recomputed)), pointer)
    # In Python True equals 1; in a document they are two things.
    elif type(sealed) is not type(recomputed) or sealed != recomputed:
        yield Difference(pointer, _shown(sealed), _shown(recomputed))


def _parted_tables(
    sealed: Mapping[object, object], recomputed: Mapping[object, object], pointer: str
) -> Iterator[Difference]:
    keys = [*sealed, *(key for key in recomputed if key not in sealed)]
    for key in keys:
        inside = f"{pointer}/{_escaped(key)}"
        if key not in sealed or key not in recomputed:
            yield Difference(inside, _shown_of(sealed, key), _shown_of(recomputed, key))
        else:
            yield from _parted(sealed[key], recomputed[key], inside)


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _shown_of(table: Mapping[object, object], key: object) -> str:
    return _shown(table[key]) if key in table else "nothing"


def _shown(value: object) -> str:
    return canonical_json(value).decode("utf-8")


def _remarks(document: Document, recomputed: Document, rule: RuleSet) -> Iterator[str]:
    if document["engine"] != ENGINE_VERSION:
        came_out = (
            "came out the same" if document["verdict"] == recomputed["verdict"] else "came out different"
        )
        yield (
            f"Sealed under engine {document['engine']}, which this edition (engine {ENGINE_VERSION}) is not; "
            f"judged again under engine {ENGINE_VERSION} the verdict {came_out}. For the original arithmetic "
            "use the edition that has the document's engine."
        )
    published = read_lock().get(f"{rule.id}@{rule.version}")
    if published is None:
        yield f"The rule {rule.id} {rule.version} is not shipped with this edition."
    elif published != rule.digest:
        yield f"The rule in the document is not the {rule.id} {rule.version} that was published."
    if document["format"] == FORMAT_SIGNED:
        yield (
            "The signature is bound to this content, or the difference says where it is not. Whose it is, "
            "and when it was made, the clinic's audit trail vouches for."
        )
    elif "signature" in document:
        yield "The signature was not checked; this edition does not read signatures."
