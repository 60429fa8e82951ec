"""Conversion to a permanent implant, worked by hand."""

from datetime import date, timedelta

import pytest

from sctrial.conversion import Ended, compute_conversion
from sctrial.intervals import Count

END = date(2026, 1, 1)


def ended(trial: str, *, implanted_after: int | None, met: bool | None = True, end: date = END) -> Ended:
    implanted = None if implanted_after is None else end + timedelta(implanted_after)
    return Ended(trial, end, implanted, met, 1)


# fmt: off
COHORT = (
    ended("on the last day",  implanted_after=90),
    ended("a day late",       implanted_after=91),
    ended("never",            implanted_after=None),
    ended("against the rule", implanted_after=30, met=False),
    ended("not evaluable",    implanted_after=None, met=None),
    # Quick, but others of that week may still come: it counts in neither denominator.
    ended("last week",        implanted_after=2, end=date(2026, 9, 24)),
)
# fmt: on


@pytest.mark.parametrize(
    ("window", "all_trials", "met_trials", "late"), [(90, (2, 5), (1, 3), 1), (180, (3, 5), (2, 3), 0)]
)
def test_a_share_of_all_and_a_share_of_those_that_met(
    window: int, all_trials: tuple[int, int], met_trials: tuple[int, int], late: int
) -> None:
    found = compute_conversion(COHORT, window=window, as_of=date(2026, 10, 1))

    assert (found.of_all.count, found.of_met.count) == (Count(*all_trials), Count(*met_trials))
    assert (found.too_recent, found.late) == (1, late)


def test_a_trial_counts_from_the_day_on_which_its_window_is_over() -> None:
    last = END + timedelta(90)
    counted = [
        compute_conversion([ended("a", implanted_after=None)], window=90, as_of=day).of_all.count.of
        for day in (last - timedelta(1), last)
    ]
    assert counted == [0, 1]
