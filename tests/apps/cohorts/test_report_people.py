"""How far a trial came, by its row, case by case."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from apps.cohorts.report_material import Material
from apps.cohorts.report_people import course_of
from sctrial.flow import Stage

DAY = date(2026, 10, 8)
NONE = pd.DataFrame()
MATERIAL = Material(DAY, [], NONE, NONE, NONE, NONE, {})
ROW: dict[str, Any] = {
    "trial_id": "a",
    "phase": "decided",
    "lead_placed_on": DAY,
    "end_reason": "success",
    "answer": "met",
    "decision": "",
    "implanted_on": None,
    "explanted_on": None,
    "baseline_mean": 8.0,
}


@pytest.mark.parametrize(
    ("facts", "reached", "loss"),
    [
        (
            {"lead_placed_on": None, "phase": "cancelled"},
            Stage.REFERRED,
            "cancelled before leads were placed",
        ),
        ({"lead_placed_on": None, "phase": "eligibility"}, Stage.REFERRED, "still being assessed"),
        ({"lead_placed_on": None, "phase": "baseline_diary"}, Stage.ELIGIBLE, "leads not placed yet"),
        ({"phase": "trial_active"}, Stage.TRIALLED, "trial still running"),
        ({"phase": "withdrawn"}, Stage.TRIALLED, "withdrawn"),
        # Whatever the diary says.
        ({"end_reason": "technical_failure"}, Stage.TRIALLED, "technical failure"),
        (
            {"answer": "not_met", "implanted_on": DAY},
            Stage.TRIALLED,
            "did not meet the rule, implanted all the same",
        ),
        ({"answer": ""}, Stage.TRIALLED, "not evaluable"),
        ({}, Stage.MET, "not decided yet"),
        ({"decision": "implant"}, Stage.MET, "implant decided, not placed yet"),
        ({"decision": "no_implant"}, Stage.MET, "decided: no implant"),
        ({"implanted_on": DAY, "explanted_on": DAY}, Stage.IMPLANTED, "explanted"),
        ({"implanted_on": DAY}, Stage.IMPLANTED, "no visit with a score yet"),
    ],
)
def test_the_place_of_a_trial(facts: dict[str, Any], reached: Stage, loss: str) -> None:
    found = course_of(ROW | facts, MATERIAL)
    assert (found.reached, found.left_because) == (reached, loss)
