"""How far a trial came, by its row, case by case."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from apps.accounts.models import Clinic, Role
from apps.cohorts.question import read_question
from apps.cohorts.reports.flow import course_of
from apps.cohorts.reports.material import Cancelled, Material
from apps.trials.services import move_trial
from sctrial.flow import Stage
from sctrial.phases import Phase
from tests.apps.cohorts.asking import access_to
from tests.factories import make_trial
from tests.factories.staff import make_staff

NOW = datetime(2026, 10, 12, tzinfo=UTC)
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
        ({"phase": "trial_active"}, Stage.TRIALLED, "still running"),
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


@pytest.mark.parametrize(
    ("how", "reached"),
    [
        (None, Stage.REFERRED),
        (Cancelled("eligibility", "moved away"), Stage.REFERRED),
        # Authorised: it was eligible, whatever came then.
        (Cancelled("authorised", "moved away"), Stage.ELIGIBLE),
        (Cancelled("baseline_diary", "moved away"), Stage.ELIGIBLE),
    ],
)
def test_a_cancelled_trial_left_at_the_stage_that_it_had_reached_and_says_why_inside_the_clinic(
    how: Cancelled | None, reached: Stage
) -> None:
    row = ROW | {"lead_placed_on": None, "phase": "cancelled"}
    material = replace(MATERIAL, cancelled={"a": how} if how else {})
    inside, shared = (course_of(row, material, shared=shared) for shared in (False, True))

    assert {inside.reached, shared.reached} == {reached}
    assert inside.left_because == "cancelled before leads were placed" + (": moved away" if how else "")
    assert shared.left_because == "cancelled before leads were placed"


@pytest.mark.django_db
def test_why_a_trial_was_cancelled_is_read_from_the_trail(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, lead_placed_on=None, phase="authorised")
    surgeon = make_staff("surgeon", clinic=clinic, role=Role.CLINICIAN)
    move_trial(trial, to=Phase.CANCELLED, by=f"staff:{surgeon.pk}", at=NOW, reason="moved away")
    found = Material.read(read_question(""), access=access_to(clinic), at=NOW)

    assert list(found.cancelled.values()) == [Cancelled("authorised", "moved away")]
