"""Two site admins at the same instant: on one membership, on each other, and under one new name."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.accounts.people import NOT_YOURS, TAKEN, Act, CannotChange, Newcomer, add_person, change_role
from apps.audit.models import AuditEvent
from tests.factories import NOW, make_clinic, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What each gave; a refusal is given too."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        try:
            start.wait(timeout=10)
            act()
        except CannotChange as refusal:
            return str(refusal)
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def admins(clinic: Clinic, n: int) -> tuple[User, User]:
    first, second = (
        make_staff(f"{name} {n}", clinic=clinic, role=Role.SITE_ADMIN) for name in ("one", "two")
    )
    return first, second


def change(place: StaffMembership, role: str, by: User) -> None:
    change_role(place, role=role, act=Act(by, at=NOW, reason="the plan of this week"))


def demoting(user: User, *, by: User) -> Callable[[], None]:
    place = user.memberships.get()
    return lambda: change(place, Role.ANALYST, by)


def test_two_who_demote_each_other_leave_the_clinic_one_site_admin() -> None:
    given = []
    for n in range(ROUNDS):
        clinic = make_clinic(f"clinic {n}")
        one, two = admins(clinic, n)
        given.append(at_once(demoting(two, by=one), demoting(one, by=two)))
        assert StaffMembership.objects.filter(clinic=clinic, role=Role.SITE_ADMIN).count() == 1

    assert given == [[NOT_YOURS, "done"]] * ROUNDS


def test_two_who_change_one_membership_do_it_one_after_the_other(clinic: Clinic) -> None:
    """Each change says what it found: no event tells of a role that was not there."""
    one, two = admins(clinic, 0)
    place = make_staff("nurse", clinic=clinic, role=Role.COORDINATOR).memberships.get()

    at_once(
        lambda: change(place, Role.CLINICIAN, one),
        lambda: change(place, Role.ANALYST, two),
    )

    rows = AuditEvent.objects.filter(action="change", object_type="staffmembership").order_by("id")
    first, second = (row.detail for row in rows)
    place.refresh_from_db()
    assert (first["was"], first["role"], second["role"]) == ("coordinator", second["was"], place.role)


def test_of_two_who_add_one_name_one_does(clinic: Clinic, other_clinic: Clinic) -> None:
    one, two = admins(clinic, 0)[0], admins(other_clinic, 1)[0]

    def adding(clinic: Clinic, by: User) -> None:
        who = Newcomer("new.nurse", "", "Nurse", f"{by.pk}@clinic.example", "coordinator")
        add_person(clinic, who, act=Act(by, at=NOW, reason="starts in December"))

    given = at_once(lambda: adding(clinic, one), lambda: adding(other_clinic, two))

    assert given == sorted(["done", TAKEN])
    assert User.objects.filter(username="new.nurse").count() == 1
