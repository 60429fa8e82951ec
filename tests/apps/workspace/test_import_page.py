"""The report of an import as a page tells it."""

from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import Clinic, User
from apps.diary.imports import RowsRefused
from apps.diary.models import DiaryImport
from apps.workspace.import_page import (
    MOST_LINES,
    MOST_PLACES,
    imports_listed,
    imports_to_decide,
    report_told,
)
from apps.workspace.permissions import read_access
from tests.apps.diary.imported import CSV, HEADER, MAPPING, changed, load, write
from tests.factories.imports import make_import_proposal

ADDED = {MAPPING[MAPPING.index("create = true") :]: "create = false\n"}


def report_of(path: Path, clinic: Clinic, **options: Any) -> dict[str, Any]:
    try:
        return load(path, clinic=clinic, **options).as_json()
    except RowsRefused as refused:
        return refused.report.as_json()


def test_it_counts_what_is_new_what_is_there_and_what_is_left_out(clinic: Clinic, tmp_path: Path) -> None:
    load(write(tmp_path, CSV), clinic=clinic)
    longer = write(tmp_path, CSV + "Left leg,2026-10-04,2\n\n")

    told = report_told(report_of(longer, clinic, mapping=ADDED))

    # Four rows are known; mood and a blank line are left out.
    assert (told.new, told.known, told.left_out, told.wrong) == (1, 4, 1 + 1, 0)
    assert told.days == "2026-10-04 – 2026-10-04"
    assert told.trial is not None
    assert (told.patient, str(told.trial.patient)) == ("P-7", "P-7")


def test_what_is_wrong_comes_first(clinic: Clinic, tmp_path: Path) -> None:
    told = report_told(report_of(write(tmp_path, CSV + "Hand,2026-10-03,4\n"), clinic))

    assert [(line.fate, line.lines, line.name, line.rows) for line in told.lines] == [
        ("wrong", "7", "name", 1),
        ("taken", "2-3, 5", "Left leg", 3),
        ("taken", "6", "Back", 1),
        ("skipped", "4", "happiness", 1),
    ]
    assert (told.trial, told.wrong, told.more) == (None, 1, 0)


def test_a_page_shows_as_many_lines_as_it_holds_and_says_how_many_more(
    clinic: Clinic, tmp_path: Path
) -> None:
    rows = "".join(f"Hand {n},2026-10-03,4\n" for n in range(MOST_LINES + 7))

    told = report_told(report_of(write(tmp_path, HEADER + rows), clinic))

    assert (len(told.lines), told.more) == (MOST_LINES, 7)


def test_places_that_are_many_are_counted(clinic: Clinic, tmp_path: Path) -> None:
    rows = "Left leg,2026-10-01,8\nBack,2026-10-01,5\n" * (MOST_PLACES + 3)
    keep = {'"skip"\n\n[columns]': '"keep"\n\n[columns]', "baseline_days = 2": "baseline_days = 1"}
    told = report_told(
        report_of(write(tmp_path, HEADER + rows + "Left leg,2026-10-03,2\n"), clinic, mapping=keep)
    )

    assert told.lines[1].lines.endswith("and 3 more places")


def test_the_imports_of_own_clinics_are_listed(
    clinic: Clinic, other_clinic: Clinic, coordinator: User, tmp_path: Path
) -> None:
    load(write(tmp_path, CSV), clinic=clinic)
    load(write(tmp_path, CSV), clinic=other_clinic)

    listed = list(imports_listed(read_access(coordinator))["imports"])

    assert listed == list(DiaryImport.objects.filter(trial__clinic=clinic))


@pytest.mark.parametrize(
    ("who", "waits"),
    [("coordinator", 1), ("site_admin", 1), ("clinician", 0), ("stranger", 0), ("nobody", 0)],
)
def test_what_waits_is_counted_for_who_may_decide(
    request: pytest.FixtureRequest, clinic: Clinic, who: str, waits: int
) -> None:
    user = request.getfixturevalue(who)
    make_import_proposal(clinic, mapping=changed(MAPPING, {"P-7": "P-8"}))

    waiting = imports_to_decide(read_access(user), user)

    assert (0 if waiting is None else waiting.count()) == waits
