"""A phone in a long-running trial, and next to it a clinic that is none of its business."""

import json
import uuid
from datetime import date

import pytest
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.diary.models import PatientDevice
from apps.trials.models import StimulationTrial
from tests.bad_inputs.asks import Ask, answer_path, entry_path
from tests.bad_inputs.service import FOREIGN, Phone
from tests.factories import make_answer_body, make_clinic, make_device, make_entry_body, make_trial


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    """Diary since 2025, so that every date of the catalogue that is none of the future lies within."""
    return make_trial(clinic=clinic, diary_from=date(2025, 1, 1), lead_placed_on=date(2025, 1, 8))


@pytest.fixture
def device(trial: StimulationTrial) -> tuple[PatientDevice, str]:
    return make_device(trial, at=timezone.now())


@pytest.fixture
def phone(device: tuple[PatientDevice, str]) -> Phone:
    return Phone(device[1])


@pytest.fixture
def foreign(db: None) -> Phone:
    """Another clinic's phone, which has sent an answer and a note of its own."""
    device, token = make_device(make_trial(clinic=make_clinic(f"Clinic {FOREIGN}")), at=timezone.now())
    device.label = FOREIGN
    device.save(update_fields=["label"])
    other = Phone(token)
    for path, body in (
        (entry_path(FOREIGN_ENTRY), make_entry_body()),
        (answer_path(), make_answer_body("note", {"text": FOREIGN})),
    ):
        answer = other.ask(Ask("PUT", path, json.dumps(body).encode(), 201))
        assert answer.status == 201
    return other


FOREIGN_ENTRY = str(uuid.UUID("0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"))
