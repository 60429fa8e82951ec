"""A partitioned dataset, read back by DuckDB and by Arrow's own reader: the same rows, the same means."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from sctrial.partitions import bucket_of, write_partitions

PEOPLE = 40
DAYS = 5
DAILY = pa.table(
    {
        "study_id": [f"S{person:03}" for person in range(PEOPLE) for _ in range(DAYS)],
        "value": [float((person + day) % 11) for person in range(PEOPLE) for day in range(DAYS)],
    }
)
MEAN = sum((person + day) % 11 for person in range(PEOPLE) for day in range(DAYS)) / (PEOPLE * DAYS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, content in write_partitions(DAILY, person="study_id", buckets=16):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def test_duckdb_reads_every_row_and_the_same_mean(folder: Path) -> None:
    rows, mean = duckdb.execute(
        f"SELECT count(*), avg(value) FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true)"
    ).fetchall()[0]

    assert rows == PEOPLE * DAYS
    assert mean == pytest.approx(MEAN)


def test_a_person_lies_in_one_bucket_whose_number_anyone_can_compute(folder: Path) -> None:
    found = duckdb.execute(
        "SELECT DISTINCT study_id, bucket::INTEGER "
        f"FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true) ORDER BY 1"
    ).fetchall()

    assert found == [(f"S{n:03}", bucket_of(f"S{n:03}", buckets=16)) for n in range(PEOPLE)]


def test_arrow_reads_one_bucket_without_opening_the_others(folder: Path) -> None:
    wanted = bucket_of("S007", buckets=16)
    dataset = ds.dataset(folder, partitioning="hive")

    rows = dataset.to_table(filter=(ds.field("bucket") == wanted) & (ds.field("study_id") == "S007"))

    assert rows.column("value").to_pylist() == [float((7 + day) % 11) for day in range(DAYS)]


def test_the_same_rows_are_the_same_files() -> None:
    def write(table: pa.Table) -> list[tuple[str, bytes]]:
        return list(write_partitions(table, person="study_id", buckets=7))

    assert write(DAILY) == write(DAILY)


def test_a_table_without_rows_keeps_its_columns() -> None:
    ((path, content),) = write_partitions(DAILY.slice(0, 0), person="study_id", buckets=100)

    assert path == "bucket=00/part-0.parquet"
    assert pa.parquet.read_table(pa.BufferReader(content)).column_names == ["study_id", "value"]


@pytest.mark.parametrize("buckets", [0, -1, 1001])
def test_a_number_of_buckets_that_cannot_be_is_refused_with_the_remedy(buckets: int) -> None:
    with pytest.raises(ValueError, match="ask for 1 to 1000"):
        list(write_partitions(DAILY, person="study_id", buckets=buckets))
