"""Whose rows a member of staff may see."""

import pytest
from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import Clinic, User
from apps.accounts.selectors import clinics_of, scope_to_clinics
from apps.trials.models import StimulationTrial
from tests.factories import make_trial

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("coordinator", 1),
        ("clinician", 1),
        ("site_admin", 1),
        ("analyst", 1),
        ("stranger", 0),
        ("nobody", 0),
        (None, 0),
    ],
)
def test_only_staff_of_the_clinic_see_its_trials(
    clinic: Clinic, who: str | None, sees: int, request: pytest.FixtureRequest
) -> None:
    make_trial(clinic=clinic)
    user = request.getfixturevalue(who) if who else AnonymousUser()

    visible = scope_to_clinics(StimulationTrial.objects.all(), user=user, path="clinic")

    assert visible.count() == sees


def test_a_member_who_left_sees_nothing_at_once(clinic: Clinic, clinician: User) -> None:
    clinician.is_active = False

    assert list(clinics_of(clinician)) == []
