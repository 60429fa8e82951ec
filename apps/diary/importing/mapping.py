"""The mapping file: which column holds what, what each name in it stands for, and the facts of the trial.

Strict: an unknown key is an error, because a misspelt one would silently be without effect.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from apps.diary.importing.dates import DateForm, date_form
from apps.diary.policies import zone_names
from apps.trials.models import MODALITIES
from sctrial.criteria import rule_set
from sctrial.phases import EndReason
from sctrial.scales import SCALES, Scale, ScaleCode, ScoreKind
from sctrial.strict import DocumentError, Section
from sctrial.windows import Several, parse_window

UNSTATED: Final = "unstated"
_REGION: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@+-]{0,39}", re.ASCII)
_PSEUDONYM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}", re.ASCII)
AREA_LENGTH: Final = 120
#: As the database counts repeats, and more days than any baseline has.
MOST_REPEATS: Final = 32_767
MOST_BASELINE_DAYS: Final = 9_999
# PostgreSQL keeps no text with one.
NUL: Final = "\x00"
HOLDS_NUL: Final = "holds a NUL character: remove it"


class Duplicates(StrEnum):
    """What becomes of a row that says the same as an earlier one in every cell."""

    KEEP = "keep"
    SKIP = "skip"


class Delimiter(StrEnum):
    COMMA = ","
    SEMICOLON = ";"
    TAB = "\t"
    BAR = "|"


class DecimalMark(StrEnum):
    POINT = "."
    COMMA = ","


@dataclass(frozen=True, slots=True)
class Columns:
    """Column titles. Either ``date`` with its form, or day, month and year apart."""

    score: str
    name: str | None
    patient: str | None
    date: str | None
    date_form: DateForm | None
    parts: tuple[tuple[str, str], ...]
    stamp: str | None
    stamp_form: DateForm | None
    ignore: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        single = (self.score, self.name, self.patient, self.date, self.stamp)
        return tuple(title for title in (*single, *(title for _, title in self.parts)) if title)


@dataclass(frozen=True, slots=True)
class NewTrial:
    """A trial that the import makes. ``baseline_days``: the first n calendar days of the diary."""

    modality: str
    target_area: str
    rule_set: str
    baseline_window: str
    trial_window: str
    several: str
    baseline_days: int | None
    diary_from: date | None
    lead_placed_on: date | None
    ended_on: date | None
    end_reason: str


@dataclass(frozen=True, slots=True)
class ImportMapping:
    text: str
    patient: str | None
    zone: str
    scale: Scale
    kind: ScoreKind
    instrument_version: str
    duplicates: Duplicates
    delimiter: Delimiter
    decimal_mark: DecimalMark
    columns: Columns
    regions: Mapping[str, str]
    skip: Mapping[str, str]
    region: str | None
    repeat_number: int
    new_trial: NewTrial | None


def read_mapping(text: str, *, origin: str) -> ImportMapping:
    """The mapping in ``text``; raises DocumentError that names ``origin``, the key and the remedy."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, and brackets in brackets without end, fail in ways of their own.
        raise DocumentError(f"{origin}: not TOML: {error}") from error
    names = {key: document.pop(key, {}) for key in ("regions", "skip")}
    top = Section({"file": {}} | document, origin=origin)
    columns = _columns(top.section("columns"))
    trial = top.section("trial")
    repeats = "repeat_number" in document["trial"]
    file = top.section("file")
    mapping = ImportMapping(
        text=text,
        patient=_optional(top, "patient", _PSEUDONYM),
        zone=top.parsed("zone", _zone),
        scale=SCALES[top.choice("scale", of=ScaleCode)],
        kind=top.choice("kind", of=ScoreKind),
        instrument_version=top.parsed("instrument_version", _version),
        duplicates=top.choice("duplicates", of=Duplicates),
        delimiter=file.choice("delimiter", of=Delimiter, default=Delimiter.COMMA),
        decimal_mark=file.choice("decimal_mark", of=DecimalMark, default=DecimalMark.POINT),
        columns=columns,
        regions=_regions(top, names["regions"]),
        skip=_texts(top, "skip", names["skip"]),
        region=_optional(top, "region", _REGION),
        repeat_number=_count(trial, "repeat_number", most=MOST_REPEATS) if repeats else 1,
        new_trial=_new_trial(trial) if trial.optional_flag("create") else None,
    )
    for section in (trial, file, top):
        section.close()
    _check_together(mapping, top)
    return mapping


