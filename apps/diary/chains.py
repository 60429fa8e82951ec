"""The answers of one place as chains: a first answer, its change, the change of that. One chain stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.diary.models import DiaryAnswer, DiaryEntry
from apps.diary.replacing import place_of

AnyRow = DiaryEntry | DiaryAnswer
Chain = list[AnyRow]


def behind(rows: Iterable[AnyRow]) -> list[AnyRow]:
    """Those of ``rows`` that do not stand, nor what they lead to: another chain of their place does.

    ``rows``: all of some days of one trial that are not refused. Where any time counts (no window) each
    answer stands beside the others.
    """
    places: dict[tuple[Any, ...], list[AnyRow]] = defaultdict(list)
    for row in rows:
        if row.window_no is not None:
            places[place_of(row)].append(row)
    losers = (chain for here in places.values() for chain in sorted(chains_of(here), key=_rank)[1:])
    return [row for chain in losers for row in chain]


def chains_of(here: Collection[AnyRow]) -> list[Chain]:
    """Of one place, each from its oldest known answer to its newest."""
    ids = {row.id for row in here}
    changes = {row.supersedes_id: row for row in here if row.supersedes_id is not None}
    chains = [[row] for row in here if row.supersedes_id not in ids]
    for chain in chains:
        while (newer := changes.get(chain[-1].id)) is not None:
            chain.append(newer)
    return chains


def _rank(chain: Chain) -> tuple[bool, bool, datetime, UUID]:
    """What staff have written comes before all; then a whole chain; then the one that was begun first."""
    first = chain[0]
    has_gap = first.supersedes_id is not None
    return (
        all(row.device_id is not None for row in chain),
        has_gap,
        first.captured_at or first.received_at,
        first.id,
    )
