"""The acts by which a trial moves on its page: a step, or a later planned end."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from apps.admin import actor, now
from apps.trials.extending import CannotExtend, extend_trial
from apps.trials.models import StimulationTrial
from apps.trials.services import move_trial
from apps.trials.steps import today_in
from apps.workspace.permissions import require
from apps.workspace.steps import RESOURCE, ExtensionForm, StepForm
from sctrial.phases import STEPS, CannotMove, Step

TRIAL_PAGE = "admin:trials_stimulationtrial_change"


def take(request: HttpRequest, trial: StimulationTrial, *, to: str) -> HttpResponse:
    """Take the step to the phase ``to`` from the phase that the page showed."""
    require(request, "change", resource=RESOURCE, clinic=trial.clinic_id)
    step = _step_or_404(to, expected=request.POST.get("expected", ""))
    at = now()
    form = StepForm(request.POST, step=step, today=today_in(trial, at=at))
    if not form.is_valid():
        return _refused(request, trial, errors_of(form))
    try:
        request_id = request.META.get("REQUEST_ID", "")
        move_trial(trial, to=step.to, by=actor(request), at=at, request_id=request_id, **form.given())
    except CannotMove as refused:
        return _refused(request, trial, f"{refused}.")
    messages.success(request, f"Done: {step.name.lower()}.")
    return redirect(TRIAL_PAGE, trial.pk)


def extend(request: HttpRequest, trial: StimulationTrial) -> HttpResponse:
    require(request, "add", resource="trials.extension", clinic=trial.clinic_id)
    form = ExtensionForm(request.POST, planned=trial.planned_end_on)
    if not form.is_valid():
        return _refused(request, trial, errors_of(form))
    try:
        request_id = request.META.get("REQUEST_ID", "")
        made = extend_trial(trial, by=actor(request), at=now(), request_id=request_id, **form.cleaned_data)
    except CannotExtend as refused:
        return _refused(request, trial, f"{refused}.")
    messages.success(request, f"Extended {made}.")
    return redirect(TRIAL_PAGE, trial.pk)


def errors_of(form: forms.Form) -> str:
    return " ".join(
        f"{form.fields[name].label or name.capitalize()}: {error}"
        for name, errors in form.errors.items()
        for error in errors
    )


def _step_or_404(to: str, *, expected: str) -> Step:
    """A step that is signed is taken by signing alone, so here it does not exist."""
    for step in STEPS:
        if (step.start, step.to) == (expected, to) and not step.is_signed:
            return step
    raise Http404


def _refused(request: HttpRequest, trial: StimulationTrial, words: str) -> HttpResponseRedirect:
    messages.error(request, f"Nothing was written: {words}")
    return redirect(TRIAL_PAGE, trial.pk)