def _check_together(mapping: ImportMapping, top: Section) -> None:
    """What no single key can say."""
    columns = mapping.columns
    named = bool(mapping.regions)
    faults = {
        "patient": (mapping.patient is None) == (columns.patient is None)
        and "name the patient either here or by columns.patient, not both",
        "region": (mapping.region is None) != named
        and "give a [regions] table for a file with columns.name, or one region for a file without",
        "columns.name": (columns.name is None) == named
        and "is needed when, and only when, there is a [regions] table",
        "zone": mapping.zone == UNSTATED
        and columns.stamp_form is not None
        and not columns.stamp_form.has_offset
        and "must be an IANA name when columns.stamp is read; else move that column to columns.ignore",
        "skip": bool(both := sorted(mapping.regions.keys() & mapping.skip.keys()))
        and f"{both[0]!r} stands in [regions] too; leave it in one of the two",
    }
    for key, fault in faults.items():
        if fault:
            raise top.error(key, fault)


def _columns(section: Section) -> Columns:
    parts = tuple((part, section.optional_text(part)) for part in ("day", "month", "year"))
    day, stamp = section.optional_text("date"), section.optional_text("stamp")
    given = [title for _, title in parts if title]
    if (day is None and len(given) < len(parts)) or (day is not None and given):
        raise section.error("date", "is needed with its date_form, or day, month and year in its place")
    columns = Columns(
        score=section.text("score"),
        name=section.optional_text("name"),
        patient=section.optional_text("patient"),
        date=day,
        date_form=section.parsed("date_form", date_form) if day else None,
        parts=tuple((part, title) for part, title in parts if title),
        stamp=stamp,
        stamp_form=section.parsed("stamp_form", _stamp_form) if stamp else None,
        ignore=section.texts("ignore"),
    )
    section.close()
    return columns


def _new_trial(section: Section) -> NewTrial:
    leads = section.optional_day("lead_placed_on")
    ended_on = section.optional_day("ended_on")
    return NewTrial(
        modality=section.parsed("modality", _modality),
        target_area=section.parsed("target_area", _area),
        rule_set=section.parsed("rule_set", _rule_set),
        baseline_window=section.parsed("baseline_window", _judged_window),
        trial_window=section.parsed("trial_window", _judged_window),
        several=section.choice("several", of=Several, default=Several.MEAN).value,
        baseline_days=_count(section, "baseline_days", most=MOST_BASELINE_DAYS) if leads is None else None,
        diary_from=section.optional_day("diary_from"),
        lead_placed_on=leads,
        ended_on=ended_on,
        end_reason=_end_reason(section, needed=ended_on is not None),
    )


def _count(section: Section, key: str, *, most: int) -> int:
    value = section.count(key)
    if value > most:
        raise section.error(key, f"is {value}; at most {most} can be kept")
    return value


def _end_reason(section: Section, *, needed: bool) -> str:
    if section.optional_text("end_reason") is None and not needed:
        return ""
    return section.choice("end_reason", of=EndReason).value


def _regions(top: Section, table: Any) -> dict[str, str]:
    regions = _texts(top, "regions", table)
    for name, region in regions.items():
        if not _REGION.fullmatch(region):
            raise top.error(f"regions.{name}", f"{region!r} must be small letters, digits and _")
    return regions


def _texts(top: Section, key: str, table: Any) -> dict[str, str]:
    if not isinstance(table, dict):
        raise top.error(key, "must be a table")
    for name, text in table.items():
        if not isinstance(text, str) or not text.strip():
            raise top.error(f"{key}.{name}", "must be text, not empty")
        if NUL in text:
            raise top.error(f"{key}.{name}", HOLDS_NUL)
    return table


def _optional(section: Section, key: str, pattern: re.Pattern[str]) -> str | None:
    text = section.optional_text(key)
    if text is not None and not pattern.fullmatch(text):
        raise section.error(key, f"{text!r} is not in the form {pattern.pattern}")
    return text


def is_pseudonym(text: str) -> bool:
    return _PSEUDONYM.fullmatch(text) is not None


def _zone(text: str) -> str:
    if text != UNSTATED and text not in zone_names():
        raise ValueError(f"{text!r} is no IANA zone such as Europe/Berlin; write {UNSTATED} if nobody knows")
    return text


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise ValueError(f"{text!r} must be a name with a version, at most 40 letters, such as my-scale/1")
    return text


def _modality(text: str) -> str:
    if text not in MODALITIES:
        raise ValueError(f"{text!r} must be one of: {', '.join(MODALITIES)}")
    return text


def _area(text: str) -> str:
    if NUL in text:
        raise ValueError(HOLDS_NUL)
    if len(text) > AREA_LENGTH:
        raise ValueError(f"is {len(text)} letters long; shorten it to {AREA_LENGTH}")
    return text


def _rule_set(text: str) -> str:
    try:
        return rule_set(text).id
    except LookupError as error:
        raise ValueError(str(error.args[0])) from error


def _judged_window(text: str) -> str:
    window = parse_window(text)
    if window.report_only:
        raise ValueError(f"{text!r} may be shown but not judged; write last-n-days:7 or whole-phase")
    return text


def _stamp_form(text: str) -> DateForm:
    form = date_form(text)
    if not form.has_time:
        raise ValueError(f"{text!r} names no time of day; add hh:mm:ss")
    return form
