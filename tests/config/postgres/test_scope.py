"""PostgreSQL shows a request the rows of its clinics, whatever the code asks for."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from apps.accounts.keys import issue_key, revoke_key
from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent, ValueChange
from apps.cohorts.models import SnapshotClinic
from apps.cohorts.question import CohortQuestion
from apps.cohorts.selectors import table_of
from apps.cohorts.services import make_snapshot
from apps.row_security import EVERYTHING, ROLE
from config.middleware import ClinicScopeMiddleware
from config.postgres.scope import NOTHING, ask_for, of_clinics
from tests.apps.cohorts.test_services import asker
from tests.apps.workspace.every_row import make_every_row
from tests.factories import make_clinic, make_trial
from tests.factories.cohorts import make_kept_snapshot
from tests.factories.staff import PASSWORD

#: Tables of people, of the framework, and hashes: no row in them is a patient's.
OPEN = {"auth_", "django_", "account_", "accounts_", "mfa_", "audit_auditlink"}
#: What of a snapshot is needed by who may not open it; its tables are held (docs/adr/0014).
OF_SNAPSHOTS = {"cohorts_snapshot", "cohorts_snapshotclinic"}
#: From these the scope is made; to write them is held (docs/adr/0030).
READ_BY_ALL = {"accounts_staffmembership"}


#: Values of accounts are of no clinic, and have a test of their own.
WHERE = {"audit_valuechange": "WHERE clinic_id IS NOT NULL"}


@pytest.fixture
def as_the_service(db: None) -> Iterator[None]:
    """As the role that the service connects as, until the test is over."""
    yield
    ask_for(NOTHING)


def become_the_service() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")


def held_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        return {name for (name,) in cursor.fetchall()}


def hidden_tables() -> set[str]:
    return held_tables() - READ_BY_ALL


def seen(scope: str) -> dict[str, int]:
    """Rows of every hidden table by raw SQL, without any filter of ours."""
    ask_for(scope)
    connection.show()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        counts = {}
        for table in sorted(hidden_tables()):
            cursor.execute(f"SELECT count(*) FROM {table} {WHERE.get(table, '')}")
            counts[table] = cursor.fetchone()[0]
    return counts


def test_every_table_of_patients_is_held(db: None) -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}

    clinical = {name for name in tables if not any(name.startswith(one) for one in OPEN)} - OF_SNAPSHOTS

    assert clinical == hidden_tables()


def test_a_clinic_is_shown_its_own_rows_and_no_other(clinic: Clinic, as_the_service: None) -> None:
    make_every_row(clinic)
    own = seen(EVERYTHING)
    other_clinic = make_clinic("Another clinic")
    make_every_row(other_clinic)
    everything = seen(EVERYTHING)
    become_the_service()

    theirs = seen(of_clinics([other_clinic.pk]))
    mine = seen(of_clinics([clinic.pk]))

    assert mine == own
    assert seen(EVERYTHING) == everything
    assert {name: mine[name] + theirs[name] for name in mine} == everything
    # Not every kind of row is made by the cast; of most there is one in each clinic.
    assert sum(count > 0 for count in theirs.values()) > 25


@pytest.mark.parametrize("scope", [NOTHING, of_clinics([])])
def test_unset_or_empty_shows_nothing(clinic: Clinic, as_the_service: None, scope: str) -> None:
    make_every_row(clinic)
    become_the_service()

    counts = seen(scope)

    assert {name for name, count in counts.items() if count} == set()


def test_values_of_accounts_are_shown_to_no_clinic(clinic: Clinic, as_the_service: None) -> None:
    make_every_row(clinic)
    become_the_service()

    counts = []
    for scope in (of_clinics([clinic.pk]), EVERYTHING):
        seen(scope)
        counts.append(ValueChange.objects.filter(clinic_id=None).count())

    assert (counts[0], counts[1] > 0) == (0, True)


@pytest.mark.parametrize(("asked", "shown"), [("own", False), ("other", False), ("both", True)])
def test_tables_of_a_snapshot_are_shown_to_who_may_see_every_clinic_in_it(
    clinic: Clinic, other_clinic: Clinic, as_the_service: None, asked: str, shown: bool
) -> None:
    snapshot = make_kept_snapshot(clinic)
    SnapshotClinic.objects.create(snapshot=snapshot, clinic=other_clinic)
    scopes = {"own": [clinic.pk], "other": [other_clinic.pk], "both": [clinic.pk, other_clinic.pk]}
    become_the_service()

    counts = seen(of_clinics(scopes[asked]))

    assert (counts["cohorts_snapshottable"] > 0) is shown


def test_a_snapshot_is_made_and_read_where_the_database_holds_its_tables(
    clinic: Clinic, as_the_service: None
) -> None:
    for _ in range(5):
        make_trial(clinic=clinic)
    become_the_service()
    seen(of_clinics([clinic.pk]))

    made = make_snapshot(CohortQuestion(), asker=asker(clinic))

    assert table_of(made, "subjects").num_rows == 5


def test_a_row_of_another_clinic_cannot_be_written(
    clinic: Clinic, other_clinic: Clinic, as_the_service: None
) -> None:
    trial = make_every_row(other_clinic)["trial"]
    become_the_service()
    seen(of_clinics([clinic.pk]))

    assert type(trial).objects.filter(pk=trial.pk).update(goal="changed") == 0
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        trial.leads.create(kind="percutaneous", contacts=8, level="T8", side="left")


def test_the_service_cannot_rewrite_the_trail(clinic: Clinic, as_the_service: None) -> None:
    make_every_row(clinic)
    become_the_service()
    seen(EVERYTHING)

    for statement in (
        "UPDATE audit_auditevent SET actor = 'x'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "DELETE FROM audit_auditlink",
        "UPDATE audit_valuechange SET old = NULL",
        "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
        "ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("path", "who", "expected"),
    [
        ("/api/v1/diary/entries", "clinician", EVERYTHING),
        ("/staff/", "clinician", "own"),
        ("/staff/", "nobody", "{}"),
        ("/staff/", "root", "{}"),
        ("/app/", "clinician", NOTHING),
        ("/livez", "clinician", NOTHING),
    ],
)
def test_each_request_says_its_own_scope(
    clinic: Clinic, request: pytest.FixtureRequest, path: str, who: str, expected: str
) -> None:
    user = (
        User.objects.create_superuser("root", password="correct-horse-battery-staple")
        if who == "root"
        else request.getfixturevalue(who)
    )
    ask_for(EVERYTHING)

    assert asked_in(path, user) == (of_clinics([clinic.pk]) if expected == "own" else expected)


def asked_in(path: str, user: User, *, token: str = "") -> str:
    """What the connection holds to while the request is answered."""
    held: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('sctrial.clinics', true)")
            held.append(cursor.fetchone()[0])
        return HttpResponse()

    request: Any = RequestFactory().get(path, headers={"Authorization": f"Bearer {token}"})
    request.user = user
    ClinicScopeMiddleware(answer)(request)
    return held[0]


def test_a_key_is_held_to_the_clinics_of_its_person(clinic: Clinic, analyst: User) -> None:
    at = datetime.now(UTC)
    made = issue_key(analyst, name="R", scopes=["snapshots.read"], days=7, at=at)
    place = "/api/v1/cohorts/snapshots"

    good = asked_in(place, analyst, token=made.token)
    revoke_key(made.row, by=analyst, at=at)
    revoked = asked_in(place, analyst, token=made.token)
    made_up = asked_in(place, analyst, token="sctrial_made_up")
    phone = asked_in(place, analyst, token="a-phone's")

    assert (good, revoked, made_up, phone) == (of_clinics([clinic.pk]), NOTHING, NOTHING, EVERYTHING)


def test_a_key_works_where_the_database_holds_it_and_sees_no_other_clinic(
    clinic: Clinic, other_clinic: Clinic, analyst: User, as_the_service: None
) -> None:
    for place in (clinic, other_clinic):
        make_every_row(place)
    scopes = ["snapshots.read", "snapshots.make"]
    token = issue_key(analyst, name="R", scopes=scopes, days=7, at=datetime.now(UTC)).token
    become_the_service()
    program = Client(headers={"Authorization": f"Bearer {token}"})

    listed = program.get("/api/v1/cohorts/snapshots")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT clinic_id FROM trials_stimulationtrial")
        seen_by_the_key = cursor.fetchall()
    own_key = program.get("/api/v1/key")

    assert listed.status_code == own_key.status_code == 200
    assert seen_by_the_key == [(clinic.pk,)]


def test_signing_in_is_written_down_where_the_database_shows_no_clinic_yet(
    clinic: Clinic, clinician: User, as_the_service: None
) -> None:
    become_the_service()
    door = {"username": "clinician", "password": PASSWORD, "next": "/staff/"}

    wrong = Client().post("/staff/login/", door | {"password": "wrong"})
    right = Client().post("/staff/login/", door)

    assert (wrong.status_code, right.status_code) == (200, 302)
    seen(EVERYTHING)
    written = AuditEvent.objects.filter(clinic_id=clinic.pk).order_by("id")
    assert list(written.values_list("action", flat=True)) == ["wrong_sign_in", "sign_in"]


@pytest.mark.django_db(transaction=True)
def test_a_kept_connection_holds_to_the_newest_request(clinic: Clinic, clinician: User) -> None:
    """Phone, staff, phone, nobody: on one connection, which is never opened again."""
    paths = ("/api/v1/device", "/staff/", "/api/v1/device", "/app/")

    held = [asked_in(path, clinician) for path in paths]

    assert held == [EVERYTHING, of_clinics([clinic.pk]), EVERYTHING, NOTHING]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_opened_anew_is_held_from_its_start(clinic: Clinic, clinician: User) -> None:
    ask_for(of_clinics([clinic.pk]))
    connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('sctrial.clinics', true)")
        assert cursor.fetchone()[0] == of_clinics([clinic.pk])
