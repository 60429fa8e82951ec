"""Adverse events, and forecasts as they were signed against what came."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from apps.cohorts.reports.later import adverse_events, calibration
from apps.cohorts.reports.material import Material, Signed

DAY = date(2026, 10, 8)
NONE = pd.DataFrame()


def material(trials: list[dict[str, Any]], events: list[tuple[str, str]]) -> Material:
    frame = pd.DataFrame(events, columns=["trial_id", "code"])
    return Material(date(2027, 10, 8), trials, NONE, NONE, frame, NONE, {})


def trial(n: int) -> dict[str, Any]:
    return {"trial_id": str(n), "lead_placed_on": DAY, "implanted_on": DAY, "explanted_on": None}


def test_several_events_of_one_trial_are_several_events_and_one_trial() -> None:
    found = adverse_events(material([trial(n) for n in range(10)], [("1", "infection")] * 3), shared=False)
    assert [row[1:4] for row in found.rows] == [(3, 1, 30.0)] * 2


def test_forecasts_have_their_brier_score() -> None:
    rows = [trial(n) | {"baseline_mean": 8.0} for n in range(5)]
    signed = {str(n): Signed("NORTH_PP", "met", 0.8) for n in range(5)}
    # Pain of 2 of 8 is relief, of 7 is none: four of five came true.
    pain = {str(n): Fraction(2 if n < 4 else 7) for n in range(5)}
    found = calibration(replace(material(rows, []), signed=signed, last_pain=pain), shared=False)

    brier = (4 * (0.8 - 1) ** 2 + 0.8**2) / 5
    assert found.notes == (
        f"NORTH_PP: Brier score {brier:.3f} of 5 forecasts; 0 is best, always saying one half gives 0.250.",
    )


def test_explants_are_told_both_by_their_last_visit_and_as_not_responding() -> None:
    rows = [trial(n) | {"baseline_mean": 8.0} for n in range(5)]
    rows[0]["explanted_on"] = DAY
    rows[4]["explanted_on"] = DAY
    signed = {str(n): Signed("NORTH_PP", "met", None) for n in range(5)}
    # The first of the two had relief at the last visit, the other had none.
    pain = {str(n): Fraction(2 if n < 4 else 7) for n in range(5)}
    known = replace(material(rows, []), signed=signed, last_pain=pain)

    (told,) = calibration(known, shared=False).notes

    assert "2 of 5 were explanted since. They count above by their last visit before: 4 of 5" in told
    assert told.endswith("Counted as not responding: 3 of 5.")
    assert calibration(known, shared=True).notes == ()
