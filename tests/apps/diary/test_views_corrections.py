"""After the window: the patient asks, staff decide. Asking changes no answer."""

import uuid
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.diary.models import CorrectionRequest, DiaryEntry, StaffTask
from apps.trials.models import StimulationTrial
from tests.apps.diary.phone import Phone, refusal
from tests.factories import make_answer_body, make_device, make_entry_body, make_trial

pytestmark = pytest.mark.django_db
ENTRY = "2b9c7a44-1f0e-4d3c-8b2a-6f5e4d3c2b1a"


def body(**changes: Any) -> dict[str, Any]:
    return {
        "entry": ENTRY,
        "reason": "wrong_number",
        "text": "I meant 3, not 8.",
        "proposed_value": 3,
        "captured_at": "2026-10-13T09:00:00+02:00",
        "zone": "Europe/Berlin",
    } | changes


def ask(phone: Phone, *, request_id: object = None, **changes: Any) -> Any:
    return phone.put(f"diary/corrections/{request_id or uuid.uuid4()}", body(**changes))


def test_a_request_is_kept_shown_to_staff_and_changes_nothing(phone: Phone) -> None:
    phone.entry(make_entry_body(value=8), entry_id=ENTRY)
    request_id = str(uuid.uuid4())

    first = ask(phone, request_id=request_id)
    again = ask(phone, request_id=request_id)
    other = ask(phone, request_id=request_id, proposed_value=4)

    assert (first.status_code, again.status_code, again.content) == (201, 200, first.content)
    assert (first.json()["state"], first.json()["staff_note"]) == ("open", "")
    assert refusal(other)[:2] == (409, "entry_conflict")
    assert phone.get(f"diary/corrections/{request_id}").content == first.content
    assert list(StaffTask.objects.values_list("kind", "subject")) == [("correction_requested", request_id)]
    assert AuditEvent.objects.filter(object_type="correction_request", action="create").count() == 1
    assert DiaryEntry.objects.get().value == 8


def test_a_request_may_come_before_its_answer(phone: Phone) -> None:
    assert ask(phone).status_code == 201
    assert phone.entry(make_entry_body(value=8), entry_id=ENTRY).status_code == 201
    assert CorrectionRequest.objects.filter(entry__value=8).count() == 1


def test_another_answer_than_a_score_is_corrected_in_words(phone: Phone) -> None:
    answer_id = str(uuid.uuid4())
    phone.answer(make_answer_body(), answer_id=answer_id)

    asked = ask(phone, entry=None, answer=answer_id, proposed_value=None)
    valued = ask(phone, entry=None, answer=answer_id, proposed_value=3)

    assert (asked.status_code, asked.json()["answer"], asked.json()["entry"]) == (201, answer_id, None)
    assert refusal(valued) == (400, "invalid", [("/proposed_value", "unknown_field")])


REFUSED = [
    ({"entry": None}, "", "required"),
    ({"answer": ENTRY}, "", "required"),
    ({"entry": "not-a-uuid"}, "/entry", "malformed"),
    ({"entry": ENTRY.upper()}, "/entry", "malformed"),
    ({"reason": "because"}, "/reason", "unknown_value"),
    ({"text": ""}, "/text", "malformed"),
    ({"text": "   "}, "/text", "malformed"),
    ({"text": "a" * 201}, "/text", "malformed"),
    ({"text": "a\u202eb"}, "/text", "malformed"),
    ({"text": "a\u0000b"}, "/text", "malformed"),
    ({"proposed_value": 11}, "/proposed_value", "off_scale"),
    ({"proposed_value": -1}, "/proposed_value", "off_scale"),
    ({"proposed_value": "3"}, "/proposed_value", "not_an_integer"),
    ({"captured_at": "2026-10-13"}, "/captured_at", "not_rfc3339"),
    ({"zone": "localtime"}, "/zone", "unknown_zone"),
    ({"state": "accepted"}, "/state", "unknown_field"),
    ({"staff_note": "ok"}, "/staff_note", "unknown_field"),
]


@pytest.mark.parametrize(("changes", "pointer", "code"), REFUSED)
def test_it_names_what_it_refuses(phone: Phone, changes: dict[str, Any], pointer: str, code: str) -> None:
    if pointer == "/proposed_value" or "answer" not in changes:
        changes = {"proposed_value": 3} | changes
    refused = refusal(ask(phone, **changes))

    assert refused == (400, "invalid", [(pointer, code)])
    assert (CorrectionRequest.objects.count(), StaffTask.objects.count()) == (0, 0)


def test_nothing_of_another_trial_is_corrected_or_shown(clinic: Clinic, phone: Phone) -> None:
    other = Phone(make_device(make_trial(clinic=clinic))[1])
    other.entry(make_entry_body(), entry_id=ENTRY)
    request_id = str(uuid.uuid4())
    ask(other, request_id=request_id)

    assert refusal(ask(phone))[:2] == (404, "not_found")
    assert refusal(phone.get(f"diary/corrections/{request_id}"))[:2] == (404, "not_found")
    assert phone.get("diary/corrections").json() == {"results": [], "next": None}


def test_requests_are_listed_page_by_page(trial: StimulationTrial, phone: Phone) -> None:
    sent = [ask(phone).json()["id"] for _ in range(5)]
    found, address = [], "diary/corrections?limit=2"

    while address:
        page = phone.get(address)
        found += [row["id"] for row in page.json()["results"]]
        assert len(page.json()["results"]) <= 2
        following = page.json()["next"]
        assert page.headers.get("Link") == (f'<{following}>; rel="next"' if following else None)
        address = following.partition("/api/v1/")[2] if following else ""

    assert sorted(found) == sorted(sent)
