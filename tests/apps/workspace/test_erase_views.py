"""The page that erases who a patient is: it says what goes and what stays, and is a tombstone afterwards."""

from datetime import date, timedelta

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.patients.erasing import erase_identity, tombstone_of
from apps.patients.models import Patient, PatientIdentity
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit, today
from tests.factories import NOW, make_device, make_patient, make_trial

NAME = "Made-up Madeleine Sample"
OF_THE_PERSON = ("Madeleine", "1961", "5550123", "example.org")


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    made = make_patient(clinic=clinic)
    PatientIdentity.objects.create(
        patient=made,
        full_name=NAME,
        born_on=date(1961, 4, 9),
        phone="+49 171 5550123",
        email="madeleine@example.org",
    )
    return made


@pytest.fixture
def trial(clinic: Clinic, patient: Patient) -> StimulationTrial:
    """Over, with a phone that is still paired."""
    made = make_trial(clinic=clinic, patient=patient)
    make_device(made)
    StimulationTrial.objects.filter(pk=made.pk).update(phase=Phase.DECIDED.value)
    return made


@pytest.fixture
def client(site_admin: User, as_staff: Visit) -> Client:
    return as_staff(site_admin)


def url_of(patient: Patient, page: str = "erase") -> str:
    return f"/staff/patients/patient/{patient.pk}/{page}/"


def sent(patient: Patient, **changes: str) -> dict[str, str]:
    form = {"reason_code": "asked", "words": "letter of 9 October", "pseudonym": patient.pseudonym}
    return form | changes


def told_of(text: str) -> list[str]:
    return [words for words in OF_THE_PERSON if words in text]


def test_the_page_says_what_goes_and_what_stays_before_it_asks(
    patient: Patient, trial: StimulationTrial, client: Client
) -> None:
    page = client.get(url_of(patient)).content.decode()

    assert "Recorded now: name, birth date, phone, e-mail." in page
    assert "Phones: 1 paired, each revoked at once" in page
    assert "Invitations: 0 open" in page
    assert f"The pseudonym {patient}, the study id of exports" in page
    assert "Backups, and files that somebody has taken away. They are the clinic's own" in page
    assert told_of(page) == [], "what is erased is not shown once more"
    assert not PatientIdentity.objects.get().is_erased


