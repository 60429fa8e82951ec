"""What staff do to a diary: write down an answer from a phone call, close tasks, and how they are refused."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.diary.models import DiaryAnswer, DiaryEntry, StaffTask
from apps.diary.parking import raise_task
from apps.diary.staff_acts import (
    Act,
    Refused,
    Told,
    close_task,
    read_reason,
    transcribe,
    why_no_invitation,
)
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.factories import NOW, make_entries, make_trial

BERLIN = ZoneInfo("Europe/Berlin")
#: Monday 12 October 2026, 20:00 in Berlin.
EVENING = datetime(2026, 10, 12, 20, 0, tzinfo=BERLIN)
REASON = "told us on the phone, the battery was empty"


def act(at: datetime = EVENING) -> Act:
    return Act("staff:7", at, "request-1")


def told(question: str, said: int | Mapping[str, Any], **circumstances: Any) -> Told:
    facts: dict[str, Any] = {"id": uuid.uuid4(), "said_at": EVENING, "zone": "Europe/Berlin"} | circumstances
    return Told(question=question, said=said, **facts)


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    """Asked every evening from six to midnight; leads placed on 8 October."""
    return make_trial(clinic=clinic, diary_windows="18:00-24:00")


def refusal(trial: StimulationTrial, what: Told, *, at: datetime = EVENING) -> Refused:
    with pytest.raises(Refused) as refused:
        transcribe(trial, what, reason=REASON, act=act(at))
    assert not DiaryEntry.objects.filter(originator="staff").exists()
    return refused.value


# --- an answer from a phone call ---


def test_an_answer_from_a_phone_call_says_who_wrote_it_down_and_why(trial: StimulationTrial) -> None:
    entry = transcribe(trial, told("target.average", 4), reason=REASON, act=act())

    stored = DiaryEntry.objects.get()
    assert stored.pk == entry.pk
    assert (stored.region, stored.kind, stored.value, stored.scale) == ("target", "average", 4, "nrs_11")
    assert (stored.originator, stored.entered_by, stored.device) == ("staff", "staff:7", None)
    assert (str(stored.diary_day), stored.window_no, stored.timeliness) == ("2026-10-12", 1, "on_time")
    assert stored.utc_offset_minutes == 2 * 60
    event = AuditEvent.objects.get(object_type="diary_entry")
    assert (event.actor, event.action, event.reason) == ("staff:7", "create", REASON)


def test_it_is_evidence_as_an_answer_of_the_phone_is(trial: StimulationTrial) -> None:
    transcribe(trial, told("target.average", 4), reason=REASON, act=act())

    assert StimulationTrial.objects.get().evidence_version == trial.evidence_version + 1


def test_every_other_question_can_be_written_down_too(trial: StimulationTrial) -> None:
    transcribe(trial, told("sleep", {"number": 6}), reason=REASON, act=act())

    answer = DiaryAnswer.objects.get()
    assert (answer.question, answer.answer, answer.instrument_version) == ("sleep", {"number": 6}, "sleep/1")
    assert (answer.originator, answer.window_no) == ("staff", 1)


def test_a_warning_sign_told_by_phone_is_a_task_like_one_from_the_app(trial: StimulationTrial) -> None:
    answer = transcribe(trial, told("red_flags", {"choices": ["fever"]}), reason=REASON, act=act())

    task = StaffTask.objects.get()
    assert (task.kind, task.subject, task.raised_at) == ("red_flag", str(answer.pk), EVENING)


def test_an_evening_that_has_an_answer_keeps_it(trial: StimulationTrial) -> None:
    first = transcribe(trial, told("target.average", 4), reason=REASON, act=act())

    with pytest.raises(Refused, match="Monday 12 October has an answer to this question already"):
        transcribe(trial, told("target.average", 9), reason=REASON, act=act(EVENING + timedelta(minutes=5)))

    assert DiaryEntry.objects.get().pk == first.pk


def test_without_windows_a_day_that_has_an_answer_keeps_it(clinic: Clinic) -> None:
    """The phone may answer as often as it likes there; staff fill a gap and nothing else."""
    trial = make_trial(clinic=clinic)
    make_entries(trial, {"2026-10-12": 5})

    refused = refusal(trial, told("target.average", 4))

    assert "it stays as it is" in str(refused)


def test_the_same_form_sent_twice_writes_once(trial: StimulationTrial) -> None:
    what = told("red_flags", {"choices": ["wound"]})

    first, again = (transcribe(trial, what, reason=REASON, act=act()) for _ in range(2))

    assert first.pk == again.pk
    assert DiaryAnswer.objects.count() == 1


def test_yesterday_can_be_written_down_once_and_is_late(trial: StimulationTrial) -> None:
    morning = EVENING.replace(hour=9)

    entry = transcribe(
        trial, told("target.average", 6, said_at=morning, about="yesterday"), reason=REASON, act=act(morning)
    )

    assert (str(entry.diary_day), entry.window_no, entry.timeliness) == ("2026-10-11", 1, "late")


@pytest.mark.parametrize(
    ("question", "said", "circumstances", "field", "words"),
    [
        ("target.average", 11, {}, "value", "Send a whole number from 0 to 10."),
        ("sleep", {"number": 11}, {}, "answer", "send a whole number from 0 to 10"),
        ("target.average", 4, {"said_at": EVENING.replace(hour=9)}, "captured_at", "it opens next at 18:00"),
        ("target.average", 4, {"said_at": EVENING + timedelta(hours=1)}, "captured_at", "5 minutes ahead"),
        ("target.average", 4, {"said_at": EVENING - timedelta(days=20)}, "captured_at", "begins on"),
    ],
)
def test_the_rules_are_those_for_phones(
    trial: StimulationTrial,
    question: str,
    said: Any,
    circumstances: dict[str, Any],
    field: str,
    words: str,
) -> None:
    refused = refusal(trial, told(question, said, **circumstances))

    assert refused.field == field
    assert words in str(refused)


def test_a_baseline_day_takes_nothing_once_the_leads_are_in(trial: StimulationTrial) -> None:
    on_the_day = datetime(2026, 10, 8, 9, 0, tzinfo=BERLIN)
    late = told("target.average", 8, said_at=on_the_day, about="yesterday")

    assert "The leads were placed on 2026-10-08" in str(refusal(trial, late, at=on_the_day))


@pytest.mark.parametrize("phase", [Phase.DECIDED, Phase.CANCELLED, Phase.REFERRED])
def test_a_trial_that_takes_no_answers_takes_none_from_staff(trial: StimulationTrial, phase: Phase) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=phase.value)

    assert "takes no answers in its present phase" in str(refusal(trial, told("target.average", 4)))


def test_nothing_is_written_down_that_was_said_after_the_patient_had_stopped(
    trial: StimulationTrial,
) -> None:
    stopped = EVENING - timedelta(minutes=30)
    StimulationTrial.objects.filter(pk=trial.pk).update(consent_withdrawn_at=stopped)

    assert "had stopped the diary" in str(refusal(trial, told("target.average", 4)))
    before = told("target.average", 4, said_at=stopped - timedelta(minutes=1))
    assert transcribe(trial, before, reason=REASON, act=act()).pk


# --- reasons ---


@pytest.mark.parametrize("text", ["", "   ", "ok", " o k ", "\u200b\u200b\u200b", "abc\x00", "x" * 201])
def test_a_reason_is_something_that_can_be_read(text: str) -> None:
    with pytest.raises(Refused):
        read_reason(text)


def test_three_letters_are_a_reason() -> None:
    assert read_reason("  fax ") == "fax"


def test_without_a_reason_nothing_is_written(trial: StimulationTrial) -> None:
    with pytest.raises(Refused):
        transcribe(trial, told("target.average", 4), reason="  ", act=act())

    assert not DiaryEntry.objects.exists()


# --- tasks ---


def task_of(trial: StimulationTrial, kind: str) -> StaffTask:
    raise_task(trial.pk, kind=kind, subject=trial.pk, at=NOW)
    return StaffTask.objects.get(kind=kind)


def test_a_task_closes_with_an_outcome_that_stays_on_record(trial: StimulationTrial) -> None:
    task = task_of(trial, "red_flag")

    close_task(task, outcome="Called; the wound is dry.", act=act())

    task.refresh_from_db()
    assert (task.closed_at, task.closed_by, task.outcome) == (
        EVENING,
        "staff:7",
        "Called; the wound is dry.",
    )
    event = AuditEvent.objects.get(object_type="staff_task")
    assert (event.action, event.reason, event.detail) == (
        "close",
        "Called; the wound is dry.",
        {"kind": "red_flag"},
    )


def test_a_task_without_a_readable_outcome_stays_open(trial: StimulationTrial) -> None:
    task = task_of(trial, "missed_evenings")

    with pytest.raises(Refused) as refused:
        close_task(task, outcome="ok", act=act())

    assert refused.value.field == "outcome"
    assert StaffTask.objects.get().closed_at is None


def test_a_task_closes_once(trial: StimulationTrial) -> None:
    task = task_of(trial, "missed_evenings")
    close_task(task, outcome="Called.", act=act())

    with pytest.raises(Refused, match="Somebody else"):
        close_task(task, outcome="Called again.", act=act())

    assert StaffTask.objects.get().outcome == "Called."


@pytest.mark.parametrize("kind", ["answer_parked", "correction_requested"])
def test_a_task_that_asks_for_a_decision_does_not_close_without_one(
    trial: StimulationTrial, kind: str
) -> None:
    with pytest.raises(Refused, match="closes with the decision"):
        close_task(task_of(trial, kind), outcome="Looked at it.", act=act())


# --- invitations ---


@pytest.mark.parametrize("phase", list(Phase))
def test_phones_are_invited_until_the_trial_is_over(clinic: Clinic, phase: Phase) -> None:
    invited = {
        Phase.REFERRED,
        Phase.ELIGIBILITY,
        Phase.AUTHORISED,
        Phase.BASELINE_DIARY,
        Phase.LEAD_PLACED,
        Phase.TRIAL_ACTIVE,
    }

    why = why_no_invitation(StimulationTrial(clinic=clinic, phase=phase.value))

    assert (why == "") is (phase in invited)


def test_a_patient_who_has_stopped_is_not_invited(clinic: Clinic) -> None:
    stopped = StimulationTrial(clinic=clinic, phase=Phase.TRIAL_ACTIVE.value, consent_withdrawn_at=NOW)

    assert "stopped the diary" in why_no_invitation(stopped)


# fmt: off
AFTER = [
    # question               said                          days after the end  phase               taken
    ("stated_relief",        {"number": 60},               0,                  "ended",            True),
    ("stated_relief",        {"number": 60},               3,                  "ended",            True),
    ("global_change",        {"choice": "much_better"},    3,                  "decision_pending", True),
    ("trial_satisfaction",   {"choice": "yes"},            3,                  "decision_pending", True),
    ("go_ahead",             {"choice": "yes"},            3,                  "ended",            True),
    ("stated_relief",        {"number": 60},               3,                  "decided",          False),
    ("sleep",                {"number": 6},                3,                  "ended",            False),
    ("target.average",       3,                            3,                  "ended",            False),
]
# fmt: on


@pytest.mark.parametrize(("question", "said", "days", "phase", "taken"), AFTER)
def test_what_a_patient_says_of_the_whole_trial_is_written_down_until_the_decision(
    clinic: Clinic, question: str, said: Any, days: int, phase: str, taken: bool
) -> None:
    """Told at any hour and about the last day with the leads in; of a day, the days are over."""
    ended = EVENING.date()
    trial = make_trial(
        clinic=clinic, diary_windows="18:00-24:00", phase=phase, ended_on=ended, end_reason="success"
    )
    said_at = EVENING.replace(hour=20 if days == 0 else 10) + timedelta(days=days)
    version = trial.evidence_version
    what = told(question, said, said_at=said_at)

    if not taken:
        refusal(trial, what, at=said_at)
        return
    transcribe(trial, what, reason=REASON, act=act(said_at))

    row = DiaryAnswer.objects.get()
    assert (row.diary_day, row.originator, row.entered_by) == (ended, "staff", "staff:7")
    assert row.captured_at == said_at
    assert (row.timeliness, row.window_no) == ("on_time" if days == 0 else "late", 1)
    assert AuditEvent.objects.get(object_type="diary_answer").reason == REASON
    trial.refresh_from_db()
    assert trial.evidence_version == version + (question != "go_ahead")
    with pytest.raises(Refused, match="has an answer to this question already"):
        transcribe(trial, told(question, said, said_at=said_at), reason=REASON, act=act(said_at))
