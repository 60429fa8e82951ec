"""A place offered to whoever has an account: taken once, by them, while who offers it runs the clinic."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.accounts.joining import HERE, offer_place, open_offer, take_place
from apps.accounts.models import FORMER, Clinic, Role, StaffMembership, User
from apps.accounts.people import NO_SUCH_ROLE, NOT_YOURS, Act, CannotChange
from apps.audit.models import AuditEvent
from tests.factories import NOW, make_staff


def act(by: User) -> Act:
    return Act(by, at=NOW, reason="operates here on Mondays")


def offered(clinic: Clinic, by: User, *, username: str = "jane", role: str = "clinician") -> str:
    return offer_place(clinic, username=username, role=role, act=act(by)).sealed


@pytest.fixture
def jane(other_clinic: Clinic) -> User:
    """She works in another clinic."""
    return make_staff("jane", clinic=other_clinic, role=Role.CLINICIAN)


def test_it_is_taken_once_and_the_trail_says_who_offered_it(
    clinic: Clinic, other_clinic: Clinic, site_admin: User, jane: User
) -> None:
    sealed = offered(clinic, site_admin)

    place = take_place(sealed, user=jane, at=NOW)

    assert place is not None
    assert (place.clinic, place.role) == (clinic, Role.CLINICIAN)
    assert take_place(sealed, user=jane, at=NOW) is None
    assert set(jane.memberships.values_list("clinic", flat=True)) == {clinic.pk, other_clinic.pk}
    rows = AuditEvent.objects.filter(clinic_id=clinic.pk, object_type="staffmembership").order_by("id")
    assert list(rows.values_list("action", "actor", "reason", "detail")) == [
        ("offer_place", f"staff:{site_admin.pk}", "operates here on Mondays", {"role": "clinician"}),
        ("create", f"staff:{jane.pk}", "", {"role": "clinician", "offered_by": f"staff:{site_admin.pk}"}),
    ]


def test_it_is_good_for_three_days_and_not_a_second_longer(
    clinic: Clinic, site_admin: User, jane: User
) -> None:
    made = offer_place(clinic, username="jane", role="clinician", act=act(site_admin))

    assert made.until == NOW + timedelta(days=3)
    assert open_offer(made.sealed, user=jane, at=made.until - timedelta(seconds=1)) is not None
    assert open_offer(made.sealed, user=jane, at=made.until) is None


@pytest.mark.parametrize("typed", ["jane", "Jane", "JANE"])
def test_a_user_name_is_written_as_one_likes(
    clinic: Clinic, site_admin: User, jane: User, typed: str
) -> None:
    assert open_offer(offered(clinic, site_admin, username=typed), user=jane, at=NOW) is not None


def test_of_two_names_that_differ_by_case_it_is_that_which_was_typed(
    clinic: Clinic, site_admin: User, jane: User
) -> None:
    other = make_staff("Jane", clinic=None)
    sealed = offered(clinic, site_admin, username="jane")

    assert open_offer(sealed, user=jane, at=NOW) is not None
    assert open_offer(sealed, user=other, at=NOW) is None


def somebody_else(clinic: Clinic, by: User, jane: User) -> User:
    return make_staff("john", clinic=None)


def who_works_there(clinic: Clinic, by: User, jane: User) -> User:
    StaffMembership.objects.create(user=jane, clinic=clinic, role=Role.ANALYST)
    return jane


def who_has_left_there(clinic: Clinic, by: User, jane: User) -> User:
    StaffMembership.objects.create(user=jane, clinic=clinic, role=FORMER)
    return jane


def who_keeps_the_accounts(clinic: Clinic, by: User, jane: User) -> User:
    User.objects.filter(pk=jane.pk).update(is_superuser=True)
    return User.objects.get(pk=jane.pk)


def of_who_runs_it_no_more(clinic: Clinic, by: User, jane: User) -> User:
    StaffMembership.objects.filter(user=by).update(role=Role.CLINICIAN)
    return jane


def of_who_was_deactivated(clinic: Clinic, by: User, jane: User) -> User:
    User.objects.filter(pk=by.pk).update(is_active=False)
    return jane


@pytest.mark.parametrize(
    "happens",
    [
        somebody_else,
        who_works_there,
        who_has_left_there,
        who_keeps_the_accounts,
        of_who_runs_it_no_more,
        of_who_was_deactivated,
    ],
)
def test_it_opens_for_nobody_else_and_not_when_things_have_changed(
    clinic: Clinic, site_admin: User, jane: User, happens: Callable[[Clinic, User, User], User]
) -> None:
    sealed = offered(clinic, site_admin)
    assert open_offer(sealed, user=jane, at=NOW) is not None

    taker = happens(clinic, site_admin, jane)

    places = StaffMembership.objects.count()
    assert open_offer(sealed, user=taker, at=NOW) is None
    assert take_place(sealed, user=taker, at=NOW) is None
    assert StaffMembership.objects.count() == places


def test_one_that_nobody_made_opens_nothing(clinic: Clinic, site_admin: User, jane: User) -> None:
    sealed = offered(clinic, site_admin)
    one_letter_more = f"{sealed}x"

    for made_up in ("", ".", "made-up", one_letter_more, sealed.partition(".")[0], "\x00", "9" * 5000):
        assert open_offer(made_up, user=jane, at=NOW) is None


def test_somebody_of_the_list_is_changed_there(clinic: Clinic, site_admin: User, coordinator: User) -> None:
    with pytest.raises(CannotChange, match=HERE) as refused:
        offered(clinic, site_admin, username=coordinator.username.upper())

    assert refused.value.field == "username"


@pytest.mark.parametrize("role", ["system", FORMER, "", "superuser"])
def test_no_other_role_is_offered(clinic: Clinic, site_admin: User, role: str) -> None:
    with pytest.raises(CannotChange, match=NO_SUCH_ROLE):
        offered(clinic, site_admin, role=role)


@pytest.mark.parametrize("who", ["coordinator", "clinician", "analyst", "stranger"])
def test_who_does_not_run_the_clinic_offers_nothing(
    clinic: Clinic, site_admin: User, request: pytest.FixtureRequest, who: str
) -> None:
    with pytest.raises(CannotChange, match=NOT_YOURS):
        offered(clinic, request.getfixturevalue(who))

    assert not AuditEvent.objects.filter(action="offer_place").exists()
