"""What staff do to a diary on the trial page: write an answer down, close a task, settle what waits."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from apps.admin import actor, now
from apps.diary.answer_words import question_words, row_words
from apps.diary.models import CorrectionRequest, ParkedAnswer, StaffTask
from apps.diary.settling import (
    accept_correction,
    asked_about,
    decline_correction,
    leave_parked,
    settle_alert,
    take_parked,
)
from apps.diary.staff_acts import Act, Refused, close_task, transcribe
from apps.patients.erasing import tombstone_of
from apps.trials.models import StimulationTrial
from apps.workspace.desk import NOT_ARRIVED, correction_form
from apps.workspace.diary_forms import TranscriptForm, questions_of
from apps.workspace.permissions import require

ERASED = "The identity of this patient was erased, so nothing more is written down."
TRIAL_PAGE = "admin:trials_stimulationtrial_change"


def write_down(request: HttpRequest, trial: StimulationTrial, *, context: dict[str, Any]) -> HttpResponse:
    """The page of one question; what is refused stands at its field."""
    question = request.GET.get("question", "")
    resource = "diary.diaryentry" if "." in question else "diary.diaryanswer"
    require(request, "add", resource=resource, clinic=trial.clinic_id)
    if question not in questions_of(trial):
        raise Http404
    if tombstone_of(trial.patient) is not None:
        return _refused(request, trial, ERASED)
    sent = request.POST if request.method == "POST" else None
    form = TranscriptForm(sent, question=question, trial=trial, now=now(), initial={"id": uuid4()})
    if form.is_valid() and _written(request, trial, form):
        return redirect(TRIAL_PAGE, trial.pk)
    title = f"{question_words(question)}, told by phone"
    page = context | {"title": title, "trial": trial, "form": form, "question": question}
    return TemplateResponse(request, "workspace/write_down.html", page)


def _written(request: HttpRequest, trial: StimulationTrial, form: TranscriptForm) -> bool:
    try:
        row = transcribe(trial, form.told(), reason=form.cleaned_data["reason"], act=act_of(request))
    except Refused as refused:
        form.refuse(refused)
        return False
    day = f"{row.diary_day:%A} {row.diary_day.day} {row.diary_day:%B}"
    words = f"Written down for {day}: {question_words(form.question)}, {row_words(row)}."
    messages.success(request, words)
    return True


def close(request: HttpRequest, trial: StimulationTrial, *, task: int) -> HttpResponse:
    require(request, "change", resource="diary.stafftask", clinic=trial.clinic_id)
    row = trial.tasks.filter(pk=task).first()
    if row is None:
        raise Http404
    try:
        _close(request, row)
    except Refused as refused:
        return _refused(request, trial, f"The task was not closed. {refused}")
    return _done(request, trial, f"Closed: {row}.")


def _close(request: HttpRequest, task: StaffTask) -> None:
    outcome, act = request.POST.get("outcome", ""), act_of(request)
    if task.kind == "red_flag":
        settle_alert(task, came_of_it=request.POST.get("came_of_it", ""), note=outcome, act=act)
    else:
        close_task(task, outcome=outcome, act=act)


def settle_parked(request: HttpRequest, trial: StimulationTrial, *, parked: UUID) -> HttpResponse:
    require(request, "change", resource="diary.parkedanswer", clinic=trial.clinic_id)
    row = _row_or_404(ParkedAnswer, trial, parked)
    try:
        if request.POST.get("decision") == "taken":
            reason, beside = request.POST.get("reason", ""), _uuid(request.POST.get("beside", ""))
            take_parked(row, beside=beside, reason=reason, act=act_of(request))
            return _done(request, trial, "Taken over. The answer that stood before stays visible.")
        leave_parked(row, act=act_of(request))
    except Refused as refused:
        return _refused(request, trial, f"Nothing was decided. {refused}")
    return _done(request, trial, "The record stays as it is.")


def settle_correction(request: HttpRequest, trial: StimulationTrial, *, correction: UUID) -> HttpResponse:
    require(request, "change", resource="diary.correctionrequest", clinic=trial.clinic_id)
    row = _row_or_404(CorrectionRequest, trial, correction)
    try:
        if request.POST.get("decision") == "accepted":
            _accept(request, row)
            return _done(request, trial, "Corrected. The answer that stood before stays visible.")
        decline_correction(row, note=request.POST.get("note", ""), act=act_of(request))
    except Refused as refused:
        return _refused(request, trial, f"Nothing was decided. {refused}")
    return _done(request, trial, "Declined. The patient reads your note in the app.")


def _accept(request: HttpRequest, row: CorrectionRequest) -> None:
    about, beside = asked_about(row), _uuid(request.POST.get("beside", ""))
    if about is None or beside is None:
        raise Refused(NOT_ARRIVED)
    form = correction_form(row, about, now=now(), data=request.POST)
    if not form.is_valid():
        raise Refused(_errors_of(form))
    said, reason = form.cleaned_data["said"], form.cleaned_data["reason"]
    accept_correction(row, said, beside=beside, reason=reason, act=act_of(request))


def _errors_of(form: forms.Form) -> str:
    return " ".join(
        f"{form.fields[name].label}: {error}" for name, errors in form.errors.items() for error in errors
    )


def _row_or_404(model: type[Any], trial: StimulationTrial, pk: UUID) -> Any:
    row = model.objects.filter(trial=trial, pk=pk).select_related("trial").first()
    if row is None:
        raise Http404
    return row


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def act_of(request: HttpRequest) -> Act:
    return Act(actor(request), now(), request.META.get("REQUEST_ID", ""))


def _done(request: HttpRequest, trial: StimulationTrial, words: str) -> HttpResponseRedirect:
    messages.success(request, words)
    return redirect(TRIAL_PAGE, trial.pk)


def _refused(request: HttpRequest, trial: StimulationTrial, words: str) -> HttpResponseRedirect:
    messages.error(request, words)
    return redirect(TRIAL_PAGE, trial.pk)
