"""A phone in a long-running trial, and next to it a clinic that is none of its business."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.diary.models import PatientDevice
from apps.diary.schemas import AnswerBody, EntryBody, parse
from apps.diary.services import Taken, record_answers, record_entries
from apps.trials.models import StimulationTrial
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
    PatientDevice.objects.filter(pk=device.pk).update(label=FOREIGN)
    score = parse(EntryBody, make_entry_body())
    note = parse(AnswerBody, make_answer_body("note", {"text": FOREIGN}))
    sent: dict[str, Any] = {"by": device, "at": timezone.now(), "request_id": FOREIGN}
    outcomes = [
        *record_entries([(FOREIGN_ENTRY, score)], **sent),
        *record_answers([(str(uuid.uuid4()), note)], **sent),
    ]
    assert all(isinstance(one, Taken) for one in outcomes)
    return Phone(token)


FOREIGN_ENTRY = str(uuid.UUID("0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"))
