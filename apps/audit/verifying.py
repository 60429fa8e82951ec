"""Read every chain again and name each event that is not what it was."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.db import connection, transaction

from apps.audit.chain import CHAIN_OF_A_CHANGE, CHAIN_OF_AN_EVENT, CHANGE, texts_of
from sctrial.trail import FIRST, hash_of, step_back

#: By chain and place, links without an event and events without a link among them.
READ: Final = f"""
    WITH written(id, chain, at, texts) AS (
        SELECT id, {CHAIN_OF_AN_EVENT}, at, ARRAY[{texts_of("")}] FROM audit_auditevent
        UNION ALL
        SELECT id, {CHAIN_OF_A_CHANGE}, at, ARRAY[{texts_of("", columns=CHANGE)}] FROM audit_valuechange
    )
    SELECT coalesce(link.chain, written.chain), link.place, coalesce(link.event_id, written.id),
        link.hash, written.at, written.chain, written.texts
    FROM audit_auditlink AS link FULL JOIN written ON written.id = link.event_id
    ORDER BY 1, 2 NULLS LAST, 3
"""  # noqa: S608 - columns of a table in the source
AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain. Kept outside the database it also shows that nothing was cut off."""

    place: int
    hash: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong at one place of a chain; ``event_id`` is None where no event can be named."""

    chain: int
    place: int | None
    event_id: int | None
    what: str

    def __str__(self) -> str:
        at = "" if self.place is None else f", place {self.place}"
        event = "" if self.event_id is None else f", event {self.event_id}"
        return f"{_whose(self.chain)}{at}{event}: {self.what}"


@dataclass(frozen=True, slots=True)
class Step:
    """A row whose time lies before that of the row before it (docs/adr/0027); no flaw."""

    chain: int
    place: int
    event_id: int
    by: timedelta

    def __str__(self) -> str:
        where = f"{_whose(self.chain)}, place {self.place}, event {self.event_id}"
        return f"{where}: its time is {self.by.total_seconds():.3f} s before that of the row before it"


def _whose(chain: int) -> str:
    return f"clinic {chain}" if chain >= 0 else f"values of clinic {-1 - chain}"


@dataclass(frozen=True, slots=True)
class _Row:
    chain: int
    place: int | None
    event_id: int
    hash: bytes | None
    at: datetime | None
    own_chain: int | None
    texts: tuple[str | None, ...]

    @property
    def has_event(self) -> bool:
        return self.at is not None

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> Self:
        chain, place, event_id, link, at, own, texts = values
        return cls(chain, place, event_id, bytes(link) if link else None, at, own, tuple(texts or ()))


class Verifier:
    """One pass: ``flaws()`` says what is wrong; then ``heads``, ``steps`` and ``count`` stand."""

    def __init__(self, known: Mapping[int, Head] | None = None) -> None:
        self.known = dict(known or {})
        self.heads: dict[int, Head] = {}
        self.steps: list[Step] = []
        self.count = 0

    def flaws(self) -> Iterator[Flaw]:
        """Each flaw once, at the place where it is; the chain is taken up again behind it."""
        chain, expected, before, at = None, 1, FIRST, None
        for row in _rows():
            if row.chain != chain:
                chain, expected, before, at = row.chain, 1, FIRST, None
            self.count += 1
            if row.place is None or row.hash is None:
                yield Flaw(row.chain, None, row.event_id, "is in the trail and not in the chain")
                continue
            for missing in range(expected, row.place):
                yield Flaw(row.chain, missing, None, "this place of the chain is gone")
            # Behind a gap the hash before is not known: what is here can no longer be held against it.
            if row.place == expected or not row.has_event:
                yield from self._checked(row, before)
            yield from self._against_known(row)
            if row.place == expected:
                self._note_step(row, place=row.place, after=at)
            expected, before, at = row.place + 1, row.hash, row.at
            self.heads[row.chain] = Head(row.place, row.hash.hex())
        yield from self._cut_off()

    def _checked(self, row: _Row, before: bytes) -> Iterator[Flaw]:
        if not row.has_event:
            yield Flaw(row.chain, row.place, row.event_id, "is in the chain and gone from the trail")
        elif row.own_chain != row.chain or hash_of(row.texts, before=before) != row.hash:
            yield Flaw(row.chain, row.place, row.event_id, "is not what was written")

    def _note_step(self, row: _Row, *, place: int, after: datetime | None) -> None:
        if row.at and after and (step := step_back(row.at, after=after)):
            self.steps.append(Step(row.chain, place, row.event_id, step))

    def _against_known(self, row: _Row) -> Iterator[Flaw]:
        known = self.known.get(row.chain)
        if known and row.hash and known.place == row.place and known.hash != row.hash.hex():
            yield Flaw(row.chain, row.place, row.event_id, "the chain up to here is not what was noted")

    def _cut_off(self) -> Iterator[Flaw]:
        for chain, known in self.known.items():
            place = self.heads[chain].place if chain in self.heads else 0
            if place < known.place:
                yield Flaw(chain, known.place, None, f"the chain ends at place {place} and was longer")


def write_heads(heads: Mapping[int, Head]) -> str:
    """The heads as JSON, to be kept where the operator of the database cannot write."""
    content = {str(chain): {"place": head.place, "hash": head.hash} for chain, head in sorted(heads.items())}
    return json.dumps(content, indent=2) + "\n"


def read_heads(text: str) -> dict[int, Head]:
    """The inverse of ``write_heads``. Raises ValueError for anything else."""
    try:
        return {
            int(chain): Head(int(one["place"]), str(one["hash"])) for chain, one in json.loads(text).items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("not a file of heads; give one that --write-heads has written") from error


def _rows() -> Iterator[_Row]:
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(READ)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from map(_Row.of, rows)
