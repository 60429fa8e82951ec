"""A trail as a file: who did what, each row with its place and hash in the chain of its clinic.

Whoever has the file alone can hold each row against its hash, and each hash against the one before it.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import IO, Final

FIRST: Final = bytes(32)
CHAIN: Final = ("kind", "chain", "place", "before", "hash")
EVENT, CHANGE = "event", "change"
#: What is hashed of each kind, in this order.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    EVENT: (
        *("id", "at", "actor", "clinic_id", "action"),
        *("object_type", "object_id", "reason", "request_id", "detail"),
    ),
    CHANGE: (
        *("id", "at", "actor", "clinic_id", "operation"),
        *("table", "row_id", "old", "new", "transaction"),
    ),
}
#: By how many seconds the time of a row lies before that of the row before it; empty where it does not.
CLOCK: Final = "clock_stepped_back"
#: Two acts of one moment are chained in the order of their commits: that is no step of a clock.
SLACK: Final = timedelta(seconds=1)
#: Columns of a file, of both kinds together.
ALL: Final = (*CHAIN, *dict.fromkeys(name for names in COLUMNS.values() for name in names), CLOCK)
#: Nothing else may be null, and none of these is ever an empty text.
NULLABLE: Final = frozenset({"clinic_id", "old", "new"})
#: What a spreadsheet takes for a formula (OWASP, CSV Injection), and the mark that stands before it.
UNSAFE: Final = ("=", "+", "-", "@", "\t", "\r", "'")
Row = Mapping[str, str | None]


class NotATrail(ValueError):
    """The message goes on after the name of the file."""


def hash_of(texts: Iterable[str | None], *, before: bytes) -> bytes:
    """The hash of a row from the texts of its columns and the hash before it: SHA-256 (FIPS 180-4, 2015).

    Each text stands with its length in bytes in front, ``-`` for null.
    """
    return sha256(before + b"".join(map(_framed, texts))).digest()


def _framed(text: str | None) -> bytes:
    if text is None:
        return b"-"
    content = text.encode()
    return b"%d:%b" % (len(content), content)


def step_back(at: datetime, *, after: datetime) -> timedelta:
    """How far ``at`` lies before the time of the row ``after`` which it comes; 0 within a second."""
    return after - at if after - at > SLACK else timedelta()


def step_text(at: str | None, *, after: str | None) -> str:
    """The same for two times as a trail writes them: seconds with three decimals, or empty.

    Empty too where one of them is no time: that the row is not as it was written is told by its hash.
    """
    try:
        step = step_back(datetime.fromisoformat(str(at)), after=datetime.fromisoformat(str(after)))
    except (TypeError, ValueError):
        return ""
    return f"{step.total_seconds():.3f}" if step else ""


def json_line(row: Row) -> str:
    """One row as a line of JSON; what is not of its kind is left out."""
    names = (*CHAIN, *COLUMNS[str(row["kind"])], CLOCK)
    return json.dumps({name: row[name] for name in names}, ensure_ascii=False) + "\n"


def csv_cells(row: Row) -> list[str]:
    """One row as cells below ``ALL``: null is empty, and nothing begins like a formula."""
    return [
        safe_cell(row.get(name) or "") if name not in ("chain", "place") else str(row[name]) for name in ALL
    ]


def safe_cell(text: str) -> str:
    """``text`` as a cell of a CSV, with an apostrophe before what a spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(UNSAFE) else text


def read_rows(file: IO[str]) -> Iterator[Row]:
    """The rows of a file, CSV or lines of JSON. Raises NotATrail, which names the line."""
    first = file.readline()
    file.seek(0)
    rows = _json_rows(file) if first.startswith("{") else _csv_rows(file)
    for number, row in enumerate(rows, start=1):
        kind = row.get("kind") or ""
        if not {*CHAIN, *COLUMNS.get(kind, ("an unknown kind",))} <= set(row):
            raise NotATrail(f"is no trail: row {number} lacks columns; give a file of export_trail")
        yield row


def _json_rows(file: IO[str]) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise NotATrail(f"is no trail: line {number} is not JSON") from error
        if not isinstance(row, dict):
            raise NotATrail(f"is no trail: line {number} is not an object")
        yield row


def _csv_rows(file: IO[str]) -> Iterator[Row]:
    table = csv.DictReader(file)
    if not set(CHAIN) <= set(table.fieldnames or ()):
        raise NotATrail("is no trail: its first line names other columns; give a file of export_trail")
    for cells in table:
        yield {name: _cell(name, text or "") for name, text in cells.items() if isinstance(name, str)}


def _cell(name: str, text: str) -> str | None:
    if not text and name in NULLABLE:
        return None
    return text.removeprefix("'") if name not in ("chain", "place") else text


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one row. A step of the clock is no flaw: the row is as it was written."""

    words: str
    is_flaw: bool = True


def flaws_of(rows: Iterable[Row]) -> Iterator[str]:
    """What is wrong, row by row, each named by chain, place and id. Nothing for a trail as it was written."""
    return (finding.words for finding in findings_of(rows) if finding.is_flaw)


def findings_of(rows: Iterable[Row]) -> Iterator[Finding]:
    """Flaws and steps of the clock, in the order of the rows.

    A file of a part of the trail has gaps; behind one, a row is held against the ``before`` it carries, and
    its step is the one it names.
    """
    last: dict[str, Row] = {}
    for row in rows:
        name = f"chain {row['chain']}, place {row['place']}, id {row['id']}"
        known = last.get(str(row["chain"]))
        for flaw in _flaws(row, known):
            yield Finding(f"{name}: {flaw}")
        step = step_text(row["at"], after=known["at"]) if known and _follows(row, known) else row.get(CLOCK)
        if step:
            yield Finding(f"{name}: its time is {step} s before that of the row before it", is_flaw=False)
        last[str(row["chain"])] = row


def _place(row: Row) -> int:
    return int(row["place"] or 0)


def _follows(row: Row, known: Row) -> bool:
    return _place(row) == _place(known) + 1


def _flaws(row: Row, known: Row | None) -> Iterator[str]:
    """``known`` is the row of the chain before it in the file."""
    before = str(row["before"])
    texts = [row[column] for column in COLUMNS[str(row["kind"])]]
    if hash_of(texts, before=bytes.fromhex(before)).hex() != str(row["hash"]):
        yield "is not what was written"
    known_place, known_hash = (_place(known), known["hash"]) if known else (0, FIRST.hex())
    if _place(row) <= known_place:
        yield "stands again, or out of order"
    elif _place(row) == known_place + 1 and before != known_hash:
        yield "does not follow the row before it"
    # Files from before there was this column lack it.
    shown = step_text(row["at"], after=known["at"]) if known and _follows(row, known) else None
    if shown is not None and CLOCK in row and (row[CLOCK] or "") != shown:
        yield "names another step of the clock than its time shows"
