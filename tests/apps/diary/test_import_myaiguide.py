"""The seven open MyAIGuide diaries (data/myaiguide, MIT): every row accounted for, every diary judged."""

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from django.conf import settings

from apps.accounts.models import Clinic
from apps.diary.importing.mapping import read_mapping
from apps.diary.importing.report import ImportReport
from apps.diary.imports import import_diary
from apps.diary.models import DiaryEntry, DiaryImport
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from sctrial.scales import SCALES, ScaleCode
from tests.factories import NOW

DATA = Path(settings.BASE_DIR) / "data" / "myaiguide"
SCALE = SCALES[ScaleCode.MYAIGUIDE_SYMPTOM]


@dataclass(frozen=True)
class Diary:
    """What was counted by hand: rows of the target, of other regions, of mood; and the file as published."""

    file: str
    regions: dict[str, str]
    target: int
    other: int
    mood: int
    sha256: str


DIARIES = [
    Diary(
        "Participant2PainNew",
        {"Knee Pain": "target", "Back pain": "back"},
        873,
        52,
        4,
        "306c9e78626af5d9db549163eca5dd85bf2561260775a718b743fbee41fab030",
    ),
    Diary(
        "Participant3KneePain",
        {"Knee Pain": "target", "Patellar Tendon Throbbing": "patellar_tendon"},
        86,
        1,
        8,
        "60d5b0a1bc523fe0dc4a7d6de15fae3ad9dafc589bf2c741b794230a88b6fec3",
    ),
    Diary(
        "Participant4Pain",
        {"Knee Pain": "target", "Elbow Pain": "elbow"},
        45,
        44,
        4,
        "3cc2009f11cb92b02f0accf7e093589d50131612b7c687caee61d3d59dcb2c16",
    ),
    Diary(
        "Participant5Pain",
        {"Ankle Pain": "target"},
        28,
        0,
        0,
        "7c6abc43a8ef95de122ca67d26f754dae4d7352d61d3b9a211f78a120d967b7c",
    ),
    Diary(
        "Participant6KneePain",
        {"Knee Pain": "target"},
        29,
        0,
        0,
        "c67eb6aac1e553883d4233f282e90a508056dc65f0cd20f6fca9213a67689a4c",
    ),
    Diary(
        "Participant7Pain",
        {"Hip Pain": "target", "Shoulder Pain": "shoulder"},
        74,
        70,
        76,
        "86acde6a0fd851741fc1ee45b601d00284e002840292ea0eb990c9a91841e44a",
    ),
    Diary(
        "Participant9Pain",
        {"Knee Pain": "target", "Foot Pain": "foot"},
        31,
        2,
        33,
        "e29962bcd963d54547d220436a5cd2fc37d399499fad3986e176c459e11969bb",
    ),
]
each_diary = pytest.mark.parametrize("diary", DIARIES, ids=lambda diary: diary.file)


def load(diary: Diary, *, clinic: Clinic) -> ImportReport:
    path = DATA / f"{diary.file}.csv"
    mapping = read_mapping(path.with_suffix(".toml").read_text(), origin=diary.file)
    return import_diary(path, clinic=clinic, mapping=mapping, by="job:test", at=NOW)


