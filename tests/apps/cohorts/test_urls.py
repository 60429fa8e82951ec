"""A file taken is an event: every address of this app gives no file, or leaves a trace when it does."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.cohorts import urls
from apps.cohorts.api import urls as api_urls
from apps.cohorts.exporting import ask_export
from apps.cohorts.links import make_link
from apps.cohorts.models import OutcomeTable
from apps.cohorts.question import CohortQuestion
from apps.cohorts.reports.reporting import ask_report
from apps.cohorts.services import Asker, make_snapshot
from apps.cohorts.tasks import run_export, run_report
from apps.workspace.permissions import read_access
from tests.apps.cohorts.api.test_views import NOW, key_for
from tests.apps.cohorts.tables_of_outcomes import run, write
from tests.apps.cohorts.test_services import asker
from tests.factories.cohort_stories import make_stories

#: Addresses that show a page, act, or tell about a file without giving it.
NO_FILE = {
    "report",
    "verdicts",
    "imported",
    "exports",
    "export",
    "export_again",
    "export_cancel",
    "export_ask",
    "report_ask",
    "report_job",
    "report_job_cancel",
    "schedules",
    "schedule_act",
    "snapshots",
    "snapshot",
    "compare",
    "cohort-snapshots",
    "cohort-snapshot",
    "cohort-new-link",
    "cohort-new-export",
    "cohort-export",
    "cohort-export-cancel",
    "cohort-exports",
    "cohort-reports",
    "cohort-report-job",
    "cohort-report-cancel",
    "cohort-schedules",
    "cohort-schedule",
    "cohort-schedule-pause",
    "cohort-schedule-resume",
    "own-key",
}
PEOPLE = "".join(f"{n},pre,8,-\n{n},post,4,-\n" for n in range(7))


@pytest.fixture
def files(clinic: Clinic, analyst: User, tmp_path: Path) -> Mapping[str, list[str]]:
    """By route, the addresses of its files for the analyst of a clinic."""
    make_stories(clinic)
    made = make_snapshot(CohortQuestion(), asker=asker(clinic))
    snapshot = made.pk
    run(write(tmp_path, "id,visit,pain,note\n" + PEOPLE), clinic=clinic.name)
    table = OutcomeTable.objects.get().pk
    key, _ = key_for(analyst, "snapshots.read", "reports.read")
    # A link is short-lived, and the module was read when the run began.
    link, _ = make_link(
        key, snapshot_id=snapshot, table="trials", kind="csv", minutes=9, at=datetime.now(UTC)
    )
    job = ask_export(
        make_snapshot(CohortQuestion(), asker=asker(clinic)),
        table="trials",
        kind="csv",
        person=analyst,
        at=NOW,
    )
    run_export(job_id=str(job.pk))
    report = make_report(analyst)
    audiences, kinds = ("shared", "clinic"), ("pdf", "json", "zip")
    both = [(a, k) for a in audiences for k in kinds]
    return {
        "report_file": [reverse("cohorts:report_file", args=of) for of in both],
        "figure_file": [reverse("cohorts:figure_file", args=[a, "flow"]) for a in audiences],
        "figure_about": [reverse("cohorts:figure_about", args=[a, "flow"]) for a in audiences],
        "imported_file": [reverse("cohorts:imported_file", args=[table, *of]) for of in both],
        "imported_figure": [reverse("cohorts:imported_figure", args=[table, a, "curve"]) for a in audiences],
        "imported_about": [reverse("cohorts:imported_about", args=[table, a, "curve"]) for a in audiences],
        "report_job_file": [reverse("cohorts:report_job_file", args=[report, k]) for k in ("pdf", "json")],
        "cohort-report-file": [reverse("cohort-report-file", args=[report, k]) for k in ("pdf", "json")],
        "export_file": [reverse("cohorts:export_file", args=[job.pk])],
        "download": [
            reverse("cohorts:download", args=[snapshot, *file])
            for file in (("trials", "csv"), ("adsl", "parquet"), ("all", "xlsx"))
        ],
        "cohort-report": [reverse("cohort-report") + f"?audience={a}" for a in audiences],
        "cohort-file": [reverse("cohort-file", args=[snapshot, "trials", "csv"])],
        "cohort-link": [reverse("cohort-link", args=[link.seal()])],
        "cohort-export-file": [reverse("cohort-export-file", args=[job.pk])],
    }


def make_report(person: User) -> UUID:
    question, access = CohortQuestion(), read_access(person)
    job = ask_report(question, audience="shared", asker=Asker("staff:1", access, NOW), person=person)
    run_report(job_id=str(job.pk))
    return job.pk


def test_every_address_is_known_as_one_that_gives_a_file_or_none(files: Mapping[str, list[str]]) -> None:
    routes = {str(route.name) for route in (*urls.urlpatterns, *api_urls.urlpatterns)}

    assert routes == NO_FILE | set(files)


def test_every_file_that_is_taken_is_an_event_in_its_clinic(
    files: Mapping[str, list[str]], client: Client, clinic: Clinic, analyst: User
) -> None:
    client.force_login(analyst)
    _, headers = key_for(analyst, "snapshots.read", "reports.read")
    without = []
    for place in (place for places in files.values() for place in places):
        before = taken(clinic)
        answer = client.get(place, headers=headers)
        assert answer.status_code == 200, (place, answer.status_code)
        if taken(clinic) != before + 1:
            without.append(place)

    assert without == []


def taken(clinic: Clinic) -> int:
    return AuditEvent.objects.filter(clinic_id=clinic.pk, action__in=("export", "download")).count()
