"""Statements that must agree see the rows of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# Reading holds nobody up, and a large cohort takes longer than a phone waits for: as long as a job may take.
ROOM_TO_READ = """
SELECT set_config('statement_timeout', '15min', true),
       set_config('idle_in_transaction_session_timeout', '15min', true)
"""


@contextmanager
def one_reading() -> Iterator[None]:
    """All statements see the rows of one moment, so that tables agree; within a transaction, those of it."""
    is_ours = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_ours:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(ROOM_TO_READ)
        yield
