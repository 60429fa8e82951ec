"""The page before the trial: what is entered there, by whom, and what it then says."""

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.patients.models import (
    ConservativeTherapy,
    Diagnosis,
    EligibilityReview,
    PainRegions,
)
from apps.patients.selectors import standing
from apps.trials.models import StimulationTrial
from apps.workspace.before_forms import KINDS
from tests.apps.workspace.conftest import Visit, first_day
from tests.factories import make_patient, make_review, make_therapy, make_trial

WHO = ("coordinator", "clinician", "site_admin", "analyst", "stranger", "nobody")
# Reading the page, and adding a row, as the table of rights has it; to strangers it does not exist.
MAY_READ = dict(zip(WHO, (200, 200, 200, 200, 404, 404), strict=True))
MAY_ADD = dict(zip(WHO, (200, 200, 403, 403, 404, 404), strict=True))
GABAPENTIN = {
    "kind": "gabapentinoid",
    "agent": "gabapentin",
    "started_on": "2025-01-01",
    "ended_on": "2025-06-30",
    "dose_mg": "900",
    "weeks_at_dose": "8",
    "outcome": "no_effect",
}
WHY = {"why_code": "learned_later", "why": "letter came"}
ROWS: dict[str, dict[str, Any]] = {
    "diagnosis": {"code": "M96.1", "body_region": "low_back"},
    "regions": {"regions": ["low_back"]},
    "therapy": GABAPENTIN,
    "review": {"reviewed_on": "2026-09-01"},
    "authorisation": {"payer": "Demo", "number": "1", "expires_on": "2027-01-01"},
}


def url_of(trial: StimulationTrial, rest: str = "") -> str:
    return f"/staff/trials/stimulationtrial/{trial.pk}/before/{rest}"


def text_of(client: Client, trial: StimulationTrial, rest: str = "") -> str:
    response = client.get(url_of(trial, rest))
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def sent(client: Client, trial: StimulationTrial, rest: str, data: dict[str, Any]) -> Any:
    return client.post(url_of(trial, rest), data)


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


# --- who may ---


@pytest.mark.parametrize("who", WHO)
def test_the_page_is_read_by_staff_of_the_clinic(
    who: str, trial: StimulationTrial, as_staff: Visit, request: pytest.FixtureRequest
) -> None:
    client = as_staff(request.getfixturevalue(who))

    assert client.get(url_of(trial)).status_code == MAY_READ[who]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("what", ["diagnosis", "regions", "therapy", "review", "authorisation"])
def test_a_row_is_added_by_those_who_treat_the_patient(
    who: str, what: str, trial: StimulationTrial, as_staff: Visit, request: pytest.FixtureRequest
) -> None:
    client = as_staff(request.getfixturevalue(who))

    assert client.get(url_of(trial, f"{what}/add/")).status_code == MAY_ADD[who]


@pytest.mark.parametrize("who", ["site_admin", "analyst", "stranger", "nobody"])
def test_nobody_else_changes_or_strikes_out(
    who: str, trial: StimulationTrial, as_staff: Visit, request: pytest.FixtureRequest
) -> None:
    row = make_therapy(trial.patient)
    client = as_staff(request.getfixturevalue(who))

    for act in ("change", "strike", "restore"):
        response = client.post(url_of(trial, f"therapy/{row.pk}/{act}/"), GABAPENTIN | WHY)
        assert response.status_code == MAY_ADD[who]
    assert list(ConservativeTherapy.objects.all()) == [row]


def test_a_row_of_another_patient_does_not_exist_here(trial: StimulationTrial, client: Client) -> None:
    foreign = make_therapy(make_patient(clinic=trial.clinic))

    assert client.get(url_of(trial, f"therapy/{foreign.pk}/change/")).status_code == 404
    assert client.post(url_of(trial, f"therapy/{foreign.pk}/strike/"), WHY).status_code == 404
    assert client.get(url_of(trial, "magic/add/")).status_code == 404


def test_an_analyst_sees_no_review_no_authorisation_and_no_free_text(
    trial: StimulationTrial, analyst: User, as_staff: Visit
) -> None:
    make_therapy(trial.patient, note="Dr Somebody wrote")
    make_review(trial.patient, contraindication_note="told by Mrs Somebody")

    page = text_of(as_staff(analyst), trial)

    assert "walking" in page
    assert "Somebody" not in page
    assert "Eligibility review" not in page
    assert "Prior authorisation" not in page


# --- what is entered ---


def test_a_treatment_too_low_in_dose_is_told_as_not_adequate_and_why(
    trial: StimulationTrial, client: Client
) -> None:
    assert sent(client, trial, "therapy/add/", GABAPENTIN).status_code == 302

    page = text_of(client, trial)

    assert "Gabapentinoid: gabapentin" in page
    assert "Not adequate" in page
    assert "Highest dose: 900 mg a day; asked is at least 1200 mg a day" in page
    assert "Failure not shown" in page
    assert AuditEvent.objects.filter(object_type="conservativetherapy", action="create").count() == 1


