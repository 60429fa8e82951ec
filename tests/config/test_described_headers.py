"""The description names the headers that answers carry; fuzzing compares every answer with it."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Clinic
from config.described_headers import BY_OPERATION, HEADERS
from tests.described import api_description
from tests.factories import make_device, make_trial

pytestmark = pytest.mark.django_db(transaction=True)


def described(method: str, path: str, status: int) -> dict[str, Any]:
    headers: dict[str, Any] = api_description()["paths"][path][method]["responses"][str(status)]["headers"]
    return headers


@pytest.fixture
def phone(clinic: Clinic) -> Client:
    _, token = make_device(make_trial(clinic=clinic), at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_an_answer_carries_every_header_that_is_described(phone: Client) -> None:
    response = phone.get("/api/v1/device")

    assert set(described("get", "/api/v1/device", response.status_code)) <= set(response.headers)
    assert "ETag" in response.headers


def test_a_refusal_for_haste_says_when_to_come_again(phone: Client, settings: LazySettings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "device": "1/600"}
    phone.get("/api/v1/device")

    response = phone.get("/api/v1/device")

    assert response.status_code == 429
    assert set(described("get", "/api/v1/device", 429)) <= set(response.headers)
    assert int(response["Retry-After"]) >= 1


def test_every_operation_of_the_table_is_one_that_there_is() -> None:
    paths = api_description()["paths"]
    names = {operation["operationId"] for path in paths.values() for operation in path.values()}

    assert set(BY_OPERATION) <= names
    assert {key for keys in BY_OPERATION.values() for key in keys} <= set(HEADERS)
