"""A planned statement is prepared once a connection and is otherwise like any other."""

import pytest
from django.db import DataError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic
from apps.planned import fetch_planned

pytestmark = pytest.mark.django_db(transaction=True)

DOUBLE = "SELECT %(number)s::int * 2 AS doubled"
TREBLE = "SELECT %(number)s::int * 3 AS trebled"
RUNS = "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '% AS trebled'"


def test_it_gives_the_rows() -> None:
    assert fetch_planned(DOUBLE, {"number": 21}) == [(21 * 2,)]


def test_it_is_prepared_once_and_run_by_that() -> None:
    for number in (1, 2, 3):
        fetch_planned(TREBLE, {"number": number})

    with connection.cursor() as cursor:
        cursor.execute(RUNS)
        assert cursor.fetchall() == [(3,)]


def test_it_is_counted(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        fetch_planned(DOUBLE, {"number": 1})


def test_it_is_part_of_the_transaction(clinic: Clinic) -> None:
    with transaction.atomic():
        renamed = fetch_planned(
            "UPDATE accounts_clinic SET name = %s::text WHERE id = %s RETURNING name", ["Other", clinic.pk]
        )
        transaction.set_rollback(True)

    assert renamed == [("Other",)]
    assert not Clinic.objects.filter(name="Other").exists()


def test_its_errors_are_those_of_django() -> None:
    with pytest.raises(DataError):
        fetch_planned("SELECT 1 / %s::int", [0])


def test_a_new_connection_plans_it_anew() -> None:
    assert fetch_planned(DOUBLE, {"number": 1}) == [(2,)]
    connection.close()

    assert fetch_planned(DOUBLE, {"number": 2}) == [(4,)]
