"""The diary as staff see it: read, and add what the clinic itself knows."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from apps.admin import ReadOnlyAdmin, StaffInline
from apps.diary.models import DiaryEntry, DiaryImport, OpioidUse, QuestionnaireResponse

SATISFACTION = "trial_satisfaction"
SATISFACTION_VERSION = "1"


class AddOnlyInline(StaffInline):
    """Evidence is added; what stands is not edited."""

    clinic_path = "trial__clinic_id"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DoseForm(forms.ModelForm):
    class Meta:
        model = OpioidUse
        fields = ("day", "mme", "table_version")
        labels = {"mme": "MME", "table_version": "Version of the conversion table"}


class DoseInline(AddOnlyInline):
    model = OpioidUse
    form = DoseForm
    verbose_name = "dose"
    # One line a day: a month of it should not stand between the reader and the button.
    classes = ("collapse",)
    verbose_name_plural = "Daily opioid dose, in morphine milligram equivalents (MME)"
    fields = ("day", "mme", "table_version")


class SatisfactionForm(forms.ModelForm):
    satisfied = forms.ChoiceField(
        choices=(("", "---------"), ("yes", "Yes"), ("no", "No")),
        label="Satisfied with the relief",
    )

    class Meta:
        model = QuestionnaireResponse
        fields = ("answered_on",)

    def clean_answered_on(self) -> date:
        day: date = self.cleaned_data["answered_on"]
        given = QuestionnaireResponse.objects.filter(trial_id=self.instance.trial_id, instrument=SATISFACTION)
        if given.filter(answered_on=day).exists():
            raise forms.ValidationError("This was answered for that day already.")
        return day

    def save(self, commit: bool = True) -> QuestionnaireResponse:
        self.instance.instrument = SATISFACTION
        self.instance.version = SATISFACTION_VERSION
        self.instance.answers = {"satisfied": self.cleaned_data["satisfied"] == "yes"}
        return super().save(commit)


class SatisfactionInline(AddOnlyInline):
    """The one question that rule sets ask and no phone does yet."""

    model = QuestionnaireResponse
    form = SatisfactionForm
    verbose_name = "answer"
    verbose_name_plural = "Is the patient satisfied with the relief?"
    fields = ("answered_on", "satisfied")

    def get_queryset(self, request: HttpRequest) -> Any:
        # Answers given are listed in the record above; here they are only added.
        return super().get_queryset(request).none()


@admin.register(DiaryEntry)
class DiaryEntryAdmin(ReadOnlyAdmin):
    clinic_path = "trial__clinic_id"
    list_display = ("diary_day", "patient", "region", "kind", "score", "scale", "originator", "received_at")
    list_filter = ("kind", "scale", "originator")
    search_fields = ("trial__patient__pseudonym",)
    list_select_related = ("trial__patient",)
    ordering = ("-diary_day", "-received_at")
    fields = (
        ("trial", "diary_day"),
        ("region", "kind"),
        ("score", "scale"),
        ("captured_at", "zone", "utc_offset_minutes"),
        ("received_at", "originator"),
        ("device", "app_version", "instrument_version"),
        ("diary_import", "line"),
        ("supersedes", "body_sha256"),
    )
    readonly_fields = ("score",)

    @admin.display(description="Patient", ordering="trial__patient__pseudonym")
    def patient(self, entry: DiaryEntry) -> str:
        return str(entry.trial.patient)

    @admin.display(description="Value", ordering="value")
    def score(self, entry: DiaryEntry) -> str:
        return entry.score


@admin.register(DiaryImport)
class DiaryImportAdmin(ReadOnlyAdmin):
    clinic_path = "trial__clinic_id"
    list_display = ("file_name", "trial", "imported_at", "imported_by")
    list_select_related = ("trial__patient",)
    search_fields = ("file_name",)
