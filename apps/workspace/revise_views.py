"""The page of one answer, dose or questionnaire: correct it, strike it out, restore it."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from apps.diary.answer_words import origin_words, row_words
from apps.diary.models import DiaryAnswer, DiaryEntry, OpioidUse, QuestionnaireResponse
from apps.diary.models.captured import Captured
from apps.diary.revising import (
    Revised,
    about,
    correct_answer,
    correct_beside,
    is_replaced,
    restore,
    strike_out,
    words_of,
)
from apps.diary.selectors import is_correction
from apps.diary.staff_acts import Refused
from apps.trials.models import StimulationTrial
from apps.workspace.diary_views import TRIAL_PAGE, act_of
from apps.workspace.permissions import require
from apps.workspace.revise_forms import CorrectForm, WhyForm

KINDS: Final[Mapping[str, type[Any]]] = {
    "entry": DiaryEntry,
    "answer": DiaryAnswer,
    "dose": OpioidUse,
    "response": QuestionnaireResponse,
}
DONE: Final = {
    "correct": "Corrected. What stood before stays visible.",
    "strike": "Struck out. It stays on record and counts for nothing.",
    "restore": "Restored. It counts again.",
}
UNPROCESSABLE: Final = 422


def revise(
    request: HttpRequest, trial: StimulationTrial, *, of: str, revised: str, context: dict[str, Any]
) -> HttpResponse:
    found = _row_or_404(trial, of, revised)
    require(request, "change", resource=found._meta.label_lower, clinic=trial.clinic_id)
    if isinstance(found, DiaryAnswer) and found.question == "note":
        require(request, "view", resource="diary.diaryanswer.note", clinic=trial.clinic_id)
    act = request.POST.get("act", "")
    forms = _forms(request, found, trial=trial, act=act)
    form = forms.get(act)
    if form is not None and form.is_valid() and _is_done(request, found, form, act=act):
        messages.success(request, DONE[act])
        return redirect(TRIAL_PAGE, trial.pk)
    page = {
        "title": about(found),
        "subtitle": str(trial.patient),
        "trial": trial,
        "row": found,
        "said": said_words(found),
        "origin": origin_words(found) if isinstance(found, Captured) else "",
        "is_replaced": is_replaced(found),
        "forms": forms,
        "form": form,
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return TemplateResponse(request, "workspace/revise.html", context | page, status=status)


def _forms(
    request: HttpRequest, row: Revised, *, trial: StimulationTrial, act: str
) -> dict[str, WhyForm | CorrectForm]:
    """Of what is struck out: restore it. Of what stands: correct it, or strike it out."""
    sent = {act: request.POST} if request.method == "POST" else {}
    if row.is_void:
        return {"restore": WhyForm(sent.get("restore"), auto_id="restore-%s")}
    return {
        "correct": CorrectForm(sent.get("correct"), row=row, trial=trial, auto_id="correct-%s"),
        "strike": WhyForm(sent.get("strike"), auto_id="strike-%s"),
    }


def _is_done(request: HttpRequest, row: Any, form: Any, *, act: str) -> bool:
    given: dict[str, Any] = {"why": form.given, "act": act_of(request)}
    try:
        if act == "correct":
            correct = correct_answer if isinstance(row, DiaryEntry | DiaryAnswer) else correct_beside
            correct(row, form.cleaned_data["said"], **given)
        else:
            {"strike": strike_out, "restore": restore}[act](row, **given)
    except Refused as refused:
        form.refuse(refused)
        return False
    return True


def said_words(row: Revised) -> str:
    """A note in its words, too: who may not read it is not here."""
    return row_words(row) if isinstance(row, DiaryEntry | DiaryAnswer) else words_of(row)


def _row_or_404(trial: StimulationTrial, of: str, pk: str) -> Any:
    if of not in KINDS:
        raise Http404
    try:
        found = _rows(KINDS[of]).filter(trial=trial, pk=pk).select_related("trial").first()
    except (ValueError, ValidationError):
        raise Http404 from None
    if found is None:
        raise Http404
    return found


def _rows(kind: type[Any]) -> "QuerySet[Any]":
    rows = kind._default_manager.all()
    return (
        rows.annotate(is_correction=is_correction(kind))
        if issubclass(kind, DiaryEntry | DiaryAnswer)
        else rows
    )
