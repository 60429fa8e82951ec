"""Who may do what, cell by cell: v view, a add, c change. No letter is a tested no."""

import pytest
import yaml

from apps.accounts.models import Clinic, Role, User
from apps.workspace.permissions import RIGHTS, Access, read_access
from apps.workspace.rights import EMERGENCY, FILE, SYSTEM, Act
from tests.factories import make_staff

TABLE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
COLUMNS = TABLE["resource columns"].split()
CELLS = [
    (resource, column, act, act.value[0] in cell)
    for resource, cells in TABLE["resources"].items()
    for column, cell in zip(COLUMNS, cells.split(), strict=True)
    for act in Act
]


@pytest.mark.parametrize(("resource", "column", "act", "allowed"), CELLS)
def test_a_role_may_do_what_its_cell_says_and_nothing_else(
    resource: str, column: str, act: Act, allowed: bool
) -> None:
    others = {SYSTEM: Access({}, is_system=True), EMERGENCY: Access({}, emergency=1)}
    access = others[column] if column in others else Access({1: Role(column)})

    assert access.may(act, resource=resource) is allowed


def test_a_right_ends_at_the_clinic_where_the_role_is_held() -> None:
    access = Access({1: Role.CLINICIAN, 2: Role.ANALYST})

    assert access.may("change", resource="trials.stimulationtrial", clinic=1)
    assert not access.may("change", resource="trials.stimulationtrial", clinic=2)
    assert access.clinics("view", resource="trials.stimulationtrial") == {1, 2}
    assert access.clinics("view", resource="patients.patientidentity") == {1}


def test_in_an_emergency_nobody_may_more_than_look_and_see_more_than_a_clinician_does() -> None:
    for resource, row in RIGHTS.items():
        assert row[EMERGENCY] <= {Act.VIEW} & row[Role.CLINICIAN], resource


def test_an_emergency_opens_no_cohort_no_trail_and_no_account() -> None:
    shut = ("cohorts.", "audit.", "accounts.")

    assert [name for name, row in RIGHTS.items() if name.startswith(shut) and row[EMERGENCY]] == []


def test_an_emergency_adds_one_clinic_to_look_into_and_takes_nothing_away() -> None:
    access = Access({1: Role.CLINICIAN}, emergency=2)

    assert access.clinics("view", resource="trials.stimulationtrial") == {1, 2}
    assert access.clinics("change", resource="trials.stimulationtrial") == {1}
    assert access.clinics("view", resource="audit.auditevent") == {1}
    assert access.shown == {1, 2}
    assert access.own.shown == {1}


def test_a_resource_without_a_row_is_nobodys() -> None:
    assert not Access({1: Role.COORDINATOR}, is_system=True).may("view", resource="trials.unheardof")


def test_nobody_may_delete() -> None:
    assert not any("delete" in acts for row in RIGHTS.values() for acts in row.values())


def test_staff_without_a_clinic_may_see_nothing(nobody: User) -> None:
    access = read_access(nobody)

    assert not any(access.may(act, resource=resource) for resource in RIGHTS for act in Act)


def test_a_superuser_sees_no_clinical_row_by_being_one(db: None) -> None:
    root = User.objects.create_superuser("root", password="correct-horse-battery-staple")

    access = read_access(root)

    assert not access.may("view", resource="trials.stimulationtrial")
    assert access.may("change", resource="accounts.user")


def test_someone_whose_account_was_closed_has_no_right_left(clinic: Clinic) -> None:
    gone = make_staff("gone", clinic=clinic, role=Role.CLINICIAN)
    gone.is_active = False

    assert read_access(gone).roles == {}
