"""Who runs a clinic adds people, changes their roles, and ends memberships; and what is refused."""

from datetime import timedelta

import pytest

from apps.accounts.keys import find_key, issue_key
from apps.accounts.models import FORMER, Clinic, Role, StaffMembership, User
from apps.accounts.people import (
    ABOVE,
    NO_SUCH_ROLE,
    NOT_YOURS,
    OWN,
    OWN_AND_LAST,
    SAME,
    TAKEN,
    Act,
    CannotChange,
    Newcomer,
    add_person,
    change_role,
)
from apps.audit.models import AuditEvent, ValueChange
from tests.factories import NOW, make_staff

NEW = Newcomer("new.nurse", "New", "Nurse", "new.nurse@clinic.example", "coordinator")


def act(by: User, reason: str = "moved to the pain unit") -> Act:
    return Act(by, at=NOW, reason=reason)


def place_of(user: User) -> StaffMembership:
    return user.memberships.get()


def events(action: str) -> list[tuple[str, str, int | None, str]]:
    rows = AuditEvent.objects.filter(action=action).order_by("id")
    return list(rows.values_list("object_type", "actor", "clinic_id", "reason"))


# --- a person more ---


def test_a_new_person_has_the_role_in_this_clinic_and_no_password(clinic: Clinic, site_admin: User) -> None:
    place = add_person(clinic, NEW, act=act(site_admin, "starts in December"))

    user = place.user
    assert (user.get_full_name(), user.email, place.role) == ("New Nurse", NEW.email, Role.COORDINATOR)
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, True, False)
    assert not user.has_usable_password()
    who = (f"staff:{site_admin.pk}", clinic.pk, "starts in December")
    assert events("create") == [("user", *who), ("staffmembership", *who)]


@pytest.mark.parametrize("role", [*Role])
def test_each_role_of_a_clinic_can_be_given(clinic: Clinic, site_admin: User, role: Role) -> None:
    place = add_person(
        clinic, Newcomer("new", "", "New", "n@clinic.example", role.value), act=act(site_admin)
    )

    assert place.role == role


# fmt: off
EXISTS = [
    # the account's name and address          what the site admin types
    (("jane", "jane@other.example"),          ("jane", "other@clinic.example")),
    (("jane", "jane@other.example"),          ("JANE", "other@clinic.example")),
    (("jane", "jane@other.example"),          ("jane2", "Jane@Other.example")),
]
# fmt: on


@pytest.mark.parametrize(("theirs", "typed"), EXISTS)
def test_an_account_that_exists_is_not_taken_over_nor_told_about(
    clinic: Clinic, other_clinic: Clinic, site_admin: User, theirs: tuple[str, str], typed: tuple[str, str]
) -> None:
    jane = make_staff(theirs[0], clinic=other_clinic, role=Role.CLINICIAN)
    User.objects.filter(pk=jane.pk).update(email=theirs[1], last_name="Somebody")

    with pytest.raises(CannotChange) as refusal:
        add_person(clinic, Newcomer(typed[0], "", "X", typed[1], "coordinator"), act=act(site_admin))

    assert str(refusal.value) == TAKEN
    assert not StaffMembership.objects.filter(clinic=clinic).exclude(user=site_admin).exists()
    assert events("refuse_person") == [
        ("user", f"staff:{site_admin.pk}", clinic.pk, "moved to the pain unit")
    ]


def test_nobody_is_added_by_who_runs_the_clinic_no_more(clinic: Clinic, site_admin: User) -> None:
    place_of(site_admin)
    StaffMembership.objects.filter(user=site_admin).update(role=Role.ANALYST)

    with pytest.raises(CannotChange, match=NOT_YOURS):
        add_person(clinic, NEW, act=act(site_admin))

    assert not User.objects.filter(username=NEW.username).exists()


def test_a_role_above_the_own_is_given_to_nobody(clinic: Clinic, site_admin: User, coordinator: User) -> None:
    for role in ("system", "superuser", ""):
        with pytest.raises(CannotChange, match=NO_SUCH_ROLE):
            add_person(clinic, Newcomer("new", "", "New", "n@x.example", role), act=act(site_admin))
        with pytest.raises(CannotChange, match=NO_SUCH_ROLE):
            change_role(place_of(coordinator), role=role, act=act(site_admin))

    assert not User.objects.filter(username="new").exists()
    assert place_of(coordinator).role == Role.COORDINATOR


