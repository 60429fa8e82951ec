"""Whole cohorts of diaries, day by day, say what ``closed_windows`` says of each window of each."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from apps.diary.closed_days import STATES, Answers, Expected, find_closed_days
from apps.diary.compliance import Closed, closed_of
from apps.diary.policies import schedule_from
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial
from sctrial.schedule import Timeliness

AT = datetime(2026, 10, 26, 12, tzinfo=UTC)
#: The clocks go back on 25 October in Berlin; Apia is a day ahead of Honolulu.
ZONES = ("Europe/Berlin", "Pacific/Apia", "Pacific/Honolulu")
WINDOWS = ("", "18:00-24:00", "07:00-10:00, 18:00-02:00")
DAYS = st.dates(date(2026, 10, 20), date(2026, 10, 28))
INSTANTS = st.none() | st.integers(-7 * 24 * 60, 3 * 24 * 60).map(lambda n: AT + timedelta(minutes=n))
Answer = tuple[int, int]
Diary = tuple[StimulationTrial, datetime | None, list[Answer]]


@st.composite
def diaries(draw: st.DrawFn) -> Diary:
    trial = StimulationTrial(
        patient=Patient(zone=draw(st.sampled_from(ZONES))),
        diary_windows=draw(st.sampled_from(WINDOWS)),
        day_starts_at_hour=3,
        diary_from=draw(DAYS),
        ended_on=draw(st.none() | DAYS),
        consent_withdrawn_at=draw(INSTANTS),
    )
    # Days before and after the diary too, and windows that it does not have.
    answers = draw(st.lists(st.tuples(st.integers(-1, 7), st.integers(0, 3)), max_size=8))
    return trial, draw(INSTANTS), answers


def one_by_one(diary: Diary) -> dict[date, str]:
    """The worst of each day's windows, out of the windows of one trial."""
    trial, paired_at, answers = diary
    answered: dict[date, dict[int | None, Timeliness]] = {}
    for after, window in answers:
        day = trial.diary_from + timedelta(days=after)
        answered.setdefault(day, {})[window or None] = Timeliness.ON_TIME
    worst: dict[date, str] = {}
    for one in closed_of(trial, answered, paired_at, at=AT):
        worst[one.day] = max(worst.get(one.day, STATES[0]), state_of(one), key=STATES.index)
    return worst


def state_of(window: Closed) -> str:
    if window.timeliness is not None:
        return "answered"
    return "excused" if window.excused else "missed"


def together(made: list[Diary]) -> list[Mapping[date, str]]:
    expected = [
        Expected(
            schedule_from(trial.diary_windows, trial.day_starts_at_hour),
            trial.patient.zone,
            trial.diary_from,
            trial.ended_on,
            paired_at,
            trial.consent_withdrawn_at,
        )
        for trial, paired_at, _ in made
    ]
    rows = [
        (place, trial.diary_from.toordinal() + after, window)
        for place, (trial, _, answers) in enumerate(made)
        for after, window in answers
    ]
    found = find_closed_days(expected, Answers(*np.array(rows, np.int64).reshape(-1, 3).T), at=AT)
    by_trial: list[dict[date, str]] = [{} for _ in made]
    for place, day, state in zip(*(column.tolist() for column in found), strict=True):
        by_trial[place][date.fromordinal(day)] = STATES[state]
    return list(by_trial)


@given(st.lists(diaries(), max_size=6))
@example([])
def test_each_day_is_the_worst_of_its_windows_that_are_over(made: list[Diary]) -> None:
    assert together(made) == [one_by_one(diary) for diary in made]
