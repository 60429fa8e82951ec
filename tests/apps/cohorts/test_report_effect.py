"""Figures of relief on cohorts that one can count."""

from fractions import Fraction

import pytest

from apps.cohorts.report_effect import agreement, curve, mean_change, responders, waterfall
from apps.cohorts.report_figure import counted
from sctrial.cohort import Outcome
from sctrial.kleene import Answer


def outcome(n: int, before: int, after: int | None) -> Outcome:
    trial = None if after is None else Fraction(after)
    return Outcome(str(n), Answer.NOT_EVALUABLE, Fraction(before), trial)


GROUPS = {"A": [outcome(1, 10, 2), outcome(2, 10, 5)], "B": [outcome(3, 10, 20), outcome(4, 10, None)]}


def test_the_waterfall_cuts_bars_and_never_values() -> None:
    found = waterfall({"A": [outcome(1, 4, 10)]})

    assert found.rows == (("A", 1, -150.0),)
    assert found.plot is not None
    assert min(y for mark in found.plot.marks for _, y in mark.places) == -100


@pytest.mark.parametrize(("lost_are_failures", "n"), [(True, 4), (False, 3)])
def test_drop_outs_are_failures_when_asked_and_the_figure_says_which(lost_are_failures: bool, n: int) -> None:
    for figure in (
        responders(GROUPS, shared=False, lost_are_failures=lost_are_failures),
        curve(GROUPS, shared=False, lost_are_failures=lost_are_failures),
    ):
        assert figure.n == n
        assert ("drop-outs counted as failures" in figure.of) is lost_are_failures
        assert counted(figure.missing) == "1 without both sides of the diary"


def test_a_group_of_one_has_a_mean_and_no_interval() -> None:
    (_, row) = mean_change(GROUPS, shared=False).rows
    assert row[:6] == ("B", 1, "10.00", "20.00", "10.00", "–")


def test_agreement_says_how_many_had_no_stated_relief_and_hides_dots_when_shared() -> None:
    pairs = [(50.0, 40.0), (60.0, 70.0), (80.0, 50.0), (50.0, 40.0), (30.0, 30.0)]
    inside, shared = (agreement(pairs, of=7, shared=shared) for shared in (False, True))

    assert inside.rows[0][:2] == ("Mean difference", (10 - 10 + 30 + 10 + 0) / 5)
    assert counted(inside.missing) == "2 without a stated relief or without a percent"
    kinds = [[mark.kind for mark in figure.plot.marks] for figure in (inside, shared) if figure.plot]
    assert [kind.count("point") for kind in kinds] == [5, 0]


def test_what_fewer_than_five_stated_or_changed_is_not_shared() -> None:
    pairs = [(50.0, 40.0), (60.0, 70.0), (80.0, 50.0), (50.0, 40.0)]

    assert agreement(pairs, of=7, shared=True).rows == ()
    assert [row[1:4] for row in mean_change(GROUPS, shared=True).rows] == [("under 5", None, None)] * 2
