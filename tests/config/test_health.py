"""Liveness touches nothing; readiness names what is missing."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from config.embedded.valkey import Valkey

pytestmark = pytest.mark.django_db(transaction=True)


def test_liveness_asks_no_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert Client().get("/livez").status_code == 200


def test_a_complete_service_is_ready() -> None:
    response = Client().get("/readyz")

    assert (response.status_code, response.json()) == (200, {"problems": [], "warnings": []})


@pytest.mark.faults
def test_a_dead_redis_is_a_warning_and_no_reason_to_refuse_patients(embedded_valkey: Valkey) -> None:
    embedded_valkey.kill()

    response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json()["warnings"]
