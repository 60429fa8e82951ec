"""What a patient is asked and when, as the form of a trial takes it: windows, regions, questions, goal."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit, first_day
from tests.apps.workspace.test_trial_page import TRIALS, errors_of, fields_of, url_of
from tests.factories import make_trial

WHY = {"why_code": "moved_on", "why": "works nights"}


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


def planned(clinic: Clinic, client: Client, **sent: Any) -> tuple[StimulationTrial, Any]:
    trial = make_trial(
        clinic=clinic, phase=Phase.BASELINE_DIARY.value, diary_from=first_day(), lead_placed_on=None
    )
    response = client.post(url_of(trial), fields_of(client, url_of(trial)) | sent)
    trial.refresh_from_db()
    return trial, response


def test_a_new_trial_is_asked_in_the_evening_unless_somebody_says_otherwise(client: Client) -> None:
    assert fields_of(client, f"{TRIALS}add/")["diary_windows"] == "18:00-24:00"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"diary_windows": "07:00-10:00,18:00-24:00"}, "07:00-10:00, 18:00-24:00"),
        ({"diary_windows": ""}, ""),
        ({"diary_windows": "18:00-02:00", "day_starts_at_hour": "4"} | WHY, "18:00-02:00"),
    ],
)
def test_the_windows_are_kept_as_the_schedule_writes_them(
    clinic: Clinic, client: Client, sent: dict[str, str], stored: str
) -> None:
    trial, response = planned(clinic, client, **sent)

    assert response.status_code == 302, errors_of(response)
    assert trial.diary_windows == stored


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ("6 pm to midnight", "is no window; write"),
        ("18:00-02:00", "does not end after it begins on one diary day"),
        ("18:00-24:00, 07:00-10:00", "write the earlier first"),
    ],
)
def test_windows_that_cannot_be_read_name_the_remedy_at_their_field(
    clinic: Clinic, client: Client, windows: str, words: str
) -> None:
    trial, response = planned(clinic, client, diary_windows=windows)

    assert words in " ".join(errors_of(response)["diary_windows"])
    assert trial.diary_windows == ""


def test_a_window_past_midnight_needs_the_hour_at_which_the_day_starts(
    clinic: Clinic, client: Client
) -> None:
    """The hour is read-only once the leads are in; then the stored one counts."""
    trial = make_trial(clinic=clinic, day_starts_at_hour=4)
    sent = fields_of(client, url_of(trial)) | {"diary_windows": "18:00-02:00"}

    assert client.post(url_of(trial), sent).status_code == 302


def test_regions_and_questions_left_out_are_boxes_kept_as_codes(clinic: Clinic, client: Client) -> None:
    sent = {
        "other_regions": ["left_leg", "back"],
        "left_out": ["global_change", "sleep"],
        "goal": "walk to the bakery",
    }

    trial, response = planned(clinic, client, **sent)

    assert response.status_code == 302, errors_of(response)
    assert (trial.other_regions, trial.left_out) == ("back, left_leg", "sleep, global_change")
    assert trial.goal == "walk to the bakery"
    assert fields_of(client, url_of(trial))["left_out"] == ["sleep", "global_change"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("other_regions", ["mars"]),
        ("left_out", ["red_flags"]),
        ("left_out", ["note"]),
        ("goal", "\u202eevil"),
    ],
)
def test_what_the_diary_does_not_know_is_refused_at_its_field(
    clinic: Clinic, client: Client, field: str, value: Any
) -> None:
    _, response = planned(clinic, client, **{field: value})

    assert set(errors_of(response)) == {field}


def test_a_region_of_the_clinics_own_is_kept_until_somebody_takes_it_out(
    clinic: Clinic, client: Client
) -> None:
    trial = make_trial(clinic=clinic, other_regions="left_leg, tail_bone")

    client.post(url_of(trial), fields_of(client, url_of(trial)) | {"goal": "sit through dinner"})

    trial.refresh_from_db()
    assert (trial.other_regions, trial.goal) == ("left_leg, tail_bone", "sit through dinner")
