"""How the diary was kept, as the trial page tells it: counts over closed windows, and what to look at."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry
from apps.trials.models import StimulationTrial
from apps.workspace.kept import Kept, kept_of
from tests.factories import make_patient, make_trial

pytestmark = pytest.mark.django_db

FIRST = date(2026, 10, 1)
PAIRED = datetime(2026, 9, 30, 12, tzinfo=UTC)


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    """Open from 18:00 to 24:00 in Berlin, two hours before UTC."""
    patient = make_patient(clinic=clinic, zone="Europe/Berlin")
    return make_trial(
        clinic=clinic, patient=patient, diary_from=FIRST, diary_windows="18:00-24:00", lead_placed_on=None
    )


def given(trial: StimulationTrial, day: int, *, at: datetime, value: int = 7, **facts: object) -> DiaryEntry:
    """An answer for a day of October, as it would have been stored; it is not written."""
    fields = {
        "diary_day": date(2026, 10, day),
        "window_no": 1,
        "region": "target",
        "kind": "average",
        "value": value,
        "captured_at": at,
        "received_at": at,
        "zone": "Europe/Berlin",
        "originator": "patient",
    }
    return DiaryEntry(trial=trial, **{**fields, **facts})


def evening(day: int, hour: int = 18, minute: int = 0) -> datetime:
    """An instant of October in UTC; 18:00 is 20:00 in Berlin."""
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def kept(trial: StimulationTrial, rows: Iterable[DiaryEntry], *, on: int) -> Kept:
    """As seen at noon of a day of October."""
    return kept_of(trial, entries=rows, phones_since=PAIRED, at=evening(on, 12))


def test_only_windows_that_are_over_are_counted(trial: StimulationTrial) -> None:
    """Evenings 1 to 4 are over; 1 and 2 were answered in time, 3 the next morning, 4 not, 5 is to come."""
    rows = [
        given(trial, 1, at=evening(1)),
        given(trial, 2, at=evening(2), value=6),
        given(trial, 3, at=evening(4, 6), timeliness="late"),
    ]

    found = kept(trial, rows, on=5)

    # 2 of 4 is 50 %.
    assert found.compliance == "Of 4 closed windows 2 answered in time (50 %), 1 late, 1 missed."
    assert found.timings == "2 in time, 1 a day late"
    assert [(row.words, row.days) for row in found.flags] == [("given a day late", (date(2026, 10, 3),))]


def test_before_there_is_a_phone_no_window_counts(trial: StimulationTrial) -> None:
    found = kept_of(trial, entries=[], phones_since=None, at=evening(5, 12))

    assert found.compliance == "No window is over yet that a phone could have answered."


def test_windows_before_the_first_phone_and_after_the_patient_stopped_are_excused(
    trial: StimulationTrial,
) -> None:
    """Paired on the 3rd, stopped on the 5th at noon: the evenings of the 3rd and the 4th remain."""
    trial.consent_withdrawn_at = evening(5, 12)

    found = kept_of(trial, entries=[], phones_since=evening(3, 8), at=evening(9, 12))

    assert found.compliance == "Of 2 closed windows 0 answered in time (0 %), 2 missed."


def test_what_staff_wrote_down_and_other_regions_make_no_evening(trial: StimulationTrial) -> None:
    rows = [
        given(trial, 1, at=evening(1), originator="staff", entered_by="staff:1"),
        given(trial, 1, at=evening(1), region="wound"),
    ]

    assert kept(trial, rows, on=2).compliance == "Of 1 closed window 0 answered in time (0 %), 1 missed."


def test_what_was_struck_out_makes_no_evening_and_no_flag(trial: StimulationTrial) -> None:
    """Two evenings are over; the answer to the first was sent two days late, and struck out."""
    rows = [given(trial, 1, at=evening(3), is_void=True), given(trial, 2, at=evening(2))]

    found = kept(trial, rows, on=3)

    assert found.compliance == "Of 2 closed windows 1 answered in time (50 %), 1 missed."
    assert (found.timings, found.flags) == ("1 in time", ())


def test_a_traveller_answers_on_the_clock_of_the_place(trial: StimulationTrial) -> None:
    """18:00 in New York is 22:00 UTC, midnight in Berlin, and in time."""
    row = given(trial, 1, at=evening(1, 23), zone="America/New_York")

    assert kept(trial, [row], on=3).timings == "1 in time"


# fmt: off
FLAGGED = [
    # what was given                                     what is said of it
    ([(day, evening(4, 18, day)) for day in (1, 2, 3)], "three days or more answered within ten minutes"),
    ([(day, evening(day)) for day in range(1, 6)],      "one and the same score on five answered days"),
    ([(1, evening(3))],                                 "given two days or more after its day"),
    ([(1, evening(1, 8))],                              "given before its window opened"),
]
# fmt: on


@pytest.mark.parametrize(("answers", "words"), FLAGGED)
def test_what_should_be_looked_at_is_named_with_its_days(
    trial: StimulationTrial, answers: list[tuple[int, datetime]], words: str
) -> None:
    rows = [given(trial, day, at=at) for day, at in answers]

    flags = kept(trial, rows, on=8).flags

    days = {flag.words: flag.days for flag in flags}
    named = next(days[said] for said in days if said.startswith(words))
    assert named == tuple(date(2026, 10, day) for day, _ in answers)


def test_a_wrong_clock_is_named(trial: StimulationTrial) -> None:
    """Six minutes are more than five."""
    wrong = timedelta(minutes=6).seconds

    flags = kept(trial, [given(trial, 1, at=evening(1), clock_error_seconds=wrong)], on=2).flags

    assert [flag.words for flag in flags] == ["the phone's clock was more than five minutes wrong"]