def rows_of(diary: Diary) -> list[dict[str, str]]:
    with (DATA / f"{diary.file}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@each_diary
def test_the_file_is_the_published_one_byte_for_byte(diary: Diary) -> None:
    assert hashlib.sha256((DATA / f"{diary.file}.csv").read_bytes()).hexdigest() == diary.sha256


def test_the_seven_diaries_hold_1460_rows() -> None:
    assert sum(diary.target + diary.other + diary.mood for diary in DIARIES) == 1460
    assert 929 + 95 + 93 + 28 + 29 + 220 + 66 == 1460


@each_diary
def test_every_row_is_taken_or_skipped_with_its_reason(clinic: Clinic, diary: Diary) -> None:
    counted = Counter(row["name"] for row in rows_of(diary))

    report = load(diary, clinic=clinic).as_json()

    assert report["rows"] == {
        "read": diary.target + diary.other + diary.mood,
        "taken": diary.target + diary.other,
        "skipped": diary.mood,
        "wrong": 0,
    }
    assert {(group["name"], group["region"], group["rows"]) for group in report["taken"]} == {
        (name, region, counted[name]) for name, region in diary.regions.items()
    }
    skipped = [(group["name"], group["reason"], group["rows"]) for group in report["skipped"]]
    assert skipped == ([("happiness", "mood, not pain", counted["happiness"])] if diary.mood else [])


@each_diary
def test_the_lines_of_the_report_are_the_lines_of_the_file(clinic: Clinic, diary: Diary) -> None:
    # The header is line 1, and no cell of these files holds a line end.
    lines: dict[str, list[int]] = {}
    for line, row in enumerate(rows_of(diary), start=2):
        lines.setdefault(row["name"], []).append(line)

    report = load(diary, clinic=clinic).as_json()

    named = {
        group["name"]: [line for first, last in group["lines"] for line in range(first, last + 1)]
        for group in report["taken"] + report["skipped"]
    }
    assert named == lines


@each_diary
def test_every_score_is_stored_exactly_on_its_own_scale(clinic: Clinic, diary: Diary) -> None:
    expected = {
        line: (
            diary.regions[row["name"]],
            Fraction(row["intensity"]),
            date(int(row["startyear"]), int(row["startmonth"]), int(row["startday"])),
        )
        for line, row in enumerate(rows_of(diary), start=2)
        if row["name"] in diary.regions
    }

    load(diary, clinic=clinic)

    stored = {
        entry.line: (entry.region, SCALE.from_units(entry.value), entry.diary_day)
        for entry in DiaryEntry.objects.all()
    }
    assert stored == expected
    assert set(DiaryEntry.objects.values_list("scale", "kind", "originator")) == {
        ("myaiguide_symptom", "average", "import")
    }


@each_diary
def test_no_instant_and_no_zone_are_made_up(clinic: Clinic, diary: Diary) -> None:
    load(diary, clinic=clinic)

    assert set(DiaryEntry.objects.values_list("captured_at", "utc_offset_minutes", "zone")) == {
        (None, None, "")
    }


@each_diary
def test_it_says_that_there_was_no_stimulator(clinic: Clinic, diary: Diary) -> None:
    load(diary, clinic=clinic)

    trial = StimulationTrial.objects.get()
    assert "no stimulator" in trial.target_area
    assert "open data" in trial.target_area


# Baseline: the first 14 calendar days. Trial: the last 14. A day is worth the mean of its entries.
VERDICTS = {
    "Participant2PainNew": ("not_met", Fraction(3) - Fraction(107, 40), Fraction(3)),
    "Participant3KneePain": ("not_evaluable", Fraction(139, 50) - Fraction(1), Fraction(139, 50)),
    "Participant4Pain": ("not_met", Fraction(821, 260) - Fraction(33, 20), Fraction(821, 260)),
    "Participant5Pain": ("not_met", Fraction(619, 200) - Fraction(31, 10), Fraction(619, 200)),
    "Participant6KneePain": ("not_met", Fraction(47, 26) - Fraction(29, 20), Fraction(47, 26)),
    "Participant7Pain": ("not_met", Fraction(341, 100) - Fraction(333, 110), Fraction(341, 100)),
    "Participant9Pain": ("not_met", Fraction(259, 120) - Fraction(219, 100), Fraction(259, 120)),
}


def window_mean(diary: Diary, *, first: date, last: date) -> Fraction:
    """Counted here a second time, from the file alone."""
    days: dict[date, list[Fraction]] = {}
    for row in rows_of(diary):
        day = date(int(row["startyear"]), int(row["startmonth"]), int(row["startday"]))
        if diary.regions.get(row["name"]) == "target" and first <= day <= last:
            days.setdefault(day, []).append(Fraction(row["intensity"]))
    means = [sum(scores, Fraction(0)) / len(scores) for scores in days.values()]
    return sum(means, Fraction(0)) / len(means)


@each_diary
def test_every_diary_is_judged(clinic: Clinic, diary: Diary) -> None:
    load(diary, clinic=clinic)
    trial = StimulationTrial.objects.get()
    pain_days = [
        date(int(row["startyear"]), int(row["startmonth"]), int(row["startday"]))
        for row in rows_of(diary)
        if row["name"] in diary.regions
    ]
    first, last = min(pain_days), max(pain_days)
    fourteenth = date.fromordinal(first.toordinal() + 13)

    own = next(row for row in assess(trial.pk, at=NOW) if row.rule_set_id == "NORTH_PP")

    answer, relief, baseline = VERDICTS[diary.file]
    assert baseline == window_mean(diary, first=first, last=fourteenth)
    assert baseline - relief == window_mean(diary, first=date.fromordinal(last.toordinal() - 13), last=last)
    assert own.answer == answer
    assert Fraction(own.verdict["reduction"]["exact"]) == 100 * relief / baseline
    assert (trial.diary_from, trial.ended_on) == (first, last)
    assert trial.lead_placed_on == date.fromordinal(first.toordinal() + 14)


def test_the_report_is_kept_with_the_import(clinic: Clinic) -> None:
    report = load(DIARIES[3], clinic=clinic)

    kept = DiaryImport.objects.get()
    assert kept.report == report.as_json()
    assert kept.file_sha256 == DIARIES[3].sha256
    assert kept.mapping == (DATA / "Participant5Pain.toml").read_text()
