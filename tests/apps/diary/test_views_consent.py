"""The patient's yes and no: kept as they were given, whichever way round they arrive."""

import uuid
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.diary.models import ConsentEvent, StaffTask
from apps.trials.models import StimulationTrial
from tests.apps.diary.phone import Phone, refusal
from tests.factories import make_device, make_entry_body, make_trial

pytestmark = pytest.mark.django_db


def body(decision: str = "given", clock: str = "09:00", **changes: Any) -> dict[str, Any]:
    return {
        "decision": decision,
        "version": "diary-consent/1",
        "language": "en",
        "captured_at": f"2026-10-12T{clock}:00+02:00",
        "zone": "Europe/Berlin",
    } | changes


def decide(phone: Phone, *arguments: Any, consent_id: object = None, **changes: Any) -> Any:
    return phone.put(f"consent/{consent_id or uuid.uuid4()}", body(*arguments, **changes))


def entry_at(phone: Phone, clock: str) -> int:
    return int(phone.entry(make_entry_body(captured_at=f"2026-10-12T{clock}:00+02:00")).status_code)


def test_a_decision_is_stored_with_its_text_and_language_and_given_again(phone: Phone) -> None:
    consent_id = str(uuid.uuid4())

    first = decide(phone, consent_id=consent_id)
    again = decide(phone, consent_id=consent_id)
    other = decide(phone, "withdrawn", consent_id=consent_id)

    assert (first.status_code, again.status_code, again.content) == (201, 200, first.content)
    assert refusal(other)[:2] == (409, "entry_conflict")
    assert phone.get(f"consent/{consent_id}").content == first.content
    event = AuditEvent.objects.get(action="consent")
    assert event.detail == {"decision": "given", "version": "diary-consent/1", "language": "en"}
    assert ConsentEvent.objects.count() == 1


def test_after_a_withdrawal_what_was_answered_before_is_taken_and_nothing_after(
    trial: StimulationTrial, phone: Phone
) -> None:
    decide(phone, "given", "09:00")
    withdrawn = decide(phone, "withdrawn", "12:00")

    assert entry_at(phone, "11:59") == 201
    assert refusal(phone.entry(make_entry_body(captured_at="2026-10-12T12:01:00+02:00")))[:2] == (
        409,
        "consent_withdrawn",
    )
    tasks = StaffTask.objects.values_list("kind", "subject")
    assert list(tasks) == [("consent_withdrawn", withdrawn.json()["id"])]
    assert phone.get("diary/today").json()["consent"]["state"] == "withdrawn"


@pytest.mark.parametrize("order", [("given", "withdrawn"), ("withdrawn", "given")])
def test_the_newest_decision_counts_not_the_last_to_arrive(
    trial: StimulationTrial, phone: Phone, order: tuple[str, str]
) -> None:
    clocks = {"withdrawn": "12:00", "given": "13:00"}
    for decision in order:
        decide(phone, decision, clocks[decision])

    trial.refresh_from_db()
    assert trial.consent_withdrawn_at is None
    assert entry_at(phone, "14:00") == 201


REFUSED = [
    ({"decision": "maybe"}, "/decision", "unknown_value"),
    ({"version": "diary-consent/2"}, "/version", "unknown_version"),
    ({"version": "a\u0000b"}, "/version", "malformed"),
    ({"language": "English"}, "/language", "malformed"),
    ({"zone": "Factory"}, "/zone", "unknown_zone"),
    ({"captured_at": "2026-10-12T09:00:00+01:00"}, "/captured_at", "offset_zone_mismatch"),
    ({"captured_at": "2126-10-12T09:00:00+02:00"}, "/captured_at", "in_the_future"),
    ({"originator": "patient"}, "/originator", "unknown_field"),
]


@pytest.mark.parametrize(("changes", "pointer", "code"), REFUSED)
def test_it_names_what_it_refuses(phone: Phone, changes: dict[str, Any], pointer: str, code: str) -> None:
    assert refusal(decide(phone, **changes)) == (400, "invalid", [(pointer, code)])
    assert ConsentEvent.objects.count() == 0


def test_a_decision_of_another_trial_is_not_there(clinic: Clinic, phone: Phone) -> None:
    consent_id = str(uuid.uuid4())
    other = Phone(make_device(make_trial(clinic=clinic))[1])
    decide(other, consent_id=consent_id)

    assert refusal(decide(phone, consent_id=consent_id))[:2] == (404, "not_found")
    assert refusal(phone.get(f"consent/{consent_id}"))[:2] == (404, "not_found")
    assert refusal(phone.get("consent/not-a-uuid"))[:2] == (404, "not_found")
    assert refusal(decide(phone, consent_id="not-a-uuid")) == (400, "invalid", [("/id", "not_uuid4")])


def test_who_decided_is_the_holder_of_the_phone(trial: StimulationTrial) -> None:
    caregiver = Phone(make_device(trial, holder="proxy")[1])

    assert decide(caregiver).json()["originator"] == "proxy"
