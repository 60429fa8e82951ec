"""A trail as a file: who did what, each row with its place and hash in the chain of its clinic.

Whoever has the file alone can hold each row against its hash, and each hash against the one before it.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
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
#: Columns of a file, of both kinds together.
ALL: Final = (*CHAIN, *dict.fromkeys(name for names in COLUMNS.values() for name in names))
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


def json_line(row: Row) -> str:
    """One row as a line of JSON; what is not of its kind is left out."""
    names = (*CHAIN, *COLUMNS[str(row["kind"])])
    return json.dumps({name: row[name] for name in names}, ensure_ascii=False) + "\n"


def csv_cells(row: Row) -> list[str]:
    """One row as cells below ``ALL``: null is empty, and nothing begins like a formula."""
    return [_safe(row.get(name) or "") if name not in ("chain", "place") else str(row[name]) for name in ALL]


def _safe(text: str) -> str:
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


def flaws_of(rows: Iterable[Row]) -> Iterator[str]:
    """What is wrong, row by row, each named by chain, place and id. Nothing for a trail as it was written.

    A file of a part of the trail has gaps; behind one, a row is held against the ``before`` it carries.
    """
    last: dict[str, tuple[int, str]] = {}
    for row in rows:
        chain, place = str(row["chain"]), int(row["place"] or 0)
        name = f"chain {chain}, place {place}, id {row['id']}"
        before, own = str(row["before"]), str(row["hash"])
        texts = [row[column] for column in COLUMNS[str(row["kind"])]]
        if hash_of(texts, before=bytes.fromhex(before)).hex() != own:
            yield f"{name}: is not what was written"
        known_place, known_hash = last.get(chain, (0, FIRST.hex()))
        if place <= known_place:
            yield f"{name}: stands again, or out of order"
        elif place == known_place + 1 and before != known_hash:
            yield f"{name}: does not follow the row before it"
        last[chain] = place, own
