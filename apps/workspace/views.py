"""The pages of the staff site that are not Django's, and what may be done on the trial page."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from apps.diary.models import PatientDevice
from apps.diary.pairing import LIFETIME, issue_code, revoke_device
from apps.trials.models import StimulationTrial
from apps.workspace import worklist
from apps.workspace.permissions import Access, access_of
from apps.workspace.trial_page import page_of

DEVICE = "diary.patientdevice"


class RevokeForm(forms.Form):
    reason = forms.CharField(max_length=200)


def worklist_page(access: Access) -> dict[str, Any]:
    at = timezone.now()
    waiting, waiting_url = worklist.waiting_of(access, at=at)
    return {
        "tables": worklist.tables_of(access, at=at) if access.roles else [],
        "waiting": waiting,
        "waiting_url": waiting_url,
        "has_clinics": bool(access.roles),
        "at": at,
    }


def trial_page(trial: StimulationTrial, *, access: Access) -> dict[str, Any]:
    return page_of(trial, access=access, at=timezone.now())


@sensitive_variables("code")
def issue_pairing_code(
    request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]
) -> HttpResponse:
    """The code is in this answer only; a reload cannot bring it back."""
    require(request, "add", trial)
    code = issue_code(trial, by=f"staff:{request.user.pk}", at=timezone.now())
    page = context | {
        "title": "Pairing code",
        "trial": trial,
        "code": code,
        "minutes": int(LIFETIME.total_seconds() // 60),
    }
    return TemplateResponse(request, "workspace/pairing_code.html", page)


def revoke_phone(request: HttpRequest, trial: StimulationTrial, *, device_id: int) -> HttpResponse:
    require(request, "change", trial)
    device = PatientDevice.objects.filter(trial=trial, pk=device_id, revoked_at__isnull=True).first()
    if device is None:
        raise Http404
    form = RevokeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The phone was not revoked: give a reason of at most 200 characters.")
    else:
        reason = form.cleaned_data["reason"]
        revoke_device(device, by=f"staff:{request.user.pk}", at=timezone.now(), reason=reason)
        messages.success(request, f"{device} can send nothing more. What it had sent stays.")
    return redirect("admin:trials_stimulationtrial_change", trial.pk)


def require(request: HttpRequest, act: str, trial: StimulationTrial) -> None:
    if not access_of(request).may(act, resource=DEVICE, clinic=trial.clinic_id):
        raise PermissionDenied
