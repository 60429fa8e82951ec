"""The page of a permanent implant: what became of the relief, then visits, revisions and the explant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.admin import StaffAdmin, StaffInline
from apps.outcomes.selectors import current_assessments
from apps.trials.correcting import correct_row
from apps.trials.models import Correction, Explant, FollowUp, PermanentImplant, Revision
from apps.trials.policies import CannotChange
from apps.trials.services import require_known
from apps.trials.whys import (
    CODE,
    TEXT,
    CorrectingFormSet,
    act_of,
    require_why,
    why_code_field,
    why_field,
)
from apps.workspace.corrected import lines_of
from apps.workspace.selectors import names_of
from apps.workspace.steps import IMPLANTED
from apps.workspace.verdicts import NOTICE, mean_of
from sctrial.aftercare import MODERATE, MONTHS, SUBSTANTIAL, due_on, relief_left
from sctrial.reduction import display_percent_at
from sctrial.scales import SCALES, OffScale, Scale, ScaleCode, show_exactly

YES_NO: dict[bool | None, str] = {True: "yes", False: "no", None: "–"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of the table; a visit that was not made yet has only its day."""

    month: int
    due_on: date
    seen_on: date | None = None
    pain: str = "–"
    percent: str = "–"
    moderate: str = "–"
    substantial: str = "–"
    function: str = "–"
    satisfied: str = "–"
    #: The system was taken out before this day.
    is_over: bool = False


def visits_of(implant: PermanentImplant) -> Iterator[Visit]:
    seen = {row.month: row for row in implant.follow_ups.all()}
    rows = current_assessments(implant.trial)
    baseline = mean_of(rows[0], side="baseline") if rows else None
    scale = SCALES[ScaleCode(implant.trial.scale)]
    explant: Explant | None = getattr(implant, "explant", None)
    for month in MONTHS:
        due = due_on(implant.implanted_on, month=month)
        row = seen.get(month)
        is_over = explant is not None and due > explant.explanted_on
        yield (
            Visit(month, due, is_over=is_over)
            if row is None
            else _visit(row, due=due, baseline=baseline, scale=scale)
        )


def _visit(row: FollowUp, *, due: date, baseline: Fraction | None, scale: Scale) -> Visit:
    pain = None if row.pain is None else scale.from_units(row.pain)
    left = relief_left(baseline, pain=pain)
    nearest = MODERATE if left.still_moderate is False else SUBSTANTIAL
    return Visit(
        month=row.month,
        due_on=due,
        seen_on=row.seen_on,
        pain="–" if pain is None else show_exactly(pain),
        percent="–" if left.percent is None else display_percent_at(left.percent, threshold=nearest),
        moderate=YES_NO[left.still_moderate],
        substantial=YES_NO[left.still_substantial],
        function=row.get_function_display() or "–",
        satisfied=YES_NO[row.satisfied],
    )


class ImplantForm(forms.ModelForm):
    why_code = why_code_field()
    why = why_field()

    class Meta:
        model = PermanentImplant
        fields = ("trial", "implanted_on", "generator", "identifier", "is_rechargeable")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        trial = data.get("trial") or (self.instance.trial if self.instance.pk else None)
        day = data.get("implanted_on")
        if trial is not None and trial.phase not in IMPLANTED:
            self.add_error(None, "A permanent implant follows the signed decision.")
        if trial is not None and day and trial.ended_on and day < trial.ended_on:
            self.add_error(
                "implanted_on", f"The trial ended on {trial.ended_on}; the implant comes after it."
            )
        if self.instance.pk:
            require_why(self, PermanentImplant.objects.get(pk=self.instance.pk))
        return data


