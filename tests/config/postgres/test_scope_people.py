"""Who works where is written for the clinics that a request runs, whatever the code asks for."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client, RequestFactory

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.row_security import EVERYTHING, SITE_ADMINS
from config.middleware import asking_of
from config.postgres.scope import NOTHING, Asking, ask_for, of_clinics
from tests.config.postgres.test_scope import become_the_service
from tests.factories import make_staff
from tests.factories.staff import PASSWORD

ADD = "INSERT INTO accounts_staffmembership (user_id, clinic_id, role) VALUES (%s, %s, 'site_admin')"
GIVE = "INSERT INTO accounts_staffmembership (user_id, clinic_id, role) VALUES (%s, %s, '{}')"
MAKE = "UPDATE accounts_staffmembership SET role = '{}' WHERE clinic_id = %s"
CHANGE = "UPDATE accounts_staffmembership SET role = 'site_admin' WHERE clinic_id = %s"
MOVE = "UPDATE accounts_staffmembership SET clinic_id = %s WHERE clinic_id = %s"
DELETE = "DELETE FROM accounts_staffmembership WHERE clinic_id = %s"


@pytest.fixture(autouse=True)
def ask_nothing_afterwards(db: None) -> Iterator[None]:
    yield
    ask_for(NOTHING)


def asking(user: User) -> Asking:
    client = Client()
    client.force_login(user)
    request: Any = RequestFactory().post("/staff/people/")
    request.user, request.session = user, client.session
    return asking_of(request)


def become_a_request_of(user: User) -> None:
    """As the service is for this person: its role, its scope, and nothing of ours in between."""
    asked = asking(user)
    become_the_service()
    ask_for(asked.scope, actor=asked.actor, people=asked.people)
    connection.show()  # type: ignore[attr-defined]


def written(statement: str, *values: str | int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def test_a_site_admin_writes_no_membership_of_another_clinic_by_any_sql(
    clinic: Clinic, other_clinic: Clinic, site_admin: User, stranger: User, nobody: User
) -> None:
    become_a_request_of(site_admin)

    with pytest.raises(ProgrammingError, match="row-level security"):
        written(ADD, nobody.pk, other_clinic.pk)
    assert written(CHANGE, other_clinic.pk) == 0
    assert written(DELETE, other_clinic.pk) == 0
    with pytest.raises(ProgrammingError, match="row-level security"):
        written(MOVE, other_clinic.pk, clinic.pk)
    assert StaffMembership.objects.get(user=stranger).role == Role.CLINICIAN


def test_a_site_admin_writes_those_of_the_own_clinic(
    clinic: Clinic, site_admin: User, coordinator: User, nobody: User
) -> None:
    become_a_request_of(site_admin)

    assert written(ADD, nobody.pk, clinic.pk) == 1
    assert written(CHANGE, clinic.pk) == 3


@pytest.mark.parametrize("who", ["coordinator", "clinician", "analyst", "nobody"])
def test_nobody_else_writes_any(
    clinic: Clinic, site_admin: User, request: pytest.FixtureRequest, who: str
) -> None:
    become_a_request_of(request.getfixturevalue(who))

    assert written(CHANGE, clinic.pk) == 0
    with pytest.raises(ProgrammingError, match="row-level security"):
        written(ADD, make_user_id(), clinic.pk)


def make_user_id() -> int:
    return make_staff("somebody new", clinic=None).pk


def test_everybody_reads_them_for_the_scope_is_made_from_them(
    clinic: Clinic, site_admin: User, stranger: User, nobody: User
) -> None:
    become_a_request_of(nobody)

    assert StaffMembership.objects.count() == 2


# fmt: off
BY_THE_OPERATOR = [
    # in any clinic                          written
    (GIVE.format("site_admin"),              True),
    (GIVE.format("clinician"),               False),
    (GIVE.format("former"),                  False),
    (MAKE.format("site_admin"),              True),
    (MAKE.format("former"),                  True),
    (MAKE.format("coordinator"),             False),
]
# fmt: on


@pytest.mark.parametrize(("statement", "is_written"), BY_THE_OPERATOR)
def test_the_operator_makes_and_ends_site_admins_and_nothing_else_by_any_sql(
    clinic: Clinic, site_admin: User, nobody: User, statement: str, is_written: bool
) -> None:
    become_a_request_of(User.objects.create_superuser("root", password=PASSWORD))
    values = (nobody.pk, clinic.pk) if statement.startswith("INSERT") else (clinic.pk,)

    if is_written:
        assert written(statement, *values) == 1
    else:
        with pytest.raises(ProgrammingError, match="row-level security"):
            written(statement, *values)
    assert written(DELETE, clinic.pk) == 0


def test_an_operator_who_runs_a_clinic_too_gives_each_role_there_and_one_elsewhere(
    clinic: Clinic, other_clinic: Clinic, site_admin: User, stranger: User, nobody: User
) -> None:
    User.objects.filter(pk=site_admin.pk).update(is_superuser=True)
    become_a_request_of(User.objects.get(pk=site_admin.pk))

    assert written(GIVE.format("coordinator"), nobody.pk, clinic.pk) == 1
    assert written(MAKE.format("site_admin"), other_clinic.pk) == 1
    with pytest.raises(ProgrammingError, match="row-level security"):
        written(GIVE.format("coordinator"), nobody.pk, other_clinic.pk)


def test_the_operator_is_told_apart_from_a_clinic_and_from_a_phone(clinic: Clinic, site_admin: User) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)
    phone: Any = RequestFactory().post("/api/v1/diary/entries/batch")

    assert asking(root).people == of_clinics([SITE_ADMINS])
    assert asking(site_admin).people == of_clinics([clinic.pk])
    assert (asking_of(phone).scope, asking_of(phone).people) == (EVERYTHING, NOTHING)
