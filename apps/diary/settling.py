"""Staff settle what a diary could not: warning signs, answers not taken, corrections asked for.

Whatever is decided, the old value and the new one both stay; a new one supersedes, with a reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

from django.db import transaction

from apps.diary import policies
from apps.diary.models import CorrectionRequest, DiaryAnswer, DiaryEntry, ParkedAnswer, StaffTask
from apps.diary.models.requests import PARKED_OUTCOMES
from apps.diary.replacing import place_of, value_of
from apps.diary.schemas import AnswerBody, EntryBody, parse
from apps.diary.staff_acts import (
    CHANGED,
    Act,
    AnyRow,
    Refused,
    close_about,
    close_task,
    in_words,
    locked,
    new_row,
    read_reason,
    rows_of_day,
    store,
    trail,
)
from apps.diary.versions import Said, new_version
from apps.trials.models import StimulationTrial
from sctrial.mishaps import ALERT_OUTCOMES

Request = TypeVar("Request", ParkedAnswer, CorrectionRequest)


# --- a warning sign ---

LONGEST_OUTCOME: Final = 200


@transaction.atomic
def settle_alert(task: StaffTask, *, came_of_it: str, note: str, act: Act) -> None:
    """Close the task of a warning sign, with a coded outcome and what was done in words. Raises Refused."""
    if came_of_it not in ALERT_OUTCOMES:
        raise Refused("Choose what came of the warning sign.", field="came_of_it")
    if came_of_it == "adverse_event" and not task.trial.adverse_events.exists():
        raise Refused("Record the adverse event on this trial first.", field="came_of_it")
    outcome = f"{ALERT_OUTCOMES[came_of_it]}: {read_reason(note, field='outcome')}"
    if len(outcome) > LONGEST_OUTCOME:
        raise Refused(f"Shorten it by {len(outcome) - LONGEST_OUTCOME} characters.", field="outcome")
    close_task(task, outcome=outcome, act=act)


# --- an answer that the record could not take ---


def rival_of(parked: ParkedAnswer, *, trial: StimulationTrial, rows: Iterable[AnyRow]) -> AnyRow | None:
    """What stands where ``parked`` wanted to stand, among ``rows`` of its trial. Raises Refused."""
    with in_words():
        body = body_of(parked)
        sent = new_row(body, trial=trial, pk=parked.id, act=Act("", parked.received_at))
    rows = [row for row in rows if type(row) is type(sent)]
    here = [row for row in rows if place_of(row) == place_of(sent)]
    base = UUID(body.supersedes) if body.supersedes else None
    first = next((row for row in here if row.id == base), None) or _first_of(here)
    return None if first is None else tip_of(first, rows=here)


def _first_of(here: Sequence[AnyRow]) -> AnyRow | None:
    """Where the chain of answers in one place begins: one that changes none, if there is one."""
    ids = {row.id for row in here}
    firsts = [row for row in here if row.supersedes_id not in ids]
    return min(firsts, key=lambda row: row.supersedes_id is not None, default=None)


def tip_of(row: AnyRow, *, rows: Iterable[AnyRow]) -> AnyRow:
    """The end of the chain of answers that begins with ``row``."""
    here = (other for other in rows if place_of(other) == place_of(row))
    by_base = {other.supersedes_id: other for other in here if other.supersedes_id is not None}
    while row.id in by_base:
        row = by_base.pop(row.id)
    return row


def body_of(parked: ParkedAnswer) -> EntryBody | AnswerBody:
    if "region" in parked.body:
        return parse(EntryBody, parked.body)
    return parse(AnswerBody, parked.body)


@transaction.atomic
def leave_parked(parked: ParkedAnswer, *, act: Act) -> None:
    trial = locked(parked.trial)
    _settle_parked(_still_open(parked), trial=trial, outcome="left", act=act)


@transaction.atomic
def take_parked(parked: ParkedAnswer, *, beside: UUID | None, reason: str, act: Act) -> AnyRow:
    """The parked answer supersedes the one that stands; ``beside`` is the one that staff saw standing.

    It keeps the id that the phone gave it: sent once more, it is answered as stored. One that is stored
    already is written anew, under an id that follows from its own.
    """
    reason, trial = read_reason(reason), locked(parked.trial)
    parked = _still_open(parked)
    with in_words():
        policies.check_can_receive(trial)
        row = new_row(body_of(parked), trial=trial, pk=parked.id, act=act, sent_at=parked.received_at)
    if parked.is_stored:
        row.id = uuid5(parked.id, "taken")
    rival = rival_of(parked, trial=trial, rows=rows_of_day(row))
    _check_seen(rival, beside)
    row.supersedes_id = rival.id if rival else None
    store(row, reason=reason, act=act)
    _settle_parked(parked, trial=trial, outcome="taken", act=act)
    return row


def _settle_parked(parked: ParkedAnswer, *, trial: StimulationTrial, outcome: str, act: Act) -> None:
    parked.closed_at, parked.closed_by, parked.outcome = act.at, act.by, outcome
    parked.save(update_fields=["closed_at", "closed_by", "outcome"])
    trail(trial, "settle", "parked_answer", parked.pk, act=act, detail={"outcome": outcome})
    close_about("answer_parked", parked.pk, outcome=PARKED_OUTCOMES[outcome], act=act)


# --- a correction that the patient asked for ---


@transaction.atomic
def accept_correction(
    request: CorrectionRequest, said: int | Mapping[str, Any], *, beside: UUID, reason: str, act: Act
) -> AnyRow:
    """``said`` supersedes the answer in question, or what has replaced that since."""
    reason, trial = read_reason(reason), locked(request.trial)
    request = _still_open(request)
    old = asked_about(request)
    if old is None:
        raise Refused("The answer that this is about has not arrived yet. Wait for it, or decline.")
    old = tip_of(old, rows=rows_of_day(old))
    _check_seen(old, beside)
    with in_words():
        policies.check_can_receive(trial)
        row = _correcting(old, said, request=request, trial=trial, act=act)
    if value_of(row) == value_of(old):
        raise Refused("That is the answer that stands already.", field="value")
    store(row, reason=reason, act=act)
    request.result = row if isinstance(row, DiaryEntry) else None
    _settle_correction(request, state="accepted", note="", act=act)
    return row


@transaction.atomic
def decline_correction(request: CorrectionRequest, *, note: str, act: Act) -> None:
    """``note`` is read by the patient."""
    note = read_reason(note, field="note")
    locked(request.trial)
    _settle_correction(_still_open(request), state="declined", note=note, act=act)


def asked_about(request: CorrectionRequest) -> AnyRow | None:
    """The answer in question; None while it is still on its way."""
    if request.entry_id is not None:
        return DiaryEntry.objects.filter(trial=request.trial_id, pk=request.entry_id).first()
    assert request.answer_id is not None
    return DiaryAnswer.objects.filter(trial=request.trial_id, pk=request.answer_id).first()


def _correcting(
    old: AnyRow, said: Any, *, request: CorrectionRequest, trial: StimulationTrial, act: Act
) -> AnyRow:
    """In the place of ``old``, said when the patient asked for it. The request's id is the answer's."""
    when = Said(request.id, request.captured_at, request.zone)
    return new_version(old, said, when=when, trial=trial, act=act)


def _settle_correction(request: CorrectionRequest, *, state: str, note: str, act: Act) -> None:
    request.state, request.staff_note = state, note
    request.closed_at, request.closed_by = act.at, act.by
    request.save(update_fields=["state", "staff_note", "closed_at", "closed_by", "result"])
    trail(request.trial, "settle", "correction_request", request.pk, act=act, detail={"state": state})
    close_about("correction_requested", request.pk, outcome=OUTCOMES[state], act=act)


OUTCOMES: Mapping[str, str] = {
    "accepted": "Corrected as the patient asked",
    "declined": "Declined, with a note to the patient",
}


def _still_open(row: Request) -> Request:
    """The row as it is now, to be settled once."""
    found = type(row)._default_manager.select_for_update(of=("self",)).select_related("trial")
    fresh = found.get(pk=row.pk)
    if fresh.closed_at is not None:
        raise Refused("Somebody else has settled this meanwhile.")
    return fresh


def _check_seen(stands: AnyRow | None, beside: UUID | None) -> None:
    if (stands.id if stands else None) != beside:
        raise Refused(CHANGED)
