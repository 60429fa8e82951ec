"""The diary's part of the trial page: answers by day, who gave them, consent, the patient's places."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.diary.models import DiaryEntry, PatientDevice
from apps.diary.staff_acts import Act, Told, transcribe
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.workspace.diary_chart import Line
from apps.workspace.diary_page import who_answered
from tests.apps.workspace.busy import agree, make_busy, say
from tests.apps.workspace.conftest import Visit, first_day
from tests.factories import make_device, make_entries

TRIALS = "/staff/trials/stimulationtrial/"
NOW = datetime.now(UTC)
# As before, and one statement each for answers, tasks, parked answers, corrections, consent, invitations,
# zones and the names of people.
MOST_STATEMENTS = 25


@pytest.fixture
def device(trial: StimulationTrial) -> PatientDevice:
    return make_busy(trial, at=NOW)


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


def line(originator: str, window: str = "trial") -> Line:
    return Line(first_day(), "trial", window, DiaryEntry(originator=originator))


@pytest.mark.parametrize(
    ("originators", "words"),
    [
        (["patient"] * 7, "trial window: all 7 by the patient"),
        (["patient"], "trial window: 1 by the patient"),
        (["patient"] * 5 + ["proxy", "staff"], "trial window: 1 of 7 by a caregiver, 1 by staff"),
        (["import"] * 3, "trial window: 3 of 3 from a file"),
    ],
)
def test_who_gave_the_scores_of_a_window_is_counted(originators: list[str], words: str) -> None:
    assert who_answered(line(originator) for originator in originators) == [words]


def test_days_outside_the_windows_and_days_without_an_answer_are_not_counted() -> None:
    assert who_answered([line("staff", window=""), Line(first_day(), "trial", "trial", None)]) == []


def test_a_score_told_by_phone_is_counted_beside_the_verdict(trial: StimulationTrial, client: Client) -> None:
    """Twelve days were answered by phone; today is told to staff, and the whole trial phase counts."""
    told = Told(id=trial.pk, question="target.average", said=4, said_at=datetime.now(UTC), zone="UTC")
    transcribe(trial, told, reason="battery was empty", act=Act("staff:1", datetime.now(UTC)))
    assess(trial.pk, at=datetime.now(UTC))

    page = client.get(f"{TRIALS}{trial.pk}/change/").content.decode()

    words = "baseline window: all 7 by the patient; trial window: 1 of 6 by staff."
    assert f'Who answered: <span lang="en">{words}' in page


def test_answers_stand_by_day_under_their_question(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    table = client.get(f"{TRIALS}{trial.pk}/change/").context["answer_table"]

    assert table.columns == ("Sleep", "Own goal", "Stated relief", "Warning signs", "Note")
    by_day = {day: [[cell.text for cell in cells] for cells in row] for day, row in table.rows}
    assert by_day[(NOW - timedelta(days=2)).date()][:2] == [["5"], ["About half"]]


def test_a_caregivers_answer_is_marked_as_one(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    table = client.get(f"{TRIALS}{trial.pk}/change/").context["answer_table"]
    relief = [cell for _, row in table.rows for cell in row[2]]

    assert [(cell.text, cell.by) for cell in relief] == [("60 %", "by a caregiver")]


def test_the_page_says_when_nothing_was_answered_agreed_or_paired(
    trial: StimulationTrial, client: Client
) -> None:
    PatientDevice.objects.filter(trial=trial).update(revoked_at=NOW)

    page = client.get(f"{TRIALS}{trial.pk}/change/").content.decode()

    assert "No other question has been answered yet." in page
    assert "The patient has not agreed to the diary yet." in page
    assert "No phone is paired" in page


def test_consent_is_shown_with_version_language_and_time(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    at = NOW - timedelta(days=3)
    when = f"{at:%a} {at.day} {at:%b %Y %H:%M} (UTC)"

    page = client.get(f"{TRIALS}{trial.pk}/change/").content.decode()

    words = "text diary-consent/1 in Deutsch, by the patient."
    assert f'<strong>Given</strong> on {when}: <span lang="en">{words}' in page


def test_what_was_decided_before_stays_visible_after_a_withdrawal(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    agree(device, at=datetime.now(UTC), decision="withdrawn")

    page = client.get(f"{TRIALS}{trial.pk}/change/").content.decode()

    assert page.index("<strong>Withdrawn</strong>") < page.index("<li>Given on")


def test_where_the_patient_was_is_shown_with_who_said_so(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    zones = client.get(f"{TRIALS}{trial.pk}/change/").context["zones"]

    assert [(zone, by) for zone, _, by in zones] == [
        ("Europe/Berlin", "set by a phone"),
        ("UTC", "at enrolment"),
    ]


def test_a_phone_is_listed_with_holder_language_and_reminders(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    PatientDevice.objects.filter(pk=device.pk).update(language="es", remind_by_push=True)

    page = client.get(f"{TRIALS}{trial.pk}/change/").content.decode()

    assert "A caregiver" in page
    assert "reads es" in page
    assert "reminders: push" in page


def test_the_page_costs_the_same_however_much_is_in_the_diary(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{TRIALS}{trial.pk}/change/").status_code == 200
        return len(captured)

    # What a process looks up once, such as its content types, is no cost of a page.
    statements()
    few = statements()
    other, _ = make_device(trial, at=NOW)
    for days in range(1, 8):
        say(other, "red_flags", {"choices": ["shocks"]}, at=NOW - timedelta(days=days))
        say(other, "note", {"text": "One more."}, at=NOW - timedelta(days=days))
    make_entries(trial, {str((NOW - timedelta(days=n)).date()): 5 for n in range(1, 5)}, region="left_leg")

    assert statements() == few <= MOST_STATEMENTS
