"""Decisions that later data would change are one address away."""

import pytest
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.outcomes.deciding import sign_decision
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.trials.services import touch_evidence
from sctrial.choices import Choice
from tests.apps.workspace.conftest import Visit
from tests.factories.deciding import SIGNING, hand_of, make_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("value", ["differs", "changed"])
def test_the_list_holds_the_decision_that_would_differ_and_no_other(
    clinic: Clinic, clinician: User, as_staff: Visit, value: str
) -> None:
    moved, still = make_waiting(clinic), make_waiting(clinic)
    for trial in (moved, still):
        sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))
    StimulationTrial.objects.filter(pk=moved.pk).update(lead_placed_on="2026-10-12")
    touch_evidence(moved.pk)
    assess(moved.pk, at=SIGNING)

    place = reverse("admin:trials_stimulationtrial_changelist")
    page = as_staff(clinician).get(place, {"signed": value})

    assert list(page.context["cl"].result_list) == [moved]
