"""The columns that figures are made of say what the exported tables say, day by day."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from apps.accounts.models import Clinic
from apps.cohorts.frames import frames_of, read_cohort
from apps.cohorts.question import CohortQuestion
from apps.cohorts.reports.frames import read_days
from apps.diary.closed_days import STATES
from sctrial.scales import TARGET
from tests.apps.cohorts.asking import access_to
from tests.apps.outcomes.test_assess_command import make_varied_trials
from tests.factories import make_device, make_entries, make_trial

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 14, 12, tzinfo=UTC)


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(zip(*(frame[name].tolist() for name in columns), strict=True))


def test_days_of_pain_are_those_of_the_daily_table_on_every_scale_and_protocol(clinic: Clinic) -> None:
    make_varied_trials(clinic, count=12)
    cohort = read_cohort(CohortQuestion(), access=access_to(clinic), at=AT)
    daily = frames_of(cohort, names=["daily"])["daily"]
    of_target = daily[(daily["region"] == TARGET) & (daily["parameter"] == "average")]

    days, _ = read_days(cohort)

    of_target = of_target.assign(ordinal=[day.toordinal() for day in of_target["diary_on"]])
    same = ("trial_id", "diary_day", "phase")
    assert told(days, *same, "diary_on") == told(of_target, *same, "ordinal")
    assert days["value"].tolist() == pytest.approx(of_target["value"].tolist(), abs=1e-12)
    # A first and a second of some days differ, so that it matters which one counts.
    assert len(days) > 40


def test_a_day_is_what_the_worst_of_its_windows_is(clinic: Clinic) -> None:
    trial = make_trial(
        clinic=clinic,
        diary_from=date(2026, 10, 6),
        lead_placed_on=date(2026, 10, 8),
        diary_windows="07:00-10:00, 18:00-24:00",
    )
    make_device(trial, at=datetime(2026, 10, 7, 12, tzinfo=UTC))
    make_entries(trial, {"2026-10-10": 4})
    cohort = read_cohort(CohortQuestion(), access=access_to(clinic), at=AT)
    expected = frames_of(cohort, names=["expected"])["expected"]

    _, closed = read_days(cohort)

    worst: dict[tuple[str, int], int] = {}
    for name, day, state in told(expected, "trial_id", "diary_day", "state"):
        key = str(name), int(str(day))
        worst[key] = max(worst.get(key, 0), STATES.index(str(state)))
    assert {
        (name, day): state for name, day, state in told(closed, "trial_id", "diary_day", "state")
    } == worst
    # Two days before the leads, and no day 0; of the last only the morning is over.
    assert closed["diary_day"].tolist() == [-2, -1, 1, 2, 3, 4, 5, 6, 7]
    # On the first there was no phone yet.
    assert STATES[closed["state"][0]] == "excused"


def test_blocks_change_nothing(clinic: Clinic) -> None:
    make_varied_trials(clinic, count=3)
    cohort = read_cohort(CohortQuestion(), access=access_to(clinic), at=AT)
    whole = read_days(cohort)

    for one, other in zip(whole, read_days(cohort, block=2), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_without_a_trial_there_are_columns_and_no_row(clinic: Clinic) -> None:
    days, closed = read_days(read_cohort(CohortQuestion(), access=access_to(clinic), at=AT))

    assert (len(days), len(closed)) == (0, 0)
    assert {"trial_id", "diary_day", "phase", "value"} <= set(days.columns)
