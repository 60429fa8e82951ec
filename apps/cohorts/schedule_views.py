"""Questions asked again each week or month, on the staff site: set one up, pause it, go on, delete it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Clinic
from apps.admin import actor, now
from apps.cohorts import scheduling
from apps.cohorts.forms import prefilled
from apps.cohorts.models import ReportSchedule
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.schedule_form import ScheduleForm
from apps.cohorts.scheduling import ACTS, SCHEDULE, NoSchedule
from apps.cohorts.services import Asker
from apps.workspace.permissions import Access, access_of

DONE = {"pause": "paused", "resume": "on again", "delete": "deleted"}


@require_http_methods(["GET", "HEAD", "POST"])
def schedules(request: HttpRequest) -> HttpResponse:
    access = _access(request)
    # Filled in with the question in the address, as the page of a snapshot links here.
    initial, refused = prefilled(request.META.get("QUERY_STRING", ""))
    form = ScheduleForm(request.POST if request.method == "POST" else None, access=access, initial=initial)
    if request.method == "POST" and form.is_valid() and _make(request, form, access):
        return redirect("cohorts:schedules")
    person: Any = request.user
    rows = [_row(schedule, at=now()) for schedule in scheduling.own_schedules(person)]
    context = {"title": "Schedules", "form": form, "refused": refused, "rows": rows}
    context["report_days"] = settings.REPORT_DAYS
    status = 422 if form.errors or refused else 200
    page = admin.site.each_context(request) | context
    return TemplateResponse(request, "cohorts/schedules.html", page, status=status)


def _make(request: HttpRequest, form: ScheduleForm, access: Access) -> bool:
    question = form.read_question()
    if question is None:
        return False
    person: Any = request.user
    asker = Asker(actor(request), access, now(), _request_id(request))
    try:
        made = scheduling.make_schedule(question, asker=asker, person=person, **form.schedule())
    except BadQuestion as bad:
        form.refuse(bad)
    except NoSchedule as none:
        form.add_error(None, str(none))
    else:
        messages.success(request, f"Set up: {made.timetable.words}.")
        return True
    return False


def _row(schedule: ReportSchedule, *, at: datetime) -> dict[str, Any]:
    question = read_question(schedule.question)
    clinics = Clinic.objects.filter(pk__in=question.clinics).values_list("name", flat=True)
    acts = [act for act, (before, _) in ACTS.items() if schedule.state in before]
    last = next(iter(schedule.runs.all()), None)
    return {
        "schedule": schedule,
        "report": last.report if last else None,
        "is_there": bool(last and last.report and last.report.is_there(at)),
        "question": f"{replace(question, clinics=()).words}; {', '.join(clinics)}",
        "last": last,
        "acts": acts,
    }


@require_POST
def act(request: HttpRequest, schedule_id: int, what: str) -> HttpResponse:
    _access(request)
    person: Any = request.user
    found = scheduling.own_schedules(person).filter(pk=schedule_id).first()
    if found is None or what not in ACTS:
        raise Http404
    if scheduling.act_on(found, what, by=actor(request), at=now(), request_id=_request_id(request)):
        messages.success(request, f"The schedule is {DONE[what]}.")
    else:
        messages.info(request, "It was not changed: it has been changed meanwhile.")
    return redirect("cohorts:schedules")


def _access(request: HttpRequest) -> Access:
    access = access_of(request)
    if not access.may("view", resource=SCHEDULE):
        raise PermissionDenied
    return access


def _request_id(request: HttpRequest) -> str:
    return str(request.META.get("REQUEST_ID", ""))
