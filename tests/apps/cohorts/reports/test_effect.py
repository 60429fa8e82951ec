"""Figures of relief on cohorts that one can count."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from apps.cohorts.reports.crowd import Crowd
from apps.cohorts.reports.effect import agreement, curve, mean_change, stepped, waterfall
from apps.cohorts.reports.figure import Figure, counted
from sctrial.cohort import Outcome
from sctrial.kleene import Answer

F = Fraction


def outcome(n: int, before: int | None, after: int | None) -> Outcome:
    sides = [None if side is None else F(side) for side in (before, after)]
    return Outcome(str(n), Answer.MET, sides[0], sides[1])


GROUPS = {"A": [outcome(1, 10, 2), outcome(2, 10, 5)], "B": [outcome(3, 10, 20), outcome(4, 10, None)]}
CROWD = Crowd(GROUPS)


def cells(figure: Figure, row: int = 0) -> dict[str, object]:
    return dict(zip(figure.columns, figure.rows[row], strict=True))


def test_the_waterfall_cuts_bars_and_never_values() -> None:
    found = waterfall(Crowd({"A": [outcome(1, 4, 10)]}))

    assert found.rows == (("A", 1, -150.0),)
    assert found.plot is not None
    assert min(y for mark in found.plot.marks for _, y in mark.places) == -100


def test_means_before_and_after_are_of_the_same_trials_so_they_differ_by_the_mean_change() -> None:
    # The last two have one side each: 9 before, 1 after.
    some = [outcome(1, 4, 1), outcome(2, 6, 2), outcome(3, 9, None), outcome(4, None, 1)]
    found = cells(mean_change(Crowd({"A": some}), shared=False))

    assert found["n"] == 2
    assert (found["Mean before"], found["Mean after"]) == (f"{(4 + 6) / 2:.2f}", f"{(1 + 2) / 2:.2f}")
    assert found["Mean change"] == f"{1.5 - 5:.2f}"
    assert (found["With a score before"], found["Mean of those before"]) == (3, f"{(4 + 6 + 9) / 3:.2f}")
    assert (found["With a score after"], found["Mean of those after"]) == (3, f"{(1 + 2 + 1) / 3:.2f}")


def test_a_baseline_of_zero_has_a_change_and_no_percent_and_is_counted_once_in_each() -> None:
    crowd = Crowd({"A": [outcome(1, 10, 5), outcome(2, 0, 1), outcome(3, 10, None)]}, {"still running": 4})
    change = mean_change(crowd, shared=False)

    assert (change.n, cells(change)["n with a percent"]) == (2, 1)
    assert counted(2, change.missing) == "4 still running, 1 without both sides of the diary"
    assert curve(crowd, shared=False).n == 1
    assert counted(1, curve(crowd, shared=False).missing) == (
        "4 still running, 1 without both sides of the diary, 1 with a zero baseline"
    )


SIDE = st.sampled_from([None, 0, 4, 8])
COHORTS = st.lists(st.tuples(SIDE, SIDE), max_size=12)


@given(COHORTS, st.dictionaries(st.sampled_from(["still running", "without leads"]), st.integers(0, 9)))
def test_who_is_counted_and_who_is_missing_are_together_the_whole_cohort(
    sides: list[tuple[int | None, int | None]], left_out: dict[str, int]
) -> None:
    crowd = Crowd({"A": [outcome(n, *pair) for n, pair in enumerate(sides)]}, left_out)

    for figure in (
        mean_change(crowd, shared=False),
        curve(crowd, shared=False),
        waterfall(crowd),
        agreement(crowd, pairs=[], shared=False),
    ):
        assert isinstance(figure.n, int)
        assert not isinstance(figure.missing, str)
        assert figure.n + sum(figure.missing.values()) == len(sides) + sum(left_out.values()), figure.key


def test_a_group_of_one_has_a_mean_and_no_interval() -> None:
    assert mean_change(CROWD, shared=False).rows[1][:6] == ("B", 1, "10.00", "20.00", "10.00", "–")


def test_every_figure_in_points_names_its_scale() -> None:
    crowd = Crowd(GROUPS, points="points of the scale asked", axis="points, in short")
    figure = mean_change(crowd, shared=False)

    assert "points of the scale asked" in figure.of
    assert figure.plot is not None
    assert figure.plot.x.title == "points, in short"


def test_the_curve_falls_in_steps() -> None:
    # Nobody is between 49 and 50: the fall stands at 49, and 50 has its own height.
    assert stepped([(49, 80.0), (50, 60.0)]) == ((49, 80.0), (49, 60.0), (50, 60.0))


def test_agreement_says_how_many_had_no_stated_relief_and_hides_dots_when_shared() -> None:
    pairs = [(50.0, 40.0), (60.0, 70.0), (80.0, 50.0), (50.0, 40.0), (30.0, 30.0)]
    crowd = Crowd({"A": [outcome(n, 10, 5) for n in range(7)]})
    inside, shared = (agreement(crowd, pairs=pairs, shared=shared) for shared in (False, True))

    assert inside.rows[0][:2] == ("Mean difference", (10 - 10 + 30 + 10 + 0) / 5)
    assert counted(5, inside.missing) == "2 without a stated relief or without a percent"
    kinds = [[mark.kind for mark in figure.plot.marks] for figure in (inside, shared) if figure.plot]
    assert [kind.count("point") for kind in kinds] == [5, 0]


def test_what_fewer_than_five_stated_or_changed_is_not_shared() -> None:
    pairs = [(50.0, 40.0), (60.0, 70.0), (80.0, 50.0), (50.0, 40.0)]

    assert agreement(CROWD, pairs=pairs, shared=True).rows == ()
    assert [row[1:4] for row in mean_change(CROWD, shared=True).rows] == [("under 5", None, None)] * 2
