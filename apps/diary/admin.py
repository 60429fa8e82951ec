"""The diary as staff see it: read, and add what the clinic itself knows."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.admin import ReadOnlyAdmin, StaffAdmin, StaffInline, now
from apps.diary.answer_words import (
    SHORT,
    answer_words,
    body_words,
    moment_words,
    question_of_body,
    question_words,
)
from apps.diary.importing.report import by_line
from apps.diary.models import (
    ConsentEvent,
    CorrectionRequest,
    DiaryAnswer,
    DiaryEntry,
    DiaryImport,
    OpioidUse,
    ParkedAnswer,
    QuestionnaireResponse,
    Reminder,
    ReminderPolicy,
    StaffTask,
)
from apps.diary.totals import check_day, total_answers, total_field

ODI = "odi"
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

    def get_queryset(self, request: HttpRequest) -> Any:
        # Doses given are listed in the record above, each with the way to correct it.
        return super().get_queryset(request).none()


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
        if given.filter(answered_on=day, is_void=False).exists():
            raise forms.ValidationError("This was answered for that day already.")
        return day

    def save(self, commit: bool = True) -> QuestionnaireResponse:
        self.instance.instrument = SATISFACTION
        self.instance.version = SATISFACTION_VERSION
        self.instance.answers = {"satisfied": self.cleaned_data["satisfied"] == "yes"}
        return super().save(commit)


class SatisfactionInline(AddOnlyInline):
    """The one question that rule sets ask and no phone does yet."""

    classes = ("collapse",)
    model = QuestionnaireResponse
    form = SatisfactionForm
    verbose_name = "answer"
    verbose_name_plural = "Is the patient satisfied with the relief?"
    fields = ("answered_on", "satisfied")

    def get_queryset(self, request: HttpRequest) -> Any:
        # Answers given are listed in the record above; here they are only added.
        return super().get_queryset(request).none()


class DisabilityForm(forms.ModelForm):
    """A total from the clinic's own licensed form; the items stay on paper."""

    #: The clinic's day, set for each request.
    today: date
    total = total_field(ODI)

    class Meta:
        model = QuestionnaireResponse
        fields = ("answered_on", "version")
        labels = {"version": "Version of the form, such as 2.1a"}

    def clean_answered_on(self) -> date:
        day: date = self.cleaned_data["answered_on"]
        trial = self.instance.trial
        check_day(day, placed_on=trial.lead_placed_on, today=self.today)
        if trial.responses.filter(instrument=ODI, answered_on=day, is_void=False).exists():
            raise forms.ValidationError("A total stands for that day already: correct that one.")
        return day

    def save(self, commit: bool = True) -> QuestionnaireResponse:
        self.instance.instrument = ODI
        self.instance.answers = total_answers(ODI, self.cleaned_data["total"])
        return super().save(commit)


class DisabilityInline(AddOnlyInline):
    classes = ("collapse",)
    model = QuestionnaireResponse
    form = DisabilityForm
    verbose_name = "score"
    verbose_name_plural = "Disability before the trial (ODI): the total, as the paper form says it"
    fields = ("answered_on", "total", "version")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        # A class of its own for each request, so this stays with it.
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.today = now().astimezone(ZoneInfo(obj.clinic.zone)).date()
        return formset

    def get_queryset(self, request: HttpRequest) -> Any:
        # Listed in the record above, each with the way to correct it.
        return super().get_queryset(request).none()


class OfOneTrial(ReadOnlyAdmin):
    """Rows of a patient's diary; each leads to its trial, where it is dealt with."""

    clinic_path = "trial__clinic_id"
    search_fields = ("trial__patient__pseudonym",)
    list_select_related = ("trial__patient",)

    @admin.display(description="Patient", ordering="trial__patient__pseudonym")
    def patient(self, row: Any) -> SafeString:
        page = reverse("admin:trials_stimulationtrial_change", args=[row.trial_id])
        return format_html('<a href="{}">{}</a>', page, row.trial.patient)


@admin.register(DiaryEntry)
class DiaryEntryAdmin(OfOneTrial):
    list_display = ("diary_day", "patient", "region", "kind", "score", "scale", "originator", "received_at")
    list_filter = ("kind", "scale", "originator", "timeliness")
    ordering = ("-diary_day", "-received_at")
    fields = (
        ("trial", "diary_day", "window_no"),
        ("region", "kind"),
        ("score", "scale"),
        ("captured_at", "zone", "utc_offset_minutes"),
        ("received_at", "timeliness", "begun_at"),
        ("originator", "entered_by"),
        ("device", "app_version", "clock_error_seconds"),
        ("instrument_version", "language"),
        ("diary_import", "line"),
        ("supersedes", "is_void", "body_sha256"),
    )
    readonly_fields = ("score",)

    @admin.display(description="Value", ordering="value")
    def score(self, entry: DiaryEntry) -> str:
        return entry.score


