"""A backlog: each answer judged on its own, the whole batch safe to send again."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.diary.models import DiaryEntry, ParkedAnswer, StaffTask
from apps.trials.models import StimulationTrial
from tests.factories import make_answer_body, make_device, make_entry_body, make_trial

pytestmark = pytest.mark.django_db
Send = Callable[..., Any]
BATCH = "diary/entries/batch"


def items(number: int, **changes: Any) -> list[dict[str, Any]]:
    return [make_entry_body(id=str(uuid.uuid4()), **changes) for _ in range(number)]


def statuses(response: Any) -> list[int]:
    assert response.status_code == 207, response.content
    return [result["status"] for result in response.json()["results"]]


def test_good_answers_are_stored_and_bad_ones_named_in_the_order_sent(
    trial: StimulationTrial, token: str, post: Send
) -> None:
    good, other = items(2)
    bad = good | {"id": str(uuid.uuid4()), "value": 11}
    unknown_key = good | {"id": str(uuid.uuid4()), "mood": 3}

    response = post(token, BATCH, {"entries": [good, bad, unknown_key, "text", other]})

    assert statuses(response) == [201, 400, 400, 400, 201]
    results = response.json()["results"]
    assert results[1]["problem"]["errors"][0]["pointer"] == "/value"
    assert results[2]["problem"]["errors"][0]["pointer"] == "/mood"
    assert {str(entry.id) for entry in DiaryEntry.objects.all()} == {good["id"], other["id"]}
    assert AuditEvent.objects.filter(object_type="diary_entry").count() == 2


def test_a_batch_raises_the_evidence_version_once(trial: StimulationTrial, token: str, post: Send) -> None:
    post(token, BATCH, {"entries": items(50)})

    trial.refresh_from_db()
    assert trial.evidence_version == 1


def test_sending_the_whole_batch_again_changes_nothing(
    trial: StimulationTrial, token: str, post: Send
) -> None:
    batch = {"entries": items(3)}
    first = post(token, BATCH, batch)

    again = post(token, BATCH, batch)

    assert (statuses(first), statuses(again)) == ([201] * 3, [200] * 3)
    assert [result["entry"] for result in again.json()["results"]] == [
        result["entry"] for result in first.json()["results"]
    ]
    trial.refresh_from_db()
    assert (DiaryEntry.objects.count(), trial.evidence_version) == (3, 1)


def test_one_id_twice_in_a_batch_is_one_row(token: str, post: Send) -> None:
    (one,) = items(1)

    response = post(token, BATCH, {"entries": [one, one, one | {"value": 9}]})

    assert statuses(response) == [201, 200, 409]
    assert DiaryEntry.objects.get().value == one["value"]


def test_an_id_of_another_trial_is_not_confirmed(clinic: Clinic, token: str, post: Send) -> None:
    (foreign,) = items(1)
    _, other_token = make_device(make_trial(clinic=clinic), at=timezone.now())
    post(other_token, BATCH, {"entries": [foreign]})

    assert statuses(post(token, BATCH, {"entries": [foreign]})) == [404]


@pytest.mark.parametrize(("number", "status"), [(0, 207), (1, 207), (500, 207), (501, 413)])
def test_it_takes_up_to_500_answers(token: str, post: Send, number: int, status: int) -> None:
    response = post(token, BATCH, {"entries": items(number)})

    assert response.status_code == status
    assert DiaryEntry.objects.count() == (number if status == 207 else 0)


@pytest.mark.parametrize("body", [[], {}, {"entries": {}}, {"entries": [], "trial": 1}, {"entries": "x"}])
def test_it_refuses_a_body_of_another_shape(token: str, post: Send, body: Any) -> None:
    response = post(token, BATCH, body)

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (400, "/entries")


def test_an_id_that_cannot_be_written_is_not_echoed(token: str, post: Send) -> None:
    response = post(token, BATCH, {"entries": [make_entry_body(id="\ud800")]})

    assert statuses(response) == [400]
    assert response.json()["results"][0]["id"] is None


@pytest.mark.parametrize("number", [1, 50, 500])
def test_the_number_of_statements_does_not_grow_with_the_batch(
    token: str, post: Send, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    batch = {"entries": items(number)}
    with django_assert_num_queries(2):
        post(token, BATCH, batch)
    with django_assert_num_queries(3):
        post(token, BATCH, batch)


@pytest.mark.parametrize("number", [1, 50, 250])
def test_scores_and_other_answers_together_take_one_statement_more(
    token: str, post: Send, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answers = [make_answer_body(id=str(uuid.uuid4())) for _ in range(number)]
    batch = {"entries": items(number), "answers": answers}
    with django_assert_num_queries(3):  # the token, the scores, the other answers
        assert statuses(post(token, BATCH, batch)) == [201] * 2 * number
    with django_assert_num_queries(5):  # and what of each is stored
        assert statuses(post(token, BATCH, batch)) == [200] * 2 * number


def test_scores_come_first_among_the_results(token: str, post: Send) -> None:
    (score,), other = items(1), make_answer_body(id=str(uuid.uuid4()))

    results = post(token, BATCH, {"answers": [other], "entries": [score]}).json()["results"]

    assert [result["id"] for result in results] == [score["id"], other["id"]]
    assert [set(result) for result in results] == [{"id", "status", "entry"}, {"id", "status", "answer"}]


def test_a_change_may_stand_before_what_it_changes(trial: StimulationTrial, token: str, post: Send) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="18:00-24:00")
    base, change = items(1, value=3)[0], items(1, value=8)[0]
    change["supersedes"] = base["id"]

    assert statuses(post(token, BATCH, {"entries": [change, base]})) == [201, 201]

    standing = DiaryEntry.objects.filter(superseded_by__isnull=True)
    assert list(standing.values_list("value", flat=True)) == [8]


def test_two_answers_of_one_slot_in_one_batch_are_one_taken_and_one_shown_to_staff(
    trial: StimulationTrial, token: str, post: Send
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="18:00-24:00")
    batch = {"entries": [*items(1, value=3), *items(1, value=8)]}

    for first in (201, 200):
        assert statuses(post(token, BATCH, batch)) == [first, 409]

    assert (DiaryEntry.objects.get().value, ParkedAnswer.objects.get().body["value"]) == (3, 8)
    assert StaffTask.objects.count() == 1
