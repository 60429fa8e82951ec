"""The invitation page: shown once, for a patient or a caregiver, in the patient's language, as a real QR."""

import re
from datetime import UTC, datetime

import pytest
import segno
from django.test import Client

from apps.accounts.models import User
from apps.diary.pairing import pair_phone
from apps.diary.schemas import PairingBody
from apps.diary.wording import LANGUAGES
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial
from apps.workspace.invitation import QUIET_ZONE, SHEETS, QrCode, qr_of
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit, today

TRIALS = "/staff/trials/stimulationtrial/"
LINK = "https://clinic.example/app/#join=Zm9vYmFyYmF6cXV4MTIzNA"
NOW = datetime.now(UTC)


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


def dark_modules(code: QrCode) -> set[tuple[int, int]]:
    """Read back from the path alone."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path)
    return {(int(x) + n, int(y)) for x, y, length in runs for n in range(int(length))}


def test_the_path_draws_each_dark_module_once_inside_its_quiet_zone() -> None:
    code = qr_of(LINK)
    drawn = segno.make_qr(LINK, error="q", boost_error=False)

    expected = {
        (x + QUIET_ZONE, y + QUIET_ZONE)
        for y, row in enumerate(drawn.matrix)
        for x, module in enumerate(row)
        if module
    }

    assert dark_modules(code) == expected
    assert code.size == len(drawn.matrix) + 2 * QUIET_ZONE


def test_there_is_a_sheet_in_every_language_of_the_diary_with_the_same_steps() -> None:
    assert set(SHEETS) == set(LANGUAGES)
    assert {len(sheet.steps) for sheet in SHEETS.values()} == {4}
    assert all("{address}" in sheet.steps[1] for sheet in SHEETS.values())
    assert all("10" in sheet.steps[-1] and "24" in sheet.steps[-1] for sheet in SHEETS.values())


@pytest.mark.parametrize("holder", ["patient", "proxy"])
def test_code_and_square_join_a_phone_of_the_invited_person_and_only_once(
    trial: StimulationTrial, client: Client, holder: str
) -> None:
    page = client.post(f"{TRIALS}{trial.pk}/pairing-code/", {"holder": holder})

    paired = pair_phone(PairingBody(code=page.context["code"]), at=datetime.now(UTC))
    assert (paired.device.trial_id, paired.device.holder) == (trial.pk, holder)
    assert "no-store" in page["Cache-Control"]


def test_the_page_keeps_the_policy(trial: StimulationTrial, client: Client) -> None:
    html = client.post(f"{TRIALS}{trial.pk}/pairing-code/").content.decode()

    assert "style=" not in html
    assert 'role="img" aria-label="QR code of the invitation"' in html
    assert "#join=" not in html, "the secret stands in the square only"


def test_it_says_what_each_is_good_for(trial: StimulationTrial, client: Client) -> None:
    html = client.post(f"{TRIALS}{trial.pk}/pairing-code/").content.decode()

    assert "for 24 hours, until" in html
    assert "for 10 minutes, until" in html
    assert html.count("used once") == 2


def test_the_sheet_is_in_the_patients_language(trial: StimulationTrial, client: Client) -> None:
    Patient.objects.filter(pk=trial.patient_id).update(language="de")

    html = client.post(f"{TRIALS}{trial.pk}/pairing-code/", {"holder": "proxy"}).content.decode()

    assert '<div lang="de">' in html
    assert SHEETS["de"].title in html
    assert SHEETS["de"].for_caregiver in html


def test_an_open_invitation_is_shown_until_it_is_used(trial: StimulationTrial, client: Client) -> None:
    code = client.post(f"{TRIALS}{trial.pk}/pairing-code/", {"holder": "proxy"}).context["code"]
    url = f"{TRIALS}{trial.pk}/change/"

    before = client.get(url).content.decode()
    pair_phone(PairingBody(code=code), at=datetime.now(UTC))
    after = client.get(url).content.decode()

    assert "<strong>Not paired yet:</strong> invitation for a caregiver" in before
    assert code not in before
    assert "Not paired yet" not in after


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"consent_withdrawn_at": NOW}, "The patient has stopped the diary."),
        (
            {"phase": Phase.DECISION_PENDING.value, "ended_on": today(), "end_reason": "success"},
            "The trial is over",
        ),
    ],
)
def test_when_nobody_can_be_invited_the_buttons_are_gone_and_the_reason_stands_there(
    trial: StimulationTrial, client: Client, facts: dict[str, object], why: str
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(**facts)
    codes = trial.pairing_codes.count()

    page = client.get(f"{TRIALS}{trial.pk}/change/").content.decode()
    refused = client.post(f"{TRIALS}{trial.pk}/pairing-code/", follow=True).content.decode()

    assert "Invite the patient" not in page
    assert why in page
    assert why in refused
    assert trial.pairing_codes.count() == codes


def test_only_a_patient_or_a_caregiver_is_invited(trial: StimulationTrial, client: Client) -> None:
    assert client.post(f"{TRIALS}{trial.pk}/pairing-code/", {"holder": "nurse"}).status_code == 404
