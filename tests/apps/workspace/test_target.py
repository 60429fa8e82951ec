"""The target is chosen among the regions of the body map, and where the two differ it is said."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.patients.models import PainRegions, Patient
from apps.patients.services import Act, keep
from apps.trials.models import StimulationTrial
from apps.workspace.packet import target_of
from apps.workspace.target import ALL_OFFERED, MARKED, NOT_MARKED, ONLY_WORDS, target_field, target_notes
from sctrial.checklist import BODY_REGIONS
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit, first_day
from tests.apps.workspace.test_trial_page import errors_of, fields_of, url_of
from tests.factories import NOW, make_patient, make_trial

pytestmark = pytest.mark.django_db
TRIALS = "/staff/trials/stimulationtrial/"
BACK_AND_LEG = ["low_back", "lower_leg_left"]
WHY = {"why_code": "source_differs", "why": "as the chart has it"}


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(
        clinic=clinic, phase=Phase.BASELINE_DIARY.value, diary_from=first_day(), lead_placed_on=None
    )


def mark(patient: Patient, *regions: str, days: int = 0) -> None:
    keep(
        PainRegions,
        patient,
        values={"regions": list(regions)},
        act=Act("staff:1", NOW + timedelta(days=days)),
    )


def page_of(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


def groups_of(field: Any) -> dict[str, list[str]]:
    return {name: [code for code, _ in codes] for name, codes in field.choices}


def test_the_marked_regions_are_offered_and_what_was_chosen_before_stays_among_them(
    trial: StimulationTrial,
) -> None:
    mark(trial.patient, *BACK_AND_LEG)

    offered = target_field("Target", patient=trial.patient, chosen=["low_back", "foot_left"])

    assert groups_of(offered) == {MARKED: BACK_AND_LEG, NOT_MARKED: ["foot_left"]}


def test_without_a_map_every_region_is_offered(trial: StimulationTrial) -> None:
    for patient in (trial.patient, None):
        offered = target_field("Target", patient=patient, chosen=[])

        known: Any = offered.choices
        assert dict(known) == dict(BODY_REGIONS)
        assert offered.help_text == ALL_OFFERED


# fmt: off
NOTES = [
    # target                      marked          what is said
    (BACK_AND_LEG,                BACK_AND_LEG,   ""),
    (["low_back"],                BACK_AND_LEG,   ""),
    (BACK_AND_LEG,                ["low_back"],   "Not marked on the body map: Lower leg, left."),
    (BACK_AND_LEG,                [],             "Not marked on the body map: Low back; Lower leg, left."),
    ([],                          BACK_AND_LEG,   ONLY_WORDS),
]
# fmt: on


@pytest.mark.parametrize(("target", "marked", "said"), NOTES)
def test_what_is_said_of_a_target_beside_the_map(target: list[str], marked: list[str], said: str) -> None:
    assert target_notes(StimulationTrial(target_regions=", ".join(target)), marked=marked) == said


def test_several_regions_and_words_beside_them_are_kept_as_one_target(
    trial: StimulationTrial, client: Client
) -> None:
    mark(trial.patient, *BACK_AND_LEG)
    chosen = {"target_regions": BACK_AND_LEG[::-1], "target_area": "behind the knee"}

    response = client.post(url_of(trial), fields_of(client, url_of(trial)) | WHY | chosen)

    trial.refresh_from_db()
    assert response.status_code == 302, errors_of(response)
    assert trial.target_codes == BACK_AND_LEG
    assert trial.target_words == "Low back; Lower leg, left; behind the knee"


def test_a_region_that_nobody_marked_is_refused_at_its_field(trial: StimulationTrial, client: Client) -> None:
    mark(trial.patient, *BACK_AND_LEG)
    sent = fields_of(client, url_of(trial)) | WHY | {"target_regions": ["head"]}

    assert set(errors_of(client.post(url_of(trial), sent))) == {"target_regions"}


def test_a_target_is_needed(trial: StimulationTrial, client: Client) -> None:
    sent = fields_of(client, url_of(trial)) | WHY | {"target_area": ""}

    errors = errors_of(client.post(url_of(trial), sent))

    assert errors == {"target_area": ["Choose a region, or write in words where the target pain is."]}


def test_a_new_trial_takes_any_region_for_its_patient_is_chosen_beside_it(
    clinic: Clinic, client: Client
) -> None:
    patient = make_patient(clinic=clinic)
    sent = fields_of(client, f"{TRIALS}add/") | {
        "patient": patient.pk,
        "modality": "DRG",
        "target_regions": ["foot_left"],
        "rule_set_id": "NORTH_PP",
        "diary_from": str(first_day()),
    }

    response = client.post(f"{TRIALS}add/", sent)

    assert response.status_code == 302, errors_of(response)
    assert StimulationTrial.objects.get().target_words == "Foot, left"


def test_once_the_leads_are_in_the_target_is_read_and_not_chosen(clinic: Clinic, client: Client) -> None:
    old = make_trial(clinic=clinic, target_area="both legs, as written in 2025")

    page = page_of(client.get(url_of(old)))

    assert not {"target_regions", "target_area"} & fields_of(client, url_of(old)).keys()
    assert "both legs, as written in 2025" in page


def test_the_page_before_the_trial_says_what_the_map_lacks(trial: StimulationTrial, client: Client) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(
        target_regions=", ".join(BACK_AND_LEG), target_area=""
    )
    before = f"{TRIALS}{trial.pk}/before/"

    assert "Not marked on the body map: Low back; Lower leg, left." in page_of(client.get(before))
    mark(trial.patient, *BACK_AND_LEG)
    assert "Not marked on the body map" not in page_of(client.get(before))


def test_the_packet_holds_the_target_against_the_map_as_it_was_signed(trial: StimulationTrial) -> None:
    trial.target_regions = ", ".join(BACK_AND_LEG)
    mark(trial.patient, "low_back")
    mark(trial.patient, *BACK_AND_LEG, days=2)
    target = "Low back; Lower leg, left; low back"

    found = [target_of(trial, at=NOW + timedelta(days=days)) for days in (-1, 1, 3)]

    assert found == [
        [target, "none", "Not marked on the body map: Low back; Lower leg, left."],
        [target, "Low back", "Not marked on the body map: Lower leg, left."],
        [target, "Low back; Lower leg, left", ""],
    ]


# fmt: off
SEARCHES = [
    # what is typed   found
    ("lower leg",     True),
    ("LEFT",          True),
    ("behind",        True),
    ("shoulder",      False),
]
# fmt: on


@pytest.mark.parametrize(("typed", "found"), SEARCHES)
def test_a_trial_is_found_by_a_region_in_its_target(
    trial: StimulationTrial, client: Client, typed: str, found: bool
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(
        target_regions=", ".join(BACK_AND_LEG), target_area="behind the knee"
    )

    page = page_of(client.get(TRIALS, {"q": typed}))

    assert (str(trial.patient) in page) is found
