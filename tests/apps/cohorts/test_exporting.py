"""Files made in the background: each state and what leads on from it, and the bytes of the direct file."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.cohorts import downloads, exporting
from apps.cohorts.exporting import NoExport, ask_export
from apps.cohorts.job_life import MOST_LIVE
from apps.cohorts.models import Snapshot
from apps.cohorts.models.jobs import ExportJob, ExportPart, ExportState
from apps.cohorts.question import CohortQuestion
from apps.cohorts.services import make_snapshot
from apps.cohorts.tasks import resume_exports, run_export
from sctrial.deidentify_tables import Form
from tests.apps.cohorts.test_services import asker, make_cohort
from tests.factories import make_entries, make_stimulator

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.fixture
def snapshot(clinic: Clinic) -> Snapshot:
    for trial in make_cohort(clinic):
        make_entries(trial, {f"2026-10-{day:02}": 4 for day in range(20, 25)})
    return make_snapshot(CohortQuestion(), asker=asker(clinic))


def ask(snapshot: Snapshot, person: User, file: str = "daily.csv", **more: Any) -> ExportJob:
    table, _, kind = file.partition(".")
    return ask_export(snapshot, table=table, kind=kind, person=person, **{"at": NOW} | more)


def run(job: ExportJob) -> ExportJob:
    run_export(job_id=str(job.pk))
    job.refresh_from_db()
    return job


def content(job: ExportJob) -> bytes:
    return b"".join(exporting.pieces_of(job.pk))


def direct(snapshot: Snapshot, file: str) -> bytes:
    table, _, kind = file.partition(".")
    if table == downloads.ALL:
        return b"".join(downloads.write_all(snapshot, kind))
    return b"".join(downloads.write_table(snapshot, table, kind))


@pytest.mark.parametrize("rows_a_part", [3, 100_000])
@pytest.mark.parametrize("file", ["daily.bom.csv", "decisions.csv", "adqs.csv"])
def test_a_file_in_parts_is_the_direct_file(
    snapshot: Snapshot, analyst: User, settings: Settings, file: str, rows_a_part: int
) -> None:
    settings.EXPORT_PART_ROWS = rows_a_part

    job = run(ask(snapshot, analyst, file))

    assert job.state == ExportState.DONE, job.error
    assert content(job) == direct(snapshot, file)
    assert job.size == len(direct(snapshot, file))
    # One for the header, then one for each part of the rows.
    assert job.parts.count() == 1 + -(-(job.rows_known or 0) // rows_a_part)


@pytest.mark.parametrize("file", ["daily.parquet", "all.xlsx", "all.redcap.csv", "all.redcap-eav.csv"])
def test_a_file_in_one_piece_is_the_direct_file(snapshot: Snapshot, analyst: User, file: str) -> None:
    job = run(ask(snapshot, analyst, file))

    assert (job.state, content(job) == direct(snapshot, file)) == (ExportState.DONE, True)


def test_made_twice_the_bytes_are_the_same_and_those_of_the_manifest(
    snapshot: Snapshot, analyst: User, settings: Settings
) -> None:
    first = run(ask(snapshot, analyst))
    ExportJob.objects.update(expires_at=NOW)
    settings.EXPORT_PART_ROWS = 3

    second = run(ask(snapshot, analyst))

    assert first.pk != second.pk
    assert first.sha256 == second.sha256 == snapshot.manifest["tables"]["daily"]["sha256"]


def test_the_same_file_asked_for_twice_is_one_job_while_it_is_made_and_kept(
    snapshot: Snapshot, analyst: User, clinician: User
) -> None:
    first = ask(snapshot, analyst)
    assert ask(snapshot, analyst) == first
    run(first)
    assert ask(snapshot, analyst) == first

    assert ask(snapshot, clinician) != first
    assert ask(snapshot, analyst, "daily.parquet") != first
    ExportJob.objects.update(expires_at=NOW)
    assert ask(snapshot, analyst) != first


def test_postgresql_holds_the_one_job(snapshot: Snapshot, analyst: User) -> None:
    job = ask(snapshot, analyst)

    with pytest.raises(IntegrityError, match="one_live_export_of_a_file"), transaction.atomic():
        ExportJob.objects.create(
            snapshot=snapshot, table=job.table, kind=job.kind, person=analyst, asked_at=NOW
        )


def test_a_dead_workers_parts_stay_and_the_next_one_goes_on_after_them(
    snapshot: Snapshot, analyst: User, settings: Settings
) -> None:
    settings.EXPORT_PART_ROWS = 3
    job = exporting.begin(ask(snapshot, analyst).pk, at=NOW)
    assert job is not None
    made = exporting.make_parts(job)
    for _ in range(3):
        next(made)
    del made
    before = set(job.parts.values_list("pk", flat=True))
    job.refresh_from_db()
    settings.EXPORT_PART_ROWS = 4  # Set anew meanwhile.
    assert (job.state, job.rows_done, len(before)) == ("running", 2 * 3, 3)

    run(job)

    assert before < set(job.parts.values_list("pk", flat=True))
    assert content(job) == direct(snapshot, "daily.csv")


#: They count at the beginning what they write at the end, so a dead worker's bytes are of no use to the next.
IN_ONE_PIECE = ["daily.parquet", *(f"{downloads.ALL}.{kind}" for kind in downloads.OF_ALL)]
#: Their headers carry the clock, by format.
CLOCKED: dict[str, Any] = {
    "xpt": pyreadstat.read_xport,
    "sav": pyreadstat.read_sav,
    "dta": pyreadstat.read_dta,
}


@pytest.mark.parametrize("file", IN_ONE_PIECE)
def test_begun_anew_after_a_dead_worker_the_bytes_are_those_of_the_direct_file(
    snapshot: Snapshot, analyst: User, file: str
) -> None:
    job = ask(snapshot, analyst, file)
    assert exporting.begin(job.pk, at=NOW) is not None  # Then its worker dies.

    run(job)

    assert (job.state, job.tries, job.parts.count()) == ("done", 0, 1)
    assert content(job) == direct(snapshot, file)


@pytest.mark.parametrize("kind", CLOCKED)
def test_begun_anew_a_file_with_a_clock_in_it_has_the_same_values(
    snapshot: Snapshot, analyst: User, tmp_path: Path, kind: str
) -> None:
    job = ask(snapshot, analyst, f"daily.{kind}")
    assert exporting.begin(job.pk, at=NOW) is not None

    run(job)

    frames = []
    for name, content_of in (("job", content(job)), ("direct", direct(snapshot, f"daily.{kind}"))):
        path = tmp_path / f"{name}.{kind}"
        path.write_bytes(content_of)
        frames.append(CLOCKED[kind](path)[0])
    assert len(frames[0]) == job.rows_known
    pd.testing.assert_frame_equal(*frames)


def test_a_worker_that_is_at_it_finds_out_that_it_was_cancelled(snapshot: Snapshot, analyst: User) -> None:
    job = exporting.begin(ask(snapshot, analyst).pk, at=NOW)
    assert job is not None
    made = exporting.make_parts(job)
    next(made)
    exporting.cancel(job.pk, by="staff:1", at=NOW)

    assert list(made) == []
    exporting.finish(job.pk, at=NOW, days=7)
    job.refresh_from_db()
    assert (job.state, ExportPart.objects.count()) == ("cancelled", 0)


def test_a_file_with_other_bytes_than_the_manifest_is_never_given_out(
    snapshot: Snapshot, analyst: User
) -> None:
    job = exporting.begin(ask(snapshot, analyst).pk, at=NOW)
    assert job is not None
    list(exporting.make_parts(job))
    ExportPart.objects.filter(job=job, number=1).update(content=b"tampered")

    exporting.finish(job.pk, at=NOW, days=7)

    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", exporting.OTHER_BYTES)


def test_what_the_format_cannot_hold_is_said_with_what_helps(clinic: Clinic, analyst: User) -> None:
    """SAS XPT v5 takes texts of at most 200 bytes; these 80 characters are 240 bytes in UTF-8."""
    for trial in make_cohort(clinic):
        make_stimulator(trial, name="\u96fb" * 80)
    snapshot = make_snapshot(CohortQuestion(), asker=asker(clinic))

    job = run(ask(snapshot, analyst, "trials.xpt"))

    assert job.state == "failed"
    assert "device holds a text of 240 bytes; a SAS transport file takes 200" in job.error


def test_files_expire_and_their_rows_stay(snapshot: Snapshot, analyst: User) -> None:
    job = run(ask(snapshot, analyst))
    assert job.expires_at is not None

    assert exporting.forget_expired(at=job.expires_at - timedelta(seconds=1)) == 0
    assert exporting.forget_expired(at=job.expires_at) == job.parts.count() + 2
    assert not job.is_there(job.expires_at)
    assert ExportJob.objects.filter(pk=job.pk).exists()


@pytest.mark.parametrize("file", ["nothing.csv", "daily.exe", "all.csv", "daily.xlsx", "daily", "", "."])
def test_a_file_that_there_is_not_is_refused(snapshot: Snapshot, analyst: User, file: str) -> None:
    with pytest.raises(NoExport, match="Choose a table"):
        ask(snapshot, analyst, file)


def test_one_person_has_so_many_in_the_making(snapshot: Snapshot, analyst: User) -> None:
    files = [f"{table}.{kind}" for table in snapshot.manifest["tables"] for kind in downloads.OF_TABLE]
    for file in files[:MOST_LIVE]:
        ask(snapshot, analyst, file)

    with pytest.raises(NoExport, match=f"{MOST_LIVE} files"):
        ask(snapshot, analyst, files[MOST_LIVE])


def test_an_identified_file_is_for_the_clinics_own_clinician(
    clinic: Clinic, clinician: User, analyst: User
) -> None:
    make_cohort(clinic)
    snapshot = make_snapshot(
        CohortQuestion(), asker=asker(clinic, role=Role.CLINICIAN), form=Form.IDENTIFIED, reason="audit"
    )

    assert run(ask(snapshot, clinician)).state == "done"
    assert run(ask(snapshot, analyst)).error == exporting.NO_RIGHT


def test_every_step_is_in_the_trail(snapshot: Snapshot, analyst: User, clinic: Clinic) -> None:
    job = run(ask(snapshot, analyst))
    exporting.cancel(ask(snapshot, analyst, "daily.dta").pk, by=f"staff:{analyst.pk}", at=NOW)

    events = AuditEvent.objects.filter(object_type="export", clinic_id=clinic.pk).order_by("pk")
    assert [(event.action, event.actor) for event in events] == [
        ("export_asked", f"staff:{analyst.pk}"),
        ("export_done", "system"),
        ("export_asked", f"staff:{analyst.pk}"),
        ("export_cancelled", f"staff:{analyst.pk}"),
    ]
    done = events[1].detail
    assert (done["table"], done["format"], done["for"]) == ("daily", "csv", analyst.pk)
    assert done["sha256"] == job.sha256


@pytest.mark.django_db(transaction=True)
def test_four_at_once_make_one_file(snapshot: Snapshot, analyst: User, settings: Settings) -> None:
    settings.EXPORT_PART_ROWS = 2
    job = ask(snapshot, analyst)

    def work(_: int) -> None:
        try:
            run_export(job_id=str(job.pk))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    job.refresh_from_db()
    assert (job.state, job.rows_done) == ("done", job.rows_known)
    assert content(job) == direct(snapshot, "daily.csv")
    assert AuditEvent.objects.filter(action="export_done", object_id=str(job.pk)).count() == 1


def test_a_round_rings_for_what_somebody_waits_for(snapshot: Snapshot, analyst: User) -> None:
    waiting = ask(snapshot, analyst)
    ended = run(ask(snapshot, analyst, "daily.parquet"))
    ExportJob.objects.filter(pk=ended.pk).update(mailed_at=None)
    run(ask(snapshot, analyst, "daily.bom.csv", wants_mail=False))

    # Both were asked for in the same moment, so neither is the older one.
    assert exporting.unfinished() == sorted([waiting.pk, ended.pk])
    resume_exports()
