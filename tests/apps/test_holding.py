"""Who holds a name works alone, until it is done or its connection is gone."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from apps.holding import alone

pytestmark = pytest.mark.django_db
TAKE = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"


@contextmanager
def other_connection() -> Iterator[psycopg.Connection]:
    """One of its own. The server lets go of what it held a moment after it closed: that is waited for."""
    parameters = connection.get_connection_params() | {"cursor_factory": None}
    with psycopg.connect(**parameters, autocommit=True) as other:
        backend = other.info.backend_pid
        yield other
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [backend])


def takes(other: psycopg.Connection, name: str) -> bool:
    row = other.execute(TAKE, [name]).fetchone()
    return bool(row and row[0])


def test_nobody_else_holds_the_name_meanwhile_and_anybody_may_afterwards() -> None:
    with other_connection() as other:
        with alone("export:1") as is_ours:
            assert (is_ours, takes(other, "export:1"), takes(other, "export:2")) == (True, False, True)

        assert takes(other, "export:1")


def test_who_comes_second_is_told_and_takes_nothing_from_the_first() -> None:
    with other_connection() as other:
        assert takes(other, "export:1")
        with alone("export:1") as is_ours:
            assert not is_ours

        with other_connection() as third:
            assert not takes(third, "export:1")


def test_a_connection_that_is_gone_holds_nothing() -> None:
    with other_connection() as other:
        assert takes(other, "export:1")

    with alone("export:1") as is_ours:
        assert is_ours
