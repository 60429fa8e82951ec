"""Whatever goes wrong in the API, the answer is a problem with a code and a request id."""

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Clinic
from tests.factories import make_device, make_trial

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("method", "path", "content_type", "status", "code"),
    [
        (
            "delete",
            "diary/entries/5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab",
            "application/json",
            405,
            "method_not_allowed",
        ),
        (
            "patch",
            "diary/entries/5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab",
            "application/json",
            405,
            "method_not_allowed",
        ),
        (
            "put",
            "diary/entries/5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab",
            "text/plain",
            415,
            "unsupported_media_type",
        ),
        (
            "put",
            "diary/entries/5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab",
            "application/x-www-form-urlencoded",
            415,
            "unsupported_media_type",
        ),
        ("get", "diary/entries/5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab", "application/json", 404, "not_found"),
        ("get", "diary/entries/%00", "application/json", 404, "not_found"),
        ("get", "diary/entries/..%2f..%2fetc", "application/json", 404, "not_found"),
        ("get", "no/such/address", "application/json", 404, "not_found"),
    ],
)
def test_refusals_have_one_shape(
    clinic: Clinic, method: str, path: str, content_type: str, status: int, code: str
) -> None:
    _, token = make_device(make_trial(clinic=clinic), at=timezone.now())

    response = Client().generic(
        method.upper(),
        f"/api/v1/{path}",
        b"{}" if method != "get" else b"",
        content_type=content_type,
        headers={"Authorization": f"Bearer {token}"},
    )

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.json()["request_id"] == response["X-Request-Id"]
