"""A BI tool reads the de-identified tables of a snapshot, and nothing else of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from apps.accounts.models import Clinic, Role
from apps.audit.models import AuditEvent
from apps.cohorts.models import Snapshot
from apps.cohorts.question import CohortQuestion
from apps.cohorts.selectors import table_of
from apps.cohorts.services import make_snapshot
from sctrial.arrow_tables import to_parquet
from sctrial.deidentify_tables import Form, columns_of
from sctrial.dictionary import CODES, Identifying, read_dictionary
from tests.apps.cohorts.test_services import asker, make_cohort

BI = "made_up_bi"


@pytest.fixture
def snapshot(clinic: Clinic) -> Snapshot:
    make_cohort(clinic)
    return make_snapshot(CohortQuestion(), asker=asker(clinic))


@pytest.fixture
def shown(snapshot: Snapshot) -> Snapshot:
    run(f"CREATE ROLE {BI} LOGIN")
    call_command("analytics_show", snapshot.pk, stdout=StringIO())
    call_command("analytics_grant", BI, stdout=StringIO())
    return snapshot


def run(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def as_bi() -> Iterator[None]:
    """With the privileges of the tool's own login, and none of ours."""
    run(f"SET SESSION AUTHORIZATION {BI}")
    try:
        yield
    finally:
        run("RESET SESSION AUTHORIZATION")


def test_the_views_hold_the_rows_of_the_snapshot(shown: Snapshot) -> None:
    with as_bi():
        counted = {name: run(f"SELECT count(*) FROM analytics.{name}")[0][0] for name in read_dictionary()}
        ((mean,),) = run("SELECT avg(value) FROM analytics.daily")
        provenance = run("SELECT id, form FROM analytics.snapshot")

    assert counted == {name: about["rows"] for name, about in shown.manifest["tables"].items()}
    daily = table_of(shown, "daily").column("value").to_pylist()
    assert mean == pytest.approx(sum(daily) / len(daily))
    assert provenance == [(shown.pk, "study_days")]


def test_the_columns_are_those_of_the_data_dictionary_with_their_words(shown: Snapshot) -> None:
    with as_bi():
        found = run(
            "SELECT table_name, column_name, col_description((table_schema || '.' || table_name)::regclass, "
            "ordinal_position) FROM information_schema.columns WHERE table_schema = 'analytics' "
            "AND table_name NOT IN ('snapshot', 'codes') ORDER BY table_name, ordinal_position"
        )

    expected = [
        (name, column.name, f"{column.label}: {column.definition}")
        for name, table in sorted(read_dictionary().items())
        for column in columns_of(table, form=Form.STUDY_DAYS)
    ]
    assert found == expected


def test_a_code_is_joined_to_its_meaning(shown: Snapshot) -> None:
    with as_bi():
        found = run(
            "SELECT DISTINCT modality, meaning FROM analytics.trials "
            "JOIN analytics.codes ON list = 'modality' AND code = modality"
        )
        counted = run("SELECT list, count(*) FROM analytics.codes GROUP BY list")

    assert found == [("SCS", "Spinal cord stimulation")]
    assert dict(counted) == {name: len(codes) for name, codes in CODES.items()}


def test_no_column_that_identifies_is_there(shown: Snapshot) -> None:
    identifying = {
        column.name
        for table in read_dictionary().values()
        for column in table.columns
        if column.identifying in (Identifying.YES, Identifying.DATE)
    }
    with as_bi():
        found = run("SELECT column_name FROM information_schema.columns WHERE table_schema = 'analytics'")

    assert "pseudonym" in identifying
    assert identifying & {name for (name,) in found} == set()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO analytics.daily (study_id) VALUES ('x')",
        "UPDATE analytics.daily SET value = 0",
        "DELETE FROM analytics.subjects",
        "SELECT * FROM analytics_kept.daily",
        "SELECT * FROM patients_patientidentity",
        "SELECT * FROM trials_stimulationtrial",
        "SELECT * FROM cohorts_snapshottable",
        "SELECT * FROM audit_auditevent",
        "SELECT * FROM accounts_apikey",
        "CREATE TABLE analytics.mine (x int)",
        "DROP VIEW analytics.daily",
    ],
)
def test_everything_else_is_refused(shown: Snapshot, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), as_bi_in_savepoint():
        run(statement)


@contextmanager
def as_bi_in_savepoint() -> Iterator[None]:
    with transaction.atomic():
        run(f"SET LOCAL SESSION AUTHORIZATION {BI}")
        yield


def test_a_newer_snapshot_takes_the_place_of_the_old_one_and_the_tool_still_reads(
    shown: Snapshot, clinic: Clinic
) -> None:
    make_cohort(clinic, 6)
    newer = make_snapshot(CohortQuestion(), asker=asker(clinic))
    call_command("analytics_show", newer.pk, stdout=StringIO())

    with as_bi():
        ((subjects,),) = run("SELECT count(*) FROM analytics.subjects")

    assert subjects == 5 + 6
    assert AuditEvent.objects.filter(action="show", clinic_id=clinic.pk).count() == 2


def test_a_snapshot_of_an_earlier_version_is_shown_with_the_columns_it_has(snapshot: Snapshot) -> None:
    made = table_of(snapshot, "daily")
    facts = {"form": snapshot.form, "made_on": snapshot.made_on, "made_at": snapshot.made_at}
    earlier = Snapshot.objects.create(id="2019-01-01-0", manifest=snapshot.manifest, people=[], **facts)
    earlier.tables.create(name="daily", content=to_parquet(made.drop_columns(["originator"])))

    call_command("analytics_show", earlier.pk, stdout=StringIO())

    shown = run(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'analytics' "
        "AND table_name = 'daily' ORDER BY ordinal_position"
    )
    assert [name for (name,) in shown] == [name for name in made.column_names if name != "originator"]
    assert run("SELECT count(*) FROM analytics.daily") == [(made.num_rows,)]


def test_an_identified_snapshot_is_not_shown(clinic: Clinic) -> None:
    make_cohort(clinic)
    asking = asker(clinic, role=Role.CLINICIAN)
    made = make_snapshot(CohortQuestion(), asker=asking, form=Form.IDENTIFIED, reason="own patients")

    with pytest.raises(CommandError, match="is identified"):
        call_command("analytics_show", made.pk)


@pytest.mark.parametrize(("role", "why"), [("nobody_there", "There is no role"), ('x"; DROP', "no role")])
def test_a_role_that_is_not_there_is_named(db: None, role: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("analytics_grant", role)


def test_a_superuser_is_no_reader(db: None) -> None:
    ((owner,),) = run("SELECT current_user")

    with pytest.raises(CommandError, match="superuser"):
        call_command("analytics_grant", owner)


def test_an_unknown_snapshot_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="no snapshot of that id"):
        call_command("analytics_show", "2026-01-01-0")
