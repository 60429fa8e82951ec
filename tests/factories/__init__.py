"""Rows for tests, made the way the service makes them."""

from tests.factories.diary import make_answer_body, make_device, make_entries, make_entry_body
from tests.factories.rules import make_own_rule, make_proposal, own_rule
from tests.factories.staff import make_staff
from tests.factories.trials import NOW, make_clinic, make_patient, make_trial

__all__ = [
    "NOW",
    "make_answer_body",
    "make_clinic",
    "make_device",
    "make_entries",
    "make_entry_body",
    "make_own_rule",
    "make_patient",
    "make_proposal",
    "make_staff",
    "make_trial",
    "own_rule",
]
