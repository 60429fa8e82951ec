"""Questions asked again by the clock: each slot once, with a right or not at all, told by a link alone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Clinic, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.cohorts import scheduling
from apps.cohorts.models import ReportRun, ReportSchedule, Snapshot
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.scheduling import MOST_KEPT, MOST_TRIES, NO_RIGHT, NoSchedule, SameSchedule
from apps.cohorts.services import Asker
from apps.cohorts.tasks import run_report
from apps.workspace.permissions import read_access
from sctrial.deidentify_tables import Form
from tests.apps.cohorts.test_mailing import console, mails
from tests.apps.cohorts.test_services import make_cohort
from tests.factories import make_entries
from tests.factories.cohort_stories import make_stories

__all__ = ["console"]
pytestmark = pytest.mark.django_db
#: A Saturday; the first slot is the Monday after, at six by the clock of UTC.
SET_UP = datetime(2026, 10, 10, 12, tzinfo=UTC)
SLOT = datetime(2026, 10, 12, 6, tzinfo=UTC)
WEEK = timedelta(days=7)


def set_up(person: User, clinic: Clinic, question: str = "", **more: Any) -> ReportSchedule:
    asker = Asker(f"staff:{person.pk}", read_access(person), SET_UP, "test")
    facts: dict[str, Any] = {
        "form": Form.STUDY_DAYS.value,
        "every": "week",
        "day": 1,
        "hour": 6,
        "clinic": clinic.pk,
    } | more
    return scheduling.make_schedule(read_question(question), asker=asker, person=person, **facts)


@pytest.fixture
def schedule(analyst: User, clinic: Clinic) -> ReportSchedule:
    Clinic.objects.filter(pk=clinic.pk).update(zone="UTC")
    make_cohort(clinic)
    return set_up(analyst, clinic)


def run(schedule: ReportSchedule, *, at: datetime) -> ReportSchedule:
    scheduling.run_due(schedule.pk, at=at)
    scheduling.tell(schedule.pk, at=at)
    schedule.refresh_from_db()
    return schedule


def test_a_slot_is_run_when_it_is_due_and_once(schedule: ReportSchedule, console: Path) -> None:
    assert schedule.next_at == SLOT
    run(schedule, at=SLOT - timedelta(seconds=1))
    assert not ReportRun.objects.exists()

    for minutes in (0, 1, 2):
        run(schedule, at=SLOT + timedelta(minutes=minutes))

    made = ReportRun.objects.get()
    assert (made.due_at, made.snapshot, made.error) == (SLOT, Snapshot.objects.get(), "")
    assert schedule.next_at == SLOT + WEEK
    (mail,) = mails(console)
    assert mail["body"] == (
        "A snapshot that you have scheduled is made. Sign in to open it:\n\n"
        f"https://clinic.example/staff/cohorts/snapshots/{made.snapshot_id}/\n"
    )


def test_what_was_slept_through_is_run_once(schedule: ReportSchedule) -> None:
    run(schedule, at=SLOT + 3 * WEEK + timedelta(hours=1))

    assert ReportRun.objects.get().due_at == SLOT
    assert schedule.next_at == SLOT + 4 * WEEK


def test_the_clinics_are_those_of_the_day_it_was_set_up(
    schedule: ReportSchedule, clinic: Clinic, other_clinic: Clinic, analyst: User
) -> None:
    StaffMembership.objects.create(user=analyst, clinic=other_clinic, role="analyst")
    make_cohort(other_clinic)

    run(schedule, at=SLOT)

    snapshot = Snapshot.objects.get()
    assert snapshot.question == f"clinic={clinic.pk}"
    assert list(snapshot.clinics.all()) == [clinic]


@pytest.mark.parametrize("change", ["another role", "no role", "closed"])
def test_it_stops_with_the_right_and_says_so(
    schedule: ReportSchedule, analyst: User, clinic: Clinic, console: Path, change: str
) -> None:
    place = StaffMembership.objects.filter(user=analyst)
    if change == "another role":
        place.update(role="coordinator")
    elif change == "no role":
        place.delete()
    else:
        User.objects.filter(pk=analyst.pk).update(is_active=False)

    run(schedule, at=SLOT)
    run(schedule, at=SLOT + WEEK)

    assert (schedule.state, schedule.stopped_because) == ("stopped", NO_RIGHT)
    assert ReportRun.objects.get().error == NO_RIGHT
    assert not Snapshot.objects.exists()
    assert AuditEvent.objects.filter(action="schedule_stopped", clinic_id=clinic.pk).count() == 1
    # Whose account is closed is told nothing any more.
    assert len(mails(console)) == (0 if change == "closed" else 1)


def test_a_refused_snapshot_is_a_run_with_its_reason_and_the_next_slot_comes(
    analyst: User, clinic: Clinic, console: Path
) -> None:
    schedule = set_up(analyst, clinic, "modality=DRG")

    run(schedule, at=SLOT)

    assert "means 0 patients" in ReportRun.objects.get().error
    assert (schedule.state, schedule.next_at > SLOT) == ("active", True)
    assert "patients" not in mails(console)[0]["body"]


def test_a_slot_that_kills_its_worker_is_given_up(schedule: ReportSchedule) -> None:
    ReportSchedule.objects.update(tries=MOST_TRIES)

    run(schedule, at=SLOT)

    assert ReportRun.objects.get().error == scheduling.TOO_OFTEN
    assert (schedule.tries, schedule.next_at) == (0, SLOT + WEEK)


#: What a person does to a schedule in a state, and the state it is in then.
STEPS = [
    ("active", "pause", "paused"),
    ("active", "resume", "active"),
    ("active", "delete", "deleted"),
    ("paused", "resume", "active"),
    ("paused", "pause", "paused"),
    ("paused", "delete", "deleted"),
    ("stopped", "resume", "stopped"),
    ("stopped", "pause", "stopped"),
    ("stopped", "delete", "deleted"),
    ("deleted", "resume", "deleted"),
]


def test_every_state_and_what_leads_on(schedule: ReportSchedule) -> None:
    given = []
    for state, act, _ in STEPS:
        ReportSchedule.objects.update(state=state, stopped_because="made up")
        scheduling.act_on(schedule, act, by="staff:1", at=SET_UP)
        schedule.refresh_from_db()
        given.append((state, act, schedule.state))

    assert given == STEPS


@pytest.mark.parametrize("act", ["pause", "delete"])
def test_what_is_not_on_does_not_run(schedule: ReportSchedule, act: str) -> None:
    scheduling.act_on(schedule, act, by="staff:1", at=SET_UP)

    assert scheduling.waiting(at=SLOT) == []
    run(schedule, at=SLOT)
    assert not ReportRun.objects.exists()


def test_resumed_it_waits_for_its_next_slot(schedule: ReportSchedule) -> None:
    scheduling.act_on(schedule, "pause", by="staff:1", at=SET_UP)
    scheduling.act_on(schedule, "resume", by="staff:1", at=SLOT + timedelta(hours=1))

    assert run(schedule, at=SLOT + timedelta(hours=2)).next_at == SLOT + WEEK
    assert not ReportRun.objects.exists()


def test_a_run_nobody_has_heard_of_is_waited_for(schedule: ReportSchedule) -> None:
    scheduling.run_due(schedule.pk, at=SLOT)

    assert scheduling.waiting(at=SLOT) == [schedule.pk]
    scheduling.tell(schedule.pk, at=SLOT)
    assert scheduling.waiting(at=SLOT) == []


def test_what_cannot_be_asked_is_not_set_up(
    analyst: User, clinic: Clinic, other_clinic: Clinic, coordinator: User
) -> None:
    with pytest.raises(BadQuestion, match="not among the clinics"):
        set_up(analyst, clinic, f"clinic={other_clinic.pk}")
    with pytest.raises(NoSchedule, match="choose the clock"):
        set_up(analyst, other_clinic)
    with pytest.raises(NoSchedule, match="you may not"):
        set_up(coordinator, clinic)
    for n in range(MOST_KEPT):
        set_up(analyst, clinic, hour=n)
    with pytest.raises(NoSchedule, match="Delete one first"):
        set_up(analyst, clinic, hour=MOST_KEPT)


def test_the_same_again_is_the_one_that_stands(analyst: User, clinic: Clinic, clinician: User) -> None:
    first = set_up(analyst, clinic)

    with pytest.raises(SameSchedule, match="have this one already") as same:
        set_up(analyst, clinic)

    assert same.value.schedule == first
    assert set_up(clinician, clinic) != first
    scheduling.act_on(first, "delete", by="staff:1", at=SET_UP)
    assert set_up(analyst, clinic) != first


def test_postgresql_holds_the_one_schedule_of_a_question(schedule: ReportSchedule) -> None:
    schedule.pk = None
    with pytest.raises(IntegrityError, match="schedule_once_a_person"), transaction.atomic():
        schedule.save(force_insert=True)


REPORT = {"makes": "report", "form": "", "audience": "shared"}


def test_a_report_is_made_by_a_job_of_its_own_and_told_when_it_is_there(
    analyst: User, clinic: Clinic, console: Path
) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(zone="UTC")
    make_stories(clinic)
    schedule = set_up(analyst, clinic, "modality=SCS", **REPORT)

    job = scheduling.run_due(schedule.pk, at=SLOT)
    scheduling.tell(schedule.pk, at=SLOT)
    assert (mails(console), scheduling.waiting(at=SLOT)) == ([], [])
    run_report(job_id=str(job))

    run = ReportRun.objects.get()
    assert run.report is not None
    assert (run.report.state, run.report.audience, run.snapshot) == ("done", "shared", None)
    assert run.report.question == f"modality=SCS&clinic={clinic.pk}"
    (mail,) = mails(console)
    assert mail["body"].endswith(f"https://clinic.example/staff/cohorts/reports/{job}/\n")
    assert "SCS" not in mail["title"] + mail["body"]
    event = AuditEvent.objects.get(action="schedule_ran")
    assert (event.detail["makes"], event.detail["report"]) == ("report", str(job))


@pytest.mark.parametrize(
    "wrong",
    [
        {"makes": "report", "form": "", "audience": ""},
        {"makes": "report", "form": "study_days", "audience": "shared"},
        {"makes": "snapshot", "form": "", "audience": "shared"},
        {"makes": "snapshot", "form": "identified"},
    ],
)
def test_postgresql_holds_that_a_schedule_makes_one_thing(
    schedule: ReportSchedule, wrong: dict[str, str]
) -> None:
    with pytest.raises(IntegrityError, match="schedule_makes_one_thing"), transaction.atomic():
        ReportSchedule.objects.filter(pk=schedule.pk).update(**wrong)


@pytest.mark.django_db(transaction=True)
def test_two_beats_and_four_workers_run_a_slot_once(analyst: User, clinic: Clinic, console: Path) -> None:
    for trial in make_cohort(clinic):
        make_entries(trial, {"2026-10-09": 4})
    schedule = set_up(analyst, clinic)

    def work(_: int) -> None:
        try:
            for pk in scheduling.waiting(at=SLOT + WEEK):
                scheduling.run_due(pk, at=SLOT + WEEK)
                scheduling.tell(pk, at=SLOT + WEEK)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))

    assert ReportRun.objects.get().schedule == schedule
    assert AuditEvent.objects.filter(action="snapshot").count() == 1
    assert len(mails(console)) == 1
