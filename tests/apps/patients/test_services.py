"""Where the patient's clock is: every zone there was stays on record, from when on."""

from datetime import timedelta

from apps.accounts.models import Clinic
from apps.patients.models import Patient
from apps.patients.services import move_patient
from tests.factories import NOW, make_patient


def history(patient: Patient) -> list[tuple[str, str]]:
    return [(change.zone, change.by) for change in patient.zone_changes.all()]


def test_the_first_move_keeps_where_the_patient_was_before(clinic: Clinic) -> None:
    patient = make_patient(clinic=clinic, zone="Europe/Berlin")

    assert move_patient(patient, zone="America/New_York", by="staff:7", at=NOW + timedelta(days=1))

    patient.refresh_from_db()
    assert patient.zone == "America/New_York"
    assert history(patient) == [("America/New_York", "staff:7"), ("Europe/Berlin", "enrolment")]


def test_staying_leaves_no_trace(clinic: Clinic) -> None:
    patient = make_patient(clinic=clinic, zone="Europe/Berlin")

    assert not move_patient(patient, zone="Europe/Berlin", by="device:1", at=NOW)
    assert history(patient) == []


def test_there_and_back_is_two_moves(clinic: Clinic) -> None:
    patient = make_patient(clinic=clinic, zone="Europe/Berlin")

    for n, zone in enumerate(("Asia/Tokyo", "Europe/Berlin"), 1):
        move_patient(patient, zone=zone, by="device:1", at=NOW + timedelta(days=n))

    assert [zone for zone, _ in history(patient)] == ["Europe/Berlin", "Asia/Tokyo", "Europe/Berlin"]
