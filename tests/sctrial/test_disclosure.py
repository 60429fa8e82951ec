"""Values that few share are hidden with company, and two cohorts are compared before both leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.disclosure import Overlap, compare_cohorts, find_rare


def people(**sizes: int) -> list[tuple[str, str]]:
    """Pairs of person and value: ``people(north=5)`` is five people, each of north."""
    return [(f"{value}{n}", value) for value, size in sizes.items() for n in range(size)]


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 5, "b": 9, "c": 4, "d": 1}, {"c", "d"}),
        # One hidden person alone could be told from the total; the next smallest goes with them.
        ({"a": 5, "b": 9, "c": 1}, {"c", "a"}),
        ({"a": 5, "b": 9, "c": 4}, {"c", "a"}),
        ({"a": 4}, {"a"}),
        ({}, set()),
    ],
)
def test_rare_values_are_hidden_with_company(sizes: dict[str, int], hidden: set[str]) -> None:
    assert find_rare(people(**sizes)) == hidden


def test_a_missing_value_is_not_hidden_and_a_person_counts_once() -> None:
    assert find_rare([("p", ""), *people(a=5)]) == frozenset()
    assert find_rare([("p", "a")] * 9) == {"a"}


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12)))
def test_what_is_hidden_is_of_nobody_or_of_five_at_least_or_everything(sizes: dict[str, int]) -> None:
    hidden = find_rare(people(**sizes))

    together = sum(sizes[value] for value in hidden)
    assert together == 0 or together >= 5 or hidden == set(sizes)
    assert all(sizes[value] >= 5 for value in set(sizes) - hidden)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (range(10), range(10), Overlap.HARMLESS),
        (range(10), range(9), Overlap.NESTED),
        (range(9), range(10), Overlap.NESTED),
        (range(10), range(5), Overlap.HARMLESS),
        (range(10), range(2, 12), Overlap.CROSSING),
        (range(10), range(2, 20), Overlap.CROSSING),
        (range(10), range(5, 15), Overlap.HARMLESS),
        (range(4), range(10, 20), Overlap.HARMLESS),
    ],
)
def test_two_cohorts_together_tell_about_their_difference(one: range, other: range, overlap: Overlap) -> None:
    assert compare_cohorts(set(map(str, one)), other=set(map(str, other))) is overlap
