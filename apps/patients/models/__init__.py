"""The patient, who that is, and what was known before a trial."""

from apps.patients.models.before import (
    BeforeTrial,
    ConservativeTherapy,
    Diagnosis,
    PainRegions,
    PriorAuthorisation,
)
from apps.patients.models.people import ERASURE_REASONS, Patient, PatientIdentity, ZoneChange
from apps.patients.models.review import EligibilityReview

__all__ = [
    "ERASURE_REASONS",
    "BeforeTrial",
    "ConservativeTherapy",
    "Diagnosis",
    "EligibilityReview",
    "PainRegions",
    "Patient",
    "PatientIdentity",
    "PriorAuthorisation",
    "ZoneChange",
]
