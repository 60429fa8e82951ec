"""What a trial window still lacks, and how it is said."""

from datetime import date, timedelta

import pytest

from apps.accounts.models import Clinic
from apps.trials.models import StimulationTrial
from apps.workspace.evenings import Evenings, evenings_of
from tests.factories import NOW, make_trial

TODAY = NOW.date()


def day(n: int) -> date:
    """``n`` days from today."""
    return TODAY + timedelta(days=n)


def running(clinic: Clinic, **facts: object) -> StimulationTrial:
    return make_trial(clinic=clinic, diary_from=day(-12), lead_placed_on=day(-5), **facts)


# Leads five days ago, the planned end tomorrow: days -5 to +1.
@pytest.mark.parametrize(
    ("window", "answered", "expected"),
    [
        ("last-n-days:3", [], (0, 1, 2)),
        ("last-n-days:3", [-1], (1, 0, 2)),
        ("last-n-days:3", [-1, 0], (2, 0, 1)),
        ("last-n-days:3", [-1, 0, 1], (3, 0, 0)),
        # A baseline day, and one before the window, answer nothing in it.
        ("last-n-days:3", [-6, -2], (0, 1, 2)),
        ("last-n-days:30", [], (0, 5, 2)),
        ("whole-phase", [-5, -4], (2, 3, 2)),
        ("exclude-first-n-days:2", [-5, -4], (0, 3, 2)),
    ],
)
def test_the_window_of_the_planned_end_says_which_evenings_are_needed(
    clinic: Clinic, window: str, answered: list[int], expected: tuple[int, int, int]
) -> None:
    trial = running(clinic, planned_end_on=day(1), trial_window=window)

    found = evenings_of(trial, answered={day(n) for n in answered}, today=TODAY)

    assert found is not None
    assert (found.answered, found.missed, found.left) == expected


@pytest.mark.parametrize("missing", ["planned_end_on", "lead_placed_on"])
def test_without_leads_or_a_planned_end_there_is_no_such_window(clinic: Clinic, missing: str) -> None:
    trial = running(clinic, planned_end_on=day(1))
    setattr(trial, missing, None)

    assert evenings_of(trial, answered=set(), today=TODAY) is None


@pytest.mark.parametrize(
    ("answered", "missed", "left", "words"),
    [
        (1, 0, 2, "2 more evenings needed by Thursday 15 October"),
        (2, 0, 1, "1 more evening needed by Thursday 15 October"),
        (1, 1, 1, "1 more evening needed by Thursday 15 October; 1 evening missed"),
        (2, 1, 0, "1 evening missed"),
        (3, 0, 0, "every evening answered"),
    ],
)
def test_it_is_said_as_one_says_it_on_the_phone(answered: int, missed: int, left: int, words: str) -> None:
    assert str(Evenings(answered=answered, missed=missed, left=left, by=date(2026, 10, 15))) == words
