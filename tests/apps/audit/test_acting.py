"""Who changes rows, for as long as it is said."""

import pytest
from django.db import connection, transaction

from apps.audit.acting import acting_as

pytestmark = pytest.mark.django_db


def actor() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('sctrial.actor', true)")
        return cursor.fetchone()[0] or ""


def test_who_acted_before_acts_again_afterwards() -> None:
    with acting_as("staff:7"):
        with acting_as("device:1"):
            assert actor() == "device:1"
            with acting_as("system"):
                assert actor() == "system"
            assert actor() == "device:1"

        assert actor() == "staff:7"


def test_what_is_undone_leaves_who_acted_before() -> None:
    with acting_as("staff:7"):
        with pytest.raises(ValueError, match="undone"), transaction.atomic(), acting_as("device:1"):
            raise ValueError("undone")

        assert actor() == "staff:7"
