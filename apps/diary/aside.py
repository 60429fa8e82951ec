"""Changes that were taken before it turned out that they change nothing: put aside for staff (docs/adr/0007).

What a change names may come later, and be refused; or be an answer to another question or of another evening.
The change keeps its row, does not stand, and waits for a decision, as it would had it come last.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.diary.models import DiaryAnswer, DiaryEntry, ParkedAnswer
from apps.diary.parking import park
from apps.diary.replacing import is_elsewhere
from apps.diary.schemas import local_text
from apps.diary.statements import Row, Store
from apps.trials.models import StimulationTrial
from apps.trials.signals import evidence_changed

#: Why an answer waits whose changes change nothing. An unknown wording is not one: it may be put right.
REFUSED = frozenset({"slot_taken", "already_superseded", "base_elsewhere"})


def refused_among(ids: Iterable[UUID | None], *, trial_id: UUID, stored: Container[UUID]) -> dict[UUID, str]:
    """Those of ``ids`` that wait for staff, or were left by them, with the reason."""
    waiting = ParkedAnswer.objects.filter(pk__in=[pk for pk in ids if pk], trial_id=trial_id, why__in=REFUSED)
    found = waiting.values_list("pk", "why", "is_stored")
    return {pk: why for pk, why, is_stored in found if is_stored or pk not in stored}


@transaction.atomic
def put_aside(store: Store[Row], *, trial_id: UUID, at: datetime) -> None:
    """Put aside every change of this trial that changes nothing. Done again, it does nothing."""
    # Whoever takes an answer of this trial, or refuses one, does it before this or after.
    trial = StimulationTrial.objects.select_for_update().filter(pk=trial_id)
    list(trial.values_list("pk"))
    adrift = list(_adrift(store, trial_id))
    for row, why in adrift:
        assert row.device is not None
        park(row, body=body_of(row), why=why, by=row.device, at=at, is_stored=True)
    if adrift:
        trial.update(evidence_version=F("evidence_version") + 1)
        transaction.on_commit(partial(evidence_changed.send, sender=store.model, trial_id=trial_id))


def _adrift(store: Store[Row], trial_id: UUID) -> Iterator[tuple[Row, str]]:
    rows = store.model._default_manager.filter(trial_id=trial_id)
    changes = list(rows.filter(supersedes__isnull=False, device__isnull=False))
    bases = rows.in_bulk([row.supersedes_id for row in changes])
    ids = {row.id for row in changes} | {row.supersedes_id for row in changes}
    refused = refused_among(ids, trial_id=trial_id, stored=bases.keys() | {row.id for row in changes})
    while found := {
        row: why for row in changes if row.id not in refused and (why := _why(row, bases, refused))
    }:
        yield from found.items()
        refused |= {row.id: why for row, why in found.items()}


def _why(row: Row, bases: Mapping[UUID, Row], refused: Mapping[UUID, str]) -> str:
    """What became of the answer that ``row`` changes; empty when ``row`` may stand."""
    assert row.supersedes_id is not None
    base = bases.get(row.supersedes_id)
    if base is not None and is_elsewhere(base, row):
        return "base_elsewhere"
    return refused.get(row.supersedes_id, "")


def body_of(row: DiaryEntry | DiaryAnswer) -> dict[str, Any]:
    """What the phone sent of ``row``. A change is never about yesterday."""
    own = (
        {"region": row.region, "kind": row.kind, "value": row.value}
        if isinstance(row, DiaryEntry)
        else {"question": row.question, "answer": row.answer}
    )
    return own | {
        "captured_at": local_text(row.captured_at, row.utc_offset_minutes),
        "zone": row.zone,
        "instrument_version": row.instrument_version,
        "app_version": row.app_version or None,
        "originator": row.originator,
        "begun_at": local_text(row.begun_at, row.utc_offset_minutes),
        "about": "today",
        "supersedes": str(row.supersedes_id),
        "language": row.language or None,
        "clock_error_seconds": row.clock_error_seconds,
    }
