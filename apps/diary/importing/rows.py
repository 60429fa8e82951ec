"""Each row of the file becomes an entry, a skipped row with its reason, or a wrong row with its faults."""

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from apps.diary.importing.dates import DateForm, Stamp, read_part
from apps.diary.importing.mapping import Duplicates, ImportMapping
from apps.diary.importing.reading import (
    FileRefused,
    Progress,
    Record,
    check_columns,
    read_header,
    read_records,
    unheard,
)
from apps.diary.importing.report import Complaint
from sctrial.scales import parse_score
from sctrial.seal import canonical_json

# 128 bits tell a million rows apart; the other half of the digest would only fill the memory.
KEY_BYTES: Final = 16
BLANK_LINE: Final = "blank line"
KNOWN_BEFORE: Final = "imported before, from another file"
_SHOWN: Final = 40
_OTHER_MARK: Final = {",": ".", ".": ","}
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Taken:
    line: int
    name: str
    region: str
    units: int
    day: date
    stamp: Stamp | None
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Skipped:
    line: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wrong:
    line: int
    complaints: tuple[Complaint, ...]


Row = Taken | Skipped | Wrong


@dataclass(frozen=True, slots=True)
class Days:
    """The days that an entry may be for."""

    first: date | None
    last: date
    because: str

    def check(self, day: date) -> date:
        if self.first is not None and day < self.first:
            raise ValueError(f"{day} is before the diary, which begins on {self.first}: correct the date")
        if day > self.last:
            raise ValueError(f"{day} is after {self.last}, {self.because}: correct the date")
        return day


def read_rows(
    path: Path,
    *,
    mapping: ImportMapping,
    patient: str,
    days: Days,
    known: Collection[bytes],
    progress: Progress,
) -> Iterator[Row]:
    """Judge every row below the header. ``known``: digests of rows that the record holds already."""
    records = read_records(path, delimiter=mapping.delimiter, progress=progress)
    titles = read_header(records, name=path.name)
    columns = mapping.columns
    check_columns(titles, used=columns.used, ignored=columns.ignore, name=path.name)
    reader = _RowReader(mapping, titles=titles, patient=patient, days=days, known=known)
    empty = True
    for record in records:
        empty = False
        yield reader.read(record)
    if empty:
        raise FileRefused(f"{path.name} has column titles and no rows")


def read_patient(path: Path, *, mapping: ImportMapping) -> str:
    """The pseudonym that the first row names."""
    column = mapping.columns.patient
    if column is None:
        return mapping.patient or ""
    records = read_records(path, delimiter=mapping.delimiter, progress=unheard)
    titles = read_header(records, name=path.name)
    check_columns(titles, used=mapping.columns.used, ignored=mapping.columns.ignore, name=path.name)
    place = titles.index(column)
    rows = (record.cells for record in records if len(record.cells) == len(titles))
    return next(rows, [""] * len(titles))[place]