class FollowUpForm(forms.ModelForm):
    """Pain is read and written on the scale of the trial, and kept in its units."""

    pain = forms.DecimalField(label="Average pain", required=False, help_text="On the scale of the trial.")

    class Meta:
        model = FollowUp
        fields = ("month", "seen_on", "pain", "function", "satisfied")
        labels: ClassVar[dict[str, str]] = {"seen_on": "Seen on"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.pain is not None:
            self.initial["pain"] = Decimal(show_exactly(self._scale().from_units(self.instance.pain)))

    def _scale(self) -> Scale:
        return SCALES[ScaleCode(self.instance.implant.trial.scale)]

    def clean_pain(self) -> int | None:
        score: Decimal | None = self.cleaned_data["pain"]
        try:
            return None if score is None else self._scale().to_units(Fraction(score))
        except OffScale as error:
            raise forms.ValidationError(f"{error}.") from None

    def clean_seen_on(self) -> date:
        day: date = self.cleaned_data["seen_on"]
        if day < self.instance.implant.implanted_on:
            raise forms.ValidationError("The visit comes after the implant.")
        return day


class LaterForm(forms.ModelForm):
    """Something after the implant; ``day_field`` names its day."""

    day_field: ClassVar[str]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get(self.day_field)
        if day and day < self.instance.implant.implanted_on:
            self.add_error(self.day_field, "This comes after the implant.")
        return data


class RevisionForm(LaterForm):
    day_field = "revised_on"

    class Meta:
        model = Revision
        fields = ("revised_on", "reason")


class ExplantForm(LaterForm):
    day_field = "explanted_on"

    class Meta:
        model = Explant
        fields = ("explanted_on", "reason")


class ImplantInline(StaffInline):
    formset = CorrectingFormSet
    clinic_path = "implant__trial__clinic_id"

    def clinic_of(self, obj: Model) -> int | None:
        return cast(PermanentImplant, obj).trial.clinic_id


class FollowUpInline(ImplantInline):
    model = FollowUp
    form = FollowUpForm
    verbose_name_plural = "Follow-up visits"
    fields = ("month", "seen_on", "pain", "function", "satisfied")


class RevisionInline(ImplantInline):
    model = Revision
    form = RevisionForm
    verbose_name_plural = "Revisions: surgery on any part"


class ExplantInline(ImplantInline):
    model = Explant
    form = ExplantForm
    verbose_name_plural = "Explant: removal of all parts"


class ImplantAdmin(StaffAdmin):
    clinic_path = "trial__clinic_id"
    form = ImplantForm
    fields = ("trial", "implanted_on", "generator", "identifier", "is_rechargeable")
    change_form_template = "workspace/implant.html"
    list_display = ("patient", "implanted_on", "generator", "explanted")
    list_filter = ("implanted_on",)
    list_select_related = ("trial__patient", "explant")
    search_fields = ("trial__patient__pseudonym",)
    inlines = (FollowUpInline, RevisionInline, ExplantInline)

    @admin.display(description="Patient", ordering="trial__patient__pseudonym")
    def patient(self, row: PermanentImplant) -> str:
        return str(row.trial.patient)

    @admin.display(description="Explanted")
    def explanted(self, row: PermanentImplant) -> str:
        return str(row.explant) if hasattr(row, "explant") else "–"

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [] if obj is None else list(self.inlines)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("trial",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "trial":
            clinics = self.access(request).clinics("add", resource=self.resource)
            trials = db_field.remote_field.model.objects.filter(
                clinic_id__in=clinics, phase__in=[phase.value for phase in IMPLANTED], implant__isnull=True
            )
            kwargs["queryset"] = trials.select_related("patient")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        plain = {"show_save_and_add_another": False, "show_save_and_continue": False}
        try:
            return super().changeform_view(request, object_id, form_url, plain | (extra_context or {}))
        except CannotChange as refused:
            # Somebody else filled in what was empty between the form's check and the write.
            self.message_user(request, f"Nothing was saved: {refused}", messages.ERROR)
            return redirect(request.path)

    def save_model(self, request: HttpRequest, obj: PermanentImplant, form: Any, change: bool) -> None:
        if not change:
            require_known(obj.trial)
            super().save_model(request, obj, form, change)
            return
        own = set(form.changed_data) - {CODE, TEXT}
        correct_row(obj, trial=obj.trial, fields=own, act=act_of(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        implant = form.instance
        formset.save(commit=False)
        if formset.new_objects:
            require_known(implant.trial)
        for row in formset.new_objects:
            row.save()
            self.audit(request, row, action="create", parent=implant)
        for row, fields in formset.changed_objects:
            correct_row(row, trial=implant.trial, fields=fields, act=act_of(request))

    def response_change(self, request: HttpRequest, obj: PermanentImplant) -> HttpResponse:
        """Back to the page: what was saved shows in the table above it."""
        self.message_user(request, "Saved.", messages.SUCCESS)
        return redirect(request.path)

    def response_add(
        self, request: HttpRequest, obj: PermanentImplant, post_url_continue: str | None = None
    ) -> HttpResponse:
        self.message_user(request, f"{obj}: recorded. The trial moves on by its step.", messages.SUCCESS)
        return redirect("admin:trials_stimulationtrial_change", obj.trial_id)

    def corrections_of(self, request: HttpRequest, implant: PermanentImplant) -> dict[str, Any]:
        """Old values beside new ones, for who may see them."""
        may_see = self.access(request).may(
            "view", resource="trials.correction", clinic=implant.trial.clinic_id
        )
        after = [model._meta.label_lower for model in (PermanentImplant, FollowUp, Revision, Explant)]
        rows = list(Correction.objects.filter(trial=implant.trial_id, model__in=after)) if may_see else []
        names = names_of(row.corrected_by for row in rows)
        return {"sees_corrections": may_see, "corrections": list(lines_of(rows, names=names))}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        implant = kwargs.get("obj")
        if implant is not None:
            context |= {"implant": implant, "visits": list(visits_of(implant)), "notice": NOTICE}
            context |= {"title": str(implant), "subtitle": implant.trial.target_words}
            context |= self.corrections_of(request, implant)
            context["why_fields"] = [context["adminform"].form[name] for name in (CODE, TEXT)]
        return super().render_change_form(request, context, *args, **kwargs)
