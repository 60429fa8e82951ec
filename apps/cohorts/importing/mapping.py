"""The mapping of an outcome table: which column holds what, and what each name in it stands for."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from apps.diary.importing.mapping import DecimalMark, Delimiter
from sctrial.strict import DocumentError, Section

ONE_ARM: Final = "all"
LONGEST_NAME: Final = 120
NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,20})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Columns:
    """Titles. ``arm`` and ``keep`` are None in a file of one arm, or of patients alone."""

    subject: str
    time: str
    value: str
    arm: str | None
    keep: str | None
    ignore: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        titles = (self.subject, self.time, self.value, self.arm, self.keep)
        return tuple(title for title in titles if title)


@dataclass(frozen=True, slots=True)
class Times:
    """Names of the visits, as they stand in the column ``time``."""

    before: frozenset[str]
    after: frozenset[str]
    ignore: frozenset[str]


@dataclass(frozen=True, slots=True)
class CohortMapping:
    """``skip`` and ``arms`` go by the cells of ``columns.keep`` and ``columns.arm``."""

    text: str
    name: str
    source: str
    licence: str
    outcome: str
    low: Decimal
    high: Decimal
    missing: frozenset[str]
    delimiter: Delimiter
    decimal_mark: DecimalMark
    columns: Columns
    times: Times
    arms: Mapping[str, str]
    keep: frozenset[str]
    skip: Mapping[str, str]


def read_cohort_mapping(text: str, *, origin: str) -> CohortMapping:
    """The mapping in ``text``; raises DocumentError that names ``origin``, the key and the remedy."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"{origin}: not TOML: {error}") from error
    tables = {key: document.pop(key, {}) for key in ("arms", "skip")}
    top = Section({"file": {}} | document, origin=origin)
    file, times = top.section("file"), top.section("times")
    columns = _columns(top.section("columns"))
    mapping = CohortMapping(
        text=text,
        name=top.parsed("name", _short),
        source=top.parsed("source", _short),
        licence=top.parsed("licence", _short),
        outcome=top.parsed("outcome", _short),
        low=top.parsed("low", read_number),
        high=top.parsed("high", read_number),
        # An empty cell is always a missing one.
        missing=frozenset({"", *top.texts("missing")}),
        delimiter=file.choice("delimiter", of=Delimiter, default=Delimiter.COMMA),
        decimal_mark=file.choice("decimal_mark", of=DecimalMark, default=DecimalMark.POINT),
        columns=columns,
        times=Times(*(frozenset(times.texts(key)) for key in ("before", "after", "ignore"))),
        arms=_texts(top, "arms", tables["arms"]),
        keep=frozenset(top.texts("keep")),
        skip=_texts(top, "skip", tables["skip"]),
    )
    for section in (file, times, top):
        section.close()
    _check_together(mapping, top)
    return mapping


def _columns(section: Section) -> Columns:
    columns = Columns(
        subject=section.text("subject"),
        time=section.text("time"),
        value=section.text("value"),
        arm=section.optional_text("arm"),
        keep=section.optional_text("keep"),
        ignore=section.texts("ignore"),
    )
    section.close()
    return columns


def _check_together(mapping: CohortMapping, top: Section) -> None:
    """What no single key can say."""
    times, columns = mapping.times, mapping.columns
    twice = (times.before & times.after) | ((times.before | times.after) & times.ignore)
    faults = {
        "times.before": not times.before and "name the visit before treatment, as it stands in the file",
        "times.after": not times.after and "name the visit after treatment, as it stands in the file",
        "times": bool(twice) and f"{min(twice, default='')!r} stands there twice; leave it in one list",
        "low": mapping.low >= mapping.high and "must be lower than high: the ends of the scale",
        "arms": bool(mapping.arms) != bool(columns.arm) and "is needed when, and only when, columns.arm is",
        "keep": bool(mapping.keep) != bool(columns.keep) and "is needed when, and only when, columns.keep is",
    }
    for key, fault in faults.items():
        if fault:
            raise top.error(key, fault)


def _texts(top: Section, key: str, table: Any) -> dict[str, str]:
    if not isinstance(table, dict):
        raise top.error(key, "must be a table")
    for name, text in table.items():
        if not isinstance(text, str) or not text.strip():
            raise top.error(f"{key}.{name}", "must be text, not empty")
    return table


def _short(text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise ValueError(f"must have at most {LONGEST_NAME} characters")
    return text


def read_number(text: str) -> Decimal:
    """A decimal number in ASCII digits; raises ValueError with the remedy."""
    if not NUMBER.fullmatch(text) or text == "-0":
        raise ValueError(f"{text[:40]!r} is not a number: write it in digits, such as 7 or 2.5")
    return Decimal(text)
