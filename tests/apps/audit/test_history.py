"""What a row said before is shown beside what it says now, to those who may read the trail."""

import re

import pytest
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.audit.history import lines_of
from apps.patients.models import PatientIdentity
from apps.trials.models import AdverseEvent, Lead, StimulationTrial
from tests.apps.workspace.conftest import Visit, as_staff
from tests.factories import make_event, make_lead, make_trial

__all__ = ["as_staff"]


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    made = make_trial(clinic=clinic, goal="walk to the bakery")
    made.goal = "sleep through"
    made.save()
    return made


def test_a_change_is_a_line_for_each_column_with_its_label(trial: StimulationTrial) -> None:
    newest = lines_of([(StimulationTrial, [trial.pk])])[0]

    assert (newest.field, newest.old, newest.new, newest.did) == (
        StimulationTrial._meta.get_field("goal").verbose_name,
        "walk to the bakery",
        "sleep through",
        "changed",
    )


def test_an_empty_value_is_a_dash(trial: StimulationTrial) -> None:
    lead = make_lead(trial)
    Lead.objects.update(removed_on="2026-10-12")

    newest = lines_of([(Lead, [lead.pk])])[0]

    assert (newest.field, newest.old, newest.new) == ("removed on", "–", "2026-10-12")


def test_rows_that_were_not_asked_for_are_not_told(trial: StimulationTrial) -> None:
    make_event(trial)

    assert lines_of([(AdverseEvent, []), (StimulationTrial, [])]) == []


def test_of_a_name_the_first_signs_of_its_seal_are_shown(trial: StimulationTrial) -> None:
    """Enough to see that it is another one, and that it is the first one again."""
    named = PatientIdentity.objects.create(patient=trial.patient, full_name="Made-up Max")
    for name in ("Made-up Moritz", "Made-up Max"):
        PatientIdentity.objects.update(full_name=name)

    again, other, *_ = lines_of([(PatientIdentity, [named.pk])])

    assert (again.field, again.old, again.new) == ("full name", other.new, other.old)
    assert re.fullmatch("sealed:[0-9a-f]{8}", again.new)


@pytest.mark.parametrize(("who", "told"), [("coordinator", True), ("site_admin", True), ("analyst", False)])
def test_the_history_of_a_trial_tells_of_its_rows_too(
    request: pytest.FixtureRequest, trial: StimulationTrial, as_staff: Visit, who: str, told: bool
) -> None:
    make_event(trial, severity="mild")
    AdverseEvent.objects.update(severity="severe")
    user: User = request.getfixturevalue(who)

    page = as_staff(user).get(reverse("admin:trials_stimulationtrial_history", args=[trial.pk]))

    assert [("mild", "severe") in {(line.old, line.new) for line in page.context["lines"]}] == [told]
    assert ("walk to the bakery" in page.content.decode()) is told
