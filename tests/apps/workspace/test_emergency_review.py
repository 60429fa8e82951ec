"""Afterwards a site admin sees who read what, and why, and says whether it was justified."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts.models import Clinic, EmergencyAccess, Role, StaffMembership, User
from apps.trials.models import StimulationTrial
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.emergency_room import open_for
from tests.factories import make_staff

pytestmark = pytest.mark.django_db
PAGE = "/staff/emergency/"
JUDGED = {"assessment": "justified", "assessment_words": "rang the emergency room"}
AN_HOUR_AGO = timedelta(minutes=60)


@pytest.fixture
def reader(stranger: User, as_staff: Visit) -> Client:
    return as_staff(stranger)


@pytest.fixture
def admin(site_admin: User, as_staff: Visit) -> Client:
    return as_staff(site_admin)


def url_of(row: EmergencyAccess) -> str:
    return f"{PAGE}{row.pk}/"


def test_the_page_names_who_why_and_each_record_that_was_read(
    clinic: Clinic, trial: StimulationTrial, stranger: User, reader: Client, admin: Client
) -> None:
    row = open_for(stranger, clinic, client=reader)
    for _ in range(2):
        reader.get(f"/staff/trials/stimulationtrial/{trial.pk}/change/")
    reader.get("/staff/patients/patient/")
    reader.get(f"/staff/patients/patient/{trial.patient_id}/change/")

    page = admin.get(url_of(row))

    told = [(one.what, one.times) for one in page.context["looked"]]
    assert told == [
        (f"Stimulation trial: {trial}", 2),
        ("List: patients", 1),
        (f"Patient: {trial.patient}", 1),
    ]
    text = page.content.decode()
    assert "The patient is with us, and treatment cannot wait: in our emergency room" in text
    assert f'href="/staff/trials/stimulationtrial/{trial.pk}/change/"' in text


def test_where_nothing_was_read_the_page_says_so(
    clinic: Clinic, stranger: User, reader: Client, admin: Client
) -> None:
    row = open_for(stranger, clinic, client=reader)

    assert "No record and no list of the clinic was opened." in admin.get(url_of(row)).content.decode()


def test_it_is_assessed_once_and_leaves_the_list(
    clinic: Clinic, stranger: User, site_admin: User, reader: Client, admin: Client
) -> None:
    row = open_for(stranger, clinic, client=reader, ago=AN_HOUR_AGO)

    first = admin.post(url_of(row), JUDGED)
    second = admin.post(url_of(row), JUDGED | {"assessment": "not_justified"})

    row.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 409)
    assert (row.assessment, row.assessed_by, row.ended_why) == ("justified", site_admin, "time")
    page = admin.get(PAGE)
    assert (page.context["waiting"], page.context["assessed"]) == ([], [row])
    assert "Justified: rang the emergency room" in page.content.decode()


def test_while_it_is_open_it_waits(clinic: Clinic, stranger: User, reader: Client, admin: Client) -> None:
    row = open_for(stranger, clinic, client=reader)

    assert "It is still open: assess it when it has ended." in admin.get(url_of(row)).content.decode()
    assert admin.post(url_of(row), JUDGED).status_code == 409


@pytest.mark.parametrize(
    "changes",
    [{"assessment": ""}, {"assessment": "fine"}, {"assessment_words": ""}, {"assessment_words": " x  y "}],
)
def test_an_assessment_needs_its_choice_and_its_words(
    clinic: Clinic, stranger: User, reader: Client, admin: Client, changes: dict[str, str]
) -> None:
    row = open_for(stranger, clinic, client=reader, ago=AN_HOUR_AGO)

    assert admin.post(url_of(row), JUDGED | changes).status_code == 422
    row.refresh_from_db()
    assert row.assessed_at is None


def test_who_has_read_it_does_not_judge_it(clinic: Clinic, stranger: User, reader: Client) -> None:
    row = open_for(stranger, clinic, client=reader, ago=AN_HOUR_AGO)
    StaffMembership.objects.create(user=stranger, clinic=clinic, role=Role.SITE_ADMIN)

    page = reader.get(url_of(row)).content.decode()

    assert "Another site admin assesses what you have read yourself." in page
    assert reader.post(url_of(row), JUDGED).status_code == 409


def test_only_the_clinic_that_was_read_sees_it(
    clinic: Clinic, other_clinic: Clinic, stranger: User, reader: Client, as_staff: Visit
) -> None:
    row = open_for(stranger, clinic, client=reader, ago=AN_HOUR_AGO)
    theirs = as_staff(make_staff("their admin", clinic=other_clinic, role=Role.SITE_ADMIN))

    assert [client.get(url_of(row)).status_code for client in (theirs, reader)] == [404, 404]
    assert theirs.post(url_of(row), JUDGED).status_code == 404
    assert theirs.get(PAGE).context["waiting"] == []


def test_the_worklist_of_the_site_admin_counts_what_waits(
    clinic: Clinic, stranger: User, reader: Client, admin: Client
) -> None:
    assert "to assess" not in admin.get("/staff/").content.decode()
    row = open_for(stranger, clinic, client=reader, ago=AN_HOUR_AGO)

    worklist, listed = admin.get("/staff/"), admin.get(PAGE)

    assert worklist.context["to_assess"] == len(listed.context["waiting"]) == 1
    assert "emergency access to assess" in worklist.content.decode()
    assert listed.context["waiting"] == [row]


def test_the_worklist_of_others_counts_nothing(
    clinic: Clinic, stranger: User, reader: Client, clinician: User, as_staff: Visit
) -> None:
    open_for(stranger, clinic, client=reader, ago=AN_HOUR_AGO)

    assert as_staff(clinician).get("/staff/").context["to_assess"] == 0


def test_an_empty_list_says_when_it_fills(admin: Client) -> None:
    page = admin.get(PAGE).content.decode()

    assert "Nobody of another clinic has read your records in an emergency since" in page
    assert "Nothing has been assessed yet." in page