@dataclass
class _RowReader:
    mapping: ImportMapping
    titles: tuple[str, ...]
    patient: str
    days: Days
    known: Collection[bytes]
    seen: dict[bytes, int] = field(default_factory=dict)

    def read(self, record: Record) -> Row:
        if not any(cell.strip() for cell in record.cells):
            return Skipped(record.line, "", BLANK_LINE)
        if len(record.cells) != len(self.titles):
            return _wrong(record, self._miscounted(len(record.cells)))
        pairs = self._pairs(record)
        broken = [Complaint(title, fault) for title, cell in pairs if (fault := _unreadable(cell))]
        return _wrong(record, *broken) if broken else self._sort(record, dict(self._pairs(record)))

    def _pairs(self, record: Record) -> Iterator[tuple[str, str]]:
        return zip(self.titles, record.cells, strict=True)

    def _miscounted(self, count: int) -> Complaint:
        return Complaint(
            "",
            f"has {count} cells where the header has {len(self.titles)}: "
            "look for a missing or unquoted delimiter",
        )

    def _sort(self, record: Record, cells: dict[str, str]) -> Row:
        name = cells[self.mapping.columns.name] if self.mapping.columns.name else ""
        if name in self.mapping.skip and self.mapping.columns.name:
            return Skipped(record.line, name, self.mapping.skip[name])
        taken = self._judge(record, cells, name=name)
        return self._without_doubles(taken) if isinstance(taken, Taken) else taken

    def _judge(self, record: Record, cells: dict[str, str], *, name: str) -> Taken | Wrong:
        faults: list[Complaint] = []
        self._check_patient(cells, faults)
        region = self._region(name, faults)
        columns = self.mapping.columns
        units = _tried(self._units, cells[columns.score], column=columns.score, faults=faults)
        day = self._day(cells, faults)
        stamp = self._stamp(cells, faults)
        if faults or region is None or units is None or day is None:
            return Wrong(record.line, tuple(faults))
        sha256 = hashlib.sha256(canonical_json(cells)).hexdigest()
        return Taken(record.line, name, region, units, day, stamp, sha256)

    def _without_doubles(self, row: Taken) -> Row:
        key = bytes.fromhex(row.body_sha256)[:KEY_BYTES]
        if key in self.known:
            return Skipped(row.line, row.name, KNOWN_BEFORE)
        if self.mapping.duplicates is Duplicates.KEEP:
            return row
        first = self.seen.setdefault(key, row.line)
        if first == row.line:
            return row
        return Skipped(row.line, row.name, f"the same in every cell as line {first}")

    def _check_patient(self, cells: dict[str, str], faults: list[Complaint]) -> None:
        column = self.mapping.columns.patient
        if column and cells[column] != self.patient:
            detail = f"{_show(cells[column])} is not {_show(self.patient)} of the first row: one file each"
            faults.append(Complaint(column, detail))

    def _region(self, name: str, faults: list[Complaint]) -> str | None:
        if self.mapping.region is not None:
            return self.mapping.region
        region = self.mapping.regions.get(name)
        if region is None:
            detail = f"{_show(name)} is not mapped: add it to [regions], or to [skip] with the reason"
            faults.append(Complaint(self.mapping.columns.name or "", detail))
        return region

    def _units(self, cell: str) -> int:
        mark = self.mapping.decimal_mark
        if _OTHER_MARK[mark] in cell:
            raise ValueError(f"{_show(cell)} has another decimal mark than {mark!r}: see file.decimal_mark")
        scale = self.mapping.scale
        return scale.to_units(parse_score(cell.replace(mark, "."), scale=scale))

    def _day(self, cells: dict[str, str], faults: list[Complaint]) -> date | None:
        column, form = self.mapping.columns.date, self.mapping.columns.date_form
        if column is None or form is None:
            return self._day_of_parts(cells, faults)
        read = partial(self._check_written, form)
        return _tried(read, cells[column], column=column, faults=faults)

    def _check_written(self, form: DateForm, cell: str) -> date:
        return self.days.check(form.read_day(cell))

    def _day_of_parts(self, cells: dict[str, str], faults: list[Complaint]) -> date | None:
        titles = dict(self.mapping.columns.parts)
        parts = {
            part: _tried(partial(read_part, part=part), cells[title], column=title, faults=faults)
            for part, title in titles.items()
        }
        year, month, day = parts["year"], parts["month"], parts["day"]
        if year is None or month is None or day is None:
            return None
        check = partial(self._check_parts, year, month, day)
        return _tried(check, "", column=", ".join(titles.values()), faults=faults)

    def _check_parts(self, year: int, month: int, day: int, _cell: str) -> date:
        return self.days.check(_calendar(year, month, day))

    def _stamp(self, cells: dict[str, str], faults: list[Complaint]) -> Stamp | None:
        column, form = self.mapping.columns.stamp, self.mapping.columns.stamp_form
        if column is None or form is None:
            return None
        read = partial(form.read_stamp, zone=self.mapping.zone)
        return _tried(read, cells[column], column=column, faults=faults)


def _calendar(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"{year:04}-{month:02}-{day:02} is no day of the calendar: correct it") from error


def _tried(read: Callable[[str], Value], cell: str, *, column: str, faults: list[Complaint]) -> Value | None:
    try:
        return read(cell)
    except ValueError as error:
        faults.append(Complaint(column, str(error)))
        return None


def _unreadable(cell: str) -> str:
    if "\x00" in cell:
        return "holds a NUL character: remove it"
    if not cell.isascii() and any("\udc80" <= letter <= "\udcff" for letter in cell):
        return "holds bytes that are not UTF-8: save the file as UTF-8"
    return ""


def _wrong(record: Record, *complaints: Complaint) -> Wrong:
    return Wrong(record.line, complaints)


def _show(cell: str) -> str:
    return repr(cell if len(cell) <= _SHOWN else cell[:_SHOWN] + "...")
