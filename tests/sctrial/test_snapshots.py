"""The id of a snapshot follows from what is in it."""

import hashlib
from datetime import date

import pyarrow as pa
import pytest

from sctrial.csv_files import to_csv
from sctrial.snapshots import make_id, make_manifest, sha256_of

DAY = date(2026, 10, 14)
TABLES = {
    "trials": pa.table({"trial_id": ["S1-1"], "percent_reduction": [62.5]}),
    "assessments": pa.table(
        {
            "rule_set": ["B", "A", "A"],
            "rule_set_version": ["1", "2", "2"],
            "rule_set_digest": ["sha256:b", "sha256:a", "sha256:a"],
        }
    ),
}


def test_the_id_is_the_day_and_sixteen_digits() -> None:
    found = make_id(make_manifest(TABLES, form="study_days", on=DAY))

    assert found == make_id(make_manifest(TABLES, form="study_days", on=DAY))
    assert found.startswith("2026-10-14-")
    assert len(found) == len("2026-10-14-") + 16


@pytest.mark.parametrize(
    ("tables", "form", "on"),
    [
        (TABLES, "shifted", DAY),
        (TABLES, "study_days", date(2026, 10, 15)),
        (
            TABLES | {"trials": pa.table({"trial_id": ["S1-1"], "percent_reduction": [62.4]})},
            "study_days",
            DAY,
        ),
        (TABLES | {"assessments": TABLES["assessments"].slice(1)}, "study_days", DAY),
    ],
)
def test_another_row_form_day_or_rule_is_another_id(tables: dict[str, pa.Table], form: str, on: date) -> None:
    before = make_id(make_manifest(TABLES, form="study_days", on=DAY))

    assert make_id(make_manifest(tables, form=form, on=on)) != before


def test_the_digest_of_a_table_is_that_of_its_file() -> None:
    assert sha256_of(TABLES["trials"]) == hashlib.sha256(to_csv(TABLES["trials"])).hexdigest()


def test_each_rule_set_that_judged_is_named_once() -> None:
    manifest = make_manifest(TABLES, form="study_days", on=DAY)

    assert manifest["rule_sets"] == ["A@2 sha256:a", "B@1 sha256:b"]
    assert manifest["tables"] == {
        name: {"rows": table.num_rows, "sha256": sha256_of(table)} for name, table in TABLES.items()
    }
