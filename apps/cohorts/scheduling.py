"""Questions asked again by the clock: each slot once, however many beats and workers see that it is due."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.audit.services import record_in
from apps.cohorts import mailing
from apps.cohorts.models import ReportRun, ReportSchedule, Snapshot
from apps.cohorts.models.reports import ReportJob
from apps.cohorts.models.schedules import ScheduleState
from apps.cohorts.question import BadQuestion, CohortQuestion, read_question
from apps.cohorts.reports.reporting import NoReport, ask_report, check_may_ask
from apps.cohorts.selectors import clinics_of, trials_of
from apps.cohorts.services import Asker, NoSnapshot, keep_snapshot, prepare_snapshot
from apps.cohorts.timetable import Timetable
from apps.holding import alone
from apps.workspace.permissions import read_access
from sctrial.deidentify_tables import Form

SCHEDULE: Final = "cohorts.schedule"
MOST_KEPT: Final = 20
#: A slot that was begun so often and never ended is given up.
MOST_TRIES: Final = 3
NO_RIGHT: Final = (
    "Stopped: you may not have this made of every clinic of the question any more. Ask a site admin for the "
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


class SameSchedule(NoSchedule):
    """One that there is already, ``schedule``."""

    def __init__(self, schedule: ReportSchedule) -> None:
        super().__init__("Nothing was set up: you have this one already.")
        self.schedule = schedule


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a slot: one of the two."""

    snapshot: Snapshot | None = None
    report: ReportJob | None = None


Keep = Callable[[], Made]


def own_schedules(person: User) -> QuerySet[ReportSchedule]:
    kept = ReportSchedule.objects.filter(person=person).exclude(state=ScheduleState.DELETED)
    return kept.select_related("clinic").prefetch_related("runs__report")


@transaction.atomic
def make_schedule(
    question: CohortQuestion,
    *,
    asker: Asker,
    person: User,
    clinic: int,
    makes: str = "snapshot",
    form: str = "",
    audience: str = "",
    every: str,
    day: int,
    hour: int,
) -> ReportSchedule:
    """``form`` is of a snapshot, ``audience`` of a report. Raises BadQuestion and NoSchedule."""
    clinics = _clinics(question, asker=asker, clinic=clinic)
    asked = {"person": person, "clinic_id": clinic, "makes": makes, "form": form, "audience": audience,
             "every": every, "day": day, "hour": hour,
             "question": replace(question, clinics=tuple(sorted(clinics))).query}  # fmt: skip
    kept = own_schedules(person)
    if (same := kept.filter(**asked).first()) is not None:
        raise SameSchedule(same)
    if kept.count() >= MOST_KEPT:
        raise NoSchedule(f"Nothing was set up: you have {MOST_KEPT} of them. Delete one first.")
    table = Timetable(every, day, hour, Clinic.objects.get(pk=clinic).zone)
    try:
        with transaction.atomic():
            schedule = ReportSchedule.objects.create(
                **asked, next_at=table.next_after(asker.at), made_at=asker.at
            )
    except IntegrityError:
        # The same was asked for in the same moment.
        raise SameSchedule(kept.get(**asked)) from None
    _trace("schedule_made", schedule, by=asker.by, at=asker.at, request_id=asker.request_id)
    return schedule


def _clinics(question: CohortQuestion, *, asker: Asker, clinic: int) -> frozenset[int]:
    trials_of(question, access=asker.access)
    clinics = clinics_of(question, access=asker.access)
    if not clinics or not clinics <= asker.access.clinics("add", resource=SCHEDULE):
        raise NoSchedule("Nothing was set up: you may not have it made of every clinic asked for.")
    if clinic not in clinics:
        raise NoSchedule("Nothing was set up: choose the clock of a clinic that the question asks for.")
    return clinics


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
    unheard_of = Q(pk__in=_untold().values("schedule"))
    return list(ReportSchedule.objects.filter(_due(at) | unheard_of).values_list("pk", flat=True))


def _due(at: datetime) -> Q:
    return Q(state=ScheduleState.ACTIVE, next_at__lte=at)


def run_due(schedule_id: int, *, at: datetime) -> UUID | None:
    """Run the slot that is due. Slots that were slept through are one; the next lies after ``at``.

    Gives the job of a report, which is then to be made.
    """
    with alone(f"schedule:{schedule_id}") as is_ours:
        found = ReportSchedule.objects.filter(_due(at), pk=schedule_id).select_related("person", "clinic")
        schedule = found.first() if is_ours else None
        if schedule is None:
            return None
        # Counted before the work, so that one which kills its worker is not begun for ever.
        ReportSchedule.objects.filter(pk=schedule_id).update(tries=F("tries") + 1)
        return _run(schedule, at=at)


