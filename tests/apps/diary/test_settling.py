"""Two answers for one evening, and corrections that patients ask for: staff decide, nothing is lost."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.diary.corrections import request_correction
from apps.diary.models import (
    CorrectionRequest,
    DiaryAnswer,
    DiaryEntry,
    ParkedAnswer,
    PatientDevice,
    StaffTask,
)
from apps.diary.schemas import AnswerBody, CorrectionBody, EntryBody, parse
from apps.diary.services import Taken, record_answers, record_entries
from apps.diary.settling import (
    accept_correction,
    decline_correction,
    leave_parked,
    rival_of,
    take_parked,
)
from apps.diary.staff_acts import Act, Refused
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.factories import make_answer_body, make_device, make_entry_body, make_trial

#: The evening that the bodies of the factories tell of: 12 October 2026, 19:30 in Berlin.
SENT = datetime(2026, 10, 12, 17, 31, tzinfo=UTC)
LATER = SENT + timedelta(hours=15)
REASON = "asked the patient on the phone"


def act(at: datetime = LATER) -> Act:
    return Act("staff:7", at, "request-1")


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, diary_windows="18:00-24:00")


@pytest.fixture
def device(trial: StimulationTrial) -> PatientDevice:
    return make_device(trial)[0]


def send(device: PatientDevice, value: int, **overrides: Any) -> str:
    """A score of that evening; the id it was sent under."""
    entry_id = str(uuid.uuid4())
    body = parse(EntryBody, make_entry_body(value=value, **overrides))
    record_entries([(entry_id, body)], by=device, at=SENT, request_id="")
    return entry_id


def say(device: PatientDevice, question: str, answer: dict[str, Any], **overrides: Any) -> str:
    answer_id = str(uuid.uuid4())
    body = parse(AnswerBody, make_answer_body(question, answer, **overrides))
    record_answers([(answer_id, body)], by=device, at=SENT, request_id="")
    return answer_id


@pytest.fixture
def parked(device: PatientDevice) -> ParkedAnswer:
    """Seven stands; eight came second."""
    send(device, 7)
    send(device, 8)
    return ParkedAnswer.objects.get()


def standing(trial: StimulationTrial) -> DiaryEntry:
    return DiaryEntry.objects.get(trial=trial, superseded_by__isnull=True)


# --- two answers for one evening ---


def test_left_as_it_is_the_record_stays_and_the_task_closes(
    trial: StimulationTrial, parked: ParkedAnswer
) -> None:
    leave_parked(parked, act=act())

    parked.refresh_from_db()
    assert (parked.outcome, parked.closed_by, parked.closed_at) == ("left", "staff:7", LATER)
    assert StaffTask.objects.get().outcome == "The record stays as it is"
    assert DiaryEntry.objects.get().value == 7


def test_taken_over_it_supersedes_what_stands_and_both_stay(
    trial: StimulationTrial, parked: ParkedAnswer
) -> None:
    old = standing(trial)

    take_parked(parked, beside=old.pk, reason=REASON, act=act())

    new = standing(trial)
    assert (new.value, new.supersedes_id, new.originator, new.entered_by) == (8, old.pk, "staff", "staff:7")
    assert (new.diary_day, new.window_no) == (old.diary_day, old.window_no)
    assert DiaryEntry.objects.get(pk=old.pk).value == 7
    parked.refresh_from_db()
    assert (parked.outcome, StaffTask.objects.get().outcome) == ("taken", "Taken over as a correction")
    assert (
        AuditEvent.objects.get(object_type="diary_entry", action="create", actor="staff:7").reason == REASON
    )


def test_the_phone_that_sends_it_again_hears_that_it_is_stored(
    trial: StimulationTrial, parked: ParkedAnswer, device: PatientDevice
) -> None:
    take_parked(parked, beside=standing(trial).pk, reason=REASON, act=act())
    body = parse(EntryBody, make_entry_body(value=8))

    (outcome,) = record_entries([(str(parked.pk), body)], by=device, at=LATER, request_id="")

    assert isinstance(outcome, Taken)
    assert not outcome.created


def test_what_stands_is_the_end_of_the_chain(
    trial: StimulationTrial, parked: ParkedAnswer, device: PatientDevice
) -> None:
    """The seven was amended to six before anybody looked."""
    amended = send(device, 6, supersedes=str(standing(trial).pk))

    rival = rival_of(parked, trial=trial, rows=DiaryEntry.objects.filter(trial=trial))

    assert rival is not None
    assert str(rival.pk) == amended


def test_what_was_not_seen_is_not_superseded(
    trial: StimulationTrial, parked: ParkedAnswer, device: PatientDevice
) -> None:
    seen = standing(trial)
    send(device, 6, supersedes=str(seen.pk))

    with pytest.raises(Refused, match="The record has changed"):
        take_parked(parked, beside=seen.pk, reason=REASON, act=act())

    assert standing(trial).value == 6
    assert ParkedAnswer.objects.get().closed_at is None


def test_an_answer_is_settled_once(trial: StimulationTrial, parked: ParkedAnswer) -> None:
    leave_parked(parked, act=act())

    with pytest.raises(Refused, match="Somebody else"):
        take_parked(parked, beside=standing(trial).pk, reason=REASON, act=act())

    assert DiaryEntry.objects.count() == 1


def test_a_second_change_of_one_answer_is_shown_beside_the_first(
    trial: StimulationTrial, device: PatientDevice
) -> None:
    base = send(device, 7)
    send(device, 6, supersedes=base)
    send(device, 3, supersedes=base)
    parked = ParkedAnswer.objects.get(why="already_superseded")

    take_parked(parked, beside=standing(trial).pk, reason=REASON, act=act())

    assert standing(trial).value == 3
    assert DiaryEntry.objects.filter(trial=trial).count() == 3


def test_a_wording_that_was_not_known_can_be_taken_where_nothing_stands(
    trial: StimulationTrial, device: PatientDevice
) -> None:
    send(device, 5, instrument_version="nrs-average-24h/2")

    take_parked(ParkedAnswer.objects.get(), beside=None, reason=REASON, act=act())

    assert (standing(trial).value, standing(trial).instrument_version) == (5, "nrs-average-24h/2")


def test_warning_signs_in_an_unknown_wording_become_a_task_when_they_are_taken(
    trial: StimulationTrial, device: PatientDevice
) -> None:
    say(device, "red_flags", {"choices": ["fever"]}, instrument_version="red-flags/2")

    take_parked(ParkedAnswer.objects.get(), beside=None, reason=REASON, act=act())

    assert StaffTask.objects.filter(kind="red_flag", closed_at=None).count() == 1


def test_a_decided_trial_is_not_corrected_any_more(trial: StimulationTrial, parked: ParkedAnswer) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=Phase.DECIDED.value)

    with pytest.raises(Refused, match="takes no answers"):
        take_parked(parked, beside=standing(trial).pk, reason=REASON, act=act())


# --- a correction that the patient asked for ---


def ask(device: PatientDevice, **fields: Any) -> CorrectionRequest:
    body = parse(
        CorrectionBody,
        {
            "reason": "wrong_number",
            "text": "I meant three.",
            "captured_at": "2026-10-13T08:00:00+02:00",
            "zone": "Europe/Berlin",
        }
        | fields,
    )
    return request_correction(str(uuid.uuid4()), body, by=device, at=LATER, trace="")[0]


def test_accepted_the_proposed_value_supersedes_and_the_request_says_so(
    trial: StimulationTrial, device: PatientDevice
) -> None:
    entry = send(device, 8)
    request = ask(device, entry=entry, proposed_value=3)

    accept_correction(request, 3, beside=uuid.UUID(entry), reason=REASON, act=act())

    new = standing(trial)
    assert (new.value, str(new.supersedes_id), new.originator) == (3, entry, "staff")
    assert (new.diary_day, new.window_no, new.timeliness) == (date(2026, 10, 12), 1, "on_time")
    request.refresh_from_db()
    assert (request.state, request.result_id, request.closed_by) == ("accepted", new.pk, "staff:7")
    assert StaffTask.objects.get().closed_at == LATER


def test_another_answer_than_a_score_is_corrected_in_its_own_form(
    trial: StimulationTrial, device: PatientDevice
) -> None:
    answer = say(device, "sleep", {"number": 2})
    request = ask(device, answer=answer)

    accept_correction(request, {"number": 8}, beside=uuid.UUID(answer), reason=REASON, act=act())

    new = DiaryAnswer.objects.get(superseded_by__isnull=True)
    assert (new.answer, str(new.supersedes_id), new.originator) == ({"number": 8}, answer, "staff")
    request.refresh_from_db()
    assert request.state == "accepted"


def test_a_correction_for_an_answer_that_has_not_arrived_waits(
    trial: StimulationTrial, device: PatientDevice
) -> None:
    missing = uuid.uuid4()
    request = ask(device, entry=str(missing), proposed_value=3)

    with pytest.raises(Refused, match="has not arrived yet"):
        accept_correction(request, 3, beside=missing, reason=REASON, act=act())

    assert StaffTask.objects.get().closed_at is None


def test_the_value_that_stands_is_no_correction(trial: StimulationTrial, device: PatientDevice) -> None:
    entry = send(device, 8)

    with pytest.raises(Refused, match="stands already"):
        accept_correction(ask(device, entry=entry), 8, beside=uuid.UUID(entry), reason=REASON, act=act())


def test_a_value_off_the_scale_is_refused_at_its_field(
    trial: StimulationTrial, device: PatientDevice
) -> None:
    entry = send(device, 8)

    with pytest.raises(Refused) as refused:
        accept_correction(ask(device, entry=entry), 11, beside=uuid.UUID(entry), reason=REASON, act=act())

    assert refused.value.field == "value"
    assert standing(trial).value == 8


def test_declined_the_patient_reads_why_and_the_answer_stays(
    trial: StimulationTrial, device: PatientDevice
) -> None:
    request = ask(device, entry=send(device, 8))

    decline_correction(request, note="We talked about it: 8 was right.", act=act())

    request.refresh_from_db()
    assert (request.state, request.staff_note) == ("declined", "We talked about it: 8 was right.")
    assert standing(trial).value == 8
    assert StaffTask.objects.get().outcome == "Declined, with a note to the patient"


def test_nothing_is_declined_without_a_word(trial: StimulationTrial, device: PatientDevice) -> None:
    with pytest.raises(Refused) as refused:
        decline_correction(ask(device, entry=send(device, 8)), note=" ", act=act())

    assert refused.value.field == "note"


def test_a_request_is_settled_once(trial: StimulationTrial, device: PatientDevice) -> None:
    entry = send(device, 8)
    request = ask(device, entry=entry)
    decline_correction(request, note="It was right.", act=act())

    with pytest.raises(Refused, match="Somebody else"):
        accept_correction(request, 3, beside=uuid.UUID(entry), reason=REASON, act=act())
