"""Figures of what came later, where the cohort of the report has too little to tell."""

from datetime import date
from typing import Any

import pandas as pd

from apps.cohorts.report_later import adverse_events, explants
from apps.cohorts.report_material import Material

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


def test_without_an_explant_every_system_stays_in_place() -> None:
    found = explants(material([trial(n) for n in range(3)], []), shared=False)

    assert (found.rows, found.n) == ((), 3)
    assert found.notes == ("0 explants; half of the systems are out after more days than were seen.",)


def test_few_explants_are_not_shared() -> None:
    out = trial(1) | {"explanted_on": date(2027, 1, 1)}
    found = explants(material([out, trial(2)], []), shared=True)
    assert (found.rows, found.plot, found.notes) == ((), None, ("under 5 explants.",))
