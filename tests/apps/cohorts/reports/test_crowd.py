"""Whom the figures of relief count: each trial in one place, by its row."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from apps.cohorts.reports.crowd import crowd_of
from apps.cohorts.reports.material import Material

DAY = date(2026, 10, 8)
NONE = pd.DataFrame()
ROW: dict[str, Any] = {
    "trial_id": "a",
    "scale": "nrs_11",
    "phase": "decided",
    "lead_placed_on": DAY,
    "ended_on": DAY,
    "end_reason": "success",
    "answer": "met",
    "baseline_mean": 8.0,
    "trial_mean": 3.0,
}


def material(*rows: dict[str, Any], asked_scale: str = "") -> Material:
    trials = [ROW | facts | {"trial_id": str(n)} for n, facts in enumerate(rows)]
    return Material(DAY, trials, NONE, NONE, NONE, NONE, {}, asked_scale=asked_scale)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"lead_placed_on": None, "phase": "baseline_diary"}, "without leads"),
        # Its diary has a percent already, and the trial goes on.
        ({"phase": "trial_active", "ended_on": None, "end_reason": ""}, "still running"),
        ({"phase": "withdrawn", "ended_on": None, "end_reason": ""}, "withdrawn before the end"),
        ({"end_reason": "technical_failure"}, "technical failures"),
        ({"answer": "not_evaluable"}, "not evaluable under their rule"),
        ({"answer": ""}, "not evaluable under their rule"),
        ({"scale": "vas_100"}, "on another scale (vas_100)"),
    ],
)
def test_a_trial_is_left_out_by_name(facts: dict[str, Any], why: str) -> None:
    found = crowd_of(material({}, {}, facts))
    assert (len(found.everybody), found.left_out) == (2, {why: 1})


@pytest.mark.parametrize("facts", [{}, {"answer": "not_met"}, {"phase": "withdrawn"}])
def test_a_trial_that_is_over_and_judged_counts_whatever_came_later(facts: dict[str, Any]) -> None:
    assert len(crowd_of(material(facts)).everybody) == 1


def test_points_are_of_one_scale_that_of_the_most_trials_or_the_one_asked_for() -> None:
    mixed = [{}, {"scale": "vas_100"}, {"scale": "vas_100"}]

    assert crowd_of(material(*mixed)).points.endswith("(vas_100)")
    assert crowd_of(material(*mixed)).left_out == {"on another scale (nrs_11)": 1}
    assert material(*mixed, asked_scale="nrs_11").scale == "nrs_11"
    assert material().scale == "nrs_11"
