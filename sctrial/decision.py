"""The sealed document of one verdict: evidence, the rule in full, engine, verdict, and one digest over all.

::

    format     "sctrial.decision/1"
    subject    the trial's pseudonym
    engine     version of the arithmetic that judged
    evidence   what was judged, in its canonical form
    rule_set   the whole content of the rule file, so that no later edition has to look it up
    verdict    what came out, with every criterion and sentence
    digests    SHA-256 of evidence, rule_set and verdict
    seal       SHA-256 over all of the above
    signature  reserved: an object that is not part of the seal and not checked by this edition

``sctrial.decision/2`` is the same with what was decided on it (sctrial.signing)::

    decision   what was chosen, why, and what stood on the screen; part of the seal
    signature  who signed, when, with which meaning; bound to the seal, and checked

Everything is text, whole numbers, flags and lists; a fraction is "a/b". There is no float, so the bytes are
the same on every machine.
"""

import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final, NoReturn

from sctrial import ENGINE_VERSION
from sctrial.criteria import RuleSet, parse_rule_set
from sctrial.evidence import Evidence
from sctrial.seal import CannotSeal, canonical_json, digest
from sctrial.strict import DocumentError
from sctrial.verdict import judge

FORMAT: Final = "sctrial.decision/1"
FORMAT_SIGNED: Final = "sctrial.decision/2"
SEALED: Final = ("format", "subject", "engine", "evidence", "rule_set", "verdict", "digests")
#: What each format seals, and which further keys it must and may have.
_SEALED_BY: Final[Mapping[object, tuple[str, ...]]] = {FORMAT: SEALED, FORMAT_SIGNED: (*SEALED, "decision")}
_BESIDE: Final[Mapping[object, tuple[str, ...]]] = {FORMAT: ("seal",), FORMAT_SIGNED: ("seal", "signature")}

Document = dict[str, object]


class NotADocument(ValueError):
    """Bytes or content that are not a decision document; the message says what is wrong."""


def compose(evidence: Evidence, *, rule_content: Mapping[str, object], subject: str) -> Document:
    """The document of the verdict on ``evidence`` under the rule in ``rule_content``, judged now.

    Raises DocumentError for a rule that cannot be read and ReportOnlyWindow for a best-day protocol.
    """
    rule = parse_rule_set(rule_content, origin="rule_set")
    verdict = judge(evidence, rule_set=rule).canonical()
    document: Document = {
        "format": FORMAT,
        "subject": subject,
        "engine": ENGINE_VERSION,
        "evidence": evidence.canonical(),
        "rule_set": rule_content,
        "verdict": verdict,
        "digests": {"evidence": evidence.digest, "rule_set": rule.digest, "verdict": digest(verdict)},
    }
    document["seal"] = compute_seal(document)
    return parse_document(canonical_json(document))


def compute_seal(document: Mapping[str, object]) -> str:
    """``"sha256:<hex>"`` over every sealed key; seal and signature are outside it."""
    sealed = _SEALED_BY.get(document.get("format"), SEALED)
    return digest({key: document[key] for key in sealed if key in document})


def shipped_content(rule: RuleSet) -> dict[str, object]:
    """The whole content of the file that the shipped ``rule`` was read from."""
    file = files("sctrial").joinpath("rulesets", f"{rule.id}@{rule.version}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def document_bytes(document: Mapping[str, object]) -> bytes:
    """The document as a file: canonical JSON and a line end."""
    return canonical_json(document) + b"\n"


def parse_document(data: bytes) -> Document:
    """The document in ``data``, whatever its blanks and order of keys. Raises NotADocument.

    Refused: anything but UTF-8 JSON, a key given twice, a number with a fraction or exponent, another
    format, a key that is missing or not known.
    """
    try:
        content = _DECODER.decode(data.decode("utf-8"))
        canonical_json(content)
    except (ValueError, RecursionError, CannotSeal) as error:
        raise NotADocument(f"is not a decision document: {error}") from error
    if not isinstance(content, dict) or content.get("format") not in (FORMAT, FORMAT_SIGNED):
        raise NotADocument(f"is not a document of the format {FORMAT!r} or {FORMAT_SIGNED!r}")
    _require_keys(content)
    return content


def _require_keys(content: Mapping[str, object]) -> None:
    written = content["format"]
    required = (*_SEALED_BY[written], *_BESIDE[written])
    missing = [key for key in required if key not in content]
    unknown = sorted(key for key in content if key not in (*required, "signature"))
    if missing or unknown:
        what = f"{missing[0]!r} is missing" if missing else f"{unknown[0]!r} is not known"
        raise NotADocument(f"is not a whole document of the format {written!r}: {what}")
    for key, kind in _KINDS.items():
        if not isinstance(content.get(key, kind()), kind):
            raise NotADocument(f"/{key} must be {_KIND_NAMES[kind]}")


_KINDS: Final[Mapping[str, type]] = {
    "subject": str,
    "engine": str,
    "seal": str,
    "evidence": dict,
    "rule_set": dict,
    "verdict": dict,
    "digests": dict,
    "decision": dict,
    "signature": dict,
}
_KIND_NAMES: Final[Mapping[type, str]] = {str: "text", dict: "an object"}


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        # Two readers could each believe another one of the two.
        raise DocumentError(f"the key {twice!r} is given twice")
    return table


def _no_float(text: str) -> NoReturn:
    raise DocumentError(f"the number {text} is not whole; a document holds fractions as text")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float)
