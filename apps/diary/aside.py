"""Answers that were taken before it turned out that they do not count: put aside for staff (docs/adr/0007).

What a change names may come later, and be refused; or be an answer to another question or of another evening;
or not come at all while another answer of that evening stands. The change keeps its row, does not stand, and
waits for a decision, as it would had it come last. If what it names comes after all, it counts again.
"""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from apps.diary.chains import behind
from apps.diary.models import DiaryAnswer, DiaryEntry, ParkedAnswer
from apps.diary.parking import BASE_MISSING, park, release
from apps.diary.replacing import is_elsewhere
from apps.diary.schemas import local_text
from apps.diary.selectors import is_aside, not_aside
from apps.diary.statements import ANSWERS, ENTRIES, Row, Store
from apps.trials.models import StimulationTrial
from apps.trials.signals import evidence_changed
from sctrial.schedule import Timeliness

#: Why an answer waits whose changes change nothing. An unknown wording is not one: it may be put right.
REFUSED = frozenset({"slot_taken", "already_superseded", "base_elsewhere"})
#: As long as nobody has decided, what is missing may come.
DECIDED = Q(why__in=REFUSED) | Q(why=BASE_MISSING, is_stored=True, closed_at__isnull=False)


def refused_among(ids: Iterable[UUID | None], *, trial_id: UUID, stored: Container[UUID]) -> dict[UUID, str]:
    """Those of ``ids`` that wait for staff, or were left by them, with the reason for what changes them."""
    decided = ParkedAnswer.objects.filter(DECIDED, pk__in=[pk for pk in ids if pk], trial_id=trial_id)
    found = decided.values_list("pk", "why", "is_stored")
    because = {BASE_MISSING: "slot_taken"}
    return {pk: because.get(why, why) for pk, why, is_stored in found if is_stored or pk not in stored}


@transaction.atomic
def put_aside(store: Store[Row], *, trial_id: UUID, at: datetime) -> None:
    """Put aside every answer of this trial that does not count, and no other. Done again, it does nothing."""
    # Whoever takes an answer of this trial, or refuses one, does it before this or after.
    trial = StimulationTrial.objects.select_for_update().filter(pk=trial_id)
    list(trial.values_list("pk"))
    adrift = list(_adrift(store, trial_id))
    for row, why in adrift:
        _park(row, why=why, at=at)
    waiting, arrived = _gaps(store, trial_id)
    for row in waiting:
        _park(row, why=BASE_MISSING if row.supersedes_id else "slot_taken", at=at)
    for row in arrived:
        release(row, at=at)
    if adrift or waiting or arrived:
        trial.update(evidence_version=F("evidence_version") + 1)
        transaction.on_commit(partial(evidence_changed.send, sender=store.model, trial_id=trial_id))


def _park(row: DiaryEntry | DiaryAnswer, *, why: str, at: datetime) -> None:
    assert row.device is not None
    park(row, body=body_of(row), why=why, by=row.device, at=at, is_stored=True)


def close_gaps(trial_ids: Collection[UUID], *, at: datetime) -> None:
    """Look again at changes of answers that have not come: two phones in one moment do not see each other."""
    _close_gaps(ENTRIES, trial_ids, at=at)
    _close_gaps(ANSWERS, trial_ids, at=at)


def _close_gaps(store: Store[Row], trial_ids: Collection[UUID], *, at: datetime) -> None:
    rows = store.model._default_manager.filter(trial_id__in=trial_ids)
    for trial_id in set(not_aside(_without_base(rows)).values_list("trial_id", flat=True)):
        put_aside(store, trial_id=trial_id, at=at)


def _without_base(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    base = rows.model._default_manager.filter(trial_id=OuterRef("trial_id"), pk=OuterRef("supersedes"))
    return rows.filter(~Exists(base), supersedes__isnull=False, device__isnull=False)


def _gaps(store: Store[Row], trial_id: UUID) -> tuple[list[Row], list[Row]]:
    """Answers whose place another chain holds and that do not wait yet; and those that wait without need."""
    rows = store.model._default_manager.filter(trial_id=trial_id)
    open_gaps = ParkedAnswer.objects.filter(trial_id=trial_id, why=BASE_MISSING, closed_at__isnull=True)
    waits = set(open_gaps.values_list("pk", flat=True))
    asked = (rows.filter(pk__in=waits), _without_base(rows))
    days = {day for found in asked for day in found.values_list("diary_day", flat=True)}
    if not days:
        return [], []
    of_days = rows.filter(diary_day__in=days).select_related("device")
    counting = list(of_days.filter(Q(pk__in=waits) | ~is_aside()))
    lost = {row.pk for row in behind(counting)}
    waiting = [row for row in counting if row.pk in lost - waits and row.device is not None]
    return waiting, [row for row in counting if row.pk in waits - lost]


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
    """What the phone sent of ``row``."""
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
        "about": "yesterday" if row.timeliness == Timeliness.LATE else "today",
        "supersedes": str(row.supersedes_id) if row.supersedes_id else None,
        "language": row.language or None,
        "clock_error_seconds": row.clock_error_seconds,
    }
