"""A snapshot as partitioned Parquet: the same bytes for the same question, the same means in DuckDB."""

from io import StringIO
from pathlib import Path

import duckdb
import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Clinic, Role
from apps.audit.models import AuditEvent
from apps.cohorts.models import Snapshot
from apps.cohorts.question import CohortQuestion
from apps.cohorts.selectors import table_of
from apps.cohorts.services import make_snapshot
from sctrial.deidentify_tables import Form
from tests.apps.cohorts.test_services import asker, make_cohort


@pytest.fixture
def snapshot(clinic: Clinic) -> Snapshot:
    make_cohort(clinic)
    return make_snapshot(CohortQuestion(), asker=asker(clinic))


def write(snapshot: Snapshot, folder: Path, *options: str) -> str:
    out = StringIO()
    call_command("snapshot_dataset", snapshot.pk, str(folder), *options, stdout=out)
    return out.getvalue()


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_duckdb_reads_each_table_with_its_rows_and_the_mean_of_the_pain(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    said = write(snapshot, tmp_path / "cohort", "--buckets", "3")

    for name in snapshot.tables.values_list("name", flat=True):
        rows = duckdb.execute(f"SELECT count(*) FROM '{tmp_path}/cohort/{name}/*/*.parquet'").fetchall()
        assert rows == [(table_of(snapshot, name).num_rows,)]
        assert f"{name}: {rows[0][0]} rows" in said
    (mean,) = duckdb.execute(f"SELECT avg(value) FROM '{tmp_path}/cohort/daily/*/*.parquet'").fetchall()[0]
    assert mean == pytest.approx(table_of(snapshot, "daily").to_pandas()["value"].mean())


def test_the_same_snapshot_is_the_same_files(snapshot: Snapshot, tmp_path: Path) -> None:
    for name in ("once", "again"):
        write(snapshot, tmp_path / name)

    assert files_of(tmp_path / "once") == files_of(tmp_path / "again")


def test_that_it_left_stands_in_the_trail(snapshot: Snapshot, tmp_path: Path) -> None:
    write(snapshot, tmp_path / "cohort")

    event = AuditEvent.objects.get(action="download")
    assert (event.object_id, event.detail["format"]) == (snapshot.pk, "dataset")


def test_a_folder_that_is_there_is_left_alone(snapshot: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")

    with pytest.raises(CommandError, match="is there already; name a folder that is not"):
        write(snapshot, tmp_path)

    assert files_of(tmp_path) == {"mine.txt": b"kept"}
    assert not AuditEvent.objects.filter(action="download").exists()


def test_an_identified_snapshot_does_not_leave_so(clinic: Clinic, tmp_path: Path) -> None:
    make_cohort(clinic)
    clinician = asker(clinic, role=Role.CLINICIAN)
    identified = make_snapshot(CohortQuestion(), asker=clinician, form=Form.IDENTIFIED, reason="audit")

    with pytest.raises(CommandError, match="make one in a de-identified form"):
        write(identified, tmp_path / "cohort")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("buckets", ["0", "1001"])
def test_a_number_of_buckets_that_cannot_be_is_refused(
    snapshot: Snapshot, tmp_path: Path, buckets: str
) -> None:
    with pytest.raises(CommandError, match="--buckets must be from 1 to 1000"):
        write(snapshot, tmp_path / "cohort", "--buckets", buckets)


def test_an_unknown_snapshot_is_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no snapshot of that id"):
        call_command("snapshot_dataset", "2026-01-01-0", str(tmp_path / "cohort"))
