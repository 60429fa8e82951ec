"""Clinics side by side, on counts of one's own."""

from datetime import date
from typing import Any

import pandas as pd

from apps.cohorts.report_material import Material
from apps.cohorts.report_people import funnel

NONE = pd.DataFrame()


def trials(clinic: str, *, met: int, of: int) -> list[dict[str, Any]]:
    return [{"clinic": clinic, "answer": "met" if n < met else "not_met"} for n in range(of)]


def test_each_clinic_of_the_funnel_is_named_beside_its_dot_and_the_limits_have_a_legend() -> None:
    rows = trials("Clinic North", met=6, of=9) + trials("Clinic South", met=2, of=4)
    found = funnel(Material(date(2026, 10, 8), rows, NONE, NONE, NONE, NONE, {}), shared=False)

    assert found.plot is not None
    words = [(mark.text, mark.places[0][0]) for mark in found.plot.marks if mark.kind == "text"]
    assert words == [("Clinic North", 9), ("Clinic South", 4)]
    assert " ".join(words for _, words in found.plot.key) == (
        "a clinic all clinics together; broken line: 95 % limits dotted line: 99.8 % limits"
    )