def _run(schedule: ReportSchedule, *, at: datetime) -> UUID | None:
    question, access = read_question(schedule.question), read_access(schedule.person)
    changes = {"next_at": schedule.timetable.next_after(at), "tries": 0}
    keep, error = None, ""
    if not set(question.clinics) <= access.clinics("add", resource=SCHEDULE):
        error = NO_RIGHT
        changes |= {"state": ScheduleState.STOPPED, "stopped_because": error}
    elif schedule.tries >= MOST_TRIES:
        error = TOO_OFTEN
    else:
        asker = Asker(f"staff:{schedule.person_id}", access, at, f"schedule-{schedule.pk}")
        try:
            keep = PREPARED[schedule.makes](schedule, question, asker)
        except (BadQuestion, NoSnapshot, NoReport) as refused:
            error = str(refused)
    return _note(schedule, keep, at=at, error=error, changes=changes)


def _prepare_snapshot(schedule: ReportSchedule, question: CohortQuestion, asker: Asker) -> Keep:
    prepared = prepare_snapshot(question, asker=asker, form=Form(schedule.form))
    return lambda: Made(snapshot=keep_snapshot(prepared))


def _prepare_report(schedule: ReportSchedule, question: CohortQuestion, asker: Asker) -> Keep:
    """Its figures take longer than a slot: they are the report's own job."""
    check_may_ask(question, asker=asker, person=schedule.person)
    ask = partial(ask_report, question, audience=schedule.audience, asker=asker, person=schedule.person)
    return lambda: Made(report=ask())


PREPARED: Final = {"snapshot": _prepare_snapshot, "report": _prepare_report}


@transaction.atomic
def _note(
    schedule: ReportSchedule,
    keep: Keep | None,
    *,
    at: datetime,
    error: str,
    changes: Mapping[str, Any],
) -> UUID | None:
    """Keep what was made and say so, together; quick, for it holds the schedule."""
    made = keep() if keep else Made()
    # Paused or deleted meanwhile: nothing of this slot stays.
    same = ReportSchedule.objects.filter(pk=schedule.pk, state=ScheduleState.ACTIVE, next_at=schedule.next_at)
    if not same.update(**changes):
        transaction.set_rollback(True)
        return None
    ReportRun.objects.create(
        schedule=schedule,
        due_at=schedule.next_at,
        ran_at=at,
        snapshot=made.snapshot,
        report=made.report,
        error=error,
    )
    action = "schedule_stopped" if error == NO_RIGHT else "schedule_ran"
    came = {name: str(one.pk) for name, one in (("snapshot", made.snapshot), ("report", made.report)) if one}
    _trace(action, schedule, by="system", at=at, **came)
    return made.report.pk if made.report else None


def tell(schedule_id: int, *, at: datetime) -> None:
    """One mail for each run that nobody has heard of, claimed before it is sent (docs/adr/0009)."""
    untold = _untold().filter(schedule_id=schedule_id)
    for run in untold.select_related("schedule__person"):
        if untold.filter(pk=run.pk).update(mailed_at=at):
            _tell(run)


def _untold() -> QuerySet[ReportRun]:
    """A report tells of itself when it is made."""
    return ReportRun.objects.filter(mailed_at=None, report=None)


def _tell(run: ReportRun) -> None:
    made = run.snapshot_id is not None
    path = reverse("cohorts:snapshot", args=[run.snapshot_id]) if made else reverse("cohorts:schedules")
    what = "snapshot" if run.schedule.makes == "snapshot" else "report"
    title = f"Your scheduled {what} is ready" if made else f"Your scheduled {what} was not made"
    words = (mailing.SCHEDULED if made else mailing.NOT_SCHEDULED).format(what=what)
    result = mailing.send_link(run.schedule.person, title=title, words=words, path=path)
    if not result.ok:
        ReportRun.objects.filter(pk=run.pk).update(mail_error=result.detail[:120])


def _trace(
    action: str, schedule: ReportSchedule, *, by: str, at: datetime, request_id: str = "", **came: str
) -> None:
    record_in(
        read_question(schedule.question).clinics,
        action=action,
        object_type="schedule",
        object_id=schedule.pk,
        by=by,
        at=at,
        request_id=request_id,
        detail={"for": schedule.person_id, "question": schedule.question, "makes": schedule.makes, **came},
    )
