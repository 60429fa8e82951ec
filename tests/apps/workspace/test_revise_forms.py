"""A correction asks for the value in its question's form, and for a reason in a code and words."""

from datetime import date
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.diary.models import OpioidUse, QuestionnaireResponse
from apps.workspace.revise_forms import CorrectForm, WhyForm
from tests.factories import make_entries, make_trial

pytestmark = pytest.mark.django_db
WHY = {"why_code": "mistyped", "why": "touched 9 for 3"}
# fmt: off
SENT: list[tuple[dict[str, str], set[str]]] = [
    # sent                       refused at
    (WHY,                        set()),
    ({},                         {"why_code"}),
    ({"why_code": "mistyped"},   {"why"}),
    (WHY | {"why_code": "x"},    {"why_code"}),
]
# fmt: on


@pytest.mark.parametrize(("sent", "refused"), SENT)
def test_every_act_asks_why(sent: dict[str, str], refused: set[str]) -> None:
    assert set(WhyForm(sent).errors) == refused


def test_a_score_is_asked_for_on_its_own_scale(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    (row,) = make_entries(trial, {"2026-10-05": 9})

    assert set(CorrectForm(WHY | {"said": "11"}, row=row, trial=trial).errors) == {"said"}
    form = CorrectForm(WHY | {"said": "3"}, row=row, trial=trial)
    assert form.is_valid()
    assert form.cleaned_data["said"] == 3


# fmt: off
BESIDE: list[tuple[Any, str, Any, str]] = [
    # a row                                              said      taken                              refused
    (OpioidUse(day=date(2026, 10, 5)),                     "20.5", {"mme": 20.5},                     "-1"),
    (QuestionnaireResponse(answers={"satisfied": True}), "no",     {"answers": {"satisfied": False}}, "x"),
    (QuestionnaireResponse(instrument="odi", answers={"total": "42"}),
                                                           "24.0", {"answers": {"total": "24"}},      "101"),
]
# fmt: on


@pytest.mark.parametrize(("row", "said", "taken", "refused"), BESIDE)
def test_what_stands_beside_the_diary_is_asked_for_in_its_own_way(
    clinic: Clinic, row: Any, said: str, taken: Any, refused: str
) -> None:
    trial = make_trial(clinic=clinic)

    form = CorrectForm(WHY | {"said": said}, row=row, trial=trial)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["said"] == taken
    assert set(CorrectForm(WHY | {"said": refused}, row=row, trial=trial).errors) == {"said"}
