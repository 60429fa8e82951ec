"""The list of trials and the trial page: evidence first, then what can be done, then the data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.admin import StaffAdmin
from apps.audit.models import AuditEvent
from apps.diary.admin import DisabilityInline, DoseInline, SatisfactionInline
from apps.diary.models import ImportProposal, OpioidUse, QuestionnaireResponse
from apps.patients.selectors import known_patients
from apps.trials.correcting import add_event, correct_row
from apps.trials.inlines import (
    AdverseEventInline,
    ExtensionInline,
    LeadInline,
    ProgramInline,
    StimulatorInline,
)
from apps.trials.models import AdverseEvent, PermanentImplant, StimulationTrial
from apps.trials.policies import PROTOCOL_FIELDS, CannotChange
from apps.trials.rules import read_rulebook
from apps.trials.services import add_trial, change_trial, require_known, touch_evidence
from apps.trials.steps import today_in
from apps.trials.whys import CODE, TEXT, act_of
from apps.workspace import before_views, diary_views, revise_views, sign_views, step_views, views
from apps.workspace.forms import NO_SUCH_PATIENT, TrialForm
from apps.workspace.implant import ImplantAdmin
from apps.workspace.import_admin import ImportProposalAdmin
from apps.workspace.permissions import access_of
from apps.workspace.selectors import bases_at, is_fresh
from apps.workspace.signed_filter import SignedFilter
from apps.workspace.target import as_it_was_fixed, regions_named
from apps.workspace.trail_admin import TrailAdmin
from apps.workspace.verdicts import Reading
from apps.workspace.work import WORK
from apps.workspace.worklist import readings_of
from sctrial.phases import Phase

WORK_LABELS = {
    "ready": "Ready for a decision",
    "differs": "Decided, and would now differ",
    "silent": "No entry since yesterday or longer",
    "ending": "Ending within three days with too little evidence",
    "hand_over": "To hand over for the decision",
    "deferred": "Deferred, or decided and not carried out",
    "due": "Follow-up due",
    "before": "Before the leads",
    "unpaired": "No phone is paired",
    "running": "Running",
    "waiting": "Ended, verdict not current",
}
Fieldset = tuple[str, Any]

GET_OR_POST = require_http_methods(["GET", "POST"])
FIXED_AT_START = ("patient", "repeat_number", "modality")
EVIDENCE = (OpioidUse, QuestionnaireResponse)


# Nothing to correct before a step has set them.
SET_BY_STEPS = ("lead_placed_on", "ended_on", "end_reason", "technical_cause")

PATIENT: Fieldset = ("Patient and device", {"fields": ("patient", "modality", "repeat_number")})
PROTOCOL: Fieldset = (
    "Protocol",
    {
        "description": "Fixed from the day the leads are placed: chosen after the scores are seen, "
        "any of these could be picked to fit the wish.",
        "fields": (
            "target_regions",
            "target_area",
            "rule_set_id",
            "baseline_window",
            "trial_window",
            "several",
            "scale",
            "day_starts_at_hour",
        ),
    },
)
DIARY: Fieldset = (
    "The patient's diary",
    {"fields": ("diary_windows", "goal", "other_regions", "left_out")},
)


def folded(fieldset: Fieldset) -> Fieldset:
    """Shut until it is asked for, or until something in it is refused."""
    name, options = fieldset
    return name, options | {"classes": ("collapse",)}


REFERRAL: Fieldset = ("Referral", {"fields": ("referred_by", "referred_on")})
WHERE_IT_STANDS: Fieldset = (
    "Where it stands",
    {
        "description": "The phase moves by the steps above. A date set by a step can be corrected here, with "
        "a reason. A signed decision rests on these: open it again before you correct them.",
        "fields": ("phase", "diary_from", "planned_end_on", *SET_BY_STEPS),
    },
)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done on the trial page, under an address of its own."""

    address: str
    name: str
    view: Callable[..., HttpResponse]
    methods: Callable[..., Any] = require_POST
    #: Answers with a page of its own, which wants the site's context.
    has_page: bool = False


