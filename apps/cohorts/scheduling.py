"""Questions asked again by the clock: each slot once, however many beats and workers see that it is due."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.audit.services import record_in
from apps.cohorts import mailing
from apps.cohorts.models import ReportRun, ReportSchedule
from apps.cohorts.question import BadQuestion, CohortQuestion, read_question
from apps.cohorts.schedule_tables import ScheduleState
from apps.cohorts.selectors import clinics_of, trials_of
from apps.cohorts.services import Asker, NoSnapshot, Prepared, keep_snapshot, prepare_snapshot
from apps.cohorts.timetable import Timetable
from apps.holding import alone
from apps.workspace.permissions import read_access
from sctrial.deidentify_tables import Form

SCHEDULE: Final = "cohorts.schedule"
MOST_KEPT: Final = 20
#: A slot that was begun so often and never ended is given up.
MOST_TRIES: Final = 3
NO_RIGHT: Final = (
    "Stopped: you may not make snapshots of every clinic of this question any more. Ask a site admin for the "
    "right, then set it up again."
)
TOO_OFTEN: Final = f"Begun {MOST_TRIES} times and never ended. Ask for fewer trials, or tell the operator."
#: What a person may do to a schedule, and from which states.
ACTS: Final = {
    "pause": ((ScheduleState.ACTIVE,), ScheduleState.PAUSED),
    "resume": ((ScheduleState.PAUSED,), ScheduleState.ACTIVE),
    "delete": ((ScheduleState.ACTIVE, ScheduleState.PAUSED, ScheduleState.STOPPED), ScheduleState.DELETED),
}


class NoSchedule(ValueError):
    """A schedule that is not made; the message says why and what to do."""


def own_schedules(person: User) -> QuerySet[ReportSchedule]:
    kept = ReportSchedule.objects.filter(person=person).exclude(state=ScheduleState.DELETED)
    return kept.select_related("clinic").prefetch_related("runs")


@transaction.atomic
def make_schedule(
    question: CohortQuestion,
    *,
    asker: Asker,
    person: User,
    clinic: int,
    form: Form,
    every: str,
    day: int,
    hour: int,
) -> ReportSchedule:
    """Raises BadQuestion and NoSchedule."""
    trials_of(question, access=asker.access)
    clinics = clinics_of(question, access=asker.access)
    if not clinics or not clinics <= asker.access.clinics("add", resource=SCHEDULE):
        raise NoSchedule("Nothing was set up: you may not make snapshots of every clinic asked for.")
    if clinic not in clinics:
        raise NoSchedule("Nothing was set up: choose the clock of a clinic that the question asks for.")
    if own_schedules(person).count() >= MOST_KEPT:
        raise NoSchedule(f"Nothing was set up: you have {MOST_KEPT} of them. Delete one first.")
    table = Timetable(every, day, hour, Clinic.objects.get(pk=clinic).zone)
    schedule = ReportSchedule.objects.create(
        person=person,
        clinic_id=clinic,
        question=replace(question, clinics=tuple(sorted(clinics))).query,
        form=form.value,
        every=every,
        day=day,
        hour=hour,
        next_at=table.next_after(asker.at),
        made_at=asker.at,
    )
    _trace("schedule_made", schedule, by=asker.by, at=asker.at, request_id=asker.request_id)
    return schedule


@transaction.atomic
def act_on(schedule: ReportSchedule, act: str, *, by: str, at: datetime, request_id: str = "") -> bool:
    """Whether ``act`` of ACTS led from the state it was in to another."""
    before, after = ACTS[act]
    changes = {"state": after, "tries": 0, "next_at": schedule.timetable.next_after(at)}
    if not ReportSchedule.objects.filter(pk=schedule.pk, state__in=before).update(**changes):
        return False
    _trace(f"schedule_{after}", schedule, by=by, at=at, request_id=request_id)
    return True


def waiting(*, at: datetime) -> list[int]:
    """Schedules with a slot that is due, or a run that nobody has heard of."""
    heard_of = Q(pk__in=ReportRun.objects.filter(mailed_at=None).values("schedule"))
    return list(ReportSchedule.objects.filter(_due(at) | heard_of).values_list("pk", flat=True))


def _due(at: datetime) -> Q:
    return Q(state=ScheduleState.ACTIVE, next_at__lte=at)


def run_due(schedule_id: int, *, at: datetime) -> None:
    """Run the slot that is due. Slots that were slept through are one; the next lies after ``at``."""
    with alone(f"schedule:{schedule_id}") as is_ours:
        found = ReportSchedule.objects.filter(_due(at), pk=schedule_id).select_related("person", "clinic")
        schedule = found.first() if is_ours else None
        if schedule is None:
            return
        # Counted before the work, so that one which kills its worker is not begun for ever.
        ReportSchedule.objects.filter(pk=schedule_id).update(tries=F("tries") + 1)
        _run(schedule, at=at)


def _run(schedule: ReportSchedule, *, at: datetime) -> None:
    question, access = read_question(schedule.question), read_access(schedule.person)
    changes = {"next_at": schedule.timetable.next_after(at), "tries": 0}
    prepared, error = None, ""
    if not set(question.clinics) <= access.clinics("add", resource=SCHEDULE):
        error = NO_RIGHT
        changes |= {"state": ScheduleState.STOPPED, "stopped_because": error}
    elif schedule.tries >= MOST_TRIES:
        error = TOO_OFTEN
    else:
        asker = Asker(f"staff:{schedule.person_id}", access, at, f"schedule-{schedule.pk}")
        try:
            prepared = prepare_snapshot(question, asker=asker, form=Form(schedule.form))
        except (BadQuestion, NoSnapshot) as refused:
            error = str(refused)
    _note(schedule, prepared, at=at, error=error, changes=changes)


@transaction.atomic
def _note(
    schedule: ReportSchedule,
    prepared: Prepared | None,
    *,
    at: datetime,
    error: str,
    changes: Mapping[str, Any],
) -> None:
    """Keep what was made and say so, together; quick, for it holds the schedule."""
    snapshot = keep_snapshot(prepared) if prepared else None
    # Paused or deleted meanwhile: nothing of this slot stays.
    same = ReportSchedule.objects.filter(pk=schedule.pk, state=ScheduleState.ACTIVE, next_at=schedule.next_at)
    if not same.update(**changes):
        transaction.set_rollback(True)
        return
    ReportRun.objects.create(
        schedule=schedule, due_at=schedule.next_at, ran_at=at, snapshot=snapshot, error=error
    )
    action = "schedule_stopped" if error == NO_RIGHT else "schedule_ran"
    _trace(action, schedule, by="system", at=at, snapshot=snapshot.pk if snapshot else "")


def tell(schedule_id: int, *, at: datetime) -> None:
    """One mail for each run that nobody has heard of, claimed before it is sent (docs/adr/0009)."""
    untold = ReportRun.objects.filter(schedule_id=schedule_id, mailed_at=None)
    for run in untold.select_related("schedule__person"):
        if untold.filter(pk=run.pk).update(mailed_at=at):
            _tell(run)


def _tell(run: ReportRun) -> None:
    made = run.snapshot_id is not None
    path = reverse("cohorts:snapshot", args=[run.snapshot_id]) if made else reverse("cohorts:schedules")
    title = "Your scheduled snapshot is ready" if made else "Your scheduled snapshot was not made"
    words = mailing.SCHEDULED if made else mailing.NOT_SCHEDULED
    result = mailing.send_link(run.schedule.person, title=title, words=words, path=path)
    if not result.ok:
        ReportRun.objects.filter(pk=run.pk).update(mail_error=result.detail[:120])


def _trace(
    action: str, schedule: ReportSchedule, *, by: str, at: datetime, request_id: str = "", snapshot: str = ""
) -> None:
    record_in(
        read_question(schedule.question).clinics,
        action=action,
        object_type="schedule",
        object_id=schedule.pk,
        by=by,
        at=at,
        request_id=request_id,
        detail={"for": schedule.person_id, "question": schedule.question, "snapshot": snapshot},
    )
