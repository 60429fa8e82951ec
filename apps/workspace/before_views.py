"""The page before the trial and its forms: a row is added, changed by a new version, or struck out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext

from apps.admin import actor, now
from apps.patients.models import BeforeTrial
from apps.patients.services import Act, CannotKeep, restore, void
from apps.trials.models import StimulationTrial
from apps.trials.whys import why_in
from apps.workspace.before_forms import KINDS, Kind
from apps.workspace.before_page import Before
from apps.workspace.before_sheet import Sheet, drawn_from
from apps.workspace.permissions import access_of, require

PAGE: Final = "admin:trial_before"


@dataclass(frozen=True, slots=True)
class Turn:
    """A row counts no longer, or counts again."""

    deed: Callable[..., BeforeTrial]
    done: str
    refused: str


STRIKE: Final = Turn(void, "Struck out, and it stays on record: {row}.", "Nothing was struck out: {why}.")
RESTORE: Final = Turn(restore, "Restored: {row}.", "Nothing was restored: {why}.")


def page(request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]) -> HttpResponse:
    require(request, "view", resource="patients.conservativetherapy", clinic=trial.clinic_id)
    before = Before(trial, access=access_of(request), at=now())
    told = (
        context
        | before.context()
        | {"title": gettext("Before the trial: %(patient)s") % {"patient": trial.patient}}
    )
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
    old = drawn_from(request, kind, trial, row)
    # Moments of a plan are the clinic's wall clock, in the form as in what is sent; its words are English.
    with timezone.override(ZoneInfo(trial.clinic.zone)), translation.override(settings.LANGUAGE_CODE):
        sheet = Sheet(trial, what, old=old, sent=request.POST if request.method == "POST" else None)
        if sheet.is_kept(act_of(request)):
            messages.success(request, f"Kept: {kind.words}.")
            return redirect(PAGE, trial.pk)
        told = context | sheet.context()
        return TemplateResponse(request, "workspace/before_form.html", told, status=sheet.status).render()


def strike(request: HttpRequest, trial: StimulationTrial, *, what: str, row: int) -> HttpResponse:
    return _set_void(request, trial, what=what, row=row, turn=STRIKE)


def restore_row(request: HttpRequest, trial: StimulationTrial, *, what: str, row: int) -> HttpResponse:
    return _set_void(request, trial, what=what, row=row, turn=RESTORE)


def _set_void(
    request: HttpRequest, trial: StimulationTrial, *, what: str, row: int, turn: Turn
) -> HttpResponse:
    kind = _kind_or_404(what)
    require(request, "add", resource=kind.resource, clinic=trial.clinic_id)
    old = kind.model.objects.filter(patient=trial.patient_id, pk=row).first()
    if old is None:
        raise Http404
    try:
        turn.deed(old, act=act_of(request), why=why_in(request.POST))
    except CannotKeep as refused:
        messages.error(request, gettext(turn.refused).format(why=refused))
    else:
        messages.success(request, gettext(turn.done).format(row=kind.words))
    return redirect(PAGE, trial.pk)


def _kind_or_404(what: str) -> Kind:
    if what not in KINDS:
        raise Http404
    return KINDS[what]


def act_of(request: HttpRequest) -> Act:
    return Act(actor(request), now(), request.META.get("REQUEST_ID", ""))
