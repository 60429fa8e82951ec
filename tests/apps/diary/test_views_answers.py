"""PUT an answer to anything but pain: its form, its window, its changes, its warning signs."""

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.diary.models import DiaryAnswer, ParkedAnswer, StaffTask
from apps.trials.models import StimulationTrial
from sctrial.questions import QUESTIONS
from tests.apps.diary.phone import Phone, refusal
from tests.factories import make_answer_body, make_device, make_trial

pytestmark = pytest.mark.django_db

ONE_OF_EACH: list[tuple[str, dict[str, Any]]] = [
    ("sleep", {"number": 6}),
    ("goal_activity", {"choice": "about_half"}),
    ("analgesics", {"choice": "less_than_usual"}),
    ("stimulation_use", {"choice": "all_day"}),
    ("sensation", {"choice": "right_place"}),
    ("stated_relief", {"number": 60}),
    ("go_ahead", {"choice": "not_sure"}),
    ("global_change", {"choice": "much_better"}),
    ("trial_satisfaction", {"choice": "yes"}),
    ("red_flags", {"choices": []}),
    ("note", {"text": "Slept on the other side."}),
]


def windowed(trial: StimulationTrial, windows: str = "18:00-24:00", **changes: Any) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows=windows, **changes)


@pytest.mark.parametrize(("question", "answer"), ONE_OF_EACH)
def test_every_question_has_its_answer_which_can_be_read_back(
    phone: Phone, question: str, answer: dict[str, Any]
) -> None:
    answer_id = str(uuid.uuid4())

    sent = phone.answer(make_answer_body(question, answer), answer_id=answer_id)

    assert sent.status_code == 201, sent.content
    assert (sent.json()["question"], sent.json()["answer"]) == (question, answer)
    read = phone.get(f"diary/answers/{answer_id}")
    assert (read.content, read["ETag"]) == (sent.content, f'"{sent.json()["receipt"]}"')


def test_the_table_has_one_of_each_question() -> None:
    assert [code for code, _ in ONE_OF_EACH] == list(QUESTIONS)


def test_only_what_a_rule_may_ask_for_is_evidence(trial: StimulationTrial, phone: Phone) -> None:
    for question, answer in ONE_OF_EACH:
        phone.answer(make_answer_body(question, answer))

    trial.refresh_from_db()
    # Stated relief, global change, satisfaction.
    assert trial.evidence_version == 3
    assert AuditEvent.objects.filter(object_type="diary_answer", action="create").count() == len(ONE_OF_EACH)


def test_a_warning_sign_is_a_task_for_staff_and_a_number_to_call(clinic: Clinic, phone: Phone) -> None:
    answer_id = str(uuid.uuid4())
    body = make_answer_body("red_flags", {"choices": ["shocks", "fever"]})

    sent = phone.answer(body, answer_id=answer_id)
    again = phone.answer(body, answer_id=answer_id)

    assert (sent.status_code, again.status_code, again.content) == (201, 200, sent.content)
    safety = sent.json()["safety"]
    assert (safety["clinic_phone"], safety["emergency_phone"]) == (clinic.phone, clinic.emergency_phone)
    # That nobody watches is said in words, whatever the language.
    assert len(safety["not_monitored"]) > 20
    assert list(StaffTask.objects.values_list("kind", "subject")) == [("red_flag", answer_id)]


def test_no_warning_sign_is_no_task(phone: Phone) -> None:
    sent = phone.answer(make_answer_body("red_flags", {"choices": []}))

    assert (sent.status_code, sent.json()["safety"], StaffTask.objects.count()) == (201, None, 0)


@pytest.mark.parametrize(
    ("question", "answer"), [("red_flags", {"choices": ["fever"]}), ("note", {"text": "a"})]
)
def test_warning_signs_and_notes_are_taken_at_any_time_and_often(
    trial: StimulationTrial, phone: Phone, question: str, answer: dict[str, Any]
) -> None:
    windowed(trial)
    for clock in ("03:00", "03:00", "19:00", "12:00"):
        sent = phone.answer(make_answer_body(question, answer, captured_at=f"2026-10-12T{clock}:00+02:00"))
        assert (sent.status_code, sent.json()["window"], sent.json()["timeliness"]) == (201, None, "on_time")


WINDOWS = [
    # captured at, begun at                         expected
    ("18:00:00", None, "on_time"),
    ("17:59:59", None, "window_not_open"),
    ("22:00:00", None, "window_closed"),
    ("22:14:59", "21:59:59", "grace"),
    ("22:15:00", "21:59:59", "window_closed"),
    ("22:10:00", "22:00:00", "window_closed"),
]


@pytest.mark.parametrize(("clock", "begun", "expected"), WINDOWS)
def test_a_window_opens_closes_and_has_its_grace(
    trial: StimulationTrial, phone: Phone, clock: str, begun: str | None, expected: str
) -> None:
    windowed(trial, "18:00-22:00")
    begun_at = {"begun_at": f"2026-10-12T{begun}+02:00"} if begun else {}

    sent = phone.answer(make_answer_body(captured_at=f"2026-10-12T{clock}+02:00", **begun_at))

    if sent.status_code == 201:
        assert (sent.json()["timeliness"], sent.json()["window"]) == (expected, 1)
        return
    assert refusal(sent) == (400, "invalid", [("/captured_at", expected)])


