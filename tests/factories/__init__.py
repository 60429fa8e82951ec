"""Rows for tests, made the way the service makes them."""

from tests.factories.before import make_review, make_therapy
from tests.factories.diary import make_answer_body, make_device, make_entries, make_entry_body
from tests.factories.rules import make_own_rule, make_proposal, own_rule
from tests.factories.staff import make_staff
from tests.factories.stimulation import make_event, make_implant, make_lead, make_stimulator
from tests.factories.trials import CORRECTS, NOW, make_clinic, make_patient, make_trial

__all__ = [
    "CORRECTS",
    "NOW",
    "make_answer_body",
    "make_clinic",
    "make_device",
    "make_entries",
    "make_entry_body",
    "make_event",
    "make_implant",
    "make_lead",
    "make_own_rule",
    "make_patient",
    "make_proposal",
    "make_review",
    "make_staff",
    "make_stimulator",
    "make_therapy",
    "make_trial",
    "own_rule",
]
