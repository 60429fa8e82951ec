"""The import bundle: how a site that holds a licence brings wording, T-score tables and value sets.

A bundle is a directory with ``manifest.toml`` and the files it names; the format is described in
docs/methods/instruments.md. Everything is read strictly: a digest for each file, a licence and a sign-off by
name, complete tables.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sctrial.bundle_files import TScores, ValueSet, Wording, read_t_scores, read_value_set, read_wording
from sctrial.instruments import OffScore, score_named
from sctrial.seal import digest
from sctrial.strict import DocumentError, Section

__all__ = [
    "Bundle",
    "BundleError",
    "BundleLicence",
    "NoTable",
    "SignOff",
    "TScores",
    "ValueSet",
    "Wording",
    "read_bundle",
]

MANIFEST: Final = "manifest.toml"
FORMAT: Final = "sctrial.bundle/1"
#: A value set of 3,125 profiles takes about 100 kB; what is far larger is no table.
LARGEST: Final = 5_000_000

_FILE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\.(?:toml|json)", re.ASCII)
_VERSION: Final = re.compile(r"[0-9]{4}\.[1-9][0-9]{0,3}", re.ASCII)


class BundleError(ValueError):
    """A bundle that cannot be loaded; the message names the file, the key and the remedy."""


class NoTable(LookupError):
    """A conversion asked of a bundle that does not hold it; the message says what to load."""


class Content(StrEnum):
    """What a file of a bundle holds."""

    WORDING = "wording"
    T_SCORES = "t_scores"
    VALUE_SET = "value_set"


_Held = Wording | TScores | ValueSet
_READERS: Final[Mapping[Content, Callable[[Section], _Held]]] = MappingProxyType(
    {Content.WORDING: read_wording, Content.T_SCORES: read_t_scores, Content.VALUE_SET: read_value_set}
)


@dataclass(frozen=True, slots=True)
class BundleLicence:
    """Who was licensed, under which reference, and until when; None is "no end stated"."""

    holder: str
    reference: str
    until: date | None


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who compared the files with the licensed originals, and when."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that passed every check; ``digest`` covers the manifest and through it every file.

    ``wording`` is by instrument and language, ``t_scores`` by raw score, ``value_sets`` by id.
    """

    id: str
    version: str
    licence: BundleLicence
    signed_off: SignOff
    wording: Mapping[tuple[str, str], Wording]
    t_scores: Mapping[str, TScores]
    value_sets: Mapping[str, ValueSet]
    digest: str

    def is_licensed(self, on: date) -> bool:
        """Whether the licence runs on ``on``, its last day included."""
        return self.licence.until is None or on <= self.licence.until

    def t_score(self, raw: Fraction, *, score: str) -> Fraction:
        """The T-score of a raw sum. Raises NoTable without a table for ``score``, OffScore off its range."""
        if score not in self.t_scores:
            raise NoTable(f"bundle {self.id} has no T-scores for {score}; load a bundle that has")
        return self.t_scores[score].rows[int(score_named(score).require(raw))]

    def index(self, profile: str, *, value_set: str) -> Fraction:
        """The index of an EQ-5D-5L profile such as "21143". Raises NoTable, or OffScore for no profile."""
        if value_set not in self.value_sets:
            raise NoTable(f"bundle {self.id} has no value set {value_set!r}; load a bundle that has")
        values = self.value_sets[value_set].values
        if profile not in values:
            raise OffScore(f"{profile!r} is not a profile; write five digits from 1 to 5, such as 21143")
        return values[profile]


def read_bundle(directory: Path) -> Bundle:
    """The bundle in ``directory``. Raises BundleError naming the file, the key and the remedy."""
    try:
        return _read_bundle(directory)
    except DocumentError as error:
        raise BundleError(str(error)) from error
    except OSError as error:
        raise BundleError(f"{error.filename}: cannot be read: {error.strerror}; check the path") from error


def _read_bundle(directory: Path) -> Bundle:
    content = _parse(MANIFEST, _bytes_of(directory, MANIFEST))
    top = Section(content, origin=MANIFEST)
    if top.text("format") != FORMAT:
        raise top.error("format", f"is not {FORMAT!r}; use the release that this bundle was made for")
    listed = top.sections("file")
    held = [_read_file(section, directory) for section in listed]
    bundle = Bundle(
        id=top.name("id"),
        version=_read_version(top),
        licence=_read_licence(top.section("licence")),
        signed_off=_read_sign_off(top.section("signed_off")),
        wording={(one.instrument, one.language): one for one in held if isinstance(one, Wording)},
        t_scores={one.score: one for one in held if isinstance(one, TScores)},
        value_sets={one.id: one for one in held if isinstance(one, ValueSet)},
        digest=digest(content),
    )
    top.close()
    # Tables are kept by what they are for: two of one kind would leave the choice to chance.
    if not held or len(held) > len(bundle.wording) + len(bundle.t_scores) + len(bundle.value_sets):
        raise top.error("file", "is missing, or two files hold the same; list each content once")
    _require_no_strangers(directory, known={MANIFEST, *(section.text("path") for section in listed)})
    return bundle


def _read_version(top: Section) -> str:
    version = top.text("version")
    if not _VERSION.fullmatch(version):
        raise top.error("version", f'{version!r} must be the year and a number, such as "2026.1"')
    return version


def _read_licence(section: Section) -> BundleLicence:
    licence = BundleLicence(section.text("holder"), section.text("reference"), section.optional_day("until"))
    section.close()
    return licence


def _read_sign_off(section: Section) -> SignOff:
    signed = SignOff(by=section.text("by"), on=section.day("on"))
    section.close()
    return signed


def _read_file(section: Section, directory: Path) -> _Held:
    name, expected = section.text("path"), section.text("digest")
    content = section.choice("content", of=Content)
    section.close()
    # Names only: a path could lead out of the bundle.
    if not _FILE.fullmatch(name) or name == MANIFEST:
        raise section.error("path", f"{name!r} must be a file name such as odi_en.toml, beside the manifest")
    data = _bytes_of(directory, name)
    found = "sha256:" + hashlib.sha256(data).hexdigest()
    if found != expected:
        raise section.error("digest", f"{name} is not the file that was signed off: it has {found}")
    top = Section(_parse(name, data), origin=name)
    held = _READERS[content](top)
    top.close()
    return held


def _bytes_of(directory: Path, name: str) -> bytes:
    path = directory / name
    if path.is_symlink() or path.stat().st_size > LARGEST:
        raise BundleError(f"{name}: is a link or larger than {LARGEST} bytes; put the file itself there")
    return path.read_bytes()


def _parse(name: str, data: bytes) -> Mapping[str, object]:
    try:
        text = data.decode("utf-8")
        content = json.loads(text, object_pairs_hook=_once) if name.endswith("json") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{name}: cannot be read as UTF-8 {name[-4:].upper()}: {error}") from error
    if not isinstance(content, dict):
        raise BundleError(f"{name}: must be a table of keys and values")
    return content


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice; keep one of the two")
    return content


def _require_no_strangers(directory: Path, *, known: set[str]) -> None:
    strangers = sorted({path.name for path in directory.iterdir()} - known)
    if strangers:
        raise BundleError(f"{strangers[0]}: is not in {MANIFEST}; list it there or take it out")
