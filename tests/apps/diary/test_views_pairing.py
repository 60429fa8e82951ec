"""A short code becomes a token, once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.diary.models import PairingCode, PatientDevice
from apps.diary.pairing import LIFETIME, issue_code
from apps.trials.models import StimulationTrial
from tests.factories import make_entry_body

pytestmark = pytest.mark.django_db(transaction=True)
Send = Callable[..., Any]


def test_a_code_gives_a_token_that_can_send_answers(trial: StimulationTrial, post: Send, put: Send) -> None:
    code = issue_code(trial, by="staff:1", at=timezone.now())

    paired = post(None, "pairing", {"code": code.lower(), "label": "My phone"})

    assert paired.status_code == 201, paired.content
    assert paired.json()["trial"]["id"] == str(trial.pk)
    assert put(paired.json()["token"], make_entry_body()).status_code == 201


def test_neither_code_nor_token_is_stored(trial: StimulationTrial, post: Send) -> None:
    code = issue_code(trial, by="staff:1", at=timezone.now())
    token = post(None, "pairing", {"code": code}).json()["token"]

    stored = [
        *PairingCode.objects.values_list("code_sha256", flat=True),
        *PatientDevice.objects.values_list("token_sha256", flat=True),
        *map(str, AuditEvent.objects.values_list("detail", "object_id", "actor")),
    ]

    assert len(stored) == 1 + 1 + 2
    assert not [text for text in stored if token in text or code in text or code.replace("-", "") in text]


def test_a_code_works_once(trial: StimulationTrial, post: Send) -> None:
    code = issue_code(trial, by="staff:1", at=timezone.now())
    post(None, "pairing", {"code": code})

    again = post(None, "pairing", {"code": code})

    assert (again.status_code, again.json()["errors"][0]["code"]) == (400, "code_refused")
    assert PatientDevice.objects.count() == 1


def test_wrong_expired_and_used_codes_are_refused_alike(trial: StimulationTrial, post: Send) -> None:
    expired = issue_code(trial, by="staff:1", at=timezone.now() - LIFETIME - timedelta(seconds=1))

    answers = [post(None, "pairing", {"code": code}).json() for code in (expired, "AAAA-AAAA")]

    for answer in answers:
        del answer["request_id"]
    assert answers[0] == answers[1]
    assert PatientDevice.objects.count() == 0
