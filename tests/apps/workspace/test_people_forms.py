"""What is asked of who runs a clinic: in which order, and what comes of it."""

from apps.accounts.models import FORMER, Role
from apps.accounts.people import Newcomer
from apps.workspace.people_forms import EndForm, PersonForm, RoleForm

SENT = {
    "username": " new.nurse ",
    "first_name": "New",
    "last_name": "Nurse",
    "email": "new.nurse@clinic.example",
    "role": "analyst",
    "reason": "starts in December",
}


def test_who_is_added_is_asked_for_before_the_reason() -> None:
    assert list(PersonForm().fields) == [
        "username",
        "first_name",
        "last_name",
        "email",
        "role",
        "reason",
    ]


def test_what_is_typed_is_one_newcomer_without_spaces_around_the_name() -> None:
    form = PersonForm(SENT)

    assert form.is_valid()
    assert form.newcomer() == Newcomer("new.nurse", "New", "Nurse", "new.nurse@clinic.example", "analyst")


def test_the_roles_to_choose_are_those_of_a_clinic_and_ending_is_no_role_to_choose() -> None:
    offered = [value for value, _ in RoleForm().fields["role"].choices]  # type: ignore[attr-defined]

    assert offered == ["", *Role]
    assert EndForm({"role": FORMER, "reason": "left the clinic"}).is_valid()
    assert not EndForm({"role": "site_admin", "reason": "left the clinic"}).is_valid()
    assert not RoleForm({"role": FORMER, "reason": "left the clinic"}).is_valid()
