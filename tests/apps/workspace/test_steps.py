"""What the form of a step asks for is what the table of steps says."""

import pytest

from apps.accounts.models import Role
from apps.workspace.permissions import Access
from apps.workspace.steps import StepForm, who
from sctrial.phases import STEPS, Phase, Step, Who
from tests.factories import NOW

# fmt: off
ASKED = {
    Phase.LEAD_PLACED: {"on", "reason"},
    Phase.ENDED:       {"on", "end_reason", "technical_cause"},
    Phase.CANCELLED:   {"reason"},
    Phase.WITHDRAWN:   {"reason"},
    Phase.EXPLANTED:   {"reason"},
}
ROLES = [
    # role               treats as
    (Role.COORDINATOR, {Who.COORDINATOR}),
    (Role.CLINICIAN,   {Who.CLINICIAN}),
    (Role.SITE_ADMIN,  set()),
    (Role.ANALYST,     set()),
]
# fmt: on


@pytest.mark.parametrize("step", [step for step in STEPS if not step.is_signed], ids=lambda step: step.name)
def test_a_form_asks_for_what_its_step_writes(step: Step) -> None:
    form = StepForm(step=step, today=NOW.date())

    assert set(form.fields) - {"expected"} == ASKED.get(step.to, set())
    assert form["expected"].value() == step.start.value


@pytest.mark.parametrize(("role", "treats_as"), ROLES)
def test_a_role_treats_in_its_own_clinic(role: Role, treats_as: set[Who]) -> None:
    access = Access({1: role})

    assert who(access, clinic=1) == treats_as
    assert who(access, clinic=2) == frozenset()
