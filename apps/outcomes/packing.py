"""Answers as packed numbers: a row an answer would cost more than all that is computed from it.

Who reads compares the scale: to join every answer to its trial takes as long as all the rest of a statement.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection

from apps.outcomes.querysets import array_text
from sctrial.columns import KINDS, Ints
from sctrial.scales import ScaleCode
from sctrial.totals import Flags

KIND_CODES: Final = {kind.value: code for code, kind in enumerate(KINDS)}
SCALE_CODES: Final = {scale.value: code for code, scale in enumerate(ScaleCode)}
#: Bits, from the lowest: value + HALF, kind, what else is told, scale, day. A day needs 22 of them.
KIND_AT, TOLD_AT, SCALE_AT, DAY_AT = 24, 27, 37, 40
HALF: Final = 1 << 23


def _place(column: str, names: Iterable[str], *, at: int) -> str:
    """SQL: the place of a column's value among ``names`` from 1, at its bits; another is 0.

    Shifted beforehand, for this is done for each of millions of answers.
    """
    whens = " ".join(f"WHEN {name} THEN {place << at}::bigint" for place, name in enumerate(names, 1))
    return f"(CASE {column} {whens} ELSE 0 END)" if whens else "0"


def _quoted(names: Iterable[str]) -> list[str]:
    return [f"'{name}'" for name in names]


PACKED: Final = f"""int8send(
    ((entry.diary_day - DATE '0001-01-01' + 1)::bigint << {DAY_AT})
    | {_place("entry.scale", _quoted(SCALE_CODES), at=SCALE_AT)}
    | {{told}}
    | {_place("entry.kind", _quoted(KIND_CODES), at=KIND_AT)}
    | (entry.value + {HALF})::bigint
)"""


class Told(NamedTuple):
    """What is told of an answer beside its value, and of which answers: SQL, and what is sent with it."""

    told: str
    sent: Mapping[str, Any]
    among: str = "TRUE"


def told_region(regions: Sequence[str]) -> Told:
    """The region's place in ``regions`` from 1, or 0."""
    sent = {f"region_{place}": region for place, region in enumerate(regions)}
    return Told(_place("entry.region", [f"%({name})s" for name in sent], at=TOLD_AT), sent)


def told_window(*, region: str) -> Told:
    """Of answers about one region the number of the window, from the second bit on: the first is for STANDS.

    0 is the whole day, and a number that no window has stands where it does not fit.
    """
    window = f"(least(coalesce(entry.window_no, 0), 7)::bigint << {TOLD_AT + 1})"
    return Told(window, {"region": region}, "entry.region = %(region)s")


PACKED_ENTRIES: Final = f"""
SELECT entry.trial_id, string_agg({PACKED}, ''::bytea{{order}})
FROM diary_diaryentry entry
WHERE entry.trial_id = ANY(%(trials)s::uuid[]) AND entry.trial_id BETWEEN %(first)s AND %(last)s
  AND NOT entry.is_void AND {{among}}
GROUP BY entry.trial_id
"""  # noqa: S608
# Those that nothing replaces, of those that nobody struck out: as apps.diary.selectors.standing.
ASIDE: Final = "SELECT id FROM diary_parkedanswer WHERE is_stored"
STANDS: Final = f"""
    entry.id NOT IN ({ASIDE})
    AND (entry.trial_id, entry.id) NOT IN (
        SELECT newer.trial_id, newer.supersedes_id FROM diary_diaryentry newer
        WHERE newer.supersedes_id IS NOT NULL AND newer.id NOT IN ({ASIDE})
    )
"""  # noqa: S608
STANDING: Final = f"(CASE WHEN {STANDS} THEN 1::bigint << {TOLD_AT} ELSE 0 END)"
IN_ORDER: Final = " ORDER BY entry.diary_day, entry.captured_at, entry.line, entry.id"
Packed = list[tuple[UUID, bytes]]


def packed_entries(ids: Sequence[UUID], *, regions: Sequence[str], in_order: bool) -> Packed:
    """The entries that stand as packed numbers, big-endian int8, by trial in no order, with ``told_region``.

    ``standing_entries`` are those of them on the scale of their trial.
    """
    told, sent, _ = told_region(regions)
    return _packed(ids, Told(told, sent, among=STANDS), in_order=in_order)


def packed_answers(ids: Sequence[UUID], *, region: str, in_order: bool) -> Packed:
    """Every answer about one region that nobody struck out, by trial in no order.

    Told are, from the lowest bit, whether it stands and its window.
    """
    window, sent, among = told_window(region=region)
    return _packed(ids, Told(f"({window} | {STANDING})", sent, among), in_order=in_order)


def _packed(ids: Sequence[UUID], what: Told, *, in_order: bool) -> Packed:
    if not ids:
        return []
    statement = PACKED_ENTRIES.format(told=what.told, order=IN_ORDER if in_order else "", among=what.among)
    # Without the ends the planner knows nothing of the block, and reads the whole table for each.
    ends: dict[str, Any] = {"trials": array_text(ids), "first": min(ids), "last": max(ids)}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**what.sent, **ends})
        return cursor.fetchall()


class Unpacked(NamedTuple):
    """An element an entry: the place of its trial, and what was packed beside its value."""

    trial: Ints
    day: Ints
    scale: Ints
    told: Ints
    kind: Ints
    value: Ints

    def where(self, held: Flags) -> "Unpacked":
        return self if held.all() else Unpacked(*(column[held] for column in self))


def unpack(trial: Ints, *, packed: Ints) -> Unpacked:
    """Scale and kind as in SCALE_CODES and KIND_CODES, another scale is -1; the order stays."""
    return Unpacked(
        trial=trial,
        day=packed >> DAY_AT,
        scale=_bits(packed, SCALE_AT, DAY_AT) - 1,
        told=_bits(packed, TOLD_AT, SCALE_AT),
        kind=_bits(packed, KIND_AT, TOLD_AT) - 1,
        value=_bits(packed, 0, KIND_AT) - HALF,
    )


def numbers_of(rows: Packed, *, place: Mapping[UUID, int]) -> tuple[Ints, Ints]:
    """The place of its trial and the packed number of each answer, in the order of ``rows``."""
    counts = np.array([len(packed) // 8 for _, packed in rows], np.int64)
    trial = np.repeat(np.array([place[trial] for trial, _ in rows], np.int64), counts)
    return trial, np.frombuffer(b"".join(packed for _, packed in rows), dtype=">i8").astype(np.int64)


def by_trial(trial: Ints, packed: Ints) -> Unpacked:
    """The answers of each trial together, in the order in which they came."""
    # So few bits are sorted by counting.
    narrow = trial.astype(np.uint16) if len(trial) and trial.max() < 1 << 16 else trial
    order = np.argsort(narrow, kind="stable")
    return unpack(trial[order], packed=packed[order])


def _bits(packed: Ints, begin: int, end: int) -> Ints:
    return packed >> begin & (1 << end - begin) - 1
