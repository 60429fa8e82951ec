"""A link to the first password: it works once, for three days, for one account, and for no other use."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from apps.accounts.first_password import (
    ELSEWHERE,
    HAS_ONE,
    LEFT,
    make_link,
    open_link,
    set_first_password,
)
from apps.accounts.models import FORMER, Clinic, Role, StaffMembership, User
from apps.accounts.people import (
    ABOVE,
    NOT_YOURS,
    OWN_AND_LAST,
    Act,
    CannotChange,
    Newcomer,
    add_person,
    change_role,
)
from apps.audit.models import AuditEvent
from tests.factories import NOW
from tests.factories.staff import PASSWORD


def act(by: User) -> Act:
    return Act(by, at=NOW, reason="starts in December")


@pytest.fixture
def place(clinic: Clinic, site_admin: User) -> StaffMembership:
    return add_person(
        clinic, Newcomer("new", "New", "Nurse", "n@clinic.example", "coordinator"), act=act(site_admin)
    )


def link_to(place: StaffMembership, by: User) -> str:
    return make_link(place, act=act(by)).sealed


def test_it_sets_the_password_once_and_the_trail_says_who(place: StaffMembership, site_admin: User) -> None:
    sealed = link_to(place, site_admin)

    first = set_first_password(sealed, password=PASSWORD, at=NOW)
    again = set_first_password(sealed, password="another-long-password", at=NOW)

    assert (first, again) == (place.user, None)
    assert User.objects.get(pk=place.user_id).check_password(PASSWORD)
    rows = AuditEvent.objects.filter(action__in=["make_password_link", "set_first_password"]).order_by("id")
    actors = [f"staff:{site_admin.pk}", f"staff:{place.user_id}"]
    assert list(rows.values_list("actor", flat=True)) == actors


def test_it_works_for_three_days_and_not_a_second_longer(place: StaffMembership, site_admin: User) -> None:
    made = make_link(place, act=act(site_admin))

    assert made.until == NOW + timedelta(days=3)
    assert open_link(made.sealed, at=made.until - timedelta(seconds=1)) == place.user
    assert open_link(made.sealed, at=made.until) is None


def new_link(place: StaffMembership, by: User) -> None:
    make_link(place, act=act(by))


def another_role(place: StaffMembership, by: User) -> None:
    change_role(place, role=Role.ANALYST, act=act(by))


def left(place: StaffMembership, by: User) -> None:
    change_role(place, role=FORMER, act=act(by))


def deactivated(place: StaffMembership, by: User) -> None:
    User.objects.filter(pk=place.user_id).update(is_active=False)


@pytest.mark.parametrize("happens", [new_link, another_role, left, deactivated])
def test_it_is_over_when_the_account_it_was_made_for_is_another(
    place: StaffMembership, site_admin: User, happens: object
) -> None:
    sealed = link_to(place, site_admin)

    happens(place, site_admin)  # type: ignore[operator]

    assert open_link(sealed, at=NOW) is None


def test_one_that_nobody_made_opens_nothing(place: StaffMembership, site_admin: User) -> None:
    sealed = link_to(place, site_admin)
    one_letter_more = f"{sealed}x"

    for made_up in ("", ".", "made-up", one_letter_more, sealed.partition(".")[0], "\x00", "9" * 5000):
        assert open_link(made_up, at=NOW) is None


# --- refused: a link to an account in use would be a way into it ---


def has_set_one(place: StaffMembership, clinic: Clinic, by: User) -> None:
    set_first_password(link_to(place, by), password=PASSWORD, at=NOW)


def works_elsewhere(place: StaffMembership, clinic: Clinic, by: User) -> None:
    StaffMembership.objects.create(user=place.user, clinic=clinic, role=Role.ANALYST)


def has_left(place: StaffMembership, clinic: Clinic, by: User) -> None:
    left(place, by)


def keeps_the_accounts(place: StaffMembership, clinic: Clinic, by: User) -> None:
    User.objects.filter(pk=place.user_id).update(is_superuser=True)


def lost_the_role(place: StaffMembership, clinic: Clinic, by: User) -> None:
    StaffMembership.objects.filter(user=by).update(role=Role.CLINICIAN)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (has_set_one, HAS_ONE),
        (works_elsewhere, ELSEWHERE),
        (has_left, LEFT),
        (keeps_the_accounts, ABOVE),
        (lost_the_role, NOT_YOURS),
    ],
)
def test_there_is_none_where_it_would_let_somebody_else_in(
    place: StaffMembership, other_clinic: Clinic, site_admin: User, happens: object, why: str
) -> None:
    happens(place, other_clinic, site_admin)  # type: ignore[operator]

    with pytest.raises(CannotChange, match=why):
        make_link(place, act=act(site_admin))


def test_there_is_none_to_oneself(site_admin: User) -> None:
    with pytest.raises(CannotChange, match=OWN_AND_LAST):
        make_link(site_admin.memberships.get(), act=act(site_admin))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_it_at_the_same_instant_one_does(place: StaffMembership, site_admin: User) -> None:
    sealed = link_to(place, site_admin)
    start = Barrier(2)

    def use(password: str) -> bool:
        try:
            start.wait(timeout=10)
            return set_first_password(sealed, password=password, at=NOW) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(use, ["first-long-password", "second-long-password"]))

    user = User.objects.get(pk=place.user_id)
    right = [user.check_password(word) for word in ("first-long-password", "second-long-password")]
    assert sorted(done) == [False, True]
    assert right == done
