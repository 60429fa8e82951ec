"""Reports made in the background: each state and what leads on from it, and who may open what was made."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import Clinic, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.cohorts.job_life import MOST_LIVE
from apps.cohorts.models import ReportFile, ReportJob
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.reports import reporting
from apps.cohorts.reports.reporting import NoReport
from apps.cohorts.services import Asker
from apps.cohorts.tasks import resume_exports, run_report
from apps.workspace.permissions import read_access
from tests.apps.cohorts.test_services import make_cohort

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


def ask(person: User, question: str = "", audience: str = "shared", **more: Any) -> ReportJob:
    asker = Asker(f"staff:{person.pk}", read_access(person), NOW, "test")
    return reporting.ask_report(
        read_question(question), audience=audience, asker=asker, person=person, **more
    )


def run(job: ReportJob) -> ReportJob:
    run_report(job_id=str(job.pk))
    job.refresh_from_db()
    return job


def test_the_same_question_is_one_job_while_it_is_made(
    analyst: User, clinic: Clinic, clinician: User
) -> None:
    make_cohort(clinic)
    first = ask(analyst)
    assert ask(analyst, f"clinic={clinic.pk}") == first
    assert len({ask(analyst, audience="clinic"), ask(analyst, "modality=SCS"), ask(clinician), first}) == 4

    run(first)
    assert ask(analyst) != first, "the data move on"


def test_postgresql_holds_the_one_job(analyst: User, clinic: Clinic) -> None:
    job = ask(analyst)
    facts = {"question": job.question, "audience": job.audience, "clinic_ids": job.clinic_ids}
    with pytest.raises(IntegrityError, match="one_live_report_of_a_question"), transaction.atomic():
        ReportJob.objects.create(person=analyst, asked_at=NOW, **facts)


def test_what_cannot_be_asked_is_refused(
    analyst: User, clinic: Clinic, other_clinic: Clinic, coordinator: User
) -> None:
    with pytest.raises(BadQuestion, match="not among the clinics"):
        ask(analyst, f"clinic={other_clinic.pk}")
    with pytest.raises(NoReport, match="Ask a site admin"):
        ask(coordinator)
    for n in range(MOST_LIVE):
        ask(analyst, f"diagnosis=M{n:02}")
    with pytest.raises(NoReport, match="Wait for one, or cancel one"):
        ask(analyst)


def test_too_few_to_share_is_said_with_what_helps(analyst: User, clinic: Clinic) -> None:
    make_cohort(clinic, 4)

    job = run(ask(analyst))

    assert job.state == "failed"
    assert job.error.startswith("No report was made. Fewer than 5 patients")


def test_who_may_not_read_every_clinic_of_it_may_not_open_it(
    analyst: User, clinic: Clinic, other_clinic: Clinic
) -> None:
    second = StaffMembership.objects.create(user=analyst, clinic=other_clinic, role="analyst")
    job = ask(analyst)
    assert job.clinic_ids == sorted([clinic.pk, other_clinic.pk])
    assert list(reporting.own_reports(analyst, access=read_access(analyst))) == [job]

    second.delete()

    assert list(reporting.own_reports(analyst, access=read_access(analyst))) == []


def test_files_go_with_their_days_and_the_row_stays(analyst: User, clinic: Clinic) -> None:
    make_cohort(clinic)
    job = run(ask(analyst))
    assert job.expires_at is not None
    assert job.ended_at is not None
    assert job.expires_at - job.ended_at == timedelta(days=90)

    assert reporting.forget_expired(at=job.expires_at - timedelta(seconds=1)) == 0
    assert reporting.forget_expired(at=job.expires_at) == 2
    assert not job.is_there(job.expires_at)


def test_a_round_rings_for_what_somebody_waits_for(analyst: User, clinic: Clinic) -> None:
    make_cohort(clinic)
    waiting = ask(analyst)
    untold = run(ask(analyst, "modality=SCS"))
    ReportJob.objects.filter(pk=untold.pk).update(mailed_at=None)
    run(ask(analyst, "order=first", wants_mail=False))

    assert reporting.unfinished() == sorted([waiting.pk, untold.pk])
    resume_exports()


def test_every_step_is_in_the_trail_of_each_clinic(analyst: User, clinic: Clinic) -> None:
    make_cohort(clinic)
    job = run(ask(analyst, "modality=SCS"))
    asker = Asker(f"staff:{analyst.pk}", read_access(analyst), NOW, "test")
    reporting.trace_file(job, asker=asker, kind="pdf")

    events = AuditEvent.objects.filter(object_type="report", clinic_id=clinic.pk).order_by("pk")
    assert [(one.action, one.actor) for one in events] == [
        ("report_asked", f"staff:{analyst.pk}"),
        ("report_done", "system"),
        ("download", f"staff:{analyst.pk}"),
    ]
    assert events[2].detail == {
        "question": f"modality=SCS&clinic={clinic.pk}",
        "audience": "shared",
        "for": analyst.pk,
        "file": "pdf",
    }
    assert ReportFile.objects.filter(job=job).count() == 2