DEEDS = (
    Deed("pairing-code/", "trial_pairing_code", views.invite, has_page=True),
    Deed("phones/<int:device_id>/revoke/", "trial_revoke_phone", views.revoke_phone),
    Deed("steps/<slug:to>/", "trial_step", step_views.take),
    Deed("extend/", "trial_extend", step_views.extend),
    Deed("write-down/", "trial_write_down", diary_views.write_down, GET_OR_POST, has_page=True),
    Deed("before/", "trial_before", before_views.page, require_safe, has_page=True),
    Deed("before/<str:what>/add/", "trial_before_add", before_views.edit, GET_OR_POST, has_page=True),
    Deed(
        "before/<str:what>/<int:row>/change/",
        "trial_before_change",
        before_views.edit,
        GET_OR_POST,
        has_page=True,
    ),
    Deed("before/<str:what>/<int:row>/strike/", "trial_before_strike", before_views.strike),
    Deed("before/<str:what>/<int:row>/restore/", "trial_before_restore", before_views.restore_row),
    Deed("tasks/<int:task>/close/", "trial_close_task", diary_views.close),
    Deed("parked/<uuid:parked>/settle/", "trial_settle_parked", diary_views.settle_parked),
    Deed("revise/<slug:of>/<str:revised>/", "trial_revise", revise_views.revise, GET_OR_POST, has_page=True),
    Deed("sign/", "trial_sign", sign_views.sign, has_page=True),
    Deed("countersign/", "trial_countersign", sign_views.second, has_page=True),
    Deed("reopen/", "trial_reopen", sign_views.open_again, has_page=True),
    Deed("decision/", "trial_decision", sign_views.record_page, require_safe, has_page=True),
    Deed("decision/packet.pdf", "trial_packet", sign_views.packet, require_safe),
    Deed(
        "decision/<int:signature>/document.json", "trial_signed_document", sign_views.document, require_safe
    ),
    Deed("corrections/<uuid:correction>/settle/", "trial_settle_correction", diary_views.settle_correction),
)


