"""In a request that only looks, PostgreSQL writes no row of a patient, whatever the code asks for."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client, RequestFactory

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.trials.models import StimulationTrial
from config.middleware import asking_of
from config.postgres.scope import NOTHING, Asking, ask_for, of_clinics
from tests.apps.workspace.conftest import as_staff
from tests.apps.workspace.emergency_room import open_for
from tests.apps.workspace.every_row import make_every_row
from tests.config.postgres.test_scope import become_the_service, hidden_tables
from tests.factories import make_clinic, make_trial

__all__ = ["as_staff"]


@pytest.fixture(autouse=True)
def ask_nothing_afterwards(db: None) -> Iterator[None]:
    yield
    ask_for(NOTHING)


def written_tables() -> dict[str, str]:
    """Those that are held, but for the trail, where each look is written down; with the first column."""
    names = sorted(name for name in hidden_tables() if not name.startswith("audit_"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (attrelid) attrelid::regclass::text, attname FROM pg_attribute"
            " WHERE attnum > 0 AND NOT attisdropped AND attrelid = ANY (%s::regclass[])"
            " ORDER BY attrelid, attnum",
            [names],
        )
        return dict(cursor.fetchall())


def ask(scope: str, *, only_reads: bool) -> None:
    ask_for(scope, actor="staff:1", only_reads=only_reads)
    connection.show()  # type: ignore[attr-defined]


def test_every_held_table_refuses_each_way_of_writing(clinic: Clinic, other_clinic: Clinic) -> None:
    """The remedy for a new table: ``only_read(table)`` of apps/row_security.py in its migration."""
    make_every_row(clinic)
    become_the_service()
    ask(of_clinics([clinic.pk, other_clinic.pk]), only_reads=True)

    taken = []
    for table, column in written_tables().items():
        for statement in (
            f"INSERT INTO {table} DEFAULT VALUES",
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
        ):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
            except ProgrammingError as refusal:
                taken += [] if "This request only reads" in str(refusal) else [(statement, str(refusal))]
            else:
                taken.append((statement, "was taken"))

    assert taken == []
    assert len(written_tables()) > 40


def test_the_same_connection_writes_again_for_the_next_request(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    become_the_service()
    ask(of_clinics([clinic.pk]), only_reads=True)
    with pytest.raises(ProgrammingError, match="only reads: trials_stimulationtrial"), transaction.atomic():
        StimulationTrial.objects.filter(pk=trial.pk).update(goal="changed")

    ask(of_clinics([clinic.pk]), only_reads=False)

    assert StimulationTrial.objects.filter(pk=trial.pk).update(goal="changed") == 1


def asking(client: Client, user: User, *, method: str = "GET", path: str = "/staff/") -> Asking:
    request: Any = getattr(RequestFactory(), method.lower())(path)
    request.user, request.session = user, client.session
    return asking_of(request)


def test_a_request_that_looks_is_shown_one_clinic_more_and_writes_nothing(
    clinic: Clinic, other_clinic: Clinic, stranger: User
) -> None:
    client = Client()
    client.force_login(stranger)
    before = asking(client, stranger)
    open_for(stranger, clinic, client=client)

    own, both = of_clinics([other_clinic.pk]), of_clinics([clinic.pk, other_clinic.pk])
    assert (before.scope, before.only_reads) == (own, False)
    looks = asking(client, stranger)
    assert (looks.scope, looks.only_reads) == (both, True)


def test_who_runs_a_clinic_changes_nobody_there_in_a_request_that_only_looks(
    clinic: Clinic, other_clinic: Clinic, stranger: User
) -> None:
    third = make_clinic("A third clinic")
    StaffMembership.objects.create(user=stranger, clinic=third, role=Role.SITE_ADMIN)
    client = Client()
    client.force_login(stranger)
    open_for(stranger, clinic, client=client)

    looks, writes = asking(client, stranger), asking(client, stranger, method="POST")

    assert (looks.people, writes.people) == (NOTHING, of_clinics([third.pk]))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/staff/"),
        ("PUT", "/staff/"),
        ("PATCH", "/staff/"),
        ("DELETE", "/staff/"),
        ("HEAD", "/staff/"),
        ("OPTIONS", "/staff/"),
        ("GET", "/staff/cohorts/report/"),
        ("GET", "/staff/cohorts/exports/"),
    ],
)
def test_every_other_request_is_shown_the_own_clinics_alone(
    clinic: Clinic, other_clinic: Clinic, stranger: User, method: str, path: str
) -> None:
    client = Client()
    client.force_login(stranger)
    open_for(stranger, clinic, client=client)

    asked = asking(client, stranger, method=method, path=path)

    assert (asked.scope, asked.only_reads) == (of_clinics([other_clinic.pk]), False)


def test_without_any_filter_of_ours_the_database_shows_the_clinic_while_it_is_open_and_no_other(
    clinic: Clinic, other_clinic: Clinic, stranger: User
) -> None:
    for place in (clinic, make_clinic("A third clinic")):
        make_trial(clinic=place)
    client = Client()
    client.force_login(stranger)
    opened = open_for(stranger, clinic, client=client)
    become_the_service()

    def shown() -> set[int]:
        client.get("/staff/second-factor/")
        return set(StimulationTrial.objects.values_list("clinic_id", flat=True))

    while_open = shown()
    client.post("/staff/emergency/end/")

    assert (while_open, shown()) == ({opened.clinic_id}, set())
