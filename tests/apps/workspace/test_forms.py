"""What may be changed in the form of a trial, and what stands at a field that is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.diary.models import OpioidUse
from apps.outcomes.deciding import sign_decision
from apps.patients.erasing import erase_identity
from apps.trials.models import StimulationTrial
from apps.workspace.forms import NO_SUCH_PATIENT, TrialForm
from sctrial.choices import Choice
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit, first_day, today
from tests.apps.workspace.test_trial_page import errors_of, fields_of, text_of, url_of
from tests.factories import NOW, make_patient, make_trial
from tests.factories.deciding import hand_of, make_waiting

pytestmark = pytest.mark.django_db
TRIALS = "/staff/trials/stimulationtrial/"
WHY = {"why_code": "source_differs", "why": "as the chart has it"}


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


def test_a_change_goes_through_the_service_and_leaves_a_trace(
    trial: StimulationTrial, client: Client
) -> None:
    sent = fields_of(client, url_of(trial)) | WHY | {"planned_end_on": str(today() + timedelta(days=5))}

    response = client.post(url_of(trial), sent)

    assert response.status_code == 302, errors_of(response)
    version = trial.evidence_version
    trial.refresh_from_db()
    assert trial.planned_end_on == today() + timedelta(days=5)
    assert trial.evidence_version == version + 1
    event = AuditEvent.objects.get(object_type="trial", action="change")
    assert (event.detail, event.reason) == (
        {"fields": ["planned_end_on"], "why": "source_differs"},
        "as the chart has it",
    )
    assert event.actor.startswith("staff:")


def test_saving_without_a_change_leaves_no_trace(trial: StimulationTrial, client: Client) -> None:
    assert client.post(url_of(trial), fields_of(client, url_of(trial))).status_code == 302

    assert not AuditEvent.objects.filter(object_type="trial").exists()


def test_the_protocol_is_read_only_once_the_leads_are_placed(trial: StimulationTrial, client: Client) -> None:
    sent = fields_of(client, url_of(trial)) | {"trial_window": "last-n-days:1", "rule_set_id": "NORTH_PP"}

    client.post(url_of(trial), sent)

    trial.refresh_from_db()
    assert "trial_window" not in fields_of(client, url_of(trial))
    assert (trial.trial_window, trial.rule_set_id) == ("whole-phase", "MAC_NORIDIAN")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("trial_window", "last-3-days", "is not a window"),
        ("baseline_window", "best-day", "for reports, no verdict may rest on it"),
    ],
)
def test_a_refusal_stands_at_its_field(
    clinic: Clinic, client: Client, field: str, value: str, words: str
) -> None:
    trial = make_trial(
        clinic=clinic, phase=Phase.BASELINE_DIARY.value, diary_from=first_day(), lead_placed_on=None
    )

    errors = errors_of(client.post(url_of(trial), fields_of(client, url_of(trial)) | WHY | {field: value}))

    assert words in " ".join(errors[field])
    assert set(errors) == {field}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("lead_placed_on", str(first_day() - timedelta(days=1)), "before the diary begins"),
        ("lead_placed_on", "", "has a day on which leads were placed"),
        ("ended_on", str(first_day()), "before its leads were placed"),
        ("ended_on", "", "has a day on which it ended"),
        ("end_reason", "", "why the trial ended"),
        ("end_reason", "technical_failure", "what failed"),
        ("technical_cause", "migration", "Only a technical failure"),
    ],
)
def test_a_date_that_a_step_has_set_is_corrected_and_never_taken_away(
    trial: StimulationTrial, client: Client, field: str, value: str, words: str
) -> None:
    over = {"phase": Phase.ENDED.value, "ended_on": today(), "end_reason": "success"}
    StimulationTrial.objects.filter(pk=trial.pk).update(**over)

    errors = errors_of(client.post(url_of(trial), fields_of(client, url_of(trial)) | WHY | {field: value}))

    named = "technical_cause" if value == "technical_failure" else field
    assert words in " ".join(errors[named])


def test_a_day_that_a_step_has_set_is_not_corrected_to_one_that_is_still_to_come(
    trial: StimulationTrial, client: Client
) -> None:
    """An en-US browser's 11/10 for the tenth of November would have been one."""
    later = str(today() + timedelta(days=3))

    errors = errors_of(
        client.post(url_of(trial), fields_of(client, url_of(trial)) | WHY | {"lead_placed_on": later})
    )

    assert errors["lead_placed_on"] == [f"{later} is still to come."]