class WorkFilter(admin.SimpleListFilter):
    """The worklist's own queries, so that every count there equals its list here."""

    title = "work"
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(WORK_LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        return WORK[chosen](queryset, at=timezone.now()) if chosen in WORK else queryset


admin.site.register(PermanentImplant, ImplantAdmin)
admin.site.register(AuditEvent, TrailAdmin)
admin.site.register(ImportProposal, ImportProposalAdmin)


@admin.register(StimulationTrial)
class TrialAdmin(StaffAdmin):
    form = TrialForm
    change_form_template = "workspace/trial_form.html"
    list_display = (
        "patient",
        "device",
        "target_words",
        "phase",
        "verdict",
        "reduction",
        "planned_end_on",
        "clinic",
    )
    list_display_links = ("patient",)
    list_filter = (
        WorkFilter,
        SignedFilter,
        "phase",
        "modality",
        ("clinic", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("patient__pseudonym", "target_area")
    inlines = (
        LeadInline,
        StimulatorInline,
        ProgramInline,
        ExtensionInline,
        AdverseEventInline,
        DoseInline,
        SatisfactionInline,
        DisabilityInline,
    )
    fieldsets = (WHERE_IT_STANDS, *map(folded, (DIARY, PROTOCOL, REFERRAL, PATIENT)))
    add_fieldsets = (
        PATIENT,
        REFERRAL,
        PROTOCOL,
        DIARY,
        (
            "Dates",
            {
                "description": "A trial begins at its referral; it moves on by the steps of its page.",
                "fields": ("diary_from", "planned_end_on"),
            },
        ),
    )

    # --- the list ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[StimulationTrial]:
        return super().get_queryset(request).select_related("patient", "clinic", "currency")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """One read for the verdicts of a whole page of the list."""
        changelist = super().get_changelist_instance(request)
        rulebook = read_rulebook()
        readings = readings_of(list(changelist.result_list), rulebook=rulebook)
        bases = bases_at(timezone.now(), rulebook=rulebook)
        for trial in changelist.result_list:
            trial.reading = readings.get(trial.pk)
            trial.is_current = is_fresh(trial, bases=bases)
        return changelist

    @admin.display(description="Device", ordering="modality")
    def device(self, trial: StimulationTrial) -> str:
        return trial.modality

    @admin.display(description="Target", ordering="target_regions")
    def target_words(self, trial: StimulationTrial) -> str:
        return trial.target_words

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """A region is found by its words, as a target in words is."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        named = regions_named(search_term)
        return (found | queryset.filter(named), may_repeat) if named else (found, may_repeat)

    @admin.display(description="Verdict")
    def verdict(self, trial: Any) -> str:
        reading: Reading | None = getattr(trial, "reading", None)
        if reading is None:
            return "not yet"
        stale = "" if trial.is_current else f", not current since {reading.row.assessed_at:%d %b %H:%M} UTC"
        return f"{reading.answer_words}{stale}"

    @admin.display(description="Reduction")
    def reduction(self, trial: Any) -> str:
        reading: Reading | None = getattr(trial, "reading", None)
        if reading is None or not reading.percent:
            return "no percent"
        return f"{reading.percent} (asked {reading.threshold})" if reading.threshold else reading.percent

    # --- the page ---

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        # Who referred is free text that names a person.
        sees = access_of(request).may("view", resource="patients.record.note", clinic=obj.clinic_id)
        shown: list[Any] = [one for one in self.fieldsets if sees or one[0] != REFERRAL[0]]
        return shown if obj.lead_placed_on is None else [as_it_was_fixed(one) for one in shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        protocol = PROTOCOL_FIELDS if obj.lead_placed_on is not None else ()
        ended = SET_BY_STEPS[1:] if obj.ended_on is None else ()
        placed = SET_BY_STEPS[:1] if obj.lead_placed_on is None else ()
        return (*FIXED_AT_START, "phase", "target_words", *placed, *ended, *protocol)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # A class of its own for each request, so this stays with it.
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.clinics = access_of(request).clinics("add", resource=self.resource)
        if obj is not None:
            form.today = today_in(obj, at=timezone.now())
        return form

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [] if obj is None else list(self.inlines)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "patient":
            clinics = access_of(request).clinics("add", resource=self.resource)
            kwargs["error_messages"] = {"invalid_choice": NO_SUCH_PATIENT}
            kwargs["queryset"] = known_patients().filter(clinic_id__in=clinics)
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
            # The leads were placed by somebody else between the form's check and the write.
            self.message_user(request, f"Nothing was saved: {refused}", messages.ERROR)
            return redirect(request.path)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        trial = kwargs.get("obj")
        if trial is not None:
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            context |= views.trial_page(trial, formsets=formsets, access=access_of(request))
            where = f"{trial.modality} · {trial.target_words} · {trial.get_phase_display()}"
            why = [context["adminform"].form[name] for name in (CODE, TEXT)]
            context |= {"title": str(trial.patient), "subtitle": where, "why_fields": why}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: StimulationTrial, form: ModelForm, change: bool) -> None:
        if change:
            own = set(form._meta.fields or ())
            changes = {name: form.cleaned_data[name] for name in form.changed_data if name in own}
            if changes:
                change_trial(obj.pk, changes=changes, act=act_of(request))
            return
        obj.clinic, obj.created_at, obj.phase = obj.patient.clinic, timezone.now(), Phase.REFERRED.value
        add_trial(obj)
        self.audit(request, obj, action="create", fields=form.changed_data)
        touch_evidence(obj.pk)

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseModelFormSet, change: bool) -> None:
        trial = form.instance
        formset.save(commit=False)
        if formset.new_objects:
            require_known(trial)
        for row in formset.new_objects:
            if isinstance(row, AdverseEvent):
                add_event(row, act=act_of(request))
            else:
                row.save()
            self.audit(request, row, action="create", parent=trial)
        for row, fields in formset.changed_objects:
            correct_row(row, trial=trial, fields=fields, act=act_of(request))
        if formset.model in EVIDENCE and formset.new_objects:
            touch_evidence(trial.pk)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        own = set(form.changed_data) - {CODE, TEXT}
        form.instance.was_changed = bool(own) or any(one.has_changed() for one in formsets)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Back to the page: what was saved shows in the evidence above it."""
        words = "Saved." if obj.was_changed else "Nothing was changed, so nothing was written."
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        self.message_user(request, f"{obj} was added.", messages.SUCCESS)
        return redirect("admin:trials_stimulationtrial_change", obj.pk)

    # --- what can be done ---

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(f"<uuid:pk>/{one.address}", wrap(one.methods(self.view_of(one))), name=one.name)
            for one in DEEDS
        ]
        return own + super().get_urls()

    def view_of(self, deed: "Deed") -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, pk: UUID, **ids: Any) -> HttpResponse:
            trial = self.trial_or_404(request, pk)
            if deed.has_page:
                ids["context"] = self.admin_site.each_context(request)
            return deed.view(request, trial, **ids)

        return view

    def trial_or_404(self, request: HttpRequest, pk: UUID) -> StimulationTrial:
        trial = self.get_object(request, unquote(str(pk)))
        if trial is None:
            raise Http404
        return trial
