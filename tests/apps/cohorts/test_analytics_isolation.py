"""What a BI tool's login is shown of each view, and of everything else: clinic by clinic, yes and no."""

from io import StringIO
from typing import Any, Final

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction

from apps.accounts.models import Clinic, Role
from apps.cohorts.models import Snapshot
from apps.cohorts.question import CohortQuestion
from apps.cohorts.services import make_snapshot
from apps.row_security import ROLE
from sctrial.deidentify_tables import PERSON
from sctrial.dictionary import read_dictionary
from tests.apps.cohorts.test_analytics import BI, as_bi, run
from tests.apps.cohorts.test_services import asker, make_cohort
from tests.apps.workspace.every_row import decided
from tests.factories import make_event, make_staff

VIEWS: Final = tuple(read_dictionary())
#: What a role may do with a relation.
PRIVILEGES: Final = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
OTHER: Final = "made_up_login"


@pytest.fixture
def clinics(clinic: Clinic, other_clinic: Clinic) -> tuple[Clinic, Clinic]:
    for place in (clinic, other_clinic):
        _, hurt, *_ = make_cohort(place)
        make_event(hurt)
        signer = make_staff(f"signer of {place.pk}", clinic=place, role=Role.CLINICIAN)
        decided(place, by=signer)
    for role in (BI, OTHER):
        run(f"CREATE ROLE {role} LOGIN")
    call_command("analytics_grant", BI, stdout=StringIO())
    return clinic, other_clinic


def show(*clinics: Clinic) -> Snapshot:
    question = CohortQuestion(clinics=tuple(one.pk for one in clinics))
    made = make_snapshot(question, asker=asker(*clinics))
    call_command("analytics_show", made.pk, stdout=StringIO())
    return made


def people_in(view: str) -> set[str]:
    """Whom the tool's login sees in a view, although it asks the policies for everybody."""
    with as_bi():
        run("SET sctrial.clinics = 'all'")
        return {person for (person,) in run(f"SELECT {PERSON} FROM analytics.{view}")}


def test_each_view_shows_the_people_of_the_clinic_that_was_asked_for_and_no_other(
    clinics: tuple[Clinic, Clinic],
) -> None:
    own, other = (set(show(one).people) for one in clinics)
    show(clinics[0])

    seen = {view: people_in(view) for view in VIEWS}

    assert own.isdisjoint(other)
    assert {view: people - own for view, people in seen.items()} == {view: set() for view in VIEWS}
    # Who is in the cohort at all is in its first table; the others hold what there is of them.
    assert seen["subjects"] == own
    assert all(seen.values()), "a view without a row shows nothing of how it is held"


def test_each_view_shows_both_where_both_were_asked_for(clinics: tuple[Clinic, Clinic]) -> None:
    own, other = (set(show(one).people) for one in clinics)
    both = show(*clinics)

    seen = {view: people_in(view) for view in VIEWS}

    assert seen["subjects"] == own | other == set(both.people)
    assert [view for view, people in seen.items() if not (people & own and people & other)] == []


def test_what_is_shown_next_leaves_nothing_of_the_clinic_before(clinics: tuple[Clinic, Clinic]) -> None:
    before = set(show(clinics[0]).people)
    show(clinics[1])

    assert [view for view in VIEWS if people_in(view) & before] == []
    with as_bi():
        ((snapshots,),) = run("SELECT count(*) FROM analytics.snapshot")
    assert snapshots == 1


def allowed(role: str) -> set[str]:
    """Every relation of the database, the catalogue apart, with which the role may do anything at all."""
    rows = run(
        "SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        f" WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege('{role}', pg_class.oid,"
        f" '{PRIVILEGES}') AND nspname NOT IN ('pg_catalog', 'information_schema') AND"
        " nspname !~ '^pg_toast'"
    )
    return {name for (name,) in rows}


def test_the_login_may_read_the_views_and_nothing_else_there_is(clinics: tuple[Clinic, Clinic]) -> None:
    show(clinics[0])

    assert allowed(BI) == {f"analytics.{name}" for name in (*VIEWS, "snapshot", "codes")}


def test_another_login_may_read_nothing(clinics: tuple[Clinic, Clinic]) -> None:
    show(clinics[0])

    assert allowed(OTHER) == set()


def refused(role: str, statement: str) -> bool:
    try:
        with transaction.atomic():
            run(f"SET LOCAL SESSION AUTHORIZATION {role}")
            run("SET LOCAL sctrial.clinics = 'all'")
            run(statement)
    except ProgrammingError as error:
        return "permission denied" in str(error)
    return False


def test_neither_another_login_nor_the_service_reads_a_view(clinics: tuple[Clinic, Clinic]) -> None:
    show(clinics[0])
    views = {*VIEWS, "snapshot", "codes"}

    reads = {
        role: {view for view in views if not refused(role, f"SELECT * FROM analytics.{view}")}
        for role in (BI, OTHER, ROLE)
    }

    assert reads == {BI: views, OTHER: set(), ROLE: set()}


def test_no_held_table_opens_to_the_login_by_the_setting_of_the_policies(
    clinics: tuple[Clinic, Clinic],
) -> None:
    """The setting says which rows of a table one may read; whether one may read the table it does not say."""
    held = run("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")

    assert len(held) > 25
    assert [name for (name,) in held if not refused(BI, f"SELECT * FROM {name}")] == []


def provenance() -> list[tuple[Any, ...]]:
    with as_bi(), connection.cursor() as cursor:
        cursor.execute("SELECT id, question FROM analytics.snapshot")
        return list(cursor.fetchall())


def test_the_view_of_the_snapshot_names_the_clinics_that_were_asked_for(
    clinics: tuple[Clinic, Clinic],
) -> None:
    made = show(clinics[1])

    assert provenance() == [(made.pk, f"clinic={clinics[1].pk}")]
