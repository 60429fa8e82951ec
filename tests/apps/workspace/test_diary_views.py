"""What staff do to a diary from the trial page: who may, what is written, and how a refusal is said."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.diary.models import CorrectionRequest, DiaryAnswer, DiaryEntry, ParkedAnswer, PatientDevice
from apps.trials.models import StimulationTrial
from sctrial.mishaps import ALERT_OUTCOMES
from tests.apps.workspace.busy import make_busy, task_of
from tests.apps.workspace.conftest import Visit
from tests.factories import make_event, make_patient, make_trial

TRIALS = "/staff/trials/stimulationtrial/"
NOW = datetime.now(UTC)
REASON = "told on the phone"
# Whoever may read the trial is told no; to whoever may not, it does not exist.
OUTSIDE = {"stranger": 404, "nobody": 404}
ACTS = {"coordinator": 302, "clinician": 302, "site_admin": 403, "analyst": 403, **OUTSIDE}


@pytest.fixture
def device(trial: StimulationTrial) -> PatientDevice:
    return make_busy(trial, at=NOW)


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


def act(trial: StimulationTrial, address: str) -> str:
    return f"{TRIALS}{trial.pk}/{address}"


def said(client: Client, url: str, sent: dict[str, Any]) -> str:
    return client.post(url, sent, follow=True).content.decode()


def waiting(trial: StimulationTrial) -> tuple[ParkedAnswer, DiaryEntry]:
    return ParkedAnswer.objects.get(trial=trial), DiaryEntry.objects.get(trial=trial, kind="worst")


def asked(trial: StimulationTrial) -> tuple[CorrectionRequest, DiaryEntry]:
    entry = trial.entries.filter(kind="average").earliest("diary_day")
    return CorrectionRequest.objects.get(entry_id=entry.pk), entry


# --- an answer from a phone call ---


def transcript(client: Client, trial: StimulationTrial, question: str, **sent: Any) -> dict[str, Any]:
    """What a browser would send of the form as it was shown, with ``sent`` filled in."""
    page = client.get(act(trial, f"write-down/?question={question}"))
    form = page.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    filled = shown | {"reason": REASON} | sent
    return {name: value for name, value in filled.items() if value is not None}


def write(client: Client, trial: StimulationTrial, question: str, **sent: Any) -> Any:
    body = transcript(client, trial, question, **sent)
    return client.post(act(trial, f"write-down/?question={question}"), body)


def test_an_answer_is_written_down_with_who_heard_it(
    trial: StimulationTrial, device: PatientDevice, client: Client, coordinator: User
) -> None:
    response = write(client, trial, "target.average", said="4")

    assert response.status_code == 302
    entry = DiaryEntry.objects.get(originator="staff")
    assert (entry.value, entry.entered_by) == (4, f"staff:{coordinator.pk}")
    page = client.get(act(trial, "change/")).content.decode()
    assert f"written down by {coordinator.username}" in page
    assert "Staff, from a phone call" in page


def test_the_form_proposes_now_on_the_patients_clock(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    form = client.get(act(trial, "write-down/?question=sleep")).context["form"]

    shown = form.fields["said_at"].initial.replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert abs(shown - datetime.now(UTC)) < timedelta(minutes=2)
    assert "Europe/Berlin" in form.fields["said_at"].help_text


@pytest.mark.parametrize(
    ("question", "sent", "stored"),
    [
        ("sleep", {"said": "7"}, {"number": 7}),
        ("analgesics", {"said": "as_usual"}, {"choice": "as_usual"}),
        ("red_flags", {"said": ["fever"]}, {"choices": ["fever"]}),
        ("red_flags", {}, {"choices": []}),
        ("note", {"said": "The pillow helps."}, {"text": "The pillow helps."}),
    ],
)
def test_every_form_of_answer_has_its_field(
    trial: StimulationTrial,
    device: PatientDevice,
    client: Client,
    question: str,
    sent: dict[str, Any],
    stored: dict[str, Any],
) -> None:
    assert write(client, trial, question, **sent).status_code == 302

    assert DiaryAnswer.objects.get(originator="staff").answer == stored


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"said": "11"}, "said", "less than or equal to 10"),
        ({"said": "4.5"}, "said", "finer than the 0-10 numeric rating scale"),
        ({"said": ""}, "said", "required"),
        ({"said": "4", "reason": "ok"}, "reason", "at least 3 characters"),
        ({"said": "4", "said_at": "2031-01-01T20:00"}, "said_at", "5 minutes ahead"),
        ({"said": "4", "said_at": "2001-01-01T20:00"}, "said_at", "The diary of this trial begins on"),
        ({"said": "4", "said_at": "2026-03-29T02:30"}, "said_at", "skipped this time"),
    ],
)
def test_what_is_refused_stands_at_its_field_and_nothing_is_written(
    trial: StimulationTrial,
    device: PatientDevice,
    client: Client,
    sent: dict[str, Any],
    field: str,
    words: str,
) -> None:
    response = write(client, trial, "target.average", **sent)

    assert words in " ".join(response.context["form"].errors[field])
    assert not DiaryEntry.objects.filter(originator="staff").exists()


def test_an_evening_that_has_an_answer_keeps_it_and_says_so(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    write(client, trial, "target.average", said="4")
    response = write(client, trial, "target.average", said="9")

    assert "it stays as it is" in " ".join(response.context["form"].errors["said_at"])
    assert DiaryEntry.objects.get(originator="staff").value == 4


def test_the_same_form_sent_twice_writes_once(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    body = transcript(client, trial, "note", said="Twice clicked.")

    for _ in range(2):
        assert client.post(act(trial, "write-down/?question=note"), body).status_code == 302

    assert DiaryAnswer.objects.filter(originator="staff").count() == 1


@pytest.mark.parametrize("question", ["", "unheard_of", "target.median", "right_arm.average"])
def test_a_question_that_this_patient_is_not_asked_has_no_page(
    trial: StimulationTrial, device: PatientDevice, client: Client, question: str
) -> None:
    assert client.get(act(trial, f"write-down/?question={question}")).status_code == 404


@pytest.mark.parametrize("question", ["target.average", "sleep"])
@pytest.mark.parametrize(
    ("who", "expected"),
    {"coordinator": 200, "clinician": 403, "site_admin": 403, "analyst": 403, **OUTSIDE}.items(),
)
def test_who_may_write_an_answer_down(
    request: pytest.FixtureRequest,
    trial: StimulationTrial,
    as_staff: Visit,
    question: str,
    who: str,
    expected: int,
) -> None:
    client = as_staff(request.getfixturevalue(who))
    url = act(trial, f"write-down/?question={question}")

    assert client.get(url).status_code == expected
    assert client.post(url, {"said": "4", "reason": REASON}).status_code == expected
    assert not DiaryEntry.objects.filter(originator="staff").exists()


# --- tasks ---


@pytest.mark.parametrize(("who", "expected"), ACTS.items())
def test_who_may_close_a_task(
    request: pytest.FixtureRequest,
    trial: StimulationTrial,
    device: PatientDevice,
    as_staff: Visit,
    who: str,
    expected: int,
) -> None:
    task = task_of(trial, "red_flag")
    client = as_staff(request.getfixturevalue(who))

    response = client.post(
        act(trial, f"tasks/{task.pk}/close/"), {"came_of_it": "advised", "outcome": "Called."}
    )

    task.refresh_from_db()
    assert response.status_code == expected
    assert (task.closed_at is not None) is (expected == 302)
    assert AuditEvent.objects.filter(object_type="staff_task").exists() is (expected == 302)


# fmt: off
OUTCOMES = [
    # came of it          in words    refused because
    ("",                  "Called.",  "Choose what came of the warning sign"),
    ("all_well",          "Called.",  "Choose what came of the warning sign"),
    ("advised",           "",         "was not closed"),
    ("advised",           "  ",       "was not closed"),
    ("advised",           "ok",       "at least 3 characters"),
    ("adverse_event",     "Called.",  "Record the adverse event on this trial first"),
    ("advised",           "x" * 190,  "Shorten it by"),
]
# fmt: on


@pytest.mark.parametrize(("came_of_it", "words", "refused"), OUTCOMES)
def test_a_warning_sign_without_an_outcome_stays_open_and_the_page_says_why(
    trial: StimulationTrial,
    device: PatientDevice,
    client: Client,
    came_of_it: str,
    words: str,
    refused: str,
) -> None:
    task = task_of(trial, "red_flag")
    sent = {"came_of_it": came_of_it, "outcome": words}

    page = said(client, act(trial, f"tasks/{task.pk}/close/"), sent)

    task.refresh_from_db()
    assert "The task was not closed." in page
    assert refused in page
    assert task.closed_at is None


@pytest.mark.parametrize("came_of_it", list(ALERT_OUTCOMES))
def test_a_warning_sign_closes_with_its_outcome(
    trial: StimulationTrial, device: PatientDevice, client: Client, came_of_it: str
) -> None:
    task = task_of(trial, "red_flag")
    make_event(trial)
    sent = {"came_of_it": came_of_it, "outcome": "Called; dressing dry."}

    said(client, act(trial, f"tasks/{task.pk}/close/"), sent)

    task.refresh_from_db()
    assert task.outcome == f"{ALERT_OUTCOMES[came_of_it]}: Called; dressing dry."


def test_a_task_of_another_trial_is_not_found_here(
    trial: StimulationTrial, device: PatientDevice, other_clinic: Any, client: Client
) -> None:
    other = make_trial(clinic=other_clinic, patient=make_patient(clinic=other_clinic))
    task = other.tasks.create(kind="red_flag", subject="1", raised_at=NOW)

    url = act(trial, f"tasks/{task.pk}/close/")

    assert client.post(url, {"outcome": "Called."}).status_code == 404


def test_what_is_done_takes_a_post_with_a_token(
    trial: StimulationTrial, device: PatientDevice, coordinator: User, client: Client
) -> None:
    parked, _ = waiting(trial)
    correction, _ = asked(trial)
    pages = (
        f"tasks/{task_of(trial, 'red_flag').pk}/close/",
        f"parked/{parked.pk}/settle/",
        f"corrections/{correction.pk}/settle/",
    )
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(coordinator)

    for page in pages:
        assert client.get(act(trial, page)).status_code == 405
        assert strict.post(act(trial, page), {"outcome": "Called."}).status_code == 403
