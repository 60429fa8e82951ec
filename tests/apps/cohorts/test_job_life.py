"""Files and reports made in the background lead one life: each state, and what leads on from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.cohorts import exporting
from apps.cohorts.job_life import MOST_TRIES, Life
from apps.cohorts.question import CohortQuestion
from apps.cohorts.reports import reporting
from apps.cohorts.services import Asker, make_snapshot
from apps.cohorts.tasks import run_export, run_report
from apps.workspace.permissions import read_access
from tests.apps.cohorts.test_services import asker, make_cohort

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Sort:
    """One sort of job: how it is asked for and run, and what of it is kept."""

    life: Life[Any]
    ask: Callable[[User, Clinic], Any]
    run: Callable[..., None]
    begin_to_keep: Callable[[Any], object]
    kept: Callable[[Any], int]
    no_right: str
    too_often: str


def ask_file(person: User, clinic: Clinic) -> Any:
    snapshot = make_snapshot(CohortQuestion(), asker=asker(clinic))
    return exporting.ask_export(snapshot, table="trials", kind="csv", person=person, at=NOW)


def ask_report(person: User, clinic: Clinic) -> Any:
    of = Asker(f"staff:{person.pk}", read_access(person), NOW, "test")
    return reporting.ask_report(CohortQuestion(), audience="shared", asker=of, person=person)


SORTS = {
    "file": Sort(
        exporting.LIFE,
        ask_file,
        run_export,
        lambda job: job.parts.create(number=0, content=b"trial_id\r\n"),
        lambda job: job.parts.count(),
        exporting.NO_RIGHT,
        exporting.TOO_OFTEN,
    ),
    "report": Sort(
        reporting.LIFE,
        ask_report,
        run_report,
        lambda job: job.files.create(kind="sheet", content=b"{}"),
        lambda job: job.files.count(),
        reporting.NO_RIGHT,
        reporting.TOO_OFTEN,
    ),
}
#: What happens to a job in a state, the state it is in then, and which error it says.
STEPS = [
    ("queued", "run", "done", ""),
    ("queued", "cancel", "cancelled", ""),
    ("queued", "lose the right", "failed", "no_right"),
    ("running", "run", "done", ""),
    ("running", "cancel", "cancelled", ""),
    ("running", "lose the right", "failed", "no_right"),
    ("running", "begin too often", "failed", "too_often"),
    ("done", "run", "done", ""),
    ("done", "cancel", "done", ""),
    ("done", "lose the right", "done", ""),
    ("failed", "run", "failed", "made up"),
    ("failed", "cancel", "failed", "made up"),
    ("cancelled", "run", "cancelled", ""),
    ("cancelled", "cancel", "cancelled", ""),
]


@pytest.mark.parametrize("name", SORTS)
def test_every_state_and_what_leads_on(name: str, analyst: User, clinic: Clinic) -> None:
    sort = SORTS[name]
    make_cohort(clinic)
    for state, act, then, error in STEPS:
        job = sort.ask(analyst, clinic)
        bring_to(sort, job, state)
        do(sort, job, act)
        job.refresh_from_db()
        assert (state, act, job.state) == (state, act, then)
        assert job.error == getattr(sort, error, error)
        assert bool(sort.kept(job)) == (then == "done")
        job.delete()
        StaffMembership.objects.get_or_create(user=analyst, clinic=clinic, defaults={"role": Role.ANALYST})


@pytest.mark.parametrize("act", ["cancel", "lose the right", "begin too often"])
@pytest.mark.parametrize("name", SORTS)
def test_nothing_half_written_stays_of_a_job_that_ends_otherwise(
    name: str, act: str, analyst: User, clinic: Clinic
) -> None:
    sort = SORTS[name]
    make_cohort(clinic)
    job = sort.ask(analyst, clinic)
    bring_to(sort, job, "running")
    sort.begin_to_keep(job)

    do(sort, job, act)

    assert sort.kept(job) == 0


def bring_to(sort: Sort, job: Any, state: str) -> None:
    if state in ("running", "failed"):
        sort.life.begin(job.pk, at=NOW)
    if state == "failed":
        sort.life.fail(job.pk, error="made up", at=NOW)
    if state == "cancelled":
        sort.life.cancel(job.pk, by="staff:1", at=NOW)
    if state == "done":
        sort.run(job_id=str(job.pk))


def do(sort: Sort, job: Any, act: str) -> None:
    if act == "cancel":
        sort.life.cancel(job.pk, by="staff:1", at=NOW)
        return
    if act == "lose the right":
        StaffMembership.objects.filter(user=job.person).delete()
    if act == "begin too often":
        type(job).objects.filter(pk=job.pk).update(tries=MOST_TRIES)
    sort.run(job_id=str(job.pk))
