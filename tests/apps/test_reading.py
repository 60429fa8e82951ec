"""Statements of one reading see the rows of one moment, and write nothing."""

import pytest
from django.db import InternalError

from apps.accounts.models import Clinic
from apps.reading import one_reading
from tests.apps.test_holding import other_connection

pytestmark = pytest.mark.django_db(transaction=True)


def zone_of(clinic: Clinic) -> str:
    return Clinic.objects.get(pk=clinic.pk).zone


def test_what_is_changed_meanwhile_is_not_seen(clinic: Clinic) -> None:
    with other_connection() as other:
        with one_reading():
            before = zone_of(clinic)
            other.execute("UPDATE accounts_clinic SET zone = 'UTC' WHERE id = %s", [clinic.pk])
            assert (before, zone_of(clinic)) == ("Europe/Berlin", "Europe/Berlin")

        assert zone_of(clinic) == "UTC"


def test_nothing_can_be_written_in_it(clinic: Clinic) -> None:
    with pytest.raises(InternalError, match="read-only transaction"), one_reading():
        Clinic.objects.update(zone="UTC")


@pytest.mark.django_db
def test_within_a_transaction_it_is_a_part_of_that_one(clinic: Clinic) -> None:
    with one_reading():
        Clinic.objects.update(zone="UTC")

    assert zone_of(clinic) == "UTC"