def test_one_late_answer_for_yesterday_is_final(trial: StimulationTrial, phone: Phone) -> None:
    windowed(trial)
    morning = {"captured_at": "2026-10-13T08:00:00+02:00", "about": "yesterday"}
    base = str(uuid.uuid4())

    late = phone.answer(make_answer_body(**morning), answer_id=base)
    second = phone.answer(make_answer_body(answer={"number": 2}, **morning))
    changed = phone.answer(make_answer_body(supersedes=base, **morning))
    on_time = phone.answer(make_answer_body(supersedes=base))

    assert (late.status_code, late.json()["diary_day"], late.json()["timeliness"]) == (
        201,
        "2026-10-12",
        "late",
    )
    assert refusal(second)[:2] == (409, "slot_taken")
    assert refusal(changed)[:2] == (409, "late_is_final")
    assert refusal(on_time)[:2] == (409, "late_is_final")
    assert DiaryAnswer.objects.count() == 1


def test_a_change_replaces_until_the_window_closes(trial: StimulationTrial, phone: Phone) -> None:
    windowed(trial, "18:00-22:00")
    base = str(uuid.uuid4())
    phone.answer(make_answer_body(answer={"number": 2}), answer_id=base)

    changed = phone.answer(make_answer_body(answer={"number": 3}, supersedes=base))
    late = phone.answer(make_answer_body(supersedes=base, captured_at="2026-10-12T22:00:00+02:00"))
    other = phone.answer(make_answer_body("analgesics", {"choice": "none"}, supersedes=base))
    rival = phone.answer(make_answer_body(answer={"number": 4}, supersedes=base))

    assert (changed.status_code, changed.json()["supersedes"]) == (201, base)
    assert refusal(late) == (400, "invalid", [("/captured_at", "window_closed")])
    assert refusal(other) == (400, "invalid", [("/supersedes", "other_question")])
    assert refusal(rival)[:2] == (409, "already_superseded")
    waiting = ParkedAnswer.objects.filter(closed_at__isnull=True)
    assert list(waiting.values_list("why", flat=True)) == ["already_superseded"]


def test_the_same_answer_from_a_second_phone_needs_no_decision(trial: StimulationTrial, phone: Phone) -> None:
    windowed(trial)
    phone.answer(make_answer_body())

    second = phone.answer(make_answer_body())

    assert refusal(second)[:2] == (409, "slot_taken")
    assert StaffTask.objects.count() == 0
    assert list(ParkedAnswer.objects.values_list("closed_by", "outcome")) == [("service", "left")]


def test_an_unknown_wording_is_kept_for_staff_once(phone: Phone) -> None:
    answer_id = str(uuid.uuid4())
    body = make_answer_body(instrument_version="sleep/2")

    for _ in range(2):
        assert refusal(phone.answer(body, answer_id=answer_id))[:2] == (409, "unknown_version")

    parked = ParkedAnswer.objects.get()
    assert (str(parked.pk), parked.why, parked.body["answer"]) == (
        answer_id,
        "unknown_version",
        {"number": 6},
    )
    assert StaffTask.objects.filter(kind="answer_parked", subject=answer_id).count() == 1


def test_a_caregiver_answers_as_one_and_never_as_the_patient(trial: StimulationTrial) -> None:
    caregiver = Phone(make_device(trial, holder="proxy")[1])

    own = caregiver.answer(make_answer_body())
    claimed = caregiver.answer(make_answer_body(originator="patient"))

    assert (own.status_code, own.json()["originator"]) == (201, "proxy")
    assert refusal(claimed) == (400, "invalid", [("/originator", "proxy_device")])


def test_an_answer_of_another_trial_is_not_there(clinic: Clinic, phone: Phone) -> None:
    answer_id = str(uuid.uuid4())
    other = Phone(make_device(make_trial(clinic=clinic))[1])
    other.answer(make_answer_body(), answer_id=answer_id)

    for response in (
        phone.answer(make_answer_body(), answer_id=answer_id),
        phone.answer(make_answer_body(supersedes=answer_id)),
        phone.get(f"diary/answers/{answer_id}"),
    ):
        assert refusal(response)[:2] == (404, "not_found")


def test_the_statements_of_an_answer_are_counted(
    trial: StimulationTrial, phone: Phone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    windowed(trial)
    base, body = str(uuid.uuid4()), make_answer_body()
    change = make_answer_body(answer={"number": 1}, supersedes=base)
    flags = make_answer_body("red_flags", {"choices": ["fever"]})
    changed = str(uuid.uuid4())

    with django_assert_num_queries(2):  # the token, the answer with its trail
        assert phone.answer(body, answer_id=base).status_code == 201
    with django_assert_num_queries(3):  # and what is stored
        assert phone.answer(body, answer_id=base).status_code == 200
    with django_assert_num_queries(4):  # the token, what it replaces, what replaces what, the answer
        assert phone.answer(change, answer_id=changed).status_code == 201
    with django_assert_num_queries(5):
        assert phone.answer(change, answer_id=changed).status_code == 200
    # The token; begin, answer, task, commit; the clinic and the patient, whose number and language are shown.
    with django_assert_num_queries(1 + 4 + 2):
        assert phone.answer(flags).status_code == 201
