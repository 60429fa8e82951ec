"""Lines and cells of a delimited file, as text, with nothing guessed and nothing unbounded.

What makes the file as a whole unreadable raises FileRefused; what is wrong with one row is left to
``rows``, so that all wrong rows can be named at once.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

# Longer than any row of a diary; a file without line ends must not fill the memory.
LONGEST_LINE: Final = 100_000
_HEAD: Final = 4096
_BLOCK: Final = 1 << 20
_NAMED_TITLES: Final = 5

#: Hears how many more characters were read.
Progress = Callable[[int], object]


def unheard(_read: int) -> None:
    """Nobody watches."""


class FileRefused(ValueError):
    """A file that cannot be read as what it should be; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file; ``line`` is where it begins, the header being on line 1."""

    line: int
    cells: list[str]


_NOT_A_TABLE: Final[tuple[tuple[tuple[bytes, ...], str], ...]] = (
    ((b"\xff\xfe", b"\xfe\xff"), "is UTF-16 text: save it as UTF-8 (in Excel: CSV UTF-8)"),
    ((b"PK\x03\x04", b"PK\x05\x06"), "is a workbook or an archive, not text: save the sheet as CSV UTF-8"),
    ((b"\xd0\xcf\x11\xe0",), "is an old Excel workbook, not text: save the sheet as CSV UTF-8"),
    ((b"%PDF",), "is a PDF: ask for the table behind it"),
    ((b"\x1f\x8b",), "is compressed: unpack it first"),
    ((b"<",), "is HTML or XML: download the table itself, not the page around it"),
)


def check_is_text_table(path: Path) -> None:
    """Tell by its first bytes what a file certainly is not."""
    with _opened(path) as file:
        head = file.buffer.read(_HEAD)
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise FileRefused(f"{path.name} is empty")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginnings, remedy in _NOT_A_TABLE:
        if start.startswith(beginnings):
            raise FileRefused(f"{path.name} {remedy}")
    # UTF-16 without its mark: every other byte of plain text is NUL. A stray NUL is a wrong row, not this.
    if head.count(0) * 4 > len(head):
        raise FileRefused(f"{path.name} {_NOT_A_TABLE[0][1]}")


def file_sha256(path: Path) -> str:
    sha256 = hashlib.sha256()
    with _opened(path) as file:
        while block := file.buffer.read(_BLOCK):
            sha256.update(block)
    return sha256.hexdigest()


def read_records(path: Path, *, delimiter: str, progress: Progress) -> Iterator[Record]:
    """Every row, the header first. LF, CRLF and bare CR end a line; blank lines come as no cells."""
    with _opened(path) as file:
        lines = _lines(file, name=path.name, progress=progress)
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        begins = 1
        while True:
            try:
                cells = next(rows, None)
            except csv.Error as error:
                raise FileRefused(
                    f"{path.name}: line {begins}: {error}: look for a quotation mark left open or not doubled"
                ) from error
            if cells is None:
                return
            yield Record(begins, cells)
            begins = rows.line_num + 1


def read_header(records: Iterator[Record], *, name: str) -> tuple[str, ...]:
    """The column titles without blanks at their ends, each one once."""
    first = next(records, Record(1, []))
    titles = tuple(cell.strip() for cell in first.cells)
    double = sorted({title for title in titles if titles.count(title) > 1}) if len(titles) < _HEAD else []
    if not any(titles):
        raise FileRefused(f"{name}: line 1: the column titles are missing")
    if double:
        raise FileRefused(f"{name}: line 1: column {double[0]!r} stands there twice: rename one")
    return titles


def check_columns(
    titles: tuple[str, ...], *, used: tuple[str, ...], ignored: tuple[str, ...], name: str
) -> None:
    """All columns that the mapping uses are there, and it says what becomes of all others."""
    missing = [title for title in used if title not in titles]
    if missing:
        raise FileRefused(
            f"{name}: line 1: no column {_listed(missing)}; there are: {_listed(list(titles))}. "
            "Correct [columns] in the mapping, or its file.delimiter"
        )
    known = {*used, *ignored}
    unknown = [title for title in titles if title not in known]
    if unknown:
        raise FileRefused(
            f"{name}: line 1: the mapping does not say what becomes of column {_listed(unknown)}: "
            "map it, or add it to columns.ignore"
        )


def _listed(titles: list[str]) -> str:
    shown = ", ".join(repr(title[:40]) for title in titles[:_NAMED_TITLES])
    return shown if len(titles) <= _NAMED_TITLES else f"{shown} and {len(titles) - _NAMED_TITLES} more"


def _lines(file: TextIO, *, name: str, progress: Progress) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            raise FileRefused(
                f"{name}: line {number} is longer than {LONGEST_LINE} characters: this is not a diary, "
                "or its line ends are lost"
            )
        progress(len(line))
        yield line


@contextmanager
def _opened(path: Path) -> "Iterator[TextIO]":
    try:
        # Bytes that are not UTF-8 become lone surrogates, so that ``rows`` can name line and column.
        file = path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as error:
        raise FileRefused(f"{path}: {error.strerror}") from error
    with file:
        yield file
