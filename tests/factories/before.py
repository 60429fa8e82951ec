"""What was known of a patient before the trial. All of it is made up."""

from datetime import date
from typing import Any

from apps.patients.models import ConservativeTherapy, EligibilityReview, Patient
from apps.patients.services import Act, keep
from tests.factories.trials import NOW

ACT = Act(by="staff:test", at=NOW, request_id="test")


def make_therapy(patient: Patient, **overrides: Any) -> ConservativeTherapy:
    """Six weeks of walking, long before the trial, without effect."""
    values: dict[str, Any] = {
        "kind": "physical_therapy",
        "agent": "walking",
        "started_on": date(2026, 1, 1),
        "ended_on": date(2026, 2, 11),
        "outcome": "no_effect",
    } | overrides
    return keep(ConservativeTherapy, patient, values=values, act=ACT)


def make_review(patient: Patient, **overrides: Any) -> EligibilityReview:
    values = {"reviewed_on": date(2026, 9, 1)} | overrides
    return keep(EligibilityReview, patient, values=values, act=ACT)
