"""What waits on a trial: which tasks stand first, what each shows, and both answers side by side."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.diary.models import PatientDevice
from apps.trials.models import StimulationTrial
from apps.workspace.desk import Task
from tests.apps.workspace.busy import SCRIPT, agree, make_busy, send, task_of, two_answers
from tests.apps.workspace.conftest import Visit

TRIALS = "/staff/trials/stimulationtrial/"
NOW = datetime.now(UTC)


@pytest.fixture
def device(trial: StimulationTrial) -> PatientDevice:
    return make_busy(trial, at=NOW)


def page_of(client: Client, trial: StimulationTrial) -> Any:
    return client.get(f"{TRIALS}{trial.pk}/change/")


def open_tasks(client: Client, trial: StimulationTrial) -> list[Task]:
    tasks: list[Task] = page_of(client, trial).context["open_tasks"]
    return tasks


def choice_of(client: Client, trial: StimulationTrial, kind: str) -> list[Any]:
    return [task.choice for task in open_tasks(client, trial) if task.row.kind == kind]


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


def test_a_warning_sign_stands_before_what_has_waited_longer(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    kinds = [task.row.kind for task in open_tasks(client, trial)]

    assert kinds[0] == "red_flag"
    assert sorted(kinds[1:]) == sorted(
        ["answer_parked", "missed_evenings", "correction_requested", "correction_requested"]
    )


def test_a_warning_sign_says_what_was_named_by_whom_and_when(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    task = open_tasks(client, trial)[0]
    said = NOW - timedelta(hours=1)

    assert (
        task.detail == f"fever, wound; said by the patient on {said:%a} {said.day} {said:%b %Y %H:%M} (UTC)"
    )
    assert task.since.endswith("(Europe/Berlin)"), "on the patient's own clock"


def test_both_answers_stand_side_by_side_with_both_decisions(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    (choice,) = choice_of(client, trial, "answer_parked")
    page = page_of(client, trial).content.decode()

    assert [(side.title, side.value) for side in choice.sides] == [
        ("Stands in the record", "7"),
        ("Came and could not be taken", "8"),
    ]
    assert "Leave the record as it is" in page
    assert "Take it over as a correction" in page


def test_a_caregivers_parked_answer_is_a_caregivers(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    caregiver = PatientDevice.objects.get(trial=trial, holder="proxy")
    at = NOW - timedelta(days=2)
    two_answers(caregiver, at=at)

    choices = choice_of(client, trial, "answer_parked")

    assert {side.by for choice in choices for side in choice.sides} == {"by the patient", "by a caregiver"}


def test_a_correction_asked_for_shows_the_old_value_the_new_one_and_why(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    choices = choice_of(client, trial, "correction_requested")
    arrived = next(choice for choice in choices if choice.form is not None)

    assert [side.value for side in arrived.sides] == ["8", "3"], (
        "the first day of the fixture's baseline is 8"
    )
    assert arrived.why == "I touched the wrong number: “I meant three.”"
    assert arrived.form.fields["said"].initial == "3"


def test_a_correction_of_an_answer_still_on_its_way_says_so_and_can_only_be_declined(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    choices = choice_of(client, trial, "correction_requested")
    waiting = next(choice for choice in choices if choice.form is None)

    assert "has not arrived yet" in waiting.obstacle
    assert page_of(client, trial).content.decode().count("Correct the record") == 1


def test_what_was_amended_since_is_shown_between(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    """The worst pain was 7 when eight came; it is 6 by now."""
    seven = trial.entries.get(kind="worst")
    send(device, 6, at=NOW - timedelta(days=1), kind="worst", supersedes=str(seven.pk))

    (choice,) = choice_of(client, trial, "answer_parked")

    assert [side.value for side in choice.sides] == ["6", "8"]


def test_where_nothing_waits_the_page_says_so(trial: StimulationTrial, client: Client) -> None:
    assert "No task is open." in page_of(client, trial).content.decode()


def test_closed_tasks_stay_with_who_closed_them_and_what_came_of_it(
    trial: StimulationTrial, device: PatientDevice, client: Client, coordinator: User
) -> None:
    task = task_of(trial, "red_flag")
    sent = {"came_of_it": "seen", "outcome": "Called; seen at two."}
    client.post(f"{TRIALS}{trial.pk}/tasks/{task.pk}/close/", sent)

    (closed,) = page_of(client, trial).context["closed_tasks"]

    words = "Seen at the clinic: Called; seen at two."
    assert (closed.row.outcome, closed.closed_by) == (words, coordinator.username)
    assert "fever, wound" in closed.detail


def test_words_of_the_patient_are_words_and_never_markup(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    page = page_of(client, trial).content.decode()

    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; my leg tingles" in page


@pytest.mark.parametrize(
    ("who", "sees", "acts"),
    [("coordinator", True, True), ("clinician", True, True), ("site_admin", True, False)],
)
def test_who_sees_tasks_and_who_acts_on_them(
    request: pytest.FixtureRequest,
    trial: StimulationTrial,
    device: PatientDevice,
    as_staff: Visit,
    who: str,
    sees: bool,
    acts: bool,
) -> None:
    page = page_of(as_staff(request.getfixturevalue(who)), trial).content.decode()

    assert ("Warning sign reported" in page) is sees
    assert ("Close task" in page) is acts
    assert ("Take it over as a correction" in page) is acts


def test_an_analyst_sees_answers_but_no_task_no_consent_no_phone_and_no_note(
    trial: StimulationTrial, device: PatientDevice, analyst: User, as_staff: Visit
) -> None:
    page = page_of(as_staff(analyst), trial).content.decode()

    assert "About half" in page
    for hidden in ("Close task", "diary-consent/1", "test phone", "my leg tingles", "Invite the patient"):
        assert hidden not in page


def test_a_parked_answer_that_the_diary_would_refuse_now_can_only_be_left(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    """The windows were changed after it came."""
    hours = (NOW + timedelta(hours=2)).hour, (NOW + timedelta(hours=3)).hour
    StimulationTrial.objects.filter(pk=trial.pk).update(
        diary_windows=f"{min(hours):02}:00-{min(hours):02}:30"
    )

    (choice,) = choice_of(client, trial, "answer_parked")

    assert "The diary is open at" in choice.obstacle
    page = page_of(client, trial).content.decode()
    assert "Take it over as a correction" not in page
    assert "Leave the record as it is" in page


def test_a_patient_who_stopped_is_seen_to_have_stopped(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    agree(device, at=NOW, decision="withdrawn")

    page = page_of(client, trial)

    assert "<strong>Withdrawn</strong>" in page.content.decode()
    assert "consent_withdrawn" in [task.row.kind for task in page.context["open_tasks"]]
