"""The patient, who that is, and what was known before a trial."""

from apps.patients.models.before import (
    BeforeTrial,
    ConservativeTherapy,
    Diagnosis,
    PainRegions,
    PriorAuthorisation,
)
from apps.patients.models.people import Patient, PatientIdentity, ZoneChange
from apps.patients.models.review import EligibilityReview

__all__ = [
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
