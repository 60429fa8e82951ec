"""Facts of the diary: what was reported, by which device, what was asked of staff, what was sent."""

from apps.diary.models.answers import DiaryAnswer
from apps.diary.models.devices import ConsentEvent, PairingCode, PatientDevice
from apps.diary.models.entries import (
    ORIGINATORS,
    SCORE_KINDS,
    DiaryEntry,
    DiaryImport,
    OpioidUse,
    QuestionnaireResponse,
)
from apps.diary.models.proposals import OUTCOMES, ImportProposal
from apps.diary.models.reminders import Reminder, ReminderPolicy
from apps.diary.models.requests import CorrectionRequest, ParkedAnswer, StaffTask

__all__ = [
    "ORIGINATORS",
    "OUTCOMES",
    "SCORE_KINDS",
    "ConsentEvent",
    "CorrectionRequest",
    "DiaryAnswer",
    "DiaryEntry",
    "DiaryImport",
    "ImportProposal",
    "OpioidUse",
    "PairingCode",
    "ParkedAnswer",
    "PatientDevice",
    "QuestionnaireResponse",
    "Reminder",
    "ReminderPolicy",
    "StaffTask",
]
