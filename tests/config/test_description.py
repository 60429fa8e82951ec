"""Whoever builds a client finds the contract at the service itself."""

import pytest
import yaml
from django.conf import settings
from django.test import Client

ADDRESS = "/api/v1/openapi.yaml"


def test_the_committed_description_is_served_to_anybody() -> None:
    response = Client().get(ADDRESS)

    assert (response.status_code, response["Content-Type"]) == (200, "application/yaml")
    assert response.content == (settings.BASE_DIR / "openapi.yaml").read_bytes()
    assert response["Cache-Control"] == "public, max-age=3600"
    assert yaml.load(response.content, Loader=yaml.CSafeLoader)["openapi"].startswith("3.1.")


def test_what_has_not_changed_is_not_sent_again() -> None:
    etag = Client().get(ADDRESS)["ETag"]

    same = Client().get(ADDRESS, headers={"If-None-Match": etag})
    other = Client().get(ADDRESS, headers={"If-None-Match": '"another"'})

    assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag)
    assert other.status_code == 200


def test_a_head_is_answered_without_the_body() -> None:
    response = Client().head(ADDRESS)

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_is_only_to_be_read(method: str) -> None:
    response = Client().generic(method, ADDRESS)

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "method_not_allowed"
    assert response.json()["request_id"] == response["X-Request-Id"]
