"""Erase who a patient is: a page that says what goes and what stays, and from then on the tombstone."""

from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from apps.admin import actor, now
from apps.audit.reasons import LEAST_READABLE, LONGEST
from apps.diary.erasing import Erasing, erase_patient, open_invitations, paired_phones, why_not_erased
from apps.patients.erasing import CannotErase, tombstone_of
from apps.patients.models import ERASURE_REASONS, Patient, PatientIdentity
from apps.workspace.permissions import access_of
from apps.workspace.rights import Act
from apps.workspace.selectors import names_of
from apps.workspace.spoken import speak

ERASURE: Final = "patients.erasure"
PAGE: Final = "admin:patient_erase"
FIELDS: Final = {"full_name": "name", "born_on": "birth date", "phone": "phone", "email": "e-mail"}
AGAIN: Final = "The identity was erased before, and nothing was changed."


class ErasureForm(forms.Form):
    reason_code = forms.ChoiceField(label="Why", choices=[("", "---------"), *ERASURE_REASONS.items()])
    words = forms.CharField(
        label="In words",
        min_length=LEAST_READABLE,
        max_length=LONGEST,
        help_text="Who decided it, and when. It stays in the trail for good: do not name the patient.",
    )
    pseudonym = forms.CharField(
        label="Pseudonym of the patient",
        max_length=40,
        help_text="As it stands at the top of this page, so that it is surely this patient.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        speak(self)

    def clean_pseudonym(self) -> str:
        typed: str = self.cleaned_data["pseudonym"]
        if typed != self.patient.pseudonym:
            raise forms.ValidationError(f"This is another patient: type {self.patient}, or go back.")
        return typed


def page(request: HttpRequest, object_id: int) -> HttpResponse:
    patient = _patient(request, object_id)
    form = ErasureForm(request.POST if request.method == "POST" else None, patient=patient)
    if not form.is_bound:
        return _shown(request, patient, form)
    if tombstone_of(patient) is not None:
        messages.info(request, gettext(AGAIN))
        return redirect(PAGE, patient.pk)
    return _erase(request, patient, form)


def _patient(request: HttpRequest, pk: int) -> Patient:
    clinics = access_of(request).clinics(Act.ADD, resource=ERASURE)
    if not clinics:
        raise PermissionDenied
    patient = Patient.objects.filter(pk=pk, clinic__in=clinics).first()
    if patient is None:
        raise Http404
    return patient


def _erase(request: HttpRequest, patient: Patient, form: ErasureForm) -> HttpResponse:
    if why_not_erased(patient):
        return _shown(request, patient, form, status=HTTPStatus.CONFLICT)
    if form.is_valid():
        try:
            is_new = erase_patient(_act(request, patient, form))
        except CannotErase as refused:
            form.add_error(refused.field or None, f"{refused}.")
        else:
            messages.info(request, f"The identity of {patient} is erased." if is_new else AGAIN)
            return redirect(PAGE, patient.pk)
    return _shown(request, patient, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _act(request: HttpRequest, patient: Patient, form: ErasureForm) -> Erasing:
    said = form.cleaned_data
    return Erasing(
        patient,
        by=actor(request),
        at=now(),
        reason_code=said["reason_code"],
        words=said["words"],
        request_id=str(request.META.get("REQUEST_ID", "")),
    )


def _shown(
    request: HttpRequest, patient: Patient, form: ErasureForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    tombstone = tombstone_of(patient)
    context = admin.site.each_context(request) | {
        "title": gettext("Erase the identity of %(patient)s") % {"patient": patient}
        if tombstone is None
        else f"{patient}",
        "original": patient,
        "patient": patient,
        "form": form,
        "tombstone": tombstone,
    }
    context |= _before(patient) if tombstone is None else {"erased_by": _name_of(tombstone.erased_by)}
    return TemplateResponse(request, "workspace/erase.html", context, status=status)


def _before(patient: Patient) -> dict[str, Any]:
    identity = PatientIdentity.objects.filter(patient=patient).first()
    return {
        "recorded": [words for name, words in FIELDS.items() if getattr(identity, name, None)],
        "phones": paired_phones(patient).count(),
        "invitations": open_invitations(patient, at=now()).count(),
        "refusal": why_not_erased(patient),
    }


def _name_of(actor: str) -> str:
    return names_of([actor]).get(actor, actor)
