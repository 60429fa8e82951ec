"""The phone's own settings: read with a tag, replaced whole, given up by the patient."""

from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.diary.models import PatientDevice
from apps.patients.models import Patient, ZoneChange
from apps.trials.models import StimulationTrial
from tests.apps.diary.phone import Phone, refusal
from tests.factories import make_device

pytestmark = pytest.mark.django_db
DEVICE = "device"
SETTINGS: dict[str, Any] = {
    "label": "Kitchen phone",
    "language": "de",
    "zone": "America/New_York",
    "app_version": "1.4.0",
    "reminders": {"push": True, "email": False, "sms": True},
    "push_subscription": {
        "endpoint": "https://fcm.googleapis.com/send/abc",
        "keys": {"p256dh": "B" * 87, "auth": "A" * 22},
    },
}


def change(phone: Phone, **changes: Any) -> Any:
    return phone.put(DEVICE, SETTINGS | changes, If_Match=phone.get(DEVICE)["ETag"])


def test_settings_are_replaced_whole_and_read_back(trial: StimulationTrial, phone: Phone) -> None:
    changed = change(phone)

    assert changed.status_code == 200, changed.content
    read = phone.get(DEVICE)
    assert (read.json(), read["ETag"]) == (changed.json(), changed["ETag"])
    assert {key: read.json()[key] for key in SETTINGS} == SETTINGS
    assert read.json()["holder"] == "patient"
    event = AuditEvent.objects.get(object_type="patient_device", action="change")
    assert event.detail == {"fields": ["settings"]}


def test_a_change_needs_the_tag_that_was_read_last(phone: Phone) -> None:
    tag = phone.get(DEVICE)["ETag"]

    missing = phone.put(DEVICE, SETTINGS)
    first = phone.put(DEVICE, SETTINGS, If_Match=tag)
    stale = phone.put(DEVICE, SETTINGS | {"label": "Other"}, If_Match=tag)

    assert refusal(missing)[:2] == (428, "if_match_required")
    assert first.status_code == 200
    assert first["ETag"] != tag
    assert refusal(stale)[:2] == (412, "changed_meanwhile")
    assert phone.get(DEVICE).json()["label"] == "Kitchen phone"


def test_a_new_zone_is_the_patients_from_then_on_and_the_old_one_stays_on_record(
    trial: StimulationTrial, phone: Phone
) -> None:
    change(phone)
    change(phone)
    change(phone, zone="Asia/Tokyo")

    zones = ZoneChange.objects.filter(patient=trial.patient).order_by("since", "pk")
    assert list(zones.values_list("zone", flat=True)) == ["Europe/Berlin", "America/New_York", "Asia/Tokyo"]
    assert Patient.objects.get(pk=trial.patient_id).zone == "Asia/Tokyo"
    assert phone.get("diary/today").json()["zone"] == "Asia/Tokyo"


@pytest.mark.parametrize(("holder", "language"), [("patient", "de"), ("proxy", "")])
def test_a_caregivers_language_is_not_the_patients(
    trial: StimulationTrial, holder: str, language: str
) -> None:
    before = trial.patient.language
    change(Phone(make_device(trial, holder=holder)[1]))

    assert Patient.objects.get(pk=trial.patient_id).language == (language or before)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"zone": "europe/berlin"}, "/zone", "unknown_zone"),
    ({"zone": "Europe/Berlin\u0000"}, "/zone", "unknown_zone"),
    ({"language": "German"}, "/language", "malformed"),
    ({"language": "de_DE"}, "/language", "malformed"),
    ({"label": "a\nb"}, "/label", "malformed"),
    ({"label": "a" * 81}, "/label", "malformed"),
    ({"holder": "patient"}, "/holder", "unknown_field"),
    ({"version": 9}, "/version", "unknown_field"),
    ({"app_version": ""}, "/app_version", "malformed"),
    ({"reminders": {"push": 1, "email": False, "sms": False}}, "/reminders/push", "not_a_flag"),
    ({"reminders": {"push": True, "email": False}}, "/reminders/sms", "required"),
    ({"reminders": None}, "/reminders", "not_an_object"),
    *[
        (
            {"push_subscription": SETTINGS["push_subscription"] | {"endpoint": endpoint}},
            "/push_subscription/endpoint",
            "malformed",
        )
        for endpoint in (
            "http://fcm.googleapis.com/x",
            "https://user:word@fcm.googleapis.com/x",
            "https://fcm.googleapis.com/x y",
            "https:///x",
            "file:///etc/passwd",
            "https://fcm.googleapis.com",
            "https://fcm.googleapis.com/\n",
        )
    ],
    # The address of a push is one that we call: only those of browsers' own services are.
    (
        {"push_subscription": SETTINGS["push_subscription"] | {"endpoint": "https://10.0.0.1/x"}},
        "/push_subscription/endpoint",
        "unknown_push_service",
    ),
    (
        {
            "push_subscription": {
                "endpoint": "https://fcm.googleapis.com/x",
                "keys": {"p256dh": "B", "auth": "A" * 22},
            }
        },
        "/push_subscription/keys/p256dh",
        "malformed",
    ),
]


@pytest.mark.parametrize(("changes", "pointer", "code"), REFUSED)
def test_it_names_the_setting_that_it_refuses(
    phone: Phone, changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert refusal(change(phone, **changes)) == (400, "invalid", [(pointer, code)])
    assert phone.get(DEVICE).json()["label"] == "test phone"


def test_a_phone_that_is_given_up_is_refused_from_then_on(phone: Phone) -> None:
    gone = phone.send("DELETE", DEVICE)

    assert (gone.status_code, gone.content) == (204, b"")
    assert refusal(phone.get(DEVICE))[:2] == (401, "token_refused")
    device = PatientDevice.objects.get()
    assert device.revoked_at is not None
    event = AuditEvent.objects.get(object_type="patient_device", action="revoke")
    assert (event.actor, bool(event.reason)) == (f"device:{device.pk}", True)
