"""The made-up people: invented names, decisive scores from the specification cases, luck in the details."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.workspace.demo.plot import Story
from apps.workspace.demo.stories import last_clock_change, stories
from sctrial.scales import TARGET

TODAY = date(2026, 11, 23)


def told(title: str, *, seed: int = 1, today: date = TODAY) -> Story:
    return next(story for story in stories(seed=seed, today=today) if story.title.startswith(title))


def scores(story: Story, *, days: range, region: str = TARGET) -> list[int]:
    return [score for day in days for score in story.scores[region].get(day, ())]


def test_nobody_could_take_them_for_real_people() -> None:
    for story in stories(seed=1, today=TODAY):
        assert story.full_name.startswith("Demo Patient ")
        assert story.clinic.name.startswith("Demo Clinic ")


def test_pseudonyms_and_names_are_given_once() -> None:
    people = stories(seed=1, today=TODAY)

    assert len({story.name for story in people}) == len(people) == 14 + 13
    # One of them is the second trial of somebody.
    assert len({story.full_name for story in people}) == len(people) - 1


def test_the_same_seed_tells_the_same_stories() -> None:
    assert stories(seed=7, today=TODAY) == stories(seed=7, today=TODAY)


def test_another_seed_tells_other_scores_of_the_same_people() -> None:
    first, second = (stories(seed=seed, today=TODAY) for seed in (1, 2))

    assert [story.full_name for story in first] == [story.full_name for story in second]
    assert [story.scores for story in first] != [story.scores for story in second]


def test_dates_hang_on_today() -> None:
    earlier, later = (stories(seed=1, today=day) for day in (TODAY, TODAY + timedelta(days=7)))

    moved = {
        later_story.leads_on - story.leads_on
        for story, later_story in zip(earlier, later, strict=True)
        if not story.title.startswith("Traveller")
    }
    assert moved == {timedelta(days=7)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_decisive_scores_are_those_of_the_specification(seed: int) -> None:
    # Cases B, A and E of the constructed unit cases.
    borderline, boundary = told("Borderline", seed=seed), told("Exactly", seed=seed)
    infection = told("Ended early", seed=seed)

    assert scores(borderline, days=range(-7, 0)) == [8, 7, 8, 7, 8, 7, 8]
    assert scores(borderline, days=range(borderline.last - 4, borderline.last + 1)) == [4, 4, 3, 4, 4]
    assert scores(boundary, days=range(-7, 0)) == [7, 7, 6, 8, 7, 7, 7]
    assert scores(boundary, days=range(boundary.last - 3, boundary.last + 1)) == [3, 4, 4, 3]
    assert scores(infection, days=range(-7, 0)) == [7] * 7
    assert scores(infection, days=range(infection.last - 2, infection.last + 1)) == [3, 3, 4]


def test_the_silent_patient_said_nothing_for_three_days() -> None:
    silent = told("Silent")

    assert silent.day(silent.last) == TODAY - timedelta(days=1 + 3)
    assert silent.end is None


def test_the_second_day_is_today() -> None:
    running = told("Running")

    assert running.day(1) == TODAY
    assert running.day(running.last) == TODAY - timedelta(days=1)


def test_finished_trials_ended_before_today() -> None:
    for story in stories(seed=1, today=TODAY):
        assert story.end is None or story.day(story.last) < TODAY - timedelta(days=7)


@pytest.mark.parametrize(
    ("until", "change"),
    [
        (date(2026, 11, 2), date(2026, 10, 25)),
        (date(2026, 10, 25), date(2026, 10, 25)),
        (date(2026, 10, 24), date(2026, 3, 29)),
    ],
)
def test_clocks_in_berlin_were_last_set_on(until: date, change: date) -> None:
    assert last_clock_change("Europe/Berlin", until=until) == change


def test_no_zone_names_a_place_that_does_not_exist() -> None:
    for story in stories(seed=1, today=TODAY):
        for zone in (*story.zones.values(), story.clinic.zone):
            assert ZoneInfo(zone).key == zone