@admin.register(DiaryAnswer)
class DiaryAnswerAdmin(OfOneTrial):
    """A note is in the patient's own words: it is a row only for those who may read it."""

    list_display = ("diary_day", "patient", "asked", "said", "originator", "received_at")
    list_filter = ("question", "originator", "timeliness")
    ordering = ("-diary_day", "-received_at")
    fields = (
        ("trial", "diary_day", "window_no"),
        ("asked", "said"),
        ("captured_at", "zone", "utc_offset_minutes"),
        ("received_at", "timeliness", "begun_at"),
        ("originator", "entered_by"),
        ("device", "app_version", "clock_error_seconds"),
        ("instrument_version", "language"),
        ("supersedes", "is_void", "body_sha256"),
    )
    readonly_fields = ("asked", "said")

    def get_queryset(self, request: HttpRequest) -> QuerySet[DiaryAnswer]:
        rows = super().get_queryset(request)
        readers = self.access(request).clinics("view", resource=f"{self.resource}.note")
        hidden = DiaryAnswer.objects.filter(question="note").exclude(trial__clinic_id__in=readers)
        return rows.exclude(pk__in=hidden)

    @admin.display(description="Question", ordering="question")
    def asked(self, row: DiaryAnswer) -> str:
        return SHORT[row.question]

    @admin.display(description="Answer")
    def said(self, row: DiaryAnswer) -> str:
        return answer_words(row.question, row.answer)


@admin.register(ParkedAnswer)
class ParkedAnswerAdmin(OfOneTrial):
    list_display = ("received_at", "patient", "why", "diary_day", "asked", "closed_at", "outcome")
    list_filter = ("why", "outcome")
    ordering = ("-received_at",)
    fields = (
        ("trial", "diary_day"),
        ("asked", "said"),
        "why",
        ("captured_at", "received_at", "device"),
        ("closed_at", "closed_by", "outcome"),
    )
    readonly_fields = ("asked", "said")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a parked note says is read by those who may read notes."""
        is_note = obj is not None and obj.body.get("question") == "note"
        clinic = None if obj is None else self.clinic_of(obj)
        reads = self.access(request).may("view", resource="diary.diaryanswer.note", clinic=clinic)
        return ("trial", "diary_day", "asked", "why") if is_note and not reads else self.fields

    @admin.display(description="Question")
    def asked(self, row: ParkedAnswer) -> str:
        return question_words(question_of_body(row.body))

    @admin.display(description="Answer as it was sent")
    def said(self, row: ParkedAnswer) -> str:
        return body_words(row.body, trial=row.trial)


@admin.register(CorrectionRequest)
class CorrectionRequestAdmin(OfOneTrial):
    list_display = ("received_at", "patient", "reason", "state", "closed_at", "staff_note")
    list_filter = ("state", "reason")
    ordering = ("-received_at",)
    fields = (
        ("trial", "state"),
        ("entry_id", "answer_id", "result_id"),
        ("reason", "text", "proposed_value"),
        ("originator", "device", "captured_at", "received_at"),
        ("closed_at", "closed_by", "staff_note"),
    )
    # As ids: the answer that a request is about may not have arrived.
    readonly_fields = ("entry_id", "answer_id", "result_id")


@admin.register(ConsentEvent)
class ConsentEventAdmin(OfOneTrial):
    list_display = ("captured_at", "patient", "decision", "text_version", "language", "originator")
    list_filter = ("decision", "text_version", "language")
    ordering = ("-captured_at",)


@admin.register(Reminder)
class ReminderAdmin(OfOneTrial):
    """The delivery log."""

    list_display = ("claimed_at", "patient", "diary_day", "step", "channel", "state", "detail")
    list_filter = ("state", "channel", "step")


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Open"), ("0", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        states = {"1": True, "0": False}
        chosen = self.value() or ""
        return queryset.filter(closed_at__isnull=states[chosen]) if chosen in states else queryset


@admin.register(StaffTask)
class StaffTaskAdmin(OfOneTrial):
    """Open ones first, warning signs before all others. They are closed on the trial page."""

    list_display = ("kind", "patient", "since", "closed_at", "outcome")
    list_filter = (OpenFilter, "kind")
    ordering = ("-closed_at", Case(When(kind="red_flag", then=Value(0)), default=Value(1)), "raised_at", "id")

    @admin.display(description="Since, on the patient's clock", ordering="raised_at")
    def since(self, task: StaffTask) -> str:
        return moment_words(task.raised_at, zone=task.trial.patient.zone)


@admin.register(ReminderPolicy)
class ReminderPolicyAdmin(StaffAdmin):
    """One a clinic; without a row the defaults hold."""

    list_display = ("clinic", "is_on", "quiet_from", "quiet_to", "most_a_day")
    list_select_related = ("clinic",)
    fields = ("clinic", "is_on", ("quiet_from", "quiet_to"), "most_a_day")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("clinic",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        clinics = self.access(request).clinics("add", resource=self.resource)
        offered = db_field.remote_field.model.objects.filter(pk__in=clinics, reminder_policy__isnull=True)
        kwargs |= {"queryset": offered, "initial": offered.first()}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(DiaryImport)
class DiaryImportAdmin(ReadOnlyAdmin):
    clinic_path = "trial__clinic_id"
    list_display = ("file_name", "trial", "imported_at", "imported_by")
    list_select_related = ("trial__patient",)
    search_fields = ("file_name",)
    fields = (("file_name", "trial"), ("imported_at", "imported_by"), "file_sha256", "rows", "mapping")
    readonly_fields = ("rows",)

    @admin.display(description="By line")
    def rows(self, row: DiaryImport) -> SafeString:
        return format_html("<pre>{}</pre>", by_line(row.report))
