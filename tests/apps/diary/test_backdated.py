"""What was written down about an earlier time is listed for review; what came in time is not."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.audit.reviewing import Period
from apps.diary.backdated import Backdated, backdated
from apps.diary.models import DiaryEntry
from apps.diary.staff_acts import Act, Told, transcribe
from apps.patients.models import ConservativeTherapy
from apps.patients.services import Act as Keeping
from apps.patients.services import keep
from apps.trials.models import StimulationTrial
from tests.factories import NOW, make_entries, make_event, make_patient, make_trial

DAY = timedelta(days=1)


def today() -> date:
    """Asked when a test runs, as the database does: one that began before midnight may end after it."""
    return datetime.now(UTC).date()


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(
        clinic=clinic, patient=make_patient(clinic=clinic, zone="UTC"), diary_windows="00:00-24:00"
    )


def listed(
    clinic: Clinic, *, since: datetime = NOW - 30 * DAY, until: datetime | None = None
) -> list[Backdated]:
    until = until or datetime.now(UTC) + DAY
    return backdated(Period(clinic.pk, ZoneInfo(clinic.zone), since, until), after=DAY)


@pytest.mark.parametrize(("hours", "is_listed"), [(0, False), (24, False), (24.01, True), (72, True)])
def test_an_answer_of_a_phone_is_listed_once_it_came_more_than_a_day_late(
    trial: StimulationTrial, clinic: Clinic, hours: float, is_listed: bool
) -> None:
    captured = NOW - timedelta(hours=hours)
    (entry,) = make_entries(trial, {str(captured.date()): 5}, captured_at=captured.isoformat())

    assert [(row.what, row.about, row.trial) for row in listed(clinic)] == (
        [("Average pain, target", entry.captured_at, trial.pk)] if is_listed else []
    )


def test_what_staff_write_down_for_a_patient_is_listed_always(
    trial: StimulationTrial, clinic: Clinic
) -> None:
    told = Told(uuid.uuid4(), "target.average", 4, NOW - timedelta(hours=1), "UTC")
    transcribe(trial, told, reason="rang in", act=Act("staff:7", NOW))

    (row,) = listed(clinic)

    assert (row.who, row.at, row.about) == ("staff:7", NOW, NOW - timedelta(hours=1))


@pytest.mark.parametrize(("days_ago", "is_listed"), [(0, False), (1, False), (2, True), (30, True)])
def test_an_adverse_event_is_listed_once_it_was_written_down_later_than_the_day_after(
    trial: StimulationTrial, clinic: Clinic, days_ago: int, is_listed: bool
) -> None:
    """The database says when a row came; no clock of the service can say otherwise."""
    onset = today() - days_ago * DAY
    make_event(trial, onset_on=onset)

    assert [(row.what, row.about) for row in listed(clinic)] == (
        [("Adverse event", onset)] if is_listed else []
    )


def test_what_one_act_wrote_is_one_line_with_the_earliest_day(
    trial: StimulationTrial, clinic: Clinic
) -> None:
    """A test is one transaction, as one act is."""
    for days_ago in (5, 9, 7):
        make_event(trial, onset_on=today() - days_ago * DAY)

    assert [(row.what, row.about) for row in listed(clinic)] == [("Adverse event, 3 rows", today() - 9 * DAY)]


@pytest.mark.parametrize(
    ("case", "placed", "recorded", "is_listed"),
    [
        ("before the leads", date(2026, 10, 8), datetime(2026, 10, 7, 12, tzinfo=UTC), False),
        ("on the day of the leads", date(2026, 10, 8), datetime(2026, 10, 8, 12, tzinfo=UTC), False),
        ("the day after", date(2026, 10, 8), datetime(2026, 10, 9, 12, tzinfo=UTC), True),
        ("no leads yet", None, datetime(2026, 10, 9, 12, tzinfo=UTC), False),
    ],
)
def test_a_treatment_is_listed_once_it_was_written_down_after_the_leads_went_in(
    clinic: Clinic, case: str, placed: date | None, recorded: datetime, is_listed: bool
) -> None:
    patient = make_patient(clinic=clinic)
    make_trial(clinic=clinic, patient=patient, lead_placed_on=placed)
    values = {
        "kind": "physical_therapy",
        "agent": "walking",
        "started_on": date(2026, 1, 1),
        "ended_on": date(2026, 2, 11),
        "outcome": "no_effect",
    }
    keep(ConservativeTherapy, patient, values=values, act=Keeping("staff:7", recorded, "request"))

    assert [(row.about, row.patient, row.trial) for row in listed(clinic)] == (
        [(date(2026, 2, 11), patient.pk, None)] if is_listed else []
    ), case


def test_the_period_is_that_of_the_writing_down(trial: StimulationTrial, clinic: Clinic) -> None:
    make_entries(trial, {str((NOW - 3 * DAY).date()): 5})

    assert len(listed(clinic, since=NOW, until=NOW + DAY)) == 1
    assert listed(clinic, since=NOW - 4 * DAY, until=NOW) == []


def test_another_clinic_sees_nothing_of_it(
    trial: StimulationTrial, clinic: Clinic, other_clinic: Clinic
) -> None:
    make_entries(trial, {str((NOW - 3 * DAY).date()): 5})
    make_event(trial)

    assert len(listed(clinic)) == 2
    assert listed(other_clinic) == []


def test_more_rows_cost_no_statement_more(trial: StimulationTrial, clinic: Clinic) -> None:
    other = make_trial(clinic=clinic, patient=make_patient(clinic=clinic), diary_windows="00:00-24:00")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            listed(clinic)
        return len(asked)

    make_entries(trial, {str((NOW - 3 * DAY).date()): 5})
    make_event(trial)
    few = cost()
    make_entries(other, {str((NOW - n * DAY).date()): 5 for n in range(3, 6)})
    for _ in range(5):
        make_event(other)

    assert DiaryEntry.objects.count() == 4
    assert (cost(), few) == (6, 6)
