"""Grids of analyses: what they hold, and which would miscount."""

from dataclasses import replace

import pytest

from sctrial.grids import GRIDS, TRIAL_48, WIDE
from sctrial.scales import ScoreKind
from sctrial.verdict import ReportOnlyWindow
from sctrial.windows import parse_window


def test_the_grid_has_48_analyses_and_stands_under_name_and_version() -> None:
    assert TRIAL_48.size == 3 * 2 * 2 * 4 * 1 == 48
    assert WIDE.size == 6 * 3 * 4 * 5 * 3
    assert GRIDS == {"TRIAL_48": TRIAL_48, "WIDE": WIDE}
    assert {grid.version for grid in GRIDS.values()} == {"2026.1"}


def test_what_a_published_grid_holds_never_changes_under_its_version() -> None:
    assert [[str(choice) for choice in axis] for axis in TRIAL_48.axes] == [
        ["last-n-days:3", "exclude-first-n-days:2", "whole-phase"],
        ["last-n-days:7", "whole-phase"],
        ["average", "worst"],
        ["observed", "locf", "bocf", "wocf_trial"],
        ["None"],
    ]


FAULTY = {
    "an empty axis": {"policies": ()},
    "a choice given twice": {"kinds": (ScoreKind.AVERAGE, ScoreKind.AVERAGE)},
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_grid_that_would_miscount_is_refused(fault: str) -> None:
    with pytest.raises(ValueError, match="each choice once"):
        replace(TRIAL_48, **FAULTY[fault])  # type: ignore[arg-type]


def test_a_grid_never_judges_the_best_day() -> None:
    with pytest.raises(ReportOnlyWindow):
        replace(TRIAL_48, trial_windows=(parse_window("best-day"),))
