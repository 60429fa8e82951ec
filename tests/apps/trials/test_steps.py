"""What stands between a trial and its next phases, for whom."""

import pytest

from apps.accounts.models import Clinic, Role
from apps.trials.steps import roles_of, ways_of
from sctrial.phases import Phase, Who
from tests.factories import make_staff, make_trial

pytestmark = pytest.mark.django_db

# fmt: off
ROLES = [
    # role               treats as
    (Role.COORDINATOR, {Who.COORDINATOR}),
    (Role.CLINICIAN,   {Who.CLINICIAN}),
    (Role.SITE_ADMIN,  set()),
    (Role.ANALYST,     set()),
]
# fmt: on


@pytest.mark.parametrize(("role", "treats_as"), ROLES)
def test_a_role_treats_in_its_own_clinic_while_the_person_is_active(
    clinic: Clinic, other_clinic: Clinic, role: Role, treats_as: set[Who]
) -> None:
    user = make_staff("one", clinic=clinic, role=role)
    by = f"staff:{user.pk}"

    assert roles_of(by, clinic_id=clinic.pk) == treats_as
    assert roles_of(by, clinic_id=other_clinic.pk) == frozenset()
    user.is_active = False
    user.save()
    assert roles_of(by, clinic_id=clinic.pk) == frozenset()


def test_a_job_acts_for_the_whole_house(clinic: Clinic) -> None:
    assert roles_of("job:load_demo", clinic_id=clinic.pk) == frozenset(Who)


def test_a_step_that_is_not_open_says_why(clinic: Clinic) -> None:
    begins = make_trial(clinic=clinic, phase=Phase.AUTHORISED.value, lead_placed_on=None, rule_set_id="NONE")
    waits = make_trial(clinic=clinic, phase=Phase.DECISION_PENDING.value)

    start, cancel = ways_of(begins, roles=frozenset({Who.COORDINATOR}))
    decide, leave = ways_of(waits, roles=frozenset({Who.COORDINATOR}))

    assert start.why_not == "not recorded yet: the rule set and both windows can be judged with"
    assert decide.why_not == "taken by: clinician"
    assert (cancel.is_open, cancel.why_not, leave.is_open) == (True, "", True)
