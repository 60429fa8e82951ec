"""The pages of the staff site that are not Django's, and what may be done on the trial page."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from apps.admin import actor
from apps.diary.answer_words import moment_words
from apps.diary.erasing import why_no_phone
from apps.diary.models import PatientDevice
from apps.diary.models.devices import HOLDERS
from apps.diary.pairing import Invitation, NoFreeCode, issue_invitation, revoke_device
from apps.diary.staff_acts import why_no_invitation
from apps.patients.erased import Erased
from apps.trials.models import AdverseEvent, ProgramInterval, StimulationTrial
from apps.workspace import worklist
from apps.workspace.asking import may_ask
from apps.workspace.invitation import qr_of, sheet_of, steps_of
from apps.workspace.permissions import Access, require
from apps.workspace.trial_page import Shown, page_of

DEVICE = "diary.patientdevice"
TRIAL_PAGE = "admin:trials_stimulationtrial_change"


class RevokeForm(forms.Form):
    reason = forms.CharField(max_length=200)


def worklist_page(access: Access) -> dict[str, Any]:
    at = timezone.now()
    tables, waiting = worklist.lists_of(access, at=at) if access.roles else ([], 0)
    return {
        "tables": tables,
        "named": [row.contact for table in tables for row in table.rows if row.contact],
        "may_ask": may_ask(access),
        "tasks": worklist.tasks_of(access),
        "waiting": waiting,
        "waiting_url": worklist.work_url("waiting"),
        "has_clinics": bool(access.roles),
        "at": at,
    }


def trial_page(trial: StimulationTrial, *, formsets: Iterable[Any], access: Access) -> dict[str, Any]:
    """``formsets`` are those of the page's form; what they show is not read again."""
    kept = {formset.model: list(formset.get_queryset()) for formset in formsets}
    shown = Shown(
        programs=_rows(kept, ProgramInterval, of=trial.programs),
        adverse_events=_rows(kept, AdverseEvent, of=trial.adverse_events),
    )
    return page_of(trial, shown=shown, access=access, at=timezone.now())


def _rows(kept: Mapping[type[Model], list[Any]], model: type[Model], *, of: Any) -> list[Any]:
    """Who may not see the form's rows may still see what the chart makes of them."""
    return kept[model] if model in kept else list(of.all())


@sensitive_variables("invitation")
def invite(request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]) -> HttpResponse:
    """Code and QR are in this answer only; a reload cannot bring them back."""
    require(request, "add", resource=DEVICE, clinic=trial.clinic_id)
    holder = request.POST.get("holder", "patient")
    if holder not in HOLDERS:
        raise Http404
    why_not = why_no_invitation(trial) or why_no_phone(trial.patient)
    if why_not:
        messages.error(request, why_not)
        return redirect(TRIAL_PAGE, trial.pk)
    try:
        invitation = issue_invitation(trial, by=actor(request), at=timezone.now(), holder=holder)
    except Erased as refused:
        messages.error(request, str(refused))
        return redirect(TRIAL_PAGE, trial.pk)
    except NoFreeCode as error:
        messages.error(request, f"{error}.".capitalize())
        return redirect(TRIAL_PAGE, trial.pk)
    page = context | invitation_page(invitation, trial=trial, holder=holder)
    return TemplateResponse(request, "workspace/pairing_code.html", page)


def invitation_page(invitation: Invitation, *, trial: StimulationTrial, holder: str) -> dict[str, Any]:
    address = f"{settings.PUBLIC_URL}/app/"
    sheet = sheet_of(trial.patient.language)
    zone = trial.clinic.zone
    return {
        "title": "A caregiver's phone" if holder == "proxy" else "The patient's phone",
        "trial": trial,
        "holder": holder,
        "code": invitation.code,
        "qr": qr_of(invitation.link),
        "code_until": moment_words(invitation.expires_at, zone=zone),
        "link_until": moment_words(invitation.link_expires_at, zone=zone),
        "sheet": sheet,
        "steps": steps_of(sheet, address=address),
    }


def revoke_phone(request: HttpRequest, trial: StimulationTrial, *, device_id: int) -> HttpResponse:
    require(request, "change", resource=DEVICE, clinic=trial.clinic_id)
    device = PatientDevice.objects.filter(trial=trial, pk=device_id, revoked_at__isnull=True).first()
    if device is None:
        raise Http404
    form = RevokeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The phone was not revoked: give a reason of at most 200 characters.")
    else:
        reason = form.cleaned_data["reason"]
        revoke_device(device, by=actor(request), at=timezone.now(), reason=reason)
        messages.success(request, f"{device} can send nothing more. What it had sent stays.")
    return redirect(TRIAL_PAGE, trial.pk)
