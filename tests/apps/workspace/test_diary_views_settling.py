"""Two answers for one evening, and corrections asked for, as staff settle them on the trial page."""

import re
import uuid

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.diary.models import CorrectionRequest, DiaryEntry, ParkedAnswer, PatientDevice
from apps.trials.models import StimulationTrial
from tests.apps.workspace.busy import make_busy, task_of
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_diary_views import ACTS, NOW, REASON, act, asked, said, waiting


@pytest.fixture
def device(trial: StimulationTrial) -> PatientDevice:
    return make_busy(trial, at=NOW)


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


# --- two answers for one evening ---


def test_leaving_the_record_as_it_is(trial: StimulationTrial, device: PatientDevice, client: Client) -> None:
    parked, stands = waiting(trial)

    page = said(client, act(trial, f"parked/{parked.pk}/settle/"), {"decision": "left"})

    parked.refresh_from_db()
    assert parked.outcome == "left"
    assert "The record stays as it is." in page
    assert task_of(trial, "answer_parked").closed_at is not None
    assert stands.value == DiaryEntry.objects.get(kind="worst").value


def test_taking_it_over_keeps_the_old_value_beside_the_new_one(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    parked, stands = waiting(trial)
    sent = {"decision": "taken", "beside": str(stands.pk), "reason": REASON}

    page = said(client, act(trial, f"parked/{parked.pk}/settle/"), sent)

    values = DiaryEntry.objects.filter(kind="worst").order_by("value").values_list("value", flat=True)
    assert list(values) == [7, 8]
    rows = re.findall(r"<tr([^>]*)><th [^>]*>[^<]*</th><td>target</td><td>worst</td><td [^>]*>(\d+)", page)
    assert sorted(rows) == [("", "8"), (' class="replaced"', "7")]
    assert "corrects the one before" in page


def test_without_a_reason_nothing_is_taken_over(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    parked, stands = waiting(trial)
    sent = {"decision": "taken", "beside": str(stands.pk), "reason": " "}

    page = said(client, act(trial, f"parked/{parked.pk}/settle/"), sent)

    assert "Nothing was decided." in page
    assert ParkedAnswer.objects.get().closed_at is None


@pytest.mark.parametrize("beside", ["", "nonsense", str(uuid.uuid4())])
def test_what_staff_did_not_see_is_not_replaced(
    trial: StimulationTrial, device: PatientDevice, client: Client, beside: str
) -> None:
    parked, _ = waiting(trial)
    sent = {"decision": "taken", "beside": beside, "reason": REASON}

    assert "The record has changed" in said(client, act(trial, f"parked/{parked.pk}/settle/"), sent)


@pytest.mark.parametrize(("who", "expected"), ACTS.items())
def test_who_may_settle(
    request: pytest.FixtureRequest,
    trial: StimulationTrial,
    device: PatientDevice,
    as_staff: Visit,
    who: str,
    expected: int,
) -> None:
    client = as_staff(request.getfixturevalue(who))
    (parked, _), (correction, _) = waiting(trial), asked(trial)

    left = client.post(act(trial, f"parked/{parked.pk}/settle/"), {"decision": "left"})
    declined = client.post(
        act(trial, f"corrections/{correction.pk}/settle/"), {"decision": "declined", "note": "It was right."}
    )

    assert (left.status_code, declined.status_code) == (expected, expected)
    assert ParkedAnswer.objects.filter(closed_at=None).exists() is (expected != 302)
    assert CorrectionRequest.objects.filter(state="declined").exists() is (expected == 302)


# --- corrections ---


def test_another_value_than_the_proposed_one_can_be_accepted(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    correction, entry = asked(trial)
    prefix = str(correction.pk)[:8]
    sent = {
        "decision": "accepted",
        "beside": str(entry.pk),
        f"{prefix}-said": "5",
        f"{prefix}-reason": REASON,
    }

    page = said(client, act(trial, f"corrections/{correction.pk}/settle/"), sent)

    correction.refresh_from_db()
    new = DiaryEntry.objects.get(supersedes=entry)
    assert correction.result == new
    assert (correction.state, new.value, new.supersedes_id, new.originator) == (
        "accepted",
        5,
        entry.pk,
        "staff",
    )
    assert "Corrected." in page


def test_a_correction_off_the_scale_is_refused_in_words(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    correction, entry = asked(trial)
    prefix = str(correction.pk)[:8]
    sent = {
        "decision": "accepted",
        "beside": str(entry.pk),
        f"{prefix}-said": "12",
        f"{prefix}-reason": REASON,
    }

    page = said(client, act(trial, f"corrections/{correction.pk}/settle/"), sent)

    assert "Score, 0 to 10: Ensure this value is less than or equal to 10." in page
    assert CorrectionRequest.objects.get(pk=correction.pk).state == "open"


def test_a_correction_of_what_has_not_arrived_is_not_accepted(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    _, entry = asked(trial)
    missing = CorrectionRequest.objects.exclude(entry_id=entry.pk).get()
    sent = {"decision": "accepted", "beside": str(missing.entry_id)}

    page = said(client, act(trial, f"corrections/{missing.pk}/settle/"), sent)

    assert "has not arrived yet" in page
    assert CorrectionRequest.objects.get(pk=missing.pk).state == "open"


def test_declined_the_patient_has_the_note(
    trial: StimulationTrial, device: PatientDevice, client: Client
) -> None:
    correction, _ = asked(trial)
    sent = {"decision": "declined", "note": "We talked: eight it was."}

    said(client, act(trial, f"corrections/{correction.pk}/settle/"), sent)

    correction.refresh_from_db()
    assert (correction.state, correction.staff_note) == ("declined", "We talked: eight it was.")
