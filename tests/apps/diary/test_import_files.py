"""Files as they come: quoted or not, with marks, other line ends and delimiters; and what is no file of ours.

The refusals follow the file inputs that spreadsheets and portals are known to produce: wrong encoding, pages
saved as CSV, workbooks renamed, cells shifted, lines without end.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.accounts.models import Clinic
from apps.diary.importing.reading import LONGEST_LINE, FileRefused
from apps.diary.imports import RowsRefused
from apps.diary.models import DiaryEntry
from apps.trials.models import StimulationTrial
from tests.apps.diary.bad_files import UNREADABLE
from tests.apps.diary.imported import CSV, HEADER, load, write

SEMICOLONS = {
    "[regions]": '[file]\ndelimiter = ";"\ndecimal_mark = ","\n\n[regions]',
    "nrs_11": "numeric_0_10",
}
TABS = {"[regions]": '[file]\ndelimiter = "\\t"\n\n[regions]'}
QUOTED = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in CSV.splitlines())


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        (CSV, {}),
        (CSV.rstrip(), {}),
        (QUOTED, {}),
        (b"\xef\xbb\xbf" + CSV.encode(), {}),
        (CSV.replace("\n", "\r\n"), {}),
        (CSV.replace("\n", "\r"), {}),
        (CSV.replace("\n", "\n\n"), {}),
        (CSV.replace(",", "\t"), TABS),
        (CSV.replace(",", ";"), SEMICOLONS),
        (CSV.replace("name,day,score", " name , day,score "), {}),
    ],
    ids=[
        "plain",
        "no last line end",
        "quoted",
        "BOM",
        "CRLF",
        "CR",
        "blank lines",
        "tabs",
        "semicolons",
        "title blanks",
    ],
)
def test_it_reads_the_same_diary_from(
    clinic: Clinic, tmp_path: Path, content: str | bytes, mapping: dict[str, str]
) -> None:
    report = load(write(tmp_path, content), clinic=clinic, mapping=mapping)

    entries = DiaryEntry.objects.order_by("line")
    assert [(entry.region, str(entry.diary_day), entry.score) for entry in entries] == [
        ("target", "2026-10-01", "8"),
        ("target", "2026-10-02", "6"),
        ("target", "2026-10-03", "3"),
        ("back", "2026-10-03", "5"),
    ]
    assert report.taken_rows == 4
    assert report.rows == report.taken_rows + report.skipped_rows


def test_a_decimal_comma_is_read_when_it_is_declared(clinic: Clinic, tmp_path: Path) -> None:
    rows = "name;day;score\nLeft leg;2026-10-01;7,5\nLeft leg;2026-10-03;3\n"

    load(write(tmp_path, rows), clinic=clinic, mapping=SEMICOLONS)

    # A 0-10 scale with decimals is stored in thousandths of a point.
    assert list(DiaryEntry.objects.values_list("value", flat=True)) == [7_500, 3_000]


def test_the_line_of_a_row_is_where_it_begins_in_the_file(clinic: Clinic, tmp_path: Path) -> None:
    mapping = {'happiness = "mood, not pain"': '"a\\nb" = "two lines"'}
    rows = 'name,day,score\n"a\nb",2026-10-01,1\n\nLeft leg,2026-10-01,8\nLeft leg,2026-10-03,3\n'

    report = load(write(tmp_path, rows), clinic=clinic, mapping=mapping).as_json()

    assert [group["lines"] for group in report["taken"]] == [[[5, 6]]]
    assert [(group["reason"], group["lines"]) for group in report["skipped"]] == [
        ("two lines", [[2, 2]]),
        ("blank line", [[4, 4]]),
    ]


def test_days_come_in_the_form_that_the_mapping_declares(clinic: Clinic, tmp_path: Path) -> None:
    # 3/4 is the third of April here, and nothing else: the form says so.
    rows = "name,day,score\nLeft leg,3/4/2026,8\nLeft leg,5/4/2026,3\n"

    load(write(tmp_path, rows), clinic=clinic, mapping={"YYYY-MM-DD": "D/M/YYYY"})

    assert [str(day) for day in DiaryEntry.objects.values_list("diary_day", flat=True)] == [
        "2026-04-03",
        "2026-04-05",
    ]


STAMPED = {
    'date_form = "YYYY-MM-DD"': 'date_form = "YYYY-MM-DD"\nstamp = "at"\nstamp_form = "YYYY-MM-DD hh:mm:ss"'
}


def stamped(stamp: str) -> str:
    return f"name,day,score,at\nLeft leg,2026-10-01,8,{stamp}\nLeft leg,2026-10-03,3,2026-10-03 20:00:00\n"


def test_a_stamp_is_an_instant_in_the_declared_zone(clinic: Clinic, tmp_path: Path) -> None:
    load(write(tmp_path, stamped("2026-10-01 20:15:30")), clinic=clinic, mapping=STAMPED)

    first = DiaryEntry.objects.order_by("line")[0]
    # Summer time in Berlin is two hours ahead of UTC.
    assert first.captured_at == datetime(2026, 10, 1, 20 - 2, 15, 30, tzinfo=UTC)
    assert (first.utc_offset_minutes, first.zone) == (2 * 60, "Europe/Berlin")


def test_it_refuses_a_stamp_before_all_calendars(clinic: Clinic, tmp_path: Path) -> None:
    # Berlin was 53 minutes ahead of Greenwich by the sun, so the first hour of year 1 is in no year there.
    with pytest.raises(RowsRefused, match=r"line 2: column 'at': .*before all calendars"):
        load(write(tmp_path, stamped("0001-01-01 00:00:00")), clinic=clinic, mapping=STAMPED)


@pytest.mark.parametrize("stamp", ["2026-03-29 02:30:00", "2025-10-26 02:30:00"], ids=["skipped", "twice"])
def test_it_refuses_a_local_time_that_the_zone_skips_or_has_twice(
    clinic: Clinic, tmp_path: Path, stamp: str
) -> None:
    with pytest.raises(RowsRefused, match=r"line 2: column 'at': .*Europe/Berlin"):
        load(write(tmp_path, stamped(stamp)), clinic=clinic, mapping=STAMPED)


@pytest.mark.parametrize(("content", "says"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_it_refuses_as_a_whole(clinic: Clinic, tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        load(write(tmp_path, content), clinic=clinic)

    assert says in str(refusal.value)
    assert "diary.csv" in str(refusal.value)
    assert len(str(refusal.value)) < 500
    assert not StimulationTrial.objects.exists()


def test_it_refuses_one_gigantic_line_without_reading_it_all(clinic: Clinic, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER.encode() + b"Left leg," * (50_000_000 // 9))
    heard: list[int] = []

    with pytest.raises(FileRefused, match="line 2 is longer than 100000 characters"):
        load(path, clinic=clinic, progress=heard.append)

    assert sum(heard) < LONGEST_LINE < path.stat().st_size


def test_it_names_a_file_that_is_not_there(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"no-such\.csv: No such file"):
        load(tmp_path / "no-such.csv", clinic=clinic)


def test_it_names_a_folder(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="Is a directory"):
        load(tmp_path, clinic=clinic)
