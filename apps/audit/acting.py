"""Who changes rows from here on, where neither the request nor the job says it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

from apps.row_security import ACTOR

#: Truly nobody that the service knows.
NOBODY: Final = "system"
SAY: Final = "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)"


@contextmanager
def acting_as(actor: str) -> Iterator[None]:
    """In a transaction: what is undone brings back by itself who acted before."""
    with transaction.atomic():
        before = _say(actor)
        yield
        _say(before)


def _say(actor: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(SAY, [ACTOR, ACTOR, actor])
        return str(cursor.fetchone()[0])
