"""The funnel of clinics: dots, limits, and names that can be read."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from apps.cohorts.reports.figure import Figure
from apps.cohorts.reports.funnel import funnel
from apps.cohorts.reports.material import Material
from apps.cohorts.reports.plot import Mark

NONE = pd.DataFrame()


def trials(clinic: str, *, met: int, of: int) -> list[dict[str, Any]]:
    return [{"clinic": clinic, "answer": "met" if n < met else "not_met"} for n in range(of)]


def drawn(*rows: list[dict[str, Any]]) -> Figure:
    everybody = [row for clinic in rows for row in clinic]
    return funnel(Material(date(2026, 10, 8), everybody, NONE, NONE, NONE, NONE, {}), shared=False)


def names(found: Figure) -> dict[str, Mark]:
    assert found.plot is not None
    return {mark.text: mark for mark in found.plot.marks if mark.kind == "text"}


def test_each_clinic_of_the_funnel_is_named_beside_its_dot_and_the_limits_have_a_legend() -> None:
    found = drawn(trials("Clinic North", met=6, of=9), trials("Clinic South", met=2, of=4))

    assert {name: mark.places[0][0] for name, mark in names(found).items()} == {
        "Clinic North": 9,
        "Clinic South": 4,
    }
    assert found.plot is not None
    assert " ".join(words for _, words in found.plot.key) == (
        "a clinic all clinics together; broken line: 95 % limits dotted line: 99.8 % limits"
    )


@pytest.mark.parametrize(
    ("met", "of", "where"), [(0, 6, "above"), (6, 6, "below"), (0, 14, "above"), (14, 14, "below")]
)
def test_a_name_at_the_edge_of_the_drawing_stays_within_it(met: int, of: int, where: str) -> None:
    """Under 0 % it would lie on the numbers of the axis, over 100 % on the title."""
    name = "Open data (MyAIGuide)"
    mark = names(drawn(trials("Clinic North", met=8, of=12), trials(name, met=met, of=of)))[name]

    ((_, foot),) = mark.places
    assert 0 < foot < 100
    assert (foot > 100 * met / of) == (where == "above")


@pytest.mark.parametrize(
    ("met", "of", "side"),
    [
        (1, 2, "start"),  # to its left there is the axis of percents
        (9, 18, "end"),  # to its right the drawing ends
        (0, 6, "end"),  # to its right the lower limit rises through it
    ],
)
def test_a_name_goes_to_the_side_on_which_it_can_be_read(met: int, of: int, side: str) -> None:
    name = "Open data (MyAIGuide)"

    assert (
        names(drawn(trials("Clinic North", met=8, of=12), trials(name, met=met, of=of)))[name].anchor == side
    )
