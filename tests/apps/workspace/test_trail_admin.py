"""The list of the trail names who acted, and is searched by a person's name."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.audit.services import record
from tests.apps.workspace.conftest import Visit
from tests.factories import NOW, make_device, make_staff, make_trial

pytestmark = pytest.mark.django_db
TRAIL = "/staff/audit/auditevent/"


@pytest.fixture
def dora(clinic: Clinic) -> User:
    person = make_staff("dora", clinic=clinic, role=Role.CLINICIAN)
    User.objects.filter(pk=person.pk).update(first_name="Dora", last_name="Made-up")
    return person


@pytest.fixture
def client(site_admin: User, as_staff: Visit) -> Client:
    return as_staff(site_admin)


def act(clinic: Clinic, by: str, *, about: str) -> None:
    record(action="change", object_type="thing", object_id=about, by=by, at=NOW, clinic_id=clinic.pk)


def page_of(client: Client, **asked: str) -> str:
    return client.get(TRAIL, asked).content.decode()


def test_people_phones_and_jobs_are_named(clinic: Clinic, client: Client, dora: User) -> None:
    phone, _ = make_device(make_trial(clinic=clinic))
    for number, by in enumerate((f"staff:{dora.pk}", f"device:{phone.pk}", "job:outcomes.assess_trials")):
        act(clinic, by, about=f"T-{number}")

    page = page_of(client)

    for words in ("Dora Made-up, Clinician", "the patient&#x27;s phone", "the job that makes verdicts"):
        assert f'<td class="field-who">{words}</td>' in page
    assert f"staff:{dora.pk}</td>" not in page


def test_the_role_is_that_of_the_moment(clinic: Clinic, client: Client, dora: User) -> None:
    StaffMembership.objects.filter(user=dora).update(role=Role.COORDINATOR.value)
    act(clinic, f"staff:{dora.pk}", about="T-1")

    assert "Dora Made-up, Clinician</td>" in page_of(client), "the event is older than the change of the role"


# fmt: off
SEARCHES = [
    # what is typed   found
    ("Dora",          True),
    ("made-up dora",  True),
    ("Dora Other",    False),
    ("T-1",           True),
    ("staff:{pk}",    True),
]
# fmt: on


@pytest.mark.parametrize(("typed", "found"), SEARCHES)
def test_an_event_is_found_by_the_name_of_who_acted(
    clinic: Clinic, client: Client, dora: User, typed: str, found: bool
) -> None:
    act(clinic, f"staff:{dora.pk}", about="T-1")
    act(clinic, "job:outcomes.reconcile", about="T-2")

    page = page_of(client, q=typed.format(pk=dora.pk))

    assert (">T-1</td>" in page) is found
    assert ">T-2</td>" not in page


def test_the_page_of_one_event_names_the_person_beside_the_code(
    clinic: Clinic, client: Client, dora: User
) -> None:
    act(clinic, f"staff:{dora.pk}", about="T-1")
    event = AuditEvent.objects.get(object_id="T-1")

    page = client.get(f"{TRAIL}{event.pk}/change/").content.decode()

    assert "Dora Made-up, Clinician" in page
    assert f"staff:{dora.pk}" in page


def test_a_long_list_takes_no_more_statements_than_a_short_one(
    clinic: Clinic, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [make_staff(f"person{n}", clinic=clinic, role=Role.COORDINATOR) for n in range(20)]
    act(clinic, f"staff:{people[0].pk}", about="T-0")
    page_of(client)
    with django_assert_max_num_queries(40) as asked:
        page_of(client)
    few = len(asked)
    for person in people:
        act(clinic, f"staff:{person.pk}", about="T-1")

    with django_assert_max_num_queries(few):
        assert "person19, Coordinator" in page_of(client)
