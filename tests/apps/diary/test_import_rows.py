"""Rows: each cell is text until it is read strictly, each wrong row is named, and then nothing is stored."""

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.accounts.models import Clinic
from apps.diary.imports import ImportRefused, RowsRefused
from apps.diary.models import DiaryEntry, DiaryImport
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial
from tests.apps.diary.bad_files import (
    DAYS,
    LENGTHS,
    NO_TEXT,
    SCORES,
    WITH_DECIMALS,
    with_cell,
    with_day,
    with_row,
    with_score,
)
from tests.apps.diary.imported import CSV, HEADER, load, write


def complaints(import_file: Callable[[], object]) -> list[tuple[str, str, list[list[int]]]]:
    with pytest.raises(RowsRefused) as refusal:
        import_file()
    wrong = refusal.value.report.as_json()["wrong"]
    return [(each["column"], each["detail"], each["lines"]) for each in wrong]


@pytest.mark.parametrize("score", SCORES)
def test_it_refuses_a_score_written_as(clinic: Clinic, tmp_path: Path, score: str) -> None:
    path = write(tmp_path, with_score(score))

    ((column, _, lines),) = complaints(lambda: load(path, clinic=clinic, mapping=WITH_DECIMALS))

    assert (column, lines) == ("score", [[2, 2]])


def test_leading_zeros_of_a_score_change_nothing(clinic: Clinic, tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEADER}Left leg,2026-10-01,007\nLeft leg,2026-10-03,3\n")

    load(path, clinic=clinic)

    assert list(DiaryEntry.objects.values_list("value", flat=True)) == [7, 3]


def test_a_decimal_on_the_whole_number_scale_is_refused_and_the_remedy_named(
    clinic: Clinic, tmp_path: Path
) -> None:
    path = write(tmp_path, f"{HEADER}Left leg,2026-10-01,3.2\n")

    ((column, detail, _),) = complaints(lambda: load(path, clinic=clinic))

    assert column == "score"
    assert "3.2 is finer than the 0-10 numeric rating scale in whole numbers" in detail
    assert "name the scale" in detail


@pytest.mark.parametrize(("day", "says"), [*DAYS, ("2026-10-14", "after 2026-10-13, the day of this import")])
def test_it_refuses_the_day(clinic: Clinic, tmp_path: Path, day: str, says: str) -> None:
    # The import runs on 12 October at 18:00 UTC, when the 13th has begun on the far side of the Earth.
    path = write(tmp_path, with_day(day))

    ((column, detail, lines),) = complaints(lambda: load(path, clinic=clinic))

    assert (column, lines) == ("day", [[7, 7]])
    assert says in detail


def test_it_refuses_an_impossible_day_in_three_columns(clinic: Clinic, tmp_path: Path) -> None:
    mapping = {'date = "day"\ndate_form = "YYYY-MM-DD"': 'day = "d"\nmonth = "m"\nyear = "y"'}
    days = ["1,10,2026", "31,2,2026", "1,10,26", "x,10,2026"]
    rows = "name,d,m,y,score\n" + "".join(f"Left leg,{day},8\n" for day in days)

    found = complaints(lambda: load(write(tmp_path, rows), clinic=clinic, mapping=mapping))

    assert [(column, lines) for column, _, lines in found] == [
        ("d, m, y", [[3, 3]]),
        ("y", [[4, 4]]),
        ("d", [[5, 5]]),
    ]


def test_it_refuses_a_name_that_is_not_mapped_and_says_what_to_do(clinic: Clinic, tmp_path: Path) -> None:
    path = write(tmp_path, f"{CSV}left leg,2026-10-03,4\n")

    ((column, detail, lines),) = complaints(lambda: load(path, clinic=clinic))

    assert (column, lines) == ("name", [[7, 7]])
    assert detail == "'left leg' is not mapped: add it to [regions], or to [skip] with the reason"


@pytest.mark.parametrize("row", LENGTHS)
def test_it_refuses_a_row_that_is_longer_or_shorter_than_the_header(
    clinic: Clinic, tmp_path: Path, row: str
) -> None:
    path = write(tmp_path, with_row(row))

    ((column, detail, lines),) = complaints(lambda: load(path, clinic=clinic))

    assert (column, lines) == ("", [[7, 7]])
    assert "where the header has 3" in detail


@pytest.mark.parametrize(("cell", "says"), NO_TEXT)
def test_it_refuses_bytes_that_are_no_text(clinic: Clinic, tmp_path: Path, cell: bytes, says: str) -> None:
    path = write(tmp_path, with_cell(cell))

    ((column, detail, lines),) = complaints(lambda: load(path, clinic=clinic))

    assert (column, lines) == ("name", [[7, 7]])
    assert says in detail


