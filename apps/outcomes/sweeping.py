"""The answers of everybody, read by one pass over their table and laid by in files, a file a block.

Answers arrive in no order, so the answers of a block lie on all pages of the table, and to read a hundred
blocks one after the other is to fetch the table a hundred times. Here each page is fetched once, and its
answers are dealt out. What the files hold is of one moment: with each trial stands the version of its
evidence at that moment, and who finds a later one reads the answers of that trial anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pandas as pd
import psycopg
from django.db import connection

from apps.outcomes.packing import ASIDE, PACKED, Told
from apps.reading import one_reading
from sctrial.columns import Ints
from sctrial.totals import Flags

#: Pages of 8 kB: some 600,000 answers, which are 10 MB.
PAGES: Final = 16_000
REPLACES: Final = f"entry.supersedes_id IS NOT NULL AND entry.id NOT IN ({ASIDE})"
TRIALS: Final = """
SELECT coalesce(string_agg(uuid_send(id) || int8send(evidence_version), ''::bytea ORDER BY id), ''::bytea)
FROM trials_stimulationtrial
"""
SIZE: Final = """
SELECT pg_relation_size('diary_diaryentry') / current_setting('block_size')::bigint
"""
# Ids are random, so the first half of one is as good as the whole: whether it is, is looked at.
ROW: Final = f"substring(uuid_send(entry.trial_id) FROM 1 FOR 8) || {PACKED}"
# One that was struck out does not count, and what it replaced does not either.
ANSWERS: Final = f"""
SELECT coalesce(string_agg({ROW}, ''::bytea) FILTER (WHERE NOT entry.is_void AND {{among}}), ''::bytea),
       array_agg(entry.trial_id) FILTER (WHERE {REPLACES}),
       array_agg(entry.supersedes_id) FILTER (WHERE {REPLACES})
