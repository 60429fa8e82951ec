"""The pages of a clinic's own rule sets: paste, read, and have a second person approve."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.outcomes.services import assess
from apps.trials.models import ClinicRuleSet, StimulationTrial
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit, first_day
from tests.factories import NOW, make_own_rule, make_patient, make_proposal, make_trial, own_rule

LIST = "/staff/trials/clinicruleset/"
ADD = f"{LIST}add/"
TRIALS = "/staff/trials/stimulationtrial/"


def page(row: ClinicRuleSet, name: str = "change") -> str:
    return f"{LIST}{row.pk}/{name}/"


def propose(client: Client, clinic: Clinic, text: str) -> Any:
    return client.post(ADD, {"clinic": clinic.pk, "content": text})


def rules_offered(client: Client, url: str) -> set[str]:
    field = client.get(url).context["adminform"].form.fields["rule_set_id"]
    return {value for value, _ in field.choices}


def test_a_site_admin_pastes_a_rule_set_and_a_clinician_approves_it(
    clinic: Clinic, site_admin: User, clinician: User, as_staff: Visit
) -> None:
    response = propose(as_staff(site_admin), clinic, own_rule().replace("\n", "\r\n"))
    assert response.status_code == 302
    row = ClinicRuleSet.objects.get()
    assert (row.rule_id, row.proposed_by, row.approved_by) == ("OUR_RULE", site_admin, None)

    done = as_staff(clinician).post(page(row, "approve"), follow=True).content.decode()

    row.refresh_from_db()
    assert row.approved_by == clinician
    assert "OUR_RULE 2026.1 is approved" in done


@pytest.mark.parametrize(
    ("part", "instead", "message"),
    [
        ('id = "OUR_RULE"', 'id = "NORTH_PP"', "is the name of a shipped rule set"),
        ('holder = "The clinic"', "", "own rule set: holder: is missing"),
        ("score_kind", "score kind", "is not TOML"),
    ],
)
def test_what_is_wrong_stands_at_the_field_in_the_loaders_words(
    clinic: Clinic, site_admin: User, as_staff: Visit, part: str, instead: str, message: str
) -> None:
    response = propose(as_staff(site_admin), clinic, own_rule().replace(part, instead))

    assert message in response.context["adminform"].form.errors["content"][0]
    assert not ClinicRuleSet.objects.exists()


@pytest.mark.parametrize(
    ("who", "lists", "adds", "approves"),
    [
        ("coordinator", 200, 403, 403),
        ("clinician", 200, 403, 302),
        ("site_admin", 200, 200, 302),
        ("analyst", 200, 403, 403),
        # Elsewhere a clinician, so the list is theirs and empty; the row does not exist.
        ("stranger", 200, 403, 404),
        ("nobody", 403, 403, 404),
    ],
)
def test_who_may_do_what(
    request: pytest.FixtureRequest,
    clinic: Clinic,
    as_staff: Visit,
    who: str,
    lists: int,
    adds: int,
    approves: int,
) -> None:
    row = make_proposal(clinic)
    client = as_staff(request.getfixturevalue(who))

    assert (client.get(LIST).status_code, client.get(ADD).status_code) == (lists, adds)
    assert client.get(page(row, "approve")).status_code == 405
    assert client.post(page(row, "approve")).status_code == approves
    row.refresh_from_db()
    assert (row.approved_at is not None) is (approves == 302)


def test_the_proposer_reads_that_somebody_else_approves(
    clinic: Clinic, site_admin: User, as_staff: Visit
) -> None:
    client = as_staff(site_admin)
    propose(client, clinic, own_rule())
    row = ClinicRuleSet.objects.get()

    shown = client.get(page(row)).content.decode()
    refused = client.post(page(row, "approve"), follow=True).content.decode()

    assert "you proposed OUR_RULE 2026.1; another person approves it" in shown
    assert "/approve/" not in shown
    assert "Not approved: you proposed" in refused
    row.refresh_from_db()
    assert row.approved_at is None


def test_the_page_shows_the_text_and_offers_approval_but_no_edit(
    clinic: Clinic, clinician: User, as_staff: Visit
) -> None:
    row, client = make_proposal(clinic), as_staff(clinician)

    shown = client.get(page(row)).content.decode()

    assert "threshold = &quot;40%&quot;" in shown
    assert f'action="{page(row, "approve")}"' in shown
    assert "_save" not in shown
    assert client.post(page(row), {"content": own_rule(threshold="1%")}).status_code == 403


def test_a_rule_set_of_another_clinic_does_not_exist(clinic: Clinic, stranger: User, as_staff: Visit) -> None:
    row, client = make_own_rule(clinic), as_staff(stranger)

    assert client.get(page(row)).status_code == 404
    assert client.get(LIST).context["cl"].result_count == 0


def test_a_site_admin_cannot_propose_for_another_clinic(
    clinic: Clinic, other_clinic: Clinic, site_admin: User, as_staff: Visit
) -> None:
    response = propose(as_staff(site_admin), other_clinic, own_rule())

    assert "clinic" in response.context["adminform"].form.errors
    assert not ClinicRuleSet.objects.exists()


def test_the_list_says_which_are_approved(clinic: Clinic, analyst: User, as_staff: Visit) -> None:
    make_own_rule(clinic)
    make_proposal(clinic, own_rule(version="2026.2"))

    shown = as_staff(analyst).get(LIST).content.decode()

    assert 'class="field-state">approved<' in shown
    assert 'class="field-state">proposed<' in shown


def test_a_trials_form_offers_the_approved_rules_of_its_clinic(
    clinic: Clinic, other_clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    make_own_rule(clinic)
    make_own_rule(other_clinic, own_rule(rule_id="FOREIGN"))
    make_proposal(clinic, own_rule(rule_id="PROPOSED"))
    make_own_rule(
        clinic, own_rule(rule_id="ENDED").replace("2020-01-01", "2020-01-01\nin_force_to = 2025-01-01")
    )
    trial = make_trial(clinic=clinic, phase=Phase.BASELINE_DIARY.value, lead_placed_on=None)
    client = as_staff(coordinator)

    for url in (f"{TRIALS}{trial.pk}/change/", f"{TRIALS}add/"):
        offered = rules_offered(client, url)
        assert {"OUR_RULE", "NORTH_PP"} <= offered
        assert not {"FOREIGN", "PROPOSED", "ENDED"} & offered


@pytest.mark.parametrize(("rule_set_id", "kept"), [("OUR_RULE", True), ("PROPOSED", False)])
def test_a_new_trial_may_be_given_an_approved_rule(
    clinic: Clinic, coordinator: User, as_staff: Visit, rule_set_id: str, kept: bool
) -> None:
    make_own_rule(clinic)
    make_proposal(clinic, own_rule(rule_id="PROPOSED"))
    sent = {
        "patient": make_patient(clinic=clinic).pk,
        "modality": "SCS",
        "repeat_number": 1,
        "target_area": "low back",
        "scale": "nrs_11",
        "rule_set_id": rule_set_id,
        "baseline_window": "last-n-days:7",
        "trial_window": "last-n-days:3",
        "several": "mean",
        "day_starts_at_hour": 0,
        "phase": Phase.BASELINE_DIARY.value,
        "diary_from": str(first_day()),
    }

    response = as_staff(coordinator).post(f"{TRIALS}add/", sent)

    assert response.status_code == (302 if kept else 200)
    assert StimulationTrial.objects.filter(rule_set_id="OUR_RULE").exists() is kept


def test_in_two_clinics_a_rule_of_the_one_is_refused_for_a_patient_of_the_other(
    clinic: Clinic, other_clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    coordinator.memberships.create(clinic=other_clinic, role="coordinator")
    make_own_rule(other_clinic, own_rule(rule_id="FOREIGN"))
    trial = make_trial(clinic=clinic, phase=Phase.BASELINE_DIARY.value, lead_placed_on=None)
    client = as_staff(coordinator)
    assert "FOREIGN" in rules_offered(client, f"{TRIALS}add/")
    fields = (
        "modality",
        "scale",
        "baseline_window",
        "trial_window",
        "several",
        "day_starts_at_hour",
        "phase",
    )
    sent = {name: getattr(trial, name) for name in (*fields, "target_area", "diary_from")}

    response = client.post(
        f"{TRIALS}add/", sent | {"patient": trial.patient_id, "repeat_number": 2, "rule_set_id": "FOREIGN"}
    )

    assert "there is no rule set" in response.context["adminform"].form.errors["rule_set_id"][0]


def test_a_trial_under_an_own_rule_is_read_like_any_other(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    """49.81 % lower, and the clinic's own rule asks for 40 %."""
    make_own_rule(trial.clinic)
    StimulationTrial.objects.filter(pk=trial.pk).update(rule_set_id="OUR_RULE")
    client = as_staff(coordinator)
    assert "Verdict not current since" in client.get(f"{TRIALS}{trial.pk}/change/").content.decode()
    assess(trial.pk, at=NOW)

    shown = client.get(f"{TRIALS}{trial.pk}/change/")

    assert shown.context["own"].title == "A rule made up for tests"
    assert shown.context["figures"][0].note.endswith("the rule asks for ≥ 40 %")
    assert "49.81 % (asked ≥ 40 %)" in client.get(TRIALS).content.decode()
