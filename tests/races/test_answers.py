"""The same moment, many phones: identity lives in constraints, so one wins and nothing is lost."""

import uuid
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from apps.audit.models import AuditEvent
from apps.diary.models import DiaryAnswer, DiaryEntry, ParkedAnswer, StaffTask
from apps.trials.models import StimulationTrial
from tests.bad_inputs.catalogue import covers
from tests.factories import make_answer_body, make_entry_body
from tests.races.together import at_once, post, put, threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ROUNDS, PHONES = 50, 6
SLOT_INDEX = "one_entry_a_region_kind_and_window"


def evening(number: int) -> str:
    """Half past seven of the round's own day."""
    return f"{date(2026, 8, 1) + timedelta(days=number)}T19:30:00+02:00"


@pytest.fixture
def trial(trial: StimulationTrial) -> StimulationTrial:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_from="2026-08-01")
    trial.refresh_from_db()
    return trial


def creates() -> int:
    return AuditEvent.objects.filter(action="create", object_type__startswith="diary_").count()


def statuses(answers: list[Any]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


@pytest.mark.parametrize(
    ("resource", "make", "rounds"), [("entries", make_entry_body, ROUNDS), ("answers", make_answer_body, 10)]
)
def test_one_answer_from_six_threads_is_one_row_in_every_round(
    tokens: list[str], resource: str, make: Any, rounds: int
) -> None:
    seen = []
    with threads(PHONES) as pool:
        for number in range(rounds):
            path = f"diary/{resource}/{uuid.uuid4()}"
            answers = at_once(pool, [put(tokens[0], path, make(captured_at=evening(number)))] * PHONES)
            assert len({answer.content for answer in answers}) == 1
            seen.append(statuses(answers))

    assert seen == [{201: 1, 200: PHONES - 1}] * rounds
    model = DiaryEntry if resource == "entries" else DiaryAnswer
    assert (model.objects.count(), creates()) == (rounds, rounds)
    assert (ParkedAnswer.objects.count(), StaffTask.objects.count()) == (0, 0)


def different_values(tokens: list[str], number: int) -> list[Any]:
    return [
        put(token, f"diary/entries/{uuid.uuid4()}", make_entry_body(value=value, captured_at=evening(number)))
        for value, token in enumerate(tokens)
    ]


def test_of_two_values_for_one_evening_one_is_taken_and_the_other_is_shown_to_staff(
    trial: StimulationTrial, tokens: list[str]
) -> None:
    with threads(2) as pool:
        rounds = [at_once(pool, different_values(tokens, number)) for number in range(ROUNDS)]

    assert [statuses(answers) for answers in rounds] == [{201: 1, 409: 1}] * ROUNDS
    refused = [answer.json() for answers in rounds for answer in answers if answer.status_code == 409]
    assert {problem["code"] for problem in refused} == {"slot_taken"}
    assert (DiaryEntry.objects.count(), creates()) == (ROUNDS, ROUNDS)
    parked = set(map(str, ParkedAnswer.objects.filter(why="slot_taken").values_list("pk", flat=True)))
    assert len(parked) == ROUNDS
    tasks = StaffTask.objects.filter(kind="answer_parked", closed_at__isnull=True)
    assert set(tasks.values_list("subject", flat=True)) == parked
    kept = {(row.diary_day, row.value) for row in DiaryEntry.objects.all()}
    kept |= {(row.diary_day, row.body["value"]) for row in ParkedAnswer.objects.all()}
    # Of every evening both values are somewhere.
    assert kept == {(date(2026, 8, 1) + timedelta(days=n), value) for n in range(ROUNDS) for value in (0, 1)}


@covers("K015")
def test_of_two_changes_of_one_answer_one_is_taken(trial: StimulationTrial, tokens: list[str]) -> None:
    rounds = []
    with threads(2) as pool:
        for number in range(ROUNDS // 5):
            base = str(uuid.uuid4())
            body = make_entry_body(value=9, captured_at=evening(number))
            (first,) = at_once(pool, [put(tokens[0], f"diary/entries/{base}", body)])
            assert first.status_code == 201
            changes = [
                put(token, f"diary/entries/{uuid.uuid4()}", body | {"value": value, "supersedes": base})
                for value, token in enumerate(tokens)
            ]
            rounds.append(at_once(pool, changes))

    assert [statuses(answers) for answers in rounds] == [{201: 1, 409: 1}] * len(rounds)
    codes = {answer.json()["code"] for answers in rounds for answer in answers if answer.status_code == 409}
    assert codes == {"already_superseded"}
    standing = DiaryEntry.objects.filter(superseded_by__isnull=True)
    assert (standing.count(), ParkedAnswer.objects.count()) == (len(rounds), len(rounds))


def test_a_batch_and_a_single_answer_at_once_make_one_row(tokens: list[str]) -> None:
    with threads(PHONES) as pool:
        for number in range(ROUNDS // 5):
            one = str(uuid.uuid4())
            body = make_entry_body(captured_at=evening(number))
            whole = post("diary/entries/batch", {"entries": [body | {"id": one}] * 3}, token=tokens[0])
            answers = at_once(
                pool, [put(tokens[0], f"diary/entries/{one}", body)] * 3 + [whole] * (PHONES - 3)
            )
            told = [answer.status_code for answer in answers[:3]]
            told += [item["status"] for answer in answers[3:] for item in answer.json()["results"]]
            assert sorted(told) == [200] * 11 + [201]

    assert (DiaryEntry.objects.count(), creates()) == (ROUNDS // 5, ROUNDS // 5)


@pytest.fixture
def without_slots(transactional_db: None) -> Any:
    """The service as it would be if the constraint were forgotten; it is put back whatever happens."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [SLOT_INDEX])
        (definition,) = cursor.fetchone()
        cursor.execute(f'DROP INDEX "{SLOT_INDEX}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE diary_diaryentry DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE diary_diaryentry CASCADE")
        cursor.execute("ALTER TABLE diary_diaryentry ENABLE TRIGGER USER")
        cursor.execute(definition)


def test_without_its_constraint_the_race_for_a_slot_is_lost(without_slots: None, tokens: list[str]) -> None:
    with threads(2) as pool:
        rounds = [at_once(pool, different_values(tokens, number)) for number in range(ROUNDS // 10)]

    assert {201: 2} in [statuses(answers) for answers in rounds]