def test_a_change_is_a_new_version_with_a_reason_and_the_page_tells_it(
    trial: StimulationTrial, client: Client
) -> None:
    row = make_therapy(trial.patient)
    change = url_of(trial, f"therapy/{row.pk}/change/")

    refused = client.post(change, GABAPENTIN)
    assert refused.status_code == 200
    assert "Choose why the saved value is changed" in refused.content.decode()
    assert client.post(change, GABAPENTIN | WHY).status_code == 302

    (stands,) = standing(ConservativeTherapy, trial.patient)
    assert (stands.agent, stands.supersedes_id) == ("gabapentin", row.pk)
    assert "Learned later</span>; letter came" in text_of(client, trial)


def test_a_row_is_struck_out_with_a_reason_and_stays_on_record(
    trial: StimulationTrial, client: Client
) -> None:
    row = make_therapy(trial.patient)

    for lacking in ({"why_code": ""}, {"why": " "}):
        sent(client, trial, f"therapy/{row.pk}/strike/", WHY | lacking)
        assert standing(ConservativeTherapy, trial.patient).exists()
    sent(client, trial, f"therapy/{row.pk}/strike/", WHY)

    assert not standing(ConservativeTherapy, trial.patient).exists()
    assert "struck out" in text_of(client, trial)


@pytest.mark.parametrize("what", ["diagnosis", "regions", "therapy", "review", "authorisation"])
def test_every_kind_of_row_is_struck_out_and_restored_on_the_page(
    trial: StimulationTrial, client: Client, what: str
) -> None:
    sent(client, trial, f"{what}/add/", ROWS[what] | {"drawn_from": "0"})
    model = KINDS[what].model
    row = model.objects.get()
    assert "Strike out" in text_of(client, trial, f"{what}/{row.pk}/change/")

    sent(client, trial, f"{what}/{row.pk}/strike/", WHY)
    struck = model.objects.get(is_void=True)
    assert not standing(model, trial.patient).exists()
    assert url_of(trial, f"{what}/{struck.pk}/restore/") in text_of(client, trial)
    sent(client, trial, f"{what}/{struck.pk}/restore/", WHY)

    assert standing(model, trial.patient).get().supersedes_id == struck.pk
    page = text_of(client, trial)
    assert "restored" in page
    assert "/restore/" not in page