FROM diary_diaryentry entry
WHERE entry.ctid >= %(first)s::tid AND entry.ctid < %(end)s::tid
"""  # noqa: S608
GONE: Final = f"""
SELECT coalesce(string_agg({ROW} || uuid_send(entry.id), ''::bytea), ''::bytea)
FROM {{of}} JOIN diary_diaryentry entry ON {{on}}
WHERE NOT entry.is_void AND {{among}}
"""  # noqa: S608
REPLACED: Final = {
    "of": "unnest(%(trials)s::uuid[], %(replaced)s::uuid[]) AS newer(trial_id, replaced_id)",
    "on": "entry.id = newer.replaced_id AND entry.trial_id = newer.trial_id",
}
SET_ASIDE: Final = {"of": f"({ASIDE}) AS aside", "on": "entry.id = aside.id"}
#: No trial has this version.
NOTHING: Final = -1
KNOWN: Final = np.dtype([("head", ">u8"), ("tail", ">u8"), ("version", ">i8")])
ANSWER: Final = np.dtype([("head", ">u8"), ("packed", ">i8")])
ONE_GONE: Final = np.dtype([*ANSWER.descr, ("id", "V16")])
Rows = npt.NDArray[np.void]


@dataclass(frozen=True)
class LaidBy:
    """A block of trials as they were at the moment of the sweep, by id, with their answers in files."""

    known: Rows
    answers: Path
    gone: Path
    is_told: bool

    @cached_property
    def ids(self) -> list[UUID]:
        raw = self.known.tobytes()
        return [UUID(bytes=raw[at : at + 16]) for at in range(0, len(raw), KNOWN.itemsize)]

    def versions(self) -> list[int]:
        """Of each trial the version of its evidence that the answers belong to; NOTHING where none are."""
        found: list[int] = self.known["version"].tolist()
        return found if self.is_told else [NOTHING] * len(found)

    def read(self) -> tuple[Ints, Ints, Flags]:
        """Of each answer the place of its trial in ``ids``, its packed number, and whether it stands."""
        rows = _rows(self.answers, ANSWER)
        heads, of = (pd.Index(each["head"].astype(np.uint64)) for each in (self.known, rows))
        stands = _stand(rows, gone=_rows(self.gone, ONE_GONE))
        return heads.get_indexer(of), rows["packed"].astype(np.int64), stands


@contextmanager
def sweep(what: Told, *, size: int, pages: int = PAGES) -> Iterator[list[LaidBy]]:
    """Every trial with its answers, so many trials a block; the files go at the end.

    ``pages`` of the table are read by one statement.
    """
    with TemporaryDirectory(prefix="sctrial-sweep-") as folder:
        with one_reading():
            blocks = _blocks(Path(folder), size=size)
            if blocks and blocks[0].is_told:
                _lay_by(blocks, what, pages=pages)
        yield blocks


def _blocks(folder: Path, *, size: int) -> list[LaidBy]:
    (raw,) = _row(TRIALS, {})
    known = np.frombuffer(raw, KNOWN)
    is_told = len(np.unique(known["head"])) == len(known)
    return [
        LaidBy(known[at : at + size], folder / f"{at}.answers", folder / f"{at}.gone", is_told)
        for at in range(0, len(known), size)
    ]


def _lay_by(blocks: Sequence[LaidBy], what: Told, *, pages: int) -> None:
    told, sent, among = what
    first = np.array([block.known["head"][0] for block in blocks], np.uint64)
    all_gone = [block.gone for block in blocks]
    (all_pages,) = _row(SIZE, {})
    for page in range(0, all_pages, pages):
        ends = {"first": f"({page},0)", "end": f"({page + pages},0)"}
        answers, trials, replaced = _row(ANSWERS.format(told=told, among=among), {**sent, **ends})
        _deal(np.frombuffer(answers, ANSWER), first, [block.answers for block in blocks])
        if replaced:
            these = {"trials": trials, "replaced": replaced}
            (gone,) = _row(GONE.format(told=told, among=among, **REPLACED), {**sent, **these})
            _deal(np.frombuffer(gone, ONE_GONE), first, all_gone)
    (gone,) = _row(GONE.format(told=told, among=among, **SET_ASIDE), sent)
    _deal(np.frombuffer(gone, ONE_GONE), first, all_gone)


def _row(statement: str, sent: Mapping[str, Any]) -> tuple[Any, ...]:
    """One row as it stands on the wire: bytes would be written out as text, at twice the length."""
    with psycopg.Cursor[tuple[Any, ...]](connection.connection) as cursor:
        row = cursor.execute(statement, sent, binary=True).fetchone()
    assert row
    return row


def _deal(rows: Rows, first: npt.NDArray[np.uint64], paths: Sequence[Path]) -> None:
    """Each of ``rows`` to the end of the file of its block; blocks begin at the heads ``first``."""
    # So few bits are sorted by counting.
    block = (np.searchsorted(first, rows["head"].astype(np.uint64), side="right") - 1).astype(np.uint16)
    dealt = rows[np.argsort(block, kind="stable")]
    ends = np.cumsum(np.bincount(block, minlength=len(paths))).tolist()
    for path, begin, end in zip(paths, [0, *ends], ends, strict=False):
        if begin < end:
            with path.open("ab") as file:
                file.write(dealt[begin:end].tobytes())


def _rows(path: Path, dtype: np.dtype[np.void]) -> Rows:
    return np.fromfile(path, dtype) if path.exists() else np.empty(0, dtype)


def _stand(rows: Rows, *, gone: Rows) -> Flags:
    """All of ``rows`` but one for each of ``gone``: alike to the bit, it makes no difference which."""
    stand = np.ones(len(rows), np.bool_)
    if len(gone):
        # Two may have replaced the same one.
        less = _numbered(gone[np.unique(gone["id"], return_index=True)[1]])
        touched = np.flatnonzero(np.isin(rows["head"], gone["head"], kind="sort"))
        found = _numbered(rows[touched]).merge(less, how="left", indicator="is_gone")
        stand[touched] = found["is_gone"].ne("both").to_numpy()
    return stand


def _numbered(rows: Rows) -> pd.DataFrame:
    """Head and packed number, and which it is of those alike, from 0."""
    alike = pd.DataFrame({"head": rows["head"].astype(np.uint64), "packed": rows["packed"].astype(np.int64)})
    return alike.assign(nth=alike.groupby(list(alike), sort=False).cumcount())