def test_all_wrong_rows_are_named_at_once_and_nothing_is_stored(clinic: Clinic, tmp_path: Path) -> None:
    path = write(tmp_path, f"{CSV}Hand,2026-10-99,12\nHand,2026-10-03,4\nLeft leg,2026-10-03\n")

    with pytest.raises(RowsRefused) as refusal:
        load(path, clinic=clinic)

    text = str(refusal.value)
    assert "3 of 8 rows are wrong, nothing was stored" in text
    assert "lines 7-8: column 'name': 'Hand' is not mapped" in text
    assert "line 7: column 'score': 12 is outside" in text
    assert "line 7: column 'day': '2026-10-99' is not in the calendar" in text
    assert "line 9: row: has 2 cells where the header has 3" in text
    stored = (Patient, StimulationTrial, DiaryImport, DiaryEntry)
    assert [model.objects.count() for model in stored] == [0, 0, 0, 0]


TWICE = "Left leg,2026-10-01,8\n"


def test_a_full_duplicate_is_skipped_and_names_its_twin(clinic: Clinic, tmp_path: Path) -> None:
    report = load(write(tmp_path, CSV + TWICE), clinic=clinic).as_json()

    assert [(group["reason"], group["lines"]) for group in report["skipped"]] == [
        ("mood, not pain", [[4, 4]]),
        ("the same in every cell as line 2", [[7, 7]]),
    ]
    assert report["rows"]["taken"] == 4


def test_a_full_duplicate_is_kept_when_the_mapping_says_so(clinic: Clinic, tmp_path: Path) -> None:
    report = load(write(tmp_path, CSV + TWICE), clinic=clinic, mapping={'"skip"': '"keep"'})

    assert report.taken_rows == 4 + 1


def test_another_score_of_the_same_day_is_one_of_several(clinic: Clinic, tmp_path: Path) -> None:
    report = load(write(tmp_path, f"{CSV}Left leg,2026-10-01,4\n"), clinic=clinic)

    assert report.taken_rows == 4 + 1
    assert report.days_with_several == 1


def test_a_file_of_one_region_needs_no_column_of_names(clinic: Clinic, tmp_path: Path) -> None:
    mapping = {
        'patient = "P-7"': 'patient = "P-7"\nregion = "target"',
        'name = "name"\n': "",
        '[regions]\n"Left leg" = "target"\nBack = "back"\n': "",
    }

    report = load(write(tmp_path, "day,score\n2026-10-01,8\n2026-10-03,3\n"), clinic=clinic, mapping=mapping)

    assert report.taken_rows == 2


OF_COLUMN = {'patient = "P-7"\n': "", "[columns]\n": '[columns]\npatient = "id"\n'}


def test_the_pseudonym_may_stand_in_a_column(clinic: Clinic, tmp_path: Path) -> None:
    # Type guessing would make it 7.
    rows = "id,name,day,score\n007,Left leg,2026-10-01,8\n007,Left leg,2026-10-03,3\n"

    load(write(tmp_path, rows), clinic=clinic, mapping=OF_COLUMN)

    assert Patient.objects.get().pseudonym == "007"


def test_it_refuses_rows_of_a_second_patient(clinic: Clinic, tmp_path: Path) -> None:
    rows = "id,name,day,score\nA,Left leg,2026-10-01,8\nB,Left leg,2026-10-03,3\n"

    ((column, detail, lines),) = complaints(
        lambda: load(write(tmp_path, rows), clinic=clinic, mapping=OF_COLUMN)
    )

    assert (column, lines) == ("id", [[3, 3]])
    assert "'B' is not 'A'" in detail


def test_it_refuses_a_pseudonym_with_letters_that_no_pseudonym_has(clinic: Clinic, tmp_path: Path) -> None:
    rows = "id,name,day,score\n=1+1,Left leg,2026-10-01,8\n"

    with pytest.raises(ImportRefused, match="cannot be a pseudonym"):
        load(write(tmp_path, rows), clinic=clinic, mapping=OF_COLUMN)


def test_it_refuses_a_file_of_which_nothing_is_left(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="every row is skipped"):
        load(write(tmp_path, f"{HEADER}happiness,2026-10-01,8\n"), clinic=clinic)


def test_blocks_do_not_lose_rows(clinic: Clinic, tmp_path: Path) -> None:
    rows = "".join(f"Left leg,2026-10-{1 + n % 9:02},{n % 11}\n" for n in range(4_001))

    report = load(write(tmp_path, HEADER + rows), clinic=clinic, mapping={'"skip"': '"keep"'})

    assert report.taken_rows == DiaryEntry.objects.count() == 4_001
    assert list(DiaryEntry.objects.order_by("line").values_list("line", flat=True)) == list(range(2, 4_003))
