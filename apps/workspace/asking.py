"""Ask the patients who are silent for today's entry: all of them at once, once a window, and written down."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.admin import actor, now
from apps.audit.services import record
from apps.diary import reminding
from apps.diary.tasks import ask_trial
from apps.trials.models import StimulationTrial
from apps.workspace import selectors
from apps.workspace.permissions import Access, access_of
from apps.workspace.work import WORK
from sctrial.reminders import DayPlan

RESOURCE = "diary.reminder"
NOBODY = (
    "Nobody was asked. A silent patient is asked only while a window is open, with reminders switched on, "
    "outside quiet hours, an hour after the last reminder, and three times a day at most."
)


def ask_silent(request: HttpRequest) -> HttpResponse:
    """For every clinic in which this person may send reminders."""
    at, access = now(), access_of(request)
    if not may_ask(access):
        raise PermissionDenied
    due = _due(access, at=at)
    for trial in due:
        _ask(trial, request=request, at=at)
    if due:
        count = f"{len(due)} patient{'s' if len(due) > 1 else ''}"
        messages.success(request, f"{count} will be asked for today's entry. The log is under Reminders.")
    else:
        messages.warning(request, NOBODY)
    return redirect("admin:index")


def may_ask(access: Access) -> bool:
    return access.may("add", resource=RESOURCE)


def _due(access: Access, *, at: datetime) -> list[StimulationTrial]:
    trials = selectors.trials_in(access.clinics("add", resource=RESOURCE))
    silent = WORK["silent"](trials, at=at).values_list("pk", flat=True)
    rows = reminding.remindable().filter(pk__in=list(silent))
    return [due.trial for due in reminding.find_due(rows, at=at, choose=DayPlan.ask)]


def _ask(trial: StimulationTrial, *, request: HttpRequest, at: datetime) -> None:
    facts: dict[str, Any] = {"action": "ask", "object_type": "reminder", "object_id": trial.pk}
    record(
        **facts,
        by=actor(request),
        at=at,
        clinic_id=trial.clinic_id,
        request_id=request.META.get("REQUEST_ID", ""),
    )
    ask_trial.ring(trial_id=str(trial.pk))
