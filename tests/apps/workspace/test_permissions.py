"""Who may do what, cell by cell: v view, a add, c change. No letter is a tested no."""

import pytest

from apps.accounts.models import Clinic, Role, User
from apps.workspace.permissions import RIGHTS, SYSTEM, Access, Act, read_access
from tests.factories import make_staff

COLUMNS = (Role.COORDINATOR, Role.CLINICIAN, Role.SITE_ADMIN, Role.ANALYST, SYSTEM)
TABLE = """
patients.patient                vac vac v   v  -
patients.patientidentity        vac v   v   -  -
patients.diagnosis              va  va  v   v  -
patients.painregions            va  va  v   v  -
patients.conservativetherapy    va  va  v   v  -
patients.eligibilityreview      va  va  v   -  -
patients.priorauthorisation     va  va  v   -  -
patients.record.note            v   v   v   -  -
trials.stimulationtrial         vac vac v   v  -
trials.programinterval          vac vac v   v  -
trials.lead                     vac vac v   v  -
trials.externalstimulator       vac vac v   v  -
trials.extension                va  va  v   v  -
trials.permanentimplant         vac vac v   v  -
trials.followup                 vac vac v   v  -
trials.revision                 vac vac v   v  -
trials.explant                  vac vac v   v  -
trials.adverseevent             vac vac v   v  -
trials.clinicruleset            v   vc  vac v  -
trials.adverseevent.description v   v   v   -  -
diary.diaryentry                va  v   v   v  -
diary.diaryanswer               va  v   v   v  -
diary.diaryanswer.note          v   v   -   -  -
diary.parkedanswer              vc  vc  v   -  -
diary.correctionrequest         vc  vc  v   -  -
diary.stafftask                 vc  vc  v   -  -
diary.consentevent              v   v   v   -  -
diary.reminder                  va  v   v   -  -
diary.reminderpolicy            v   v   vac -  -
diary.diaryimport               v   v   v   -  -
diary.opioiduse                 va  va  v   v  -
diary.questionnaireresponse     va  va  v   v  -
diary.patientdevice             vac v   vac -  -
outcomes.evidence               v   v   v   v  -
outcomes.assessment             v   v   v   v  -
outcomes.decision               v   va  v   v  -
cohorts.snapshot                -   va  va  va -
cohorts.snapshot.identified     -   a   -   -  -
audit.auditevent                v   v   v   -  -
audit.look                      -   -   v   -  -
accounts.clinic                 -   -   v   -  vac
accounts.staffmembership        -   -   v   -  vac
accounts.user                   -   -   -   -  vac
"""
ROWS = {line.split()[0]: line.split()[1:] for line in TABLE.strip().splitlines()}
CELLS = [
    (resource, column, act, act.value[0] in cell)
    for resource, cells in ROWS.items()
    for column, cell in zip(COLUMNS, cells, strict=True)
    for act in Act
]


@pytest.mark.parametrize(("resource", "column", "act", "allowed"), CELLS)
def test_a_role_may_do_what_its_cell_says_and_nothing_else(
    resource: str, column: str, act: Act, allowed: bool
) -> None:
    access = Access({}, is_system=True) if column == SYSTEM else Access({1: Role(column)})

    assert access.may(act, resource=resource) is allowed


def test_the_table_has_no_row_that_is_not_tested() -> None:
    assert set(RIGHTS) == set(ROWS)


def test_a_right_ends_at_the_clinic_where_the_role_is_held() -> None:
    access = Access({1: Role.CLINICIAN, 2: Role.ANALYST})

    assert access.may("change", resource="trials.stimulationtrial", clinic=1)
    assert not access.may("change", resource="trials.stimulationtrial", clinic=2)
    assert access.clinics("view", resource="trials.stimulationtrial") == {1, 2}
    assert access.clinics("view", resource="patients.patientidentity") == {1}


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
