"""The tidy diary file: one score a row, six columns in any order, every fault named by line and column."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Final, TypeVar

from sctrial.evidence import Entry
from sctrial.phases import DiaryPhase
from sctrial.scales import Scale, ScoreKind, parse_score
from sctrial.strict import parse_day

COLUMNS: Final = ("patient", "date", "phase", "region", "kind", "value")

Word = TypeVar("Word")

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_NEEDED: Final = f"the columns are {', '.join(COLUMNS)}, in any order, separated by commas"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: the line as an editor counts it, the column's name (None: the whole line), the remedy."""

    line: int
    column: str | None
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.column is None else f"line {self.line}, column {self.column}"
        return f"{place}: {self.message}"


class TidyError(ValueError):
    """A file with faults; all of them, in order of line, are in ``problems``."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def read_tidy(data: bytes, *, scale: Scale) -> dict[str, tuple[Entry, ...]]:
    """Entries of each patient in the order of the file; values in points of ``scale``, exact.

    Accepts UTF-8 with or without byte order mark, any line ending, quoted cells, empty lines. Text cells
    are text: a patient may be called 007, NA or null. Raises TidyError with every fault of the file.
    """
    rows = _rows(_decode(data))
    header_line, header = next(rows, (1, []))
    if not header:
        raise TidyError([Problem(1, None, f"the file is empty; {_NEEDED}")])
    _require_header(header, line=header_line)
    found, problems = _entries(rows, header, readers=_readers(scale))
    if problems:
        raise TidyError(problems)
    if not found:
        raise TidyError([Problem(header_line, None, "there is no row under the header; add one row a score")])
    return {patient: tuple(entries) for patient, entries in found.items()}


def _decode(data: bytes) -> str:
    if (at := data.find(b"\0")) >= 0:
        raise TidyError([Problem(_line_at(data, at), None, "has a NUL byte; save the file as 'CSV UTF-8'")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(data, error.start)
        raise TidyError([Problem(line, None, "is not UTF-8; save the file as 'CSV UTF-8'")]) from error


def _line_at(data: bytes, position: int) -> int:
    return 1 + sum(1 for _ in _LINE_END.finditer(data, 0, position))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            # A quoted cell may span lines: the next row starts after the last line this one used.
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"cannot be read as CSV ({error}); check the quotes from here on"
        raise TidyError([Problem(line, None, message)]) from error


def _require_header(header: list[str], *, line: int) -> None:
    problems = [
        Problem(line, name, "is given twice; keep one of the two")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    problems += [
        Problem(line, name or "''", f"is not known; remove or rename it: {_NEEDED}")
        for name in dict.fromkeys(header)
        if name not in COLUMNS
    ]
    problems += [Problem(line, name, f"is missing; {_NEEDED}") for name in COLUMNS if name not in header]
    if problems:
        raise TidyError(problems)


_Readers = dict[str, Callable[[str], Any]]


def _readers(scale: Scale) -> _Readers:
    def value(text: str) -> Fraction:
        return parse_score(text, scale=scale)

    # A diary repeats the same few days, words and scores; each spelling is read once.
    readers: _Readers = {
        "patient": _text,
        "date": parse_day,
        "phase": _phase,
        "region": _text,
        "kind": _kind,
        "value": value,
    }
    return {name: cache(reader) for name, reader in readers.items()}


def _text(cell: str) -> str:
    if not cell.strip():
        raise ValueError("is empty; fill it in, or leave the whole row out")
    if cell != cell.strip() or not cell.isprintable():
        raise ValueError(f"{cell!r} has blanks at an end or unprintable characters; remove them")
    return cell


def _phase(cell: str) -> DiaryPhase:
    return _word(cell, {phase.value: phase for phase in DiaryPhase})


def _kind(cell: str) -> ScoreKind:
    return _word(cell, {kind.value: kind for kind in ScoreKind})


def _word(cell: str, known: dict[str, Word]) -> Word:
    if cell not in known:
        raise ValueError(f"{cell!r} is not known; write one of: {', '.join(known)}")
    return known[cell]


def _entries(
    rows: Iterator[tuple[int, list[str]]], header: list[str], *, readers: _Readers
) -> tuple[dict[str, list[Entry]], list[Problem]]:
    found: dict[str, list[Entry]] = {}
    problems: list[Problem] = []
    in_order = [(name, readers[name], header.index(name)) for name in COLUMNS]
    try:
        for line, row in rows:
            if len(row) != len(header):
                message = f"has {len(row)} cells, the header has {len(header)}; check commas and quotes"
                problems.append(Problem(line, None, message))
                continue
            try:
                patient, day, phase, region, kind, value = [read(row[at]) for _, read, at in in_order]
            except ValueError:
                problems += _faults(line, row, in_order)
                continue
            found.setdefault(patient, []).append(Entry(day, phase, region, kind, value))
    except TidyError as unreadable:
        problems += unreadable.problems
    return found, problems


def _faults(
    line: int, row: list[str], in_order: list[tuple[str, Callable[[str], Any], int]]
) -> list[Problem]:
    # Only a bad row pays for reading its cells one by one, so that all its faults are named at once.
    faults = []
    for name, read, at in in_order:
        try:
            read(row[at])
        except ValueError as error:
            faults.append(Problem(line, name, str(error)))
    return faults
