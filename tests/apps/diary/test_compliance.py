"""Which windows count, and when a diary is low."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic
from apps.diary.compliance import Closed, closed_windows, compliance_of, count, is_low, run_of_misses
from apps.diary.models import PatientDevice
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial
from sctrial.integrity import Compliance
from sctrial.schedule import Timeliness
from tests.factories import make_device, make_entries, make_trial

pytestmark = pytest.mark.django_db

FIRST = date(2026, 10, 1)
BERLIN = {"zone": "Europe/Berlin"}


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    trial = make_trial(clinic=clinic, diary_windows="18:00-22:00")
    make_device(trial, at=datetime(2026, 10, 1, 8, 0, tzinfo=UTC))
    return trial


def evening(day: int, clock: str = "22:15:01") -> datetime:
    """That clock in Berlin, in summer time."""
    return datetime.fromisoformat(f"2026-10-{day:02}T{clock}+02:00")


def answer(trial: StimulationTrial, *days: int, clock: str = "20:00", **overrides: str) -> None:
    for day in days:
        captured = f"2026-10-{day:02}T{clock}:00+02:00"
        make_entries(trial, {f"2026-10-{day:02}": 4}, captured_at=captured, **BERLIN, **overrides)


def test_answered_evenings_are_counted_among_those_that_are_over(trial: StimulationTrial) -> None:
    answer(trial, 1, 2, 4)

    assert compliance_of(trial, at=evening(5)) == Compliance(closed=5, on_time=3, late=0, missed=2)


@pytest.mark.parametrize(("clock", "closed"), [("22:00:00", 0), ("22:14:59", 0), ("22:15:00", 1)])
def test_a_window_counts_once_its_grace_is_over(trial: StimulationTrial, clock: str, closed: int) -> None:
    assert compliance_of(trial, at=evening(1, clock)).closed == closed


def test_an_answer_before_the_close_is_not_counted_before_it(trial: StimulationTrial) -> None:
    answer(trial, 1)

    assert compliance_of(trial, at=evening(1, "21:00:00")) == Compliance(0, 0, 0, 0)


def test_a_late_answer_is_late_and_not_missed(trial: StimulationTrial) -> None:
    answer(trial, 2, about="yesterday")

    assert compliance_of(trial, at=evening(2)) == Compliance(closed=2, on_time=0, late=1, missed=1)


def test_an_answer_in_time_has_the_last_word(trial: StimulationTrial) -> None:
    answer(trial, 1)
    answer(trial, 2, kind="worst", about="yesterday")

    assert compliance_of(trial, at=evening(1)) == Compliance(closed=1, on_time=1, late=0, missed=0)


def test_another_region_makes_no_evening(trial: StimulationTrial) -> None:
    answer(trial, 1, region="wound")

    assert compliance_of(trial, at=evening(1)).missed == 1


def test_a_morning_answer_is_none_for_the_evening(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, diary_windows="07:00-10:00, 18:00-22:00")
    make_device(trial, at=evening(1, "06:00:00"))
    answer(trial, 1, clock="08:00")

    (first, second) = closed_windows([trial], at=evening(1))[trial.pk]

    assert (first.window, first.is_missed) == (1, False)
    assert (second.window, second.is_missed) == (2, True)


def test_a_diary_open_all_day_has_one_window_a_day(trial: StimulationTrial) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="")
    trial.refresh_from_db()
    answer(trial, 1, clock="08:00")
    answer(trial, 1, clock="20:00")

    midnight = evening(3, "00:00:00")

    assert compliance_of(trial, at=midnight - timedelta(seconds=1)).closed == 1
    assert compliance_of(trial, at=midnight) == Compliance(closed=2, on_time=1, late=0, missed=1)


def test_a_late_answer_counts_in_a_diary_open_all_day_too(trial: StimulationTrial) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="")
    trial.refresh_from_db()
    answer(trial, 2, clock="08:00", about="yesterday")

    assert compliance_of(trial, at=evening(2, "00:00:00")) == Compliance(1, 0, 1, 0)


def test_what_was_answered_before_there_were_windows_still_counts(trial: StimulationTrial) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="")
    trial.refresh_from_db()
    answer(trial, 1, clock="08:00")
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="18:00-22:00")
    trial.refresh_from_db()

    assert compliance_of(trial, at=evening(1)).on_time == 1


def test_evenings_before_the_phone_was_paired_are_excused(trial: StimulationTrial) -> None:
    """What was written down for the patient on such an evening counts all the same."""
    answer(trial, 2)
    PatientDevice.objects.update(paired_at=evening(3, "19:00:00"))

    windows = closed_windows([trial], at=evening(4))[trial.pk]

    assert [(one.day.day, one.excused) for one in windows] == [(1, True), (2, False), (3, False), (4, False)]
    assert count(windows) == Compliance(closed=3, on_time=1, late=0, missed=2)


def test_without_a_phone_nothing_was_missed(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, diary_windows="18:00-22:00")

    assert compliance_of(trial, at=evening(4)) == Compliance(0, 0, 0, 0)


def test_evenings_after_a_withdrawal_are_excused(trial: StimulationTrial) -> None:
    answer(trial, 1)
    trial.consent_withdrawn_at = evening(2, "12:00:00")

    assert compliance_of(trial, at=evening(4)) == Compliance(closed=1, on_time=1, late=0, missed=0)


def test_a_diary_ends_with_the_trial(trial: StimulationTrial) -> None:
    trial.ended_on = date(2026, 10, 9)

    assert compliance_of(trial, at=evening(20)).closed == 9


def test_the_evening_is_the_patients_own(trial: StimulationTrial) -> None:
    Patient.objects.filter(pk=trial.patient_id).update(zone="America/New_York")
    trial.patient.refresh_from_db()

    # A quarter past ten in Berlin is a quarter past four in the afternoon in New York.
    assert compliance_of(trial, at=evening(1)).closed == 0
    assert compliance_of(trial, at=evening(1) + timedelta(hours=6)).closed == 1


@pytest.mark.parametrize("trials", [1, 5])
def test_two_queries_however_many_trials(
    clinic: Clinic, trials: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [make_trial(clinic=clinic, diary_windows="18:00-22:00") for _ in range(trials)]

    with django_assert_num_queries(2):
        closed_windows(rows, at=evening(5))


STATES = {"o": Timeliness.ON_TIME, "g": Timeliness.GRACE, "l": Timeliness.LATE, "-": None, "x": None}


def told(text: str) -> list[Closed]:
    """o on time, g in grace, l late, - missed, x excused."""
    days = [FIRST + timedelta(days=n) for n in range(len(text))]
    return [
        Closed(day, 1, evening(day.day), STATES[state], excused=state == "x")
        for day, state in zip(days, text, strict=True)
    ]


# fmt: off
ROWS = [
    # windows     closed  in time  late  missed  in a row  low: under 60 % of at least 3
    ("",               0,       0,    0,      0,        0,  False),
    ("-",              1,       0,    0,      1,        1,  False),
    ("--",             2,       0,    0,      2,        2,  False),
    ("o-o",            3,       2,    0,      1,        0,  False),
    ("-o-",            3,       1,    0,      2,        1,  True),
    ("ooo--",          5,       3,    0,      2,        2,  False),
    ("oo---",          5,       2,    0,      3,        3,  True),
    ("gll--",          5,       1,    2,      2,        2,  False),
    ("-x-x",           2,       0,    0,      2,        2,  False),
    ("o-x-",           3,       1,    0,      2,        2,  True),
    ("--l",            3,       0,    1,      2,        0,  True),
    ("xxxx",           0,       0,    0,      0,        0,  False),
]
# fmt: on


@pytest.mark.parametrize(("text", "closed", "on_time", "late", "missed", "run", "low"), ROWS)
def test_the_numbers_of_a_diary(
    text: str, closed: int, on_time: int, late: int, missed: int, run: int, low: bool
) -> None:
    windows = told(text)

    assert count(windows) == Compliance(closed, on_time, late, missed)
    assert run_of_misses(windows) == run
    assert is_low(windows) is low