@pytest.mark.parametrize(
    ("what", "data", "words"),
    [
        ("diagnosis", {"code": "back", "body_region": "low_back"}, "Write an ICD-10-CM code"),
        ("diagnosis", {"code": "M96.1", "body_region": "moon"}, "Select a valid choice"),
        ("regions", {"regions": ["moon"]}, "Select a valid choice"),
        ("therapy", GABAPENTIN | {"ended_on": "2024-01-01"}, "The end lies before the start"),
        ("authorisation", {"payer": "Demo", "number": "1"}, "This field is required"),
        (
            "review",
            {"reviewed_on": "2026-01-01", "psych_result": "cleared"},
            "Give the day of the psychological evaluation",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_the_form(
    trial: StimulationTrial, client: Client, what: str, data: dict[str, Any], words: str
) -> None:
    response = sent(client, trial, f"{what}/add/", data)

    assert response.status_code == 200
    assert words in unescape(response.content.decode())


def test_a_diagnosis_is_written_as_its_code(trial: StimulationTrial, client: Client) -> None:
    sent(client, trial, "diagnosis/add/", {"code": " m96.1 ", "body_region": "low_back"})

    assert Diagnosis.objects.get().code == "M96.1"
    assert "M96.1" in text_of(client, trial)


def test_regions_are_a_list_of_boxes_and_the_map_beside_it_only_decorates(
    trial: StimulationTrial, client: Client
) -> None:
    assert sent(client, trial, "regions/add/", {"regions": ["low_back", "foot_left"]}).status_code == 302

    page, form = text_of(client, trial), text_of(client, trial, "regions/add/")

    assert PainRegions.objects.get().regions == ["low_back", "foot_left"]
    assert "Where it hurts: <strong>Low back; Foot, left</strong>" in page
    assert '<div class="body-map" aria-hidden="true">' in form
    assert form.count('type="checkbox"') == 28
    assert form.count("checked") == 2


def test_the_review_is_a_form_whose_every_answer_may_be_left_out(
    trial: StimulationTrial, client: Client
) -> None:
    data = {
        "reviewed_on": "2026-09-01",
        "adult": "yes",
        "untreated_substance_use": "no",
        "contra-pregnancy": "no",
        "contra-infection": "yes",
        "said-no_level_asked": "yes",
        "psych_on": "2026-08-01",
        "psych_result": "with_conditions",
    }
    assert sent(client, trial, "review/add/", data).status_code == 302

    row = EligibilityReview.objects.get()
    assert (row.adult, row.untreated_substance_use, row.multidisciplinary_team) == (True, False, None)
    assert row.contraindications == {"pregnancy": False, "infection": True}
    assert row.attested == {"no_level_asked": True}
    page = text_of(client, trial)
    assert '<dt lang="en">Relative contraindications</dt><dd lang="en">infection</dd>' in page
    assert '<dd lang="en">Cleared with conditions, 2026-08-01</dd>' in page


def test_the_next_version_of_a_review_begins_with_the_last(trial: StimulationTrial, client: Client) -> None:
    first = make_review(
        trial.patient, adult=True, contraindications={"infection": True}, attested={"other": True}
    )

    form = text_of(client, trial, "review/add/")
    assert form.count('<option value="yes" selected>') == 2
    written = {"reviewed_on": "2026-09-02", "adult": "yes", "drawn_from": str(first.pk)}
    sent(client, trial, "review/add/", written)

    (stands,) = standing(EligibilityReview, trial.patient)
    assert stands.supersedes_id == first.pk
    # What no rule of this clinic asks for any more is not lost.
    assert stands.attested == {"other": True}


def test_a_plan_for_anticoagulants_is_on_the_clinics_clock_and_nothing_is_computed(
    trial: StimulationTrial, client: Client
) -> None:
    data = {
        "reviewed_on": "2026-06-01",
        "anticoagulant": "plan_agreed",
        "anticoagulant_agents": "made-up drug",
        "anticoagulant_approved_by": "the prescriber",
        "hold_from": "2026-06-03T08:00",
    }
    assert sent(client, trial, "review/add/", data).status_code == 302

    # Berlin is two hours ahead in June.
    row = EligibilityReview.objects.get()
    assert (row.hold_from, row.restart_at) == (datetime(2026, 6, 3, 8 - 2, tzinfo=UTC), None)
    assert "last dose 2026-06-03 08:00 (Europe/Berlin)" in text_of(client, trial)
    assert 'value="2026-06-03T08:00"' in text_of(client, trial, "review/add/")


# --- what it then says ---


def test_other_treatments_failed_is_shown_not_claimed(trial: StimulationTrial, client: Client) -> None:
    make_review(trial.patient, nothing_untried=True, reviewed_on=first_day())
    assert "The log is empty" in text_of(client, trial)

    make_therapy(trial.patient)
    assert "The review states it, and each kind of treatment" in text_of(client, trial)

    make_therapy(trial.patient, kind="nsaid", agent="")
    assert "It is not stated by a review, or not shown" in text_of(client, trial)

    make_therapy(trial.patient, kind="surgery", agent="", outcome="helps")
    assert "The review or a treatment in the log says otherwise" in text_of(client, trial)


def test_what_came_after_the_leads_is_shown_and_counts_for_a_later_trial(
    trial: StimulationTrial, client: Client
) -> None:
    after = first_day() + timedelta(days=8)
    make_therapy(trial.patient)
    make_review(trial.patient, nothing_untried=True, reviewed_on=first_day())
    assert "Made after the leads went in" not in text_of(client, trial)

    make_therapy(trial.patient, kind="nsaid", started_on=after, ended_on=None, outcome="helps")
    make_review(trial.patient, nothing_untried=False, reviewed_on=after)

    page = text_of(client, trial)
    assert "Made after the leads went in" in page
    assert "The review states it, and each kind of treatment" in page


def test_each_payer_is_told_with_what_it_lacks(trial: StimulationTrial, client: Client) -> None:
    page = text_of(client, trial)
    assert "What was lacking when the leads went in" in page
    assert page.count("Psychological evaluation documented") == 1
    assert "this trial's rule set" in page

    make_therapy(trial.patient)
    make_review(trial.patient, psych_on=first_day(), psych_result="cleared", reviewed_on=first_day())

    assert "Psychological evaluation documented" not in text_of(client, trial)


def test_the_protocol_can_be_chosen_until_the_leads_go_in(trial: StimulationTrial, client: Client) -> None:
    assert "Fixed since the leads went in" in text_of(client, trial)

    waiting = make_trial(clinic=trial.clinic, phase="referred", lead_placed_on=None, planned_end_on=None)

    page = text_of(client, waiting)
    assert "Still lacking before the leads go in" in page
    assert "can be chosen until the leads go in; then they are fixed" in page


def test_an_authorisation_that_ran_out_is_told_on_the_trial_page_too(
    trial: StimulationTrial, client: Client
) -> None:
    ended = first_day() - timedelta(days=30)
    data = {"payer": "Made-up payer", "number": "UTN-1", "expires_on": str(ended)}
    assert sent(client, trial, "authorisation/add/", data).status_code == 302

    told = f"had run out when the leads went in: it was valid until {ended}"
    assert f"The authorisation Made-up payer UTN-1 {told}" in text_of(client, trial)
    trial_page = client.get(f"/staff/trials/stimulationtrial/{trial.pk}/change/").content.decode()
    assert "ran out on" in trial_page
    assert url_of(trial) in trial_page
