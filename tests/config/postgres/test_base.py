"""A kept connection is looked at before each request: at its socket, and now and then by a statement."""

import json
import uuid
from collections.abc import Iterator
from typing import Any, cast

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Clinic
from config.postgres.base import ASK_AFTER_SECONDS, DatabaseWrapper
from tests.factories import make_device, make_entry_body, make_trial

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def observer() -> Iterator[psycopg.Connection[Any]]:
    """Somebody else at the same server."""
    parameters = connection.get_connection_params() | {"cursor_factory": None}
    with psycopg.connect(**parameters, autocommit=True) as other:
        yield other


def last_statement(observer: psycopg.Connection[Any]) -> str:
    ((query,),) = observer.execute(
        "SELECT query FROM pg_stat_activity WHERE pid = %s", [backend_pid()]
    ).fetchall()
    return str(query)


def ours() -> DatabaseWrapper:
    return cast(DatabaseWrapper, connections["default"])


def backend_pid() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def use() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'used'")


def test_a_living_connection_is_asked_once_and_then_only_looked_at(observer: psycopg.Connection[Any]) -> None:
    ours().answered_at = float("-inf")
    use()

    assert connection.is_usable()
    assert last_statement(observer) == "SELECT 1"

    use()

    assert connection.is_usable()
    assert last_statement(observer) == "SELECT 'used'"


def test_a_connection_that_was_not_asked_for_long_is_asked_again(observer: psycopg.Connection[Any]) -> None:
    use()
    assert connection.is_usable()
    ours().answered_at -= ASK_AFTER_SECONDS
    use()

    assert connection.is_usable()
    assert last_statement(observer) == "SELECT 1"


def test_a_connection_that_the_server_ended_is_not_used(observer: psycopg.Connection[Any]) -> None:
    use()
    assert connection.is_usable()
    observer.execute("SELECT pg_terminate_backend(%s, 5000)", [backend_pid()])

    assert not connection.is_usable()
    connection.close()


def test_an_answer_is_stored_although_the_server_ended_the_kept_connection(
    clinic: Clinic, observer: psycopg.Connection[Any]
) -> None:
    _, token = make_device(make_trial(clinic=clinic), at=timezone.now())
    use()
    assert connection.is_usable()
    observer.execute("SELECT pg_terminate_backend(%s, 5000)", [backend_pid()])
    # As at the start of each request; the test client leaves it out.
    connection.close_if_unusable_or_obsolete()

    response = Client().put(
        f"/api/v1/diary/entries/{uuid.uuid4()}",
        json.dumps(make_entry_body()),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )

    assert response.status_code == 201
