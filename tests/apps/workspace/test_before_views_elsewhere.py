"""What was entered before the trial, on the trial page and in the lists of the admin."""

from datetime import date

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.patients.models import PriorAuthorisation
from apps.patients.services import keep
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit, first_day
from tests.apps.workspace.test_before_views import text_of, url_of
from tests.apps.workspace.test_trial_page import fields_of
from tests.factories import make_review, make_therapy, make_trial
from tests.factories.before import ACT


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


def test_the_trial_page_counts_what_stands(trial: StimulationTrial, client: Client) -> None:
    row = make_therapy(trial.patient)
    make_therapy(trial.patient, kind="nsaid")
    act = {"why_code": "learned_later", "why": "letter came"}
    client.post(f"/staff/trials/stimulationtrial/{trial.pk}/before/therapy/{row.pk}/strike/", act)

    page = client.get(f"/staff/trials/stimulationtrial/{trial.pk}/change/").content.decode()

    assert "Treatments in the log: <strong>1</strong>" in page


def test_the_lists_of_the_admin_show_rows_of_the_own_clinic_only(
    trial: StimulationTrial, coordinator: User, stranger: User, as_staff: Visit
) -> None:
    make_therapy(trial.patient)
    url = "/staff/patients/conservativetherapy/"

    assert trial.patient.pseudonym in as_staff(coordinator).get(url).content.decode()
    assert trial.patient.pseudonym not in as_staff(stranger).get(url).content.decode()


def test_the_admin_shows_an_analyst_no_free_text(
    trial: StimulationTrial, coordinator: User, analyst: User, as_staff: Visit
) -> None:
    row = make_therapy(trial.patient, note="Dr Somebody wrote", started_on=date(2025, 1, 1))
    url = f"/staff/patients/conservativetherapy/{row.pk}/change/"

    assert "Somebody" in as_staff(coordinator).get(url).content.decode()
    assert "Somebody" not in as_staff(analyst).get(url).content.decode()


def test_the_trial_page_names_an_old_screen_and_a_past_authorisation_on_its_card_and_at_the_step(
    clinic: Clinic, client: Client
) -> None:
    trial = make_trial(clinic=clinic, phase=Phase.BASELINE_DIARY.value, lead_placed_on=None)
    make_review(trial.patient, mrsa_result="negative", mrsa_on="2026-01-01")
    make_therapy(trial.patient)
    keep(
        PriorAuthorisation,
        trial.patient,
        values={"payer": "Demo", "number": "1", "expires_on": "2026-02-01"},
        act=ACT,
    )

    page = client.get(f"/staff/trials/stimulationtrial/{trial.pk}/change/").content.decode()

    assert page.count("MRSA screen of 2026-01-01") == 2
    assert page.count("had run out: it was valid until 2026-02-01") == 2


def test_a_disability_score_that_staff_record_is_no_longer_missing(
    trial: StimulationTrial, client: Client, coordinator: User
) -> None:
    lacks = "ODI at least 21 at baseline"
    assert lacks in text_of(client, trial)
    assert "No ODI from before the leads is recorded" in text_of(client, trial)
    place = url_of(trial).removesuffix("before/") + "change/"
    facts = {"answered_on": str(first_day()), "total": "42.5", "version": "2.1a", "trial": str(trial.pk)}
    form = fields_of(client, place) | {"responses-2-TOTAL_FORMS": "1"}

    late = form | {f"responses-2-0-{name}": value for name, value in facts.items()}
    refused = client.post(place, late | {"responses-2-0-answered_on": str(trial.lead_placed_on)})
    assert "Not before the leads" in refused.content.decode()
    assert not trial.responses.exists()
    assert client.post(place, late).status_code == 302

    page = text_of(client, trial)
    assert lacks not in page
    assert "ODI (disability, percent) 42.5, version 2.1a, answered" in page
    assert f"recorded by {coordinator.get_full_name() or coordinator.get_username()}" in page
    assert "ODI (disability, percent) 42.5, version 2.1a" in client.get(place).content.decode()


def test_a_corrected_disability_score_names_who_corrected_it(
    trial: StimulationTrial, client: Client, coordinator: User, clinician: User, as_staff: Visit
) -> None:
    place = url_of(trial).removesuffix("before/") + "change/"
    facts = {"answered_on": str(first_day()), "total": "42.5", "version": "2.1a", "trial": str(trial.pk)}
    form = fields_of(client, place) | {"responses-2-TOTAL_FORMS": "1"}
    client.post(place, form | {f"responses-2-0-{name}": value for name, value in facts.items()})
    row = trial.responses.get()
    revise = place.replace("change/", f"revise/response/{row.pk}/")

    said = {"act": "correct", "said": "44", "why_code": "mistyped", "why": "as the form says"}
    response = as_staff(clinician).post(revise, said)

    page = text_of(client, trial)
    assert response.status_code == 302, response.content.decode()
    assert "ODI (disability, percent) 44, version 2.1a, answered" in page
    assert f"recorded by {clinician.get_full_name() or clinician.get_username()}" in page