def test_what_a_signature_rests_on_is_refused_at_its_field_with_the_remedy(
    clinic: Clinic, clinician: User, client: Client
) -> None:
    trial = make_waiting(clinic)
    sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))

    errors = errors_of(
        client.post(url_of(trial), fields_of(client, url_of(trial)) | WHY | {"lead_placed_on": "2026-10-07"})
    )

    assert set(errors) == {"lead_placed_on"}
    assert "Open the decision again first" in errors["lead_placed_on"][0]


def test_leads_placed_while_the_form_was_open_refuse_the_protocol_change(
    clinic: Clinic, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the form's check and the write somebody else places the leads."""
    begins = {"phase": Phase.BASELINE_DIARY.value, "diary_from": first_day(), "lead_placed_on": None}
    trial = make_trial(clinic=clinic, **begins)
    sent = fields_of(client, url_of(trial)) | WHY | {"trial_window": "last-n-days:1"}
    clean = TrialForm.clean

    def clean_then_lose_the_race(form: TrialForm) -> dict[str, Any]:
        data = clean(form)
        placed = {"lead_placed_on": today(), "phase": Phase.TRIAL_ACTIVE.value}
        StimulationTrial.objects.filter(pk=trial.pk).update(**placed)
        return data

    monkeypatch.setattr(TrialForm, "clean", clean_then_lose_the_race)
    page = client.post(url_of(trial), sent, follow=True).content.decode()

    trial.refresh_from_db()
    assert "Nothing was saved: fixed since the leads were placed" in page
    assert trial.trial_window == "last-n-days:3"


def test_the_phase_and_what_a_step_sets_are_no_fields_of_the_form(clinic: Clinic, client: Client) -> None:
    trial = make_trial(
        clinic=clinic, phase=Phase.BASELINE_DIARY.value, diary_from=first_day(), lead_placed_on=None
    )
    sent = fields_of(client, url_of(trial))
    forced = {"phase": "trial_active", "lead_placed_on": str(today()), "end_reason": "success"}

    client.post(url_of(trial), sent | forced)

    trial.refresh_from_db()
    assert not forced.keys() & sent.keys()
    assert (trial.phase, trial.lead_placed_on, trial.end_reason) == ("baseline_diary", None, "")


# fmt: off
REPEATS = [
    # the trial before          number  refused because
    (Phase.DECIDED.value,      2,      ""),
    (Phase.CANCELLED.value,    2,      ""),
    (Phase.TRIAL_ACTIVE.value, 2,      "is still 'trial_active'"),
    (Phase.DECIDED.value,      1,      "is number 2"),
    (Phase.DECIDED.value,      3,      "is number 2"),
]
# fmt: on


@pytest.mark.parametrize(("before", "number", "refused"), REPEATS)
def test_a_repeat_is_a_new_trial_with_the_next_number_once_the_one_before_is_over(
    clinic: Clinic, client: Client, before: str, number: int, refused: str
) -> None:
    first = make_trial(clinic=clinic, phase=before)
    sent = fields_of(client, f"{TRIALS}add/") | {
        "patient": first.patient_id,
        "repeat_number": number,
        "modality": "SCS",
        "target_area": "low back",
        "rule_set_id": "NORTH_PP",
        "phase": "eligibility",
        "diary_from": str(today()),
    }

    response = client.post(f"{TRIALS}add/", sent)

    if refused:
        assert refused in " ".join(errors_of(response)["repeat_number"])
    else:
        made = StimulationTrial.objects.get(repeat_number=2)
        assert (made.patient, made.rule_set_id, made.lead_placed_on) == (first.patient, "NORTH_PP", None)


def test_a_new_trial_takes_its_clinic_from_its_patient(clinic: Clinic, client: Client) -> None:
    patient = make_patient(clinic=clinic)
    sent = fields_of(client, f"{TRIALS}add/") | {
        "patient": patient.pk,
        "modality": "DRG",
        "target_area": "left foot",
        "rule_set_id": "NORTH_PP",
        "phase": "baseline_diary",
        "diary_from": str(today()),
    }

    response = client.post(f"{TRIALS}add/", sent)

    made = StimulationTrial.objects.get()
    assert response["Location"] == url_of(made)
    assert (made.clinic, made.rule_set_id, made.lead_placed_on) == (clinic, "NORTH_PP", None)
    # Whatever is sent: the steps from there ask for a diagnosis, a review and the protocol.
    assert made.phase == Phase.REFERRED
    assert AuditEvent.objects.filter(action="create", object_id=str(made.pk)).exists()


def test_a_patient_whose_identity_was_erased_is_not_offered_and_gets_no_new_trial(
    clinic: Clinic, client: Client
) -> None:
    first = make_trial(clinic=clinic, phase=Phase.DECIDED.value)
    erase_identity(first.patient, by="staff:7", reason_code="asked", words="letter came", at=NOW)
    sent = fields_of(client, f"{TRIALS}add/") | {
        "patient": first.patient_id,
        "repeat_number": 2,
        "modality": "SCS",
        "target_area": "low back",
        "rule_set_id": "NORTH_PP",
        "diary_from": str(today()),
    }

    page = client.get(f"{TRIALS}add/").content.decode()
    errors = errors_of(client.post(f"{TRIALS}add/", sent))

    assert f'<option value="{first.patient_id}">' not in page
    assert errors["patient"] == [NO_SUCH_PATIENT]
    assert StimulationTrial.objects.get() == first


def test_of_an_erased_patient_the_page_adds_nothing_and_says_so(
    trial: StimulationTrial, client: Client
) -> None:
    erase_identity(trial.patient, by="staff:7", reason_code="asked", words="letter came", at=NOW)
    dose = {
        "opioid_use-TOTAL_FORMS": "1",
        "opioid_use-0-day": str(first_day()),
        "opioid_use-0-mme": "30",
        "opioid_use-0-table_version": "CDC 2022",
        "opioid_use-0-trial": str(trial.pk),
    }
    page = client.post(url_of(trial), fields_of(client, url_of(trial)) | dose, follow=True).content.decode()
    told = client.get(f"{TRIALS}{trial.pk}/write-down/?question=target.average", follow=True).content.decode()

    assert "identity of this patient was erased, so nothing is added to the trial" in page
    assert "the identity of the patient was erased, so the trial goes no further" in page
    assert "so nothing more is written down" in told
    assert not OpioidUse.objects.exists()


def test_a_dose_from_the_drug_log_is_evidence(trial: StimulationTrial, client: Client) -> None:
    sent = fields_of(client, url_of(trial)) | {
        "opioid_use-TOTAL_FORMS": "1",
        "opioid_use-0-day": str(first_day()),
        "opioid_use-0-mme": "30",
        "opioid_use-0-table_version": "CDC 2022",
        "opioid_use-0-trial": str(trial.pk),
    }

    assert client.post(url_of(trial), sent).status_code == 302

    version = trial.evidence_version
    trial.refresh_from_db()
    assert OpioidUse.objects.get().mme == 30
    assert trial.evidence_version == version + 1


@pytest.mark.parametrize(("answer", "stored"), [("yes", True), ("no", False)])
def test_whether_the_patient_is_satisfied_is_evidence_and_is_asked_once_a_day(
    trial: StimulationTrial, client: Client, answer: str, stored: bool
) -> None:
    sent = fields_of(client, url_of(trial)) | {
        "responses-TOTAL_FORMS": "1",
        "responses-0-answered_on": str(today()),
        "responses-0-satisfied": answer,
        "responses-0-trial": str(trial.pk),
    }

    assert client.post(url_of(trial), sent).status_code == 302
    again = client.post(url_of(trial), sent)

    assert trial.responses.get().answers == {"satisfied": stored}
    assert "answered for that day already" in again.content.decode()
    assert f"satisfied with the relief: {answer}" in text_of(client, trial)


def test_who_referred_is_recorded_and_a_day_to_come_is_refused(
    trial: StimulationTrial, client: Client
) -> None:
    sent = fields_of(client, url_of(trial)) | {"referred_by": "Dr Demo, Pain practice"}

    refused = client.post(url_of(trial), sent | {"referred_on": str(today() + timedelta(days=1))})
    assert errors_of(refused)["referred_on"] == [f"{today() + timedelta(days=1)} is still to come."]
    assert client.post(url_of(trial), sent | {"referred_on": str(today())}).status_code == 302

    trial.refresh_from_db()
    assert (trial.referred_by, trial.referred_on) == ("Dr Demo, Pain practice", today())


def test_an_analyst_is_not_told_who_referred(trial: StimulationTrial, analyst: User, as_staff: Visit) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(referred_by="Dr Demo")

    assert "Dr Demo" not in as_staff(analyst).get(url_of(trial)).content.decode()
