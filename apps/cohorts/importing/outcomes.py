"""From the rows of an outcome table to one line a person: before, after, arm; or what is wrong, by line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from apps.cohorts.importing.mapping import ONE_ARM, CohortMapping, read_number
from apps.cohorts.importing.redcap import Dictionary, fault_of
from apps.diary.importing.reading import FileRefused, Record
from apps.diary.importing.report import Complaint, Lines

#: As it stands in the file: 007 and NA stay what they are.
SUBJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}", re.ASCII)
OTHER_VISIT: Final = "another visit"
#: Everybody is held in memory, to tell a person who comes twice; a registry of more is imported in parts.
MOST_ROWS: Final = 200_000


@dataclass(slots=True)
class Person:
    """One line of the table; a value is None when the visit was missed or not answered."""

    subject: str
    arm: str
    line: int
    before: Decimal | None = None
    after: Decimal | None = None
    seen: set[str] = field(default_factory=set)


@dataclass
class CohortReport:
    """Every row of the file has one fate: ``rows == taken + skipped + wrong``."""

    rows: int = 0
    taken: int = 0
    skipped: dict[str, Lines] = field(default_factory=dict)
    wrong: dict[Complaint, Lines] = field(default_factory=dict)
    wrong_rows: int = 0

    def skip(self, line: int, reason: str) -> None:
        self.skipped.setdefault(reason, Lines()).add(line)

    def refuse(self, line: int, complaints: Iterable[Complaint]) -> None:
        self.wrong_rows += 1
        for complaint in complaints:
            self.wrong.setdefault(complaint, Lines()).add(line)

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": {
                "read": self.rows,
                "taken": self.taken,
                "skipped": sum(lines.count for lines in self.skipped.values()),
                "wrong": self.wrong_rows,
            },
            "skipped": [{"reason": why, "lines": lines.ranges} for why, lines in self.skipped.items()],
            "wrong": [
                {"column": one.column, "detail": one.detail, "lines": lines.ranges}
                for one, lines in self.wrong.items()
            ],
        }

    def complaints(self) -> str:
        """Every wrong row by line and column."""
        return "\n".join(
            f"line{'s' * (lines.count > 1)} {lines.text()}: "
            f"{f'column {one.column!r}' if one.column else 'row'}: {one.detail}"
            for one, lines in self.wrong.items()
        )


@dataclass
class Reader:
    """Reads rows one after the other; ``people`` by subject, in the order of the file."""

    mapping: CohortMapping
    titles: tuple[str, ...]
    dictionary: Dictionary | None = None
    report: CohortReport = field(default_factory=CohortReport)
    people: dict[str, Person] = field(default_factory=dict)

    def read(self, records: Iterable[Record]) -> None:
        for record in records:
            if record.cells:
                self.report.rows += 1
                if self.report.rows > MOST_ROWS:
                    raise FileRefused(f"more than {MOST_ROWS} rows: import the table in parts, a file each")
                self._read_row(record)

    def _read_row(self, record: Record) -> None:
        if len(record.cells) != len(self.titles):
            counts = f"{len(record.cells)} cells under {len(self.titles)} titles"
            self.report.refuse(record.line, [Complaint("", f"{counts}: look for a lost quotation mark")])
            return
        row = dict(zip(self.titles, (cell.strip() for cell in record.cells), strict=True))
        reason = self._skipped_because(row)
        if reason:
            self.report.skip(record.line, reason)
            return
        complaints = list(self._faults(row))
        if complaints:
            self.report.refuse(record.line, complaints)
            return
        self._keep(row, line=record.line)
        self.report.taken += 1

    def _skipped_because(self, row: dict[str, str]) -> str:
        mapping, columns = self.mapping, self.mapping.columns
        for column in (columns.keep, columns.arm):
            if column and row[column] in mapping.skip:
                return mapping.skip[row[column]]
        return OTHER_VISIT if row[columns.time] in mapping.times.ignore else ""

    def _faults(self, row: dict[str, str]) -> Iterator[Complaint]:
        mapping, columns = self.mapping, self.mapping.columns
        if not SUBJECT.fullmatch(row[columns.subject]):
            yield Complaint(columns.subject, _no_name(row[columns.subject]))
        times = mapping.times
        if row[columns.time] not in times.before | times.after:
            yield Complaint(columns.time, f"{row[columns.time][:40]!r} is no visit of [times]: name it there")
        if columns.keep and row[columns.keep] not in mapping.keep:
            yield Complaint(columns.keep, f"{row[columns.keep][:40]!r} stands neither in keep nor in [skip]")
        if columns.arm and row[columns.arm] not in mapping.arms:
            yield Complaint(columns.arm, f"{row[columns.arm][:40]!r} stands neither in [arms] nor in [skip]")
        fault = self._fault_of_value(row[columns.value])
        if fault:
            yield Complaint(columns.value, fault)
        known = self.people.get(row[columns.subject])
        if known is not None:
            yield from self._faults_beside(known, row)

    def _fault_of_value(self, text: str) -> str:
        if text in self.mapping.missing:
            return ""
        try:
            value = self._number(text)
        except ValueError as error:
            return str(error)
        if not self.mapping.low <= value <= self.mapping.high:
            return f"{text!r} is off the scale: {self.mapping.low} to {self.mapping.high}"
        asked = self.dictionary.fields.get(self.mapping.columns.value) if self.dictionary else None
        return fault_of(asked, text, value)

    def _number(self, text: str) -> Decimal:
        mark = self.mapping.decimal_mark.value
        other = "," if mark == "." else "."
        if other in text:
            raise ValueError(f"{text[:40]!r} is no number with the decimal mark {mark!r}: correct it")
        return read_number(text.replace(mark, "."))

    def _faults_beside(self, known: Person, row: dict[str, str]) -> Iterator[Complaint]:
        columns = self.mapping.columns
        if known.arm != self._arm(row):
            detail = f"{known.subject!r} was in another arm on line {known.line}: correct one of the two"
            yield Complaint(columns.arm or "", detail)
        if self._visit(row) in known.seen:
            detail = f"{known.subject!r} has this visit on line {known.line} already: keep one of the two"
            yield Complaint(columns.subject, detail)

    def _keep(self, row: dict[str, str], *, line: int) -> None:
        subject, visit = row[self.mapping.columns.subject], self._visit(row)
        person = self.people.setdefault(subject, Person(subject, self._arm(row), line))
        text = row[self.mapping.columns.value]
        setattr(person, visit, None if text in self.mapping.missing else self._number(text))
        person.seen.add(visit)

    def _visit(self, row: dict[str, str]) -> str:
        return "before" if row[self.mapping.columns.time] in self.mapping.times.before else "after"

    def _arm(self, row: dict[str, str]) -> str:
        column = self.mapping.columns.arm
        return self.mapping.arms.get(row[column], "") if column else ONE_ARM


def _no_name(text: str) -> str:
    return f"{text[:40]!r} names nobody: use letters, digits, blank, point, _ and -, 40 at most"
