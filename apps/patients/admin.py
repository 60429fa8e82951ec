"""Patients under their pseudonym; who that is stands below, for those who may know."""

from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.admin import ReadOnlyAdmin, StaffAdmin, StaffInline, actor
from apps.patients.models import (
    BeforeTrial,
    ConservativeTherapy,
    Diagnosis,
    EligibilityReview,
    PainRegions,
    Patient,
    PatientIdentity,
    PriorAuthorisation,
)
from apps.patients.services import move_patient

# Names that zoneinfo can load but that say nothing about where a patient is.
NOT_A_PLACE = frozenset({"Factory", "localtime", "posixrules"})
#: Erasing who a patient is; the page is the workspace's.
ERASURE: Final = "patients.erasure"
#: What the diary can be read in; ``apps.diary.wording`` holds the texts.
LANGUAGES = {"en": "English", "es": "Español", "de": "Deutsch"}


class PatientForm(forms.ModelForm):
    zone = forms.ChoiceField(
        label="Time zone",
        choices=[("", "---------"), *((name, name) for name in sorted(available_timezones() - NOT_A_PLACE))],
        help_text="Where the patient lives: it decides which evening an answer belongs to.",
    )
    language = forms.ChoiceField(
        choices=LANGUAGES.items(),
        initial="en",
        required=False,
        help_text="Of the diary and its reminders; the patient can change it on the phone.",
    )

    class Meta:
        model = Patient
        fields = ("clinic", "pseudonym", "zone", "language")

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or self.instance.language


class IdentityInline(StaffInline):
    model = PatientIdentity
    verbose_name_plural = "Identity"
    fields = ("full_name", "born_on", "phone", "email")
    clinic_path = "patient__clinic_id"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("tombstone",) if _is_erased(obj) else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("tombstone",) if _is_erased(obj) else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_erased(obj) and super().has_change_permission(request, obj)

    @admin.display(description="Name, birth date, phone, e-mail")
    def tombstone(self, row: PatientIdentity) -> str:
        return f"Identity erased on {day_words(row.erased_at)}: {row.get_erased_because_display()}"


def _is_erased(patient: Patient | None) -> bool:
    return patient is not None and hasattr(patient, "identity") and patient.identity.is_erased


def day_words(at: datetime | None) -> str:
    return "" if at is None else f"{at.day} {at:%b %Y}"


@admin.register(Patient)
class PatientAdmin(StaffAdmin):
    form = PatientForm
    inlines = (IdentityInline,)
    list_display = ("pseudonym", "zone", "language", "clinic")
    list_filter = (("clinic", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("clinic",)
    search_fields = ("pseudonym",)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        # Searching a name is reading it, letter by letter.
        known = self.access(request).clinics("view", resource="patients.patientidentity")
        every = known >= self.access(request).clinics("view", resource=self.resource)
        return ("pseudonym", "identity__full_name") if known and every else ("pseudonym",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("clinic",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "clinic":
            kwargs["queryset"] = self.clinics_to_add_in(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        clinics = list(self.clinics_to_add_in(request)[:2])
        only = {"clinic": clinics[0].pk, "zone": clinics[0].zone} if len(clinics) == 1 else {}
        return only | super().get_changeform_initial_data(request)

    def clinics_to_add_in(self, request: HttpRequest) -> Any:
        return Clinic.objects.filter(pk__in=self.access(request).clinics("add", resource=self.resource))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        clinic = None if obj is None else obj.clinic_id
        context["may_erase"] = obj is not None and self.access(request).may(
            "add", resource=ERASURE, clinic=clinic
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        at = timezone.now()
        if not change:
            obj.created_at = at
        elif "zone" in form.changed_data:
            move_patient(obj, zone=obj.zone, by=actor(request), at=at)
        super().save_model(request, obj, form, change)


class BeforeTrialAdmin(ReadOnlyAdmin):
    """Rows from before the trial; they are written on the trial's own page, and never edited."""

    clinic_path = "patient__clinic_id"
    list_select_related = ("patient",)
    search_fields: ClassVar[tuple[str, ...]] = ("patient__pseudonym",)
    #: What may name people.
    free_text: ClassVar[tuple[str, ...]] = ("reason", "note")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        clinic = None if obj is None else self.clinic_of(obj)
        sees = self.access(request).may("view", resource="patients.record.note", clinic=clinic)
        return () if sees else self.free_text

    @admin.display(description="Stands", boolean=True)
    def stands(self, row: BeforeTrial) -> bool:
        return not row.is_void and not hasattr(row, "superseded_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("superseded_by")


@admin.register(Diagnosis)
class DiagnosisAdmin(BeforeTrialAdmin):
    list_display = ("patient", "code", "body_region", "recorded_at", "stands")
    list_filter = ("body_region",)
    search_fields = ("patient__pseudonym", "code")


@admin.register(PainRegions)
class PainRegionsAdmin(BeforeTrialAdmin):
    list_display = ("patient", "__str__", "recorded_at", "stands")


@admin.register(ConservativeTherapy)
class ConservativeTherapyAdmin(BeforeTrialAdmin):
    list_display = ("patient", "kind", "agent", "started_on", "ended_on", "outcome", "stands")
    list_filter = ("kind", "outcome")
    search_fields = ("patient__pseudonym", "agent")


@admin.register(EligibilityReview)
class EligibilityReviewAdmin(BeforeTrialAdmin):
    list_display = ("patient", "reviewed_on", "psych_result", "anticoagulant", "recorded_at", "stands")
    list_filter = ("psych_result", "anticoagulant")


@admin.register(PriorAuthorisation)
class PriorAuthorisationAdmin(BeforeTrialAdmin):
    list_display = ("patient", "payer", "number", "expires_on", "stands")
    list_filter = ("expires_on",)
    search_fields = ("patient__pseudonym", "number", "payer")
