"""The mixed model of made-up diaries, and what it leaves over."""

import pytest

from apps.cohorts.reports.days import courses
from apps.cohorts.reports.figure import Cell, Figure, kept_in
from apps.cohorts.reports.gaps import Gaps, missing_days
from apps.cohorts.reports.model import DayModel, mixed_model, residuals
from tests.apps.cohorts.reports.test_gaps import GAPPED, WHOLE, material_of


def told(figure: Figure) -> dict[str, Cell]:
    return {str(words): value for words, value in figure.rows}


def test_every_axis_in_points_names_their_scale() -> None:
    material = material_of(*WHOLE, *GAPPED)
    change = mixed_model(DayModel(material), shared=False).plot
    days, filled = courses(material).plot, missing_days(Gaps.read(material), shared=False).plot

    assert change is not None
    assert days is not None
    assert filled is not None
    assert {change.x.title, days.y.title, filled.x.title} == {"points on the 0-10 scale"}


def test_what_the_model_leaves_over_is_drawn_told_and_said_in_a_sentence() -> None:
    found = residuals(DayModel(material_of(*WHOLE)))
    rows = told(found)

    assert (rows["Days"], rows["Patients"]) == (12 * 6, 12)
    # 0.27 % of 72 days.
    assert rows["Days beyond, were they normal"] == pytest.approx(0.2, abs=0.01)
    assert found.notes[0].startswith(f"{rows['Days beyond 3 standard deviations']} of 72 days lie beyond 3")
    assert found.plot is not None
    assert {series for series, *_ in found.drawn} == {"days", "patients", "limit"}
    assert len([line for line in found.drawn if line[0] == "patients"]) == 12


def test_half_that_improve_and_half_that_stay_lean_and_leave_no_trend_in_the_baseline() -> None:
    rows = told(residuals(DayModel(material_of(*WHOLE))))

    # Two days of baseline: 7, 8 or 9 and then 8, on average 8 and 8.
    assert float(str(rows["Trend left over in baseline, points a day"])) == pytest.approx(0, abs=0.01)
    # With one change for all, those who improved lie below it all through the trial, the others above.
    assert float(str(rows["Correlation of neighbouring days"])) > 0.5


def test_the_residuals_are_of_single_people_so_they_stay_in_the_clinic() -> None:
    (shared,) = kept_in([residuals(DayModel(material_of(*WHOLE)))], shared=True)

    assert (shared.rows, shared.plot, shared.notes) == ((), None, ())


@pytest.mark.parametrize("cohort", [[("8 8", ". . . .")] * 6, [("8 8", "3 3 3 3")] * 6, [(". .", ". . . .")]])
def test_without_a_model_there_is_nothing_left_over(cohort: list[tuple[str, str]]) -> None:
    model = DayModel(material_of(*cohort))

    assert (residuals(model).rows, residuals(model).plot) == ((), None)
    assert "odel" in mixed_model(model, shared=False).notes[0]
