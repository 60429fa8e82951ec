"""Clinics, patients and trials. Every date hangs on NOW, a Monday evening."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from apps.accounts.models import Clinic
from apps.audit.reasons import Why
from apps.patients.models import Patient
from apps.trials.correcting import Act
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase

NOW = datetime(2026, 10, 12, 18, 0, tzinfo=UTC)
CORRECTS = Act("staff:1", NOW, Why("source_differs", "as the chart has it"))
_numbers = count(1)


def make_clinic(name: str = "") -> Clinic:
    return Clinic.objects.create(
        name=name or f"Clinic {next(_numbers)}", zone="Europe/Berlin", phone="+49 30 0000000"
    )


def make_patient(*, clinic: Clinic, zone: str = "Europe/Berlin") -> Patient:
    return Patient.objects.create(
        clinic=clinic, pseudonym=f"P-{1000 + next(_numbers)}", zone=zone, created_at=NOW
    )


def make_trial(*, clinic: Clinic, **overrides: Any) -> StimulationTrial:
    """A running SCS trial: diary from 1 October, leads in on 8 October 2026."""
    facts: dict[str, Any] = {
        "modality": "SCS",
        "target_area": "low back",
        "rule_set_id": "MAC_NORIDIAN",
        "phase": Phase.TRIAL_ACTIVE.value,
        "diary_from": date(2026, 10, 1),
        "lead_placed_on": date(2026, 10, 8),
        "planned_end_on": date(2026, 10, 15),
        "created_at": NOW,
    } | overrides
    patient = facts.pop("patient", None) or make_patient(clinic=clinic)
    return StimulationTrial.objects.create(clinic=clinic, patient=patient, **facts)
