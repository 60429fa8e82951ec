"""What a diary makes staff do: tasks for silent patients, and one line to the clinic that tasks wait."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from apps.accounts.models import Clinic
from apps.diary import channels, compliance
from apps.diary.aside import close_gaps
from apps.diary.channels import Message, Result
from apps.diary.compliance import MISSES_IN_A_ROW, RUNNING, Closed
from apps.diary.models import StaffTask
from apps.diary.parking import raise_task
from apps.holding import alone
from apps.trials.models import StimulationTrial

#: Enough to be opened, nothing to be read over a shoulder: no patient, no kind of task.
TITLE: Final = "The worklist has something new"
BODY: Final = "Waiting on the worklist of {clinic}, not yet announced: {count}.\n\n{url}/staff/\n"
BLOCK: Final = 100


def watch_diaries(*, at: datetime) -> None:
    """Raise a task for each patient who has missed two windows in a row or answers too few."""
    running = StimulationTrial.objects.filter(
        phase__in=[phase.value for phase in RUNNING], consent_withdrawn_at__isnull=True
    ).select_related("patient")
    ids = list(running.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), BLOCK):
        trials = list(running.filter(pk__in=ids[first : first + BLOCK]))
        close_gaps([trial.pk for trial in trials], at=at)
        closed = compliance.closed_windows(trials, at=at)
        for trial in trials:
            _watch(trial, closed[trial.pk], at=at)


def _watch(trial: StimulationTrial, windows: list[Closed], *, at: datetime) -> None:
    """What a person has seen and closed does not come back before two more windows are missed."""
    news = {kind: _since_last(trial, windows, kind=kind) for kind in ("missed_evenings", "low_compliance")}
    if compliance.run_of_misses(news["missed_evenings"]) >= MISSES_IN_A_ROW:
        raise_task(trial.pk, kind="missed_evenings", subject=trial.pk, at=at)
    fresh = news["low_compliance"]
    seen_before = len(fresh) < len(windows)
    if compliance.is_low(windows) and not (seen_before and compliance.count(fresh).missed < MISSES_IN_A_ROW):
        raise_task(trial.pk, kind="low_compliance", subject=trial.pk, at=at)


def _since_last(trial: StimulationTrial, windows: list[Closed], *, kind: str) -> list[Closed]:
    """The windows that closed after staff had last closed such a task."""
    done = StaffTask.objects.filter(trial_id=trial.pk, kind=kind, closed_at__isnull=False)
    last = done.order_by("-closed_at").values_list("closed_at", flat=True).first()
    return windows if last is None else [one for one in windows if one.closed_at > last]


def clinics_to_tell() -> QuerySet[Clinic]:
    """Clinics with open tasks that nobody has been told of, and a way to tell somebody."""
    waiting = _untold().values("trial__clinic_id")
    clinics = Clinic.objects.filter(pk__in=waiting)
    return clinics if channels.is_open("console") else clinics.exclude(alert_email="")


def tell_clinic(clinic: Clinic, *, at: datetime) -> int:
    """How many tasks one message has announced.

    A task counts as told once a gateway has taken the message: one that got lost with its machine is sent
    again, because a warning sign that nobody hears of is worse than one heard of twice.
    """
    with alone(f"alerts:{clinic.pk}") as is_ours:
        tasks = list(_untold().filter(trial__clinic=clinic)) if is_ours else []
        if not tasks or not _tell(clinic, count=len(tasks)).ok:
            return 0
        return StaffTask.objects.filter(pk__in=[task.pk for task in tasks]).update(told_at=at)


def _untold() -> QuerySet[StaffTask]:
    return StaffTask.objects.filter(told_at__isnull=True, closed_at__isnull=True)


def _tell(clinic: Clinic, *, count: int) -> Result:
    message = Message(TITLE, BODY.format(clinic=clinic.name, count=count, url=settings.PUBLIC_URL))
    if clinic.alert_email and channels.is_open("email"):
        return channels.send_email(clinic.alert_email, message)
    if channels.is_open("console"):
        return channels.write_console(clinic.alert_email or clinic.name, message)
    return Result(ok=False)