# --- another role, and none ---


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SITE_ADMIN, FORMER])
def test_a_role_that_is_changed_ends_sessions_and_keys_and_says_why(
    clinic: Clinic, site_admin: User, coordinator: User, role: str
) -> None:
    key = issue_key(coordinator, name="R", scopes=["snapshots.read"], days=7, at=NOW)
    epoch = coordinator.access_epoch

    change_role(place_of(coordinator), role=role, act=act(site_admin))

    coordinator.refresh_from_db()
    assert place_of(coordinator).role == role
    assert coordinator.access_epoch == epoch + 1
    assert find_key(key.token, at=NOW + timedelta(minutes=1)) is None
    changed = AuditEvent.objects.get(action="change", object_type="staffmembership")
    assert (changed.reason, changed.detail) == (
        "moved to the pain unit",
        {"was": "coordinator", "role": str(role)},
    )


def test_the_words_of_the_reason_stay_in_the_clinic(
    clinic: Clinic, other_clinic: Clinic, site_admin: User, coordinator: User
) -> None:
    """The person's other clinic hears that access ended, and not why."""
    StaffMembership.objects.create(user=coordinator, clinic=other_clinic, role=Role.ANALYST)

    change_role(coordinator.memberships.get(clinic=clinic), role=FORMER, act=act(site_admin, "quarrelled"))

    there = AuditEvent.objects.filter(clinic_id=other_clinic.pk)
    assert list(there.values_list("action", "reason")) == [("end_access", "")]
    assert coordinator.memberships.get(clinic=other_clinic).role == Role.ANALYST


def test_who_comes_back_keeps_what_is_open_in_another_clinic(
    clinic: Clinic, site_admin: User, coordinator: User
) -> None:
    StaffMembership.objects.filter(user=coordinator).update(role=FORMER)

    change_role(place_of(coordinator), role=Role.COORDINATOR, act=act(site_admin))

    coordinator.refresh_from_db()
    assert (place_of(coordinator).role, coordinator.access_epoch) == (Role.COORDINATOR, 0)


def test_a_membership_that_ended_keeps_its_row_and_both_values(
    clinic: Clinic, site_admin: User, coordinator: User
) -> None:
    change_role(place_of(coordinator), role=FORMER, act=act(site_admin))

    kept = ValueChange.objects.filter(table="accounts_staffmembership", operation="UPDATE").get()
    assert (kept.old, kept.new) == ({"role": "coordinator"}, {"role": "former"})


# --- refused ---


def test_nobody_changes_the_own_role(clinic: Clinic, site_admin: User) -> None:
    with pytest.raises(CannotChange, match=OWN_AND_LAST):
        change_role(place_of(site_admin), role=Role.CLINICIAN, act=act(site_admin))

    make_staff("second admin", clinic=clinic, role=Role.SITE_ADMIN)
    for role in (Role.CLINICIAN, FORMER):
        with pytest.raises(CannotChange, match=OWN):
            change_role(place_of(site_admin), role=role, act=act(site_admin))

    assert place_of(site_admin).role == Role.SITE_ADMIN


def test_who_keeps_the_accounts_of_the_installation_is_above_a_site_admin(
    clinic: Clinic, site_admin: User
) -> None:
    root = make_staff("root", clinic=clinic, role=Role.COORDINATOR)
    User.objects.filter(pk=root.pk).update(is_superuser=True)

    with pytest.raises(CannotChange, match=ABOVE):
        change_role(place_of(root), role=FORMER, act=act(site_admin))


@pytest.mark.parametrize("who", ["coordinator", "clinician", "analyst", "stranger", "nobody"])
def test_only_who_runs_the_clinic_changes_its_people(
    request: pytest.FixtureRequest, clinic: Clinic, who: str
) -> None:
    victim = make_staff("victim", clinic=clinic, role=Role.CLINICIAN)

    with pytest.raises(CannotChange, match=NOT_YOURS):
        change_role(place_of(victim), role=FORMER, act=act(request.getfixturevalue(who)))

    assert place_of(victim).role == Role.CLINICIAN


def test_the_role_that_somebody_has_is_no_change(clinic: Clinic, site_admin: User, coordinator: User) -> None:
    with pytest.raises(CannotChange, match=SAME):
        change_role(place_of(coordinator), role=Role.COORDINATOR, act=act(site_admin))

    assert events("end_access") == []
