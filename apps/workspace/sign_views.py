"""Sign, countersign, open again; and read what was signed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from apps.accounts.factors import (
    IDLE,
    LockedOut,
    NoFactor,
    WrongCredentials,
    factors_of,
    reauthenticate,
)
from apps.admin import actor, now
from apps.audit.services import record
from apps.diary.channels import Message
from apps.outcomes.deciding import CannotSign, Hand, choices_for, countersign, reopen, sign_decision
from apps.outcomes.models import Signature
from apps.outcomes.standing import changed_since, signed_events, standing_decision
from apps.trials.models import StimulationTrial
from apps.workspace.packet import packet_of, payers_of
from apps.workspace.permissions import access_of, require
from apps.workspace.proving import presented_in
from apps.workspace.sign_page import RESOURCE, DecisionForm, HandForm, ReopenForm, again_after, events_of
from apps.workspace.telling import tell_of_tries, tell_site_admins
from sctrial.choices import MEANING_WORDS, Choice

TRIAL_PAGE: Final = "admin:trials_stimulationtrial_change"
SESSION: Final = "signing"
FILE: Final = "outcomes.decision.file"
STALE: Final = 409
LOCKED: Final = Message(
    "Signing was locked", "Five wrong tries to sign. Look at the audit trail of your clinic.\n"
)
Sign = Callable[[Hand], Signature]


@sensitive_post_parameters("password", "code", "passkey")
def sign(request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]) -> HttpResponse:
    form = DecisionForm(request.POST, offered=choices_for(trial))

    def decide(hand: Hand) -> Signature:
        data = form.cleaned_data
        return sign_decision(
            trial,
            choice=Choice(data["choice"]),
            hand=hand,
            reason_code=data["reason_code"],
            reason=data["reason"],
        )

    return _signed(request, trial, form, decide, context=context)


@sensitive_post_parameters("password", "code", "passkey")
def second(request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]) -> HttpResponse:
    return _signed(
        request, trial, HandForm(request.POST), lambda hand: countersign(trial, hand=hand), context=context
    )


@sensitive_post_parameters("password", "code", "passkey")
def open_again(request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]) -> HttpResponse:
    form = ReopenForm(request.POST)
    return _signed(
        request,
        trial,
        form,
        lambda hand: reopen(trial, reason=form.cleaned_data["reason"], hand=hand),
        context=context,
    )


def record_page(request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]) -> HttpResponse:
    """Every signed event, as printed, with its document to take away."""
    require(request, "view", resource=RESOURCE, clinic=trial.clinic_id)
    standing = standing_decision(trial)
    page = {
        "title": gettext("Signed record"),
        "subtitle": str(trial.patient),
        "trial": trial,
        "standing": standing,
        "changed": changed_since(standing, trial=trial, at=now()) if standing else "",
        "events": events_of(trial),
        "payers": payers_of(trial, standing) if standing else (),
        "may_take": access_of(request).may("view", resource=FILE, clinic=trial.clinic_id),
    }
    return TemplateResponse(request, "workspace/signed.html", context | page)


def document(request: HttpRequest, trial: StimulationTrial, *, signature: int) -> HttpResponse:
    """The sealed document, byte for byte: ``python -m sctrial replay`` takes it."""
    require(request, "view", resource=FILE, clinic=trial.clinic_id)
    row = signed_events(trial).filter(pk=signature).first()
    if row is None:
        raise Http404
    export(request, trial, what="decision", detail={"signature": row.pk})
    answer = HttpResponse(row.document.encode(), content_type="application/json")
    name = f"decision-{trial.pk}-{row.pk}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def packet(request: HttpRequest, trial: StimulationTrial) -> HttpResponse:
    """The signed decision for a payer, under the trial's own rule or the one asked for."""
    require(request, "view", resource=FILE, clinic=trial.clinic_id)
    decision = standing_decision(trial)
    payer = request.GET.get("payer", trial.rule_set_id)
    made = packet_of(trial, decision, payer=payer, at=now()) if decision else None
    if made is None:
        raise Http404
    export(request, trial, what="packet", detail={"rule_set": payer})
    answer = HttpResponse(made.pdf(), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="packet-{trial.patient.pseudonym}.pdf"'
    return answer


def export(request: HttpRequest, trial: StimulationTrial, *, what: str, detail: dict[str, Any]) -> None:
    record(
        action="export",
        object_type="trial",
        object_id=trial.pk,
        by=actor(request),
        at=now(),
        clinic_id=trial.clinic_id,
        request_id=request.META.get("REQUEST_ID", ""),
        detail={"what": what} | detail,
    )


def _signed(
    request: HttpRequest, trial: StimulationTrial, form: HandForm, act: Sign, *, context: dict[str, Any]
) -> HttpResponse:
    require(request, "add", resource=RESOURCE, clinic=trial.clinic_id)
    at = now()
    if not form.is_valid():
        words = [
            f"{form.fields[name].label or name}: {error}"
            for name, found in form.errors.items()
            for error in found
        ]
        return _refused(request, trial, " ".join(words), form=form, status=422, context=context)
    try:
        signature = act(_hand(request, form, at=at))
    except CannotSign as refusal:
        return _refused(request, trial, str(refusal), form=form, status=refusal.status, context=context)
    except WrongCredentials as refusal:
        return _not_proven(request, trial, refusal, form=form, context=context)
    messages.success(request, f"{signature.get_meaning_display()}: {signature.decision}.")
    return redirect(TRIAL_PAGE, trial.pk)


@sensitive_variables()
def _hand(request: HttpRequest, form: HandForm, *, at: datetime) -> Hand:
    user: Any = request.user
    data = form.cleaned_data
    full = not _is_unbroken(request, at=at) or bool(data["code"] or data["passkey"])
    factors = reauthenticate(user, data, full=full, at=at, passkey=presented_in(request))
    request.session[SESSION] = {"at": at.timestamp(), "factors": factors_of(user)}
    return Hand(user, factors, at, data["shown"], request.META.get("REQUEST_ID", ""))


def _is_unbroken(request: HttpRequest, *, at: datetime) -> bool:
    """Whether this session gave everything within a quarter of an hour, by the factors of today."""
    user: Any = request.user
    known = request.session.get(SESSION) or {}
    since = timedelta(seconds=at.timestamp() - float(known.get("at", 0)))
    factors = factors_of(user)
    return bool(factors) and known.get("factors") == factors and timedelta() <= since < IDLE


def _not_proven(
    request: HttpRequest,
    trial: StimulationTrial,
    refusal: WrongCredentials,
    *,
    form: HandForm,
    context: dict[str, Any],
) -> HttpResponse:
    request.session.pop(SESSION, None)
    tell_of_tries(request.user, refusal)
    if isinstance(refusal, LockedOut) and refusal.is_new:
        tell_site_admins(trial.clinic, LOCKED)
    status = 429 if isinstance(refusal, LockedOut) else 403
    wanted = context | {"wants_factor": isinstance(refusal, NoFactor)}
    return _refused(request, trial, str(refusal), form=form, status=status, context=wanted)


def _refused(
    request: HttpRequest,
    trial: StimulationTrial,
    why: str,
    *,
    form: HandForm,
    status: int,
    context: dict[str, Any],
) -> HttpResponse:
    """What was typed is kept; a record that has changed is looked at before it is signed."""
    again = again_after(form)
    page = {
        "form": None if status == STALE else again,
        "says": MEANING_WORDS[again.meaning],
        "typed": again.typed if status == STALE else (),
        "action": request.path,
        "title": gettext("Nothing was signed"),
        "subtitle": str(trial.patient),
        "trial": trial,
        "why": why,
    }
    return TemplateResponse(request, "workspace/not_signed.html", context | page, status=status)
