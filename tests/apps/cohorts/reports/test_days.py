"""Study days on an axis: the day before the leads is -1, their own is 1."""

from apps.cohorts.reports.days import courses, days_between
from tests.apps.cohorts.reports.test_gaps import WHOLE, material_of


def test_no_tick_stands_at_a_day_that_does_not_exist() -> None:
    assert [words for _, words in days_between(-2, 3)] == ["-2", "-1", "1", "2", "3"]
    assert [words for _, words in days_between(-8, 36)] == [str(day) for day in range(-8, 37, 4) if day != 0]


def test_the_courses_of_pain_are_drawn_over_study_days_alone() -> None:
    plot = courses(material_of(*WHOLE)).plot

    assert plot is not None
    assert [words for _, words in plot.x.ticks] == ["-2", "-1", "1", "2", "3", "4"]
