"""*Review of the trail*: for who runs the clinic, over the days of the address, each list as a file."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.audit.services import record
from apps.workspace.review import KINDS
from tests.apps.workspace.conftest import Visit
from tests.factories import NOW, make_entries, make_patient, make_trial

PLACE = "/staff/trail/review/"
DAY = f"{PLACE}?since=2026-10-12&until=2026-10-12"


def take(clinic: Clinic, *, at: datetime, of: str = "T-1") -> None:
    record(action="export", object_type="trial", object_id=of, by="staff:1", at=at, clinic_id=clinic.pk)


#: Half an hour before midnight in Berlin.
NIGHT = datetime(2026, 10, 12, 21, 30, tzinfo=UTC)


def test_an_empty_clinic_is_told_what_each_list_would_show(site_admin: User, as_staff: Visit) -> None:
    page = as_staff(site_admin).get(PLACE).content.decode()

    assert [kind.heading for kind in KINDS if f"{kind.heading} (0)" not in page] == []
    assert page.count('class="empty"') == len(KINDS)
    assert "comes here" in page


def test_without_an_address_the_last_thirty_days_are_shown(
    site_admin: User, clinic: Clinic, as_staff: Visit
) -> None:
    now = datetime.now(UTC).replace(hour=23, minute=30)
    for days in (2, 28, 32):
        take(clinic, at=now - timedelta(days=days), of=f"{days} days ago")

    page = as_staff(site_admin).get(PLACE).content.decode()

    assert [days for days in (2, 28, 32) if f"{days} days ago" in page] == [2, 28]


def test_a_row_leads_to_its_record_and_another_day_lacks_it(
    site_admin: User, clinic: Clinic, as_staff: Visit
) -> None:
    take(clinic, at=NIGHT)
    event = AuditEvent.objects.get(action="export")
    client = as_staff(site_admin)

    page = client.get(DAY).content.decode()

    place = f"/staff/audit/auditevent/{event.pk}/change/"
    assert f'<a href="{place}">2026-10-12 23:30</a>' in page
    assert client.get(place).status_code == 200
    assert place not in client.get(DAY.replace("12", "13")).content.decode()


def test_the_address_of_many_reads_shows_those_reads(
    site_admin: User, clinic: Clinic, as_staff: Visit
) -> None:
    for n in range(51):
        record(action="look", object_type="patient", object_id=n, by="staff:1", at=NOW, clinic_id=clinic.pk)
    client = as_staff(site_admin)
    page = client.get(DAY).content.decode()
    start = page.index("/staff/audit/auditevent/?")
    place = page[start : page.index('"', start)].replace("&amp;", "&")

    answer = client.get(place)

    assert answer.status_code == 200
    assert "51 audit events" in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("since=2026-10-13&until=2026-10-12", "choose a later day"),
        ("since=2025-01-01&until=2026-10-12", "at most 366 days"),
        ("since=yesterday", "Enter a valid date."),
        ("clinic=999999", "Select a valid choice."),
    ],
)
def test_days_that_cannot_be_say_why(site_admin: User, as_staff: Visit, asked: str, said: str) -> None:
    answer = as_staff(site_admin).get(f"{PLACE}?{asked}")

    assert (answer.status_code, said in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_list_is_a_file_too_and_taking_it_is_an_event(
    site_admin: User, clinic: Clinic, as_staff: Visit, form: str
) -> None:
    take(clinic, at=NIGHT, of="=1+1")

    answer = as_staff(site_admin).get(f"{DAY}&list=night&as={form}")

    text = answer.content.decode()
    rows = json.loads(text) if form == "json" else list(csv.DictReader(StringIO(text, newline="")))
    assert [(row["When"], row["Of"]) for row in rows] == [("2026-10-12 23:30", "trial =1+1")]
    assert answer["Content-Disposition"].endswith(f'-2026-10-12-2026-10-12.{form}"')
    event = AuditEvent.objects.filter(object_type="review").get()
    assert (event.action, event.clinic_id, event.detail["list"]) == ("export", clinic.pk, "night")


def test_looking_is_an_event_and_no_record_read(site_admin: User, clinic: Clinic, as_staff: Visit) -> None:
    as_staff(site_admin).get(DAY)

    event = AuditEvent.objects.get(object_type="review")
    assert (event.action, event.object_id, event.clinic_id) == ("look", "", clinic.pk)
    assert event.detail == {"since": "2026-10-12", "until": "2026-10-12"}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CLINICIAN, Role.ANALYST])
def test_it_is_for_who_runs_the_clinic(clinic: Clinic, as_staff: Visit, role: Role) -> None:
    person = User.objects.create(username="somebody", is_staff=True)
    clinic.memberships.create(user=person, role=role)

    assert as_staff(person).get(PLACE).status_code == 403


def test_another_clinic_is_nobodys_here(
    site_admin: User, clinic: Clinic, other_clinic: Clinic, as_staff: Visit
) -> None:
    take(other_clinic, at=NIGHT, of="foreign")
    client = as_staff(site_admin)

    assert "foreign" not in client.get(DAY).content.decode()
    assert client.get(f"{DAY}&clinic={other_clinic.pk}").status_code == 422


def test_who_runs_two_clinics_chooses_one(
    site_admin: User, clinic: Clinic, other_clinic: Clinic, as_staff: Visit
) -> None:
    other_clinic.memberships.create(user=site_admin, role=Role.SITE_ADMIN)
    take(other_clinic, at=NIGHT, of="foreign")
    client = as_staff(site_admin)

    shown = {
        of.pk: "foreign" in client.get(f"{DAY}&clinic={of.pk}").content.decode()
        for of in (clinic, other_clinic)
    }

    assert shown == {clinic.pk: False, other_clinic.pk: True}


def test_more_rows_cost_no_statement_more(site_admin: User, clinic: Clinic, as_staff: Visit) -> None:
    client = as_staff(site_admin)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(DAY)
        return len(asked)

    def one_more() -> None:
        take(clinic, at=NIGHT)
        trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic))
        make_entries(trial, {str((NOW - timedelta(days=3)).date()): 5})

    one_more()
    few = cost()
    for _ in range(4):
        one_more()

    assert cost() == few


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", "Nachts mitgenommen (1)"), ("es", "Tomado de noche (1)"), ("fr", "Taken at night (1)")],
)
def test_it_speaks_the_language_of_the_browser(
    site_admin: User, clinic: Clinic, as_staff: Visit, language: str, words: str
) -> None:
    take(clinic, at=NIGHT)

    page = as_staff(site_admin).get(DAY, headers={"Accept-Language": language}).content.decode()

    assert words in page
    assert "2026-10-12 23:30" in page
