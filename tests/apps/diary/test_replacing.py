"""Which answer may replace which: the same question, the same window, not late, and no circle."""

import uuid
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from apps.diary.models import DiaryEntry
from apps.diary.replacing import bases_of, check_can_replace, question_of, value_of
from apps.diary.statements import ENTRIES
from apps.problems import Problem
from apps.trials.models import StimulationTrial
from tests.apps.diary.phone import Phone, refusal
from tests.factories import make_clinic, make_entry_body, make_trial

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 12)


def row(trial: StimulationTrial, *, supersedes: UUID | None = None, **facts: Any) -> DiaryEntry:
    given = {"region": "target", "kind": "average", "value": 4, "diary_day": DAY, "window_no": 1} | facts
    return DiaryEntry(id=uuid.uuid4(), trial=trial, supersedes_id=supersedes, **given)


def test_the_same_question_in_the_same_window_may_be_answered_anew(trial: StimulationTrial) -> None:
    base = row(trial)
    new = row(trial, supersedes=base.id, value=7)

    check_can_replace(ENTRIES, new, bases={base.id: base})

    assert (question_of(base), value_of(base), value_of(new)) == (("target", "average"), 4, 7)


def test_what_has_not_arrived_is_not_judged(trial: StimulationTrial) -> None:
    check_can_replace(ENTRIES, row(trial, supersedes=uuid.uuid4()), bases={})


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"region": "wound"}, 400, "other_question"),
    ({"kind": "worst"}, 400, "other_question"),
    ({"window_no": 2}, 400, "window_closed"),
    ({"diary_day": date(2026, 10, 11)}, 400, "window_closed"),
    ({"timeliness": "late"}, 409, "late_is_final"),
]


@pytest.mark.parametrize(("base_has", "status", "code"), REFUSED)
def test_no_other_answer_is_replaced(
    trial: StimulationTrial, base_has: dict[str, Any], status: int, code: str
) -> None:
    base = row(trial, **base_has)

    with pytest.raises(Problem) as refused:
        check_can_replace(ENTRIES, row(trial, supersedes=base.id), bases={base.id: base})

    problem = refused.value
    assert (problem.status, problem.errors[0].code if problem.errors else problem.code) == (status, code)


def test_an_answer_of_another_trial_is_not_confirmed(trial: StimulationTrial) -> None:
    base = row(make_trial(clinic=make_clinic()))

    with pytest.raises(Problem) as refused:
        check_can_replace(ENTRIES, row(trial, supersedes=base.id), bases={base.id: base})

    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_bases_are_those_beside_it_and_those_stored(trial: StimulationTrial, phone: Phone) -> None:
    stored = str(uuid.uuid4())
    phone.entry(make_entry_body(), entry_id=stored)
    beside = row(trial)
    rows = [beside, row(trial, supersedes=beside.id), row(trial, supersedes=UUID(stored))]

    assert set(bases_of(ENTRIES, rows)) == {beside.id, UUID(stored)}
    assert bases_of(ENTRIES, [beside]) == {}


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_answers_that_replace_each_other_in_a_circle_are_refused(phone: Phone, length: int) -> None:
    """Each names the one before it, and the first the last, which has not arrived: that one is refused."""
    ids = [str(uuid.uuid4()) for _ in range(length)]
    sent = [
        phone.entry(make_entry_body(supersedes=ids[number - 1]), entry_id=ids[number])
        for number in range(length)
    ]

    assert [response.status_code for response in sent[:-1]] == [201] * (length - 1)
    assert refusal(sent[-1]) == (400, "invalid", [("/supersedes", "supersedes_itself")])
    assert DiaryEntry.objects.count() == length - 1


def test_a_chain_of_changes_leaves_the_last_one_standing(phone: Phone) -> None:
    ids = [str(uuid.uuid4()) for _ in range(5)]
    for number, entry_id in enumerate(ids):
        before = {"supersedes": ids[number - 1]} if number else {}
        assert phone.entry(make_entry_body(value=number, **before), entry_id=entry_id).status_code == 201

    assert [str(row.pk) for row in DiaryEntry.objects.filter(superseded_by__isnull=True)] == ids[-1:]
