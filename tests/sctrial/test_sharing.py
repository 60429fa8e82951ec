"""No small count can be worked out from what is shown: by hand, and by trying every cohort that fits."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.sharing import BASE, Shown, Veil, find_bounds, round_count, show_count, show_counts

FEW, HELD = Veil.FEW, Veil.HELD


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, FEW), (1, FEW), (4, FEW), (5, 5), (7, 5), (8, 10), (12, 10), (13, 15), (1002, 1000)],
)
def test_a_count_is_hidden_or_a_multiple_of_five(count: int, shown: Shown) -> None:
    assert show_count(count) == shown


def test_what_rounding_leaves_open_stays_as_it_is() -> None:
    # 25 less 20 is 5, and yet the last part may be anything from 1 to 4.
    assert show_counts({"all": 25, "a": 22, "b": 3}, sums={"all": ["a", "b"]}) == {
        "all": 25,
        "a": 20,
        "b": FEW,
    }


def test_parts_that_were_all_rounded_down_give_the_last_one_away_so_one_more_is_hidden() -> None:
    counts = {"all": 22 + 27 + 4, "a": 22, "b": 27, "c": 4}
    sums = {"all": ["a", "b", "c"]}
    plain = {name: show_count(count) for name, count in counts.items()}

    # 53 shows as 55, 22 as 20, 27 as 25: at least 53 less at most 22 and 27 is 4, and fewer than 5 it is.
    assert find_bounds(plain, sums=sums)["c"] == (53 - 22 - 27, 4)
    assert show_counts(counts, sums=sums) == plain | {"a": HELD}


def test_a_flow_is_kept_stage_by_stage() -> None:
    counts = {"referred": 30, "met": 21, "implanted": 20, "not met": 9, "not yet": 1}
    sums = {"referred": ["not met", "met"], "met": ["not yet", "implanted"]}

    assert show_counts(counts, sums=sums) == {
        "referred": 30,
        "met": 20,
        "implanted": 20,
        "not met": 10,
        "not yet": FEW,
    }


#: A whole of up to four parts, the first of which may be a whole of two or three itself.
WHOLES = st.tuples(
    st.lists(st.integers(0, 13), min_size=1, max_size=3), st.lists(st.integers(0, 13), max_size=3)
)


def table(parts: Sequence[int], below: Sequence[int]) -> tuple[dict[str, int], dict[str, list[str]]]:
    leaves = {f"b{n}": count for n, count in enumerate(below)}
    others = {f"a{n}": count for n, count in enumerate(parts)}
    if not leaves:
        return {"all": sum(parts), **others}, {"all": list(others)}
    inner = sum(below)
    sums = {"all": ["inner", *others], "inner": list(leaves)}
    return {"all": sum(parts) + inner, "inner": inner, **others, **leaves}, sums


@settings(max_examples=60, deadline=None)
@given(WHOLES)
def test_every_small_count_could_be_another_one_without_any_shown_figure_changing(
    made: tuple[list[int], list[int]],
) -> None:
    counts, sums = table(*made)
    shown = show_counts(counts, sums=sums)
    worlds = list(fitting(shown, sums))

    for name, count in counts.items():
        if 1 <= count < BASE:
            assert shown[name] is FEW
            assert len({world[name] for world in worlds}) > 1


@settings(max_examples=60, deadline=None)
@given(WHOLES, st.data())
def test_no_sum_or_difference_of_shown_counts_is_a_small_count(
    made: tuple[list[int], list[int]], data: st.DataObject
) -> None:
    counts, sums = table(*made)
    told = [one for one in show_counts(counts, sums=sums).values() if not isinstance(one, Veil)]
    signs = data.draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=len(told), max_size=len(told)))

    total = sum(sign * one for sign, one in zip(signs, told, strict=True))
    assert abs(total) not in range(1, BASE)


def fitting(shown: Mapping[str, Shown], sums: Mapping[str, Sequence[str]]) -> Iterator[dict[str, int]]:
    """Every cohort that fits: all values of what is no sum of others, kept if the sums show as they do."""
    leaves = [name for name in shown if name not in sums]
    for values in product(*(candidates(shown[name]) for name in leaves)):
        world = dict(zip(leaves, values, strict=True))
        for whole in reversed(list(sums)):
            world[whole] = sum(world[part] for part in sums[whole])
        if all(fits(world[name], shown[name]) for name in sums):
            yield world


def candidates(value: Shown) -> Sequence[int]:
    if value is FEW:
        return range(BASE)
    # What is held may be any count from 5 on; a few of them are enough to find a second world.
    return range(BASE, 16) if value is HELD else [n for n in range(BASE, 60) if round_count(n) == value]


def fits(count: int, value: Shown) -> bool:
    return count >= BASE if value is HELD else show_count(count) == value
