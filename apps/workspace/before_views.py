"""The page before the trial and its forms: a row is added, changed by a new version, or struck out."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation

from apps.admin import actor, now
from apps.patients.models import BeforeTrial
from apps.patients.selectors import standing
from apps.patients.services import Act, CannotKeep, keep, void
from apps.trials.models import StimulationTrial
from apps.trials.rules import rules_of
from apps.workspace.before_forms import KINDS, BeforeForm, Kind
from apps.workspace.before_page import Before
from apps.workspace.body_map import body_map
from apps.workspace.permissions import access_of, require
from sctrial.lacking import statements_before

PAGE = "admin:trial_before"


def page(request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]) -> HttpResponse:
    require(request, "view", resource="patients.conservativetherapy", clinic=trial.clinic_id)
    before = Before(trial, access=access_of(request), at=now())
    told = context | before.context() | {"title": f"Before the trial: {trial.patient}"}
    return TemplateResponse(request, "workspace/before.html", told)


def edit(
    request: HttpRequest,
    trial: StimulationTrial,
    *,
    what: str,
    context: dict[str, Any],
    row: int | None = None,
) -> HttpResponse:
    """The form of one row; ``row`` is the one that it is to take the place of."""
    kind = _kind_or_404(what)
    require(request, "add", resource=kind.resource, clinic=trial.clinic_id)
    old = _standing_row(kind, trial, row)
    # Moments of a plan are the clinic's wall clock, in the form as in what is sent; its words are English.
    with timezone.override(ZoneInfo(trial.clinic.zone)), translation.override(settings.LANGUAGE_CODE):
        form = _form(request, kind, trial, old)
        reason = request.POST.get("reason", "")
        if form.is_valid() and _is_kept(request, trial, kind, form, old=old, reason=reason):
            return redirect(PAGE, trial.pk)
        return _form_page(request, trial, what, form=form, old=old, context=context)


def strike(request: HttpRequest, trial: StimulationTrial, *, what: str, row: int) -> HttpResponse:
    kind = _kind_or_404(what)
    require(request, "add", resource=kind.resource, clinic=trial.clinic_id)
    if kind.one_at_a_time:
        raise Http404
    old = _standing_row(kind, trial, row)
    try:
        void(old, act=act_of(request), reason=request.POST.get("reason", ""))
    except CannotKeep as refused:
        messages.error(request, f"Nothing was struck out: {refused}.")
    else:
        messages.success(request, f"Struck out: {kind.words}. It stays on record.")
    return redirect(PAGE, trial.pk)


def _form(request: HttpRequest, kind: Kind, trial: StimulationTrial, old: Any) -> BeforeForm:
    statements = statements_before(rules_of(trial.clinic_id).values())
    sent = request.POST if request.method == "POST" else None
    instance = old if old is not None else kind.model(patient=trial.patient)
    return kind.form(sent, instance=instance, statements=statements)


def _is_kept(
    request: HttpRequest, trial: StimulationTrial, kind: Kind, form: BeforeForm, *, old: Any, reason: str
) -> bool:
    try:
        keep(
            kind.model,
            trial.patient,
            values=form.values(),
            act=act_of(request),
            instead_of=None if old is None else old.pk,
            reason=reason,
        )
    except CannotKeep as refused:
        form.add_error(None, f"{refused}".capitalize())
        return False
    messages.success(request, f"Kept: {kind.words}.")
    return True


def _form_page(
    request: HttpRequest,
    trial: StimulationTrial,
    what: str,
    *,
    form: BeforeForm,
    old: BeforeTrial | None,
    context: dict[str, Any],
) -> HttpResponse:
    kind = KINDS[what]
    verb = "Change" if old is not None else "Add"
    told = context | {
        "title": f"{verb} {kind.words}: {trial.patient}",
        "trial": trial,
        "form": form,
        "what": what,
        "kind": kind,
        "old": old,
        "asks_reason": old is not None and not kind.one_at_a_time,
        "reason": request.POST.get("reason", ""),
        "views": body_map(form["regions"].value() or ()) if what == "regions" else (),
    }
    return TemplateResponse(request, "workspace/before_form.html", told).render()


def _kind_or_404(what: str) -> Kind:
    if what not in KINDS:
        raise Http404
    return KINDS[what]


def _standing_row(kind: Kind, trial: StimulationTrial, pk: int | None) -> Any:
    """The row to be replaced: of a review the one that stands, of others the one that was named."""
    rows = standing(kind.model, trial.patient)
    if kind.one_at_a_time:
        return rows.first()
    if pk is None:
        return None
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def act_of(request: HttpRequest) -> Act:
    return Act(actor(request), now(), request.META.get("REQUEST_ID", ""))