def test_the_page_of_the_patient_leads_there_whoever_may(
    patient: Patient, site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    pages = [
        as_staff(user).get(url_of(patient, "change")).content.decode() for user in (site_admin, coordinator)
    ]

    assert [url_of(patient) in page for page in pages] == [True, False]


def test_once_erased_the_page_is_a_tombstone(
    patient: Patient, trial: StimulationTrial, client: Client, site_admin: User
) -> None:
    page = client.post(url_of(patient), sent(patient), follow=True).content.decode()

    assert f"The identity of {patient} is erased." in page
    assert f"Identity erased on {today().day} {today():%b %Y}" in page
    assert "UTC by site_admin. The patient asked for it" in page
    assert "<form method" not in page[page.index('id="erased"') :]
    event = AuditEvent.objects.get(action="erase")
    assert (event.actor, event.reason) == (f"staff:{site_admin.pk}", "letter of 9 October")
    assert trial.devices.get().revoked_at is not None


def test_a_second_time_says_so_and_changes_nothing(patient: Patient, client: Client) -> None:
    client.post(url_of(patient), sent(patient))
    page = client.post(url_of(patient), sent(patient, reason_code="other"), follow=True).content.decode()

    assert "The identity was erased before, and nothing was changed." in page
    assert PatientIdentity.objects.get().erased_because == "asked"
    assert AuditEvent.objects.filter(action="erase").count() == 1


# fmt: off
REFUSED = [
    # changed                        says
    ({"reason_code": ""},            "This field is required."),
    ({"reason_code": "mistyped"},    "Select a valid choice."),
    ({"words": "x"},                 "at least 3 characters"),
    ({"words": "a   b"},             "say why the identity is erased, in at least 3 characters."),
    ({"words": "x" * 201},           "at most 200 characters"),
    ({"pseudonym": "P-0"},           "This is another patient: type P-"),
]
# fmt: on


@pytest.mark.parametrize(("changes", "says"), REFUSED)
def test_what_is_missing_is_named_and_nothing_is_erased(
    patient: Patient, client: Client, changes: dict[str, str], says: str
) -> None:
    answer = client.post(url_of(patient), sent(patient, **changes))

    assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert PatientIdentity.objects.get().full_name == NAME


def test_a_running_trial_is_named_with_the_remedy_and_nothing_is_asked(
    patient: Patient, trial: StimulationTrial, client: Client
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=Phase.TRIAL_ACTIVE.value)

    asked, answer = client.get(url_of(patient)), client.post(url_of(patient), sent(patient))

    assert (asked.status_code, answer.status_code) == (200, 409)
    for page in (asked.content.decode(), answer.content.decode()):
        assert "A trial of this patient is running (Trial active)" in page
        assert "Erase the identity for good" not in page
    assert tombstone_of(patient) is None


def test_in_another_clinic_there_is_no_such_patient(other_clinic: Clinic, client: Client) -> None:
    theirs = make_patient(clinic=other_clinic)

    assert client.get(url_of(theirs)).status_code == 404
    assert client.post(url_of(theirs), sent(theirs)).status_code == 404
    assert tombstone_of(theirs) is None


def test_the_tombstone_stands_where_the_name_stood(
    patient: Patient, client: Client, coordinator: User, as_staff: Visit
) -> None:
    """On the patient's page, in its history, in the list that is searched, and in the file of the trail."""
    theirs = as_staff(coordinator)
    before = theirs.get(url_of(patient, "change")).content.decode()
    client.post(url_of(patient), sent(patient))

    after = theirs.get(url_of(patient, "change")).content.decode()
    history = theirs.get(url_of(patient, "history")).content.decode()
    found = theirs.get("/staff/patients/patient/?q=Madeleine").content.decode()
    trail = {"clinic": str(patient.clinic_id), "form": "csv", "reason": "inspection"}
    file = client.post("/staff/trail/", trail).getvalue().decode()

    assert told_of(before) == list(OF_THE_PERSON)
    assert f"Identity erased on {today().day} {today():%b %Y}: The patient asked for it" in after
    assert [told_of(text) for text in (after, history, file)] == [[], [], []]
    assert patient.pseudonym not in found


def test_a_form_that_was_open_writes_no_name_back(
    patient: Patient, coordinator: User, as_staff: Visit
) -> None:
    erase_identity(patient, by="staff:7", reason_code="asked", words="letter", at=NOW)
    identity = PatientIdentity.objects.get()
    form = {
        "pseudonym": patient.pseudonym,
        "zone": "Europe/Berlin",
        "language": "en",
        "identity-TOTAL_FORMS": "1",
        "identity-INITIAL_FORMS": "1",
        "identity-0-id": str(identity.pk),
        "identity-0-patient": str(patient.pk),
        "identity-0-full_name": NAME,
    }

    answer = as_staff(coordinator).post(url_of(patient, "change"), form)

    assert answer.status_code < 500
    assert PatientIdentity.objects.get().full_name == ""


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Identity erased on 12 Oct"), ("de", "Identität gelöscht am"), ("es", "Identidad borrada el")],
)
def test_the_worklist_names_no_silent_patient_who_was_erased(
    clinic: Clinic, patient: Patient, coordinator: User, as_staff: Visit, language: str, words: str
) -> None:
    make_trial(
        clinic=clinic,
        patient=patient,
        diary_from=today() - timedelta(days=5),
        lead_placed_on=today() - timedelta(days=2),
        planned_end_on=today() + timedelta(days=4),
    )
    erase_identity(patient, by="staff:7", reason_code="asked", words="letter", at=NOW)

    page = as_staff(coordinator).get("/staff/", headers={"Accept-Language": language}).content.decode()

    assert (words in page, told_of(page)) == (True, [])


def test_no_phone_is_invited_for_somebody_who_was_erased(
    clinic: Clinic, patient: Patient, coordinator: User, as_staff: Visit
) -> None:
    trial = make_trial(clinic=clinic, patient=patient)
    erase_identity(patient, by="staff:7", reason_code="asked", words="letter", at=NOW)

    page = as_staff(coordinator).post(
        f"/staff/trials/stimulationtrial/{trial.pk}/pairing-code/", {"holder": "patient"}, follow=True
    )

    assert "so no phone is invited. Add the person as a new patient." in page.content.decode()
    assert not trial.pairing_codes.exists()
