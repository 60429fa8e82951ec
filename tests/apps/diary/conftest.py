"""A running trial with a paired phone, and the two ways a phone speaks."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.trials.models import StimulationTrial
from tests.apps.diary.phone import Phone
from tests.factories import make_device, make_trial

Put = Callable[..., Any]


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic)


@pytest.fixture
def token(trial: StimulationTrial) -> str:
    return make_device(trial, at=timezone.now())[1]


@pytest.fixture
def phone(token: str) -> Phone:
    return Phone(token)


@pytest.fixture
def put() -> Put:
    def send(token: str | None, body: Any, *, entry_id: str | None = None, raw: bytes | None = None) -> Any:
        return Client().put(
            f"/api/v1/diary/entries/{entry_id or uuid.uuid4()}",
            raw if raw is not None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    return send


@pytest.fixture
def post() -> Put:
    def send(token: str | None, address: str, body: Any) -> Any:
        return Client().post(
            f"/api/v1/{address}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    return send
