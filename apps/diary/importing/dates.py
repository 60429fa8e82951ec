"""Dates in the form that the mapping declares, and in no other: 03/04/2026 is never guessed at."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_TOKENS: Final[dict[str, str]] = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{2})",
    "DD": r"(?P<day>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "D": r"(?P<day>[0-9]{1,2})",
    "hh": r"(?P<hour>[0-9]{2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "ss": r"(?P<second>[0-9]{2})",
    "ZZ": r"(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})",
}
_SPLIT: Final = re.compile("(" + "|".join(_TOKENS) + ")")
_CALENDAR: Final = frozenset({"year", "month", "day"})
_HELP: Final = "write it with YYYY, MM or M, DD or D, hh, mm, ss, ZZ (offset), such as DD.MM.YYYY"
_PARTS: Final[dict[str, re.Pattern[str]]] = {
    "day": re.compile(r"[0-9]{1,2}", re.ASCII),
    "month": re.compile(r"[0-9]{1,2}", re.ASCII),
    "year": re.compile(r"[0-9]{4}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an answer was written down, if the file says so and its zone is declared."""

    instant: datetime
    utc_offset_minutes: int


@dataclass(frozen=True, slots=True)
class DateForm:
    """A declared form such as DD.MM.YYYY or YYYY-MM-DD hh:mm:ss."""

    text: str
    pattern: re.Pattern[str]

    @property
    def has_time(self) -> bool:
        return "hour" in self.pattern.groupindex

    @property
    def has_offset(self) -> bool:
        return "offset" in self.pattern.groupindex

    def read_day(self, cell: str) -> date:
        return self._read(cell).date()

    def read_stamp(self, cell: str, *, zone: str) -> Stamp:
        """The instant in ``cell``. A local time that ``zone`` skips or has twice is refused."""
        local = self._read(cell)
        offset = self._offset(cell) if self.has_offset else _only_offset(local, zone=zone)
        try:
            instant = (local - offset).replace(tzinfo=UTC)
        except OverflowError as error:
            raise ValueError(f"{cell[:40]!r} is before all calendars: correct the year") from error
        return Stamp(instant, int(offset.total_seconds() // 60))

    def _read(self, cell: str) -> datetime:
        found = self.pattern.fullmatch(cell)
        if found is None:
            raise ValueError(f"{cell[:40]!r} is not written as {self.text}: correct the cell, or the form")
        parts = {name: int(text) for name, text in found.groupdict().items() if name != "offset"}
        try:
            return datetime(**parts)  # type: ignore[arg-type]  # noqa: DTZ001 — its zone comes later
        except ValueError as error:
            remedy = "is not in the calendar: correct the cell, or the form"
            raise ValueError(f"{cell[:40]!r} {remedy}") from error

    def _offset(self, cell: str) -> timedelta:
        found = self.pattern.fullmatch(cell)
        text = found["offset"] if found else "Z"
        return datetime.fromisoformat(f"2000-01-01T00:00:00{text}").utcoffset() or timedelta()


def date_form(text: str) -> DateForm:
    """The form written in ``text``; raises ValueError with the remedy."""
    pieces = _SPLIT.split(text)
    # split() with one group alternates: what stands between the tokens, then a token.
    if any(re.search(r"[A-Za-z0-9]", between) for between in pieces[::2]):
        raise ValueError(f"{text!r} is not a form of a date: {_HELP}")
    written = "".join(_TOKENS.get(piece) or re.escape(piece) for piece in pieces)
    try:
        pattern = re.compile(written, re.ASCII)
    except re.error as error:
        raise ValueError(f"{text!r} names one part twice: {_HELP}") from error
    if not pattern.groupindex.keys() >= _CALENDAR:
        raise ValueError(f"{text!r} does not name day, month and year: {_HELP}")
    return DateForm(text, pattern)


def read_part(cell: str, *, part: str) -> int:
    """``part`` is day, month or year, each in a column of its own."""
    if not _PARTS[part].fullmatch(cell):
        raise ValueError(f"{cell[:40]!r} is not a {part}: write it in digits, the year with four")
    return int(cell)


def _only_offset(local: datetime, *, zone: str) -> timedelta:
    offsets = {local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() or timedelta() for fold in (0, 1)}
    if len(offsets) > 1:
        raise ValueError(
            f"{local} is skipped or comes twice in {zone}: give a stamp with its offset (ZZ), or none"
        )
    return offsets.pop()
