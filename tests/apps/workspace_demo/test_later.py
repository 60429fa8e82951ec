"""The older trials of the demo: signed as staff sign, implanted, seen again, and told by the report."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.audit.models import AuditEvent
from apps.outcomes.models import Signature
from apps.outcomes.standing import is_valid
from apps.trials.models import Explant, FollowUp, PermanentImplant, Revision, StimulationTrial
from apps.workspace.demo.loading import loading_steps
from apps.workspace.demo.older import older
from apps.workspace.demo.plot import Story
from sctrial.aftercare import due_on

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db

# Decision, then the verdict that it was signed on, then where the trial stands today.
TOLD = """
    trial   decision      signed on  stands
    N-11    implant       met        follow_up
    N-12    implant       met        explanted
    N-13    no_implant    not_met    decided
    N-14    implant       met        follow_up
    N-15    implant       met        follow_up
    N-16    repeat_trial  not_met    decided
    N-16/2  implant       met        follow_up
    S-11    implant       met        follow_up
    S-12    implant       met        explanted
    S-13    no_implant    not_met    decided
    S-14    implant       met        follow_up
    S-15    implant       not_met    follow_up
    S-16    no_implant    met        decided
"""


ROWS = [line.split() for line in TOLD.strip().splitlines()[1:]]
ALL = tuple(row[0] for row in ROWS)


def load(*names: str) -> None:
    for step in loading_steps(seed=1, today=NOW.date(), now=NOW):
        if step.name in names:
            step.run()


def stands(trial: StimulationTrial) -> tuple[str, str, str, str]:
    decision = trial.decisions.get()
    name = trial.patient.pseudonym + ("" if trial.repeat_number == 1 else f"/{trial.repeat_number}")
    return name, decision.choice, decision.assessment.answer, trial.phase


def test_each_was_decided_on_its_verdict_and_went_its_way() -> None:
    load(*ALL)

    trials = StimulationTrial.objects.select_related("patient")
    assert {stands(trial) for trial in trials} == {tuple(row) for row in ROWS}
    assert PermanentImplant.objects.count() == 9
    assert sorted(Explant.objects.values_list("reason", flat=True)) == ["infection", "lost_efficacy"]
    assert list(Revision.objects.values_list("reason", flat=True)) == ["migration"]
    assert set(FollowUp.objects.values_list("month", flat=True)) == {1, 3, 6, 12}
    assert max(FollowUp.objects.values_list("seen_on", flat=True)) < NOW.date()


def test_every_signature_fits_its_sealed_record_and_says_that_it_is_made_up() -> None:
    load("N-13", "S-16")

    first, second = Signature.objects.all()
    assert is_valid(first)
    assert is_valid(second)
    assert first.factors == second.factors == ["made up for the demo"]


def test_the_trail_has_what_was_recorded_after_the_implants() -> None:
    load("N-12", "N-14")

    kinds = set(AuditEvent.objects.filter(action="create").values_list("object_type", flat=True))
    assert {"permanentimplant", "followup", "revision", "explant"} <= kinds


@pytest.mark.parametrize("today", [date(2026, 3, 30), date(2026, 12, 31), date(2028, 2, 29)])
def test_whatever_the_day_everything_lies_behind_it(today: date) -> None:
    assert all(_last_day(story) < today for story in older(seed=1, today=today))


def _last_day(story: Story) -> date:
    """Of the trial, or of what came after it."""
    ended, later = story.day(story.last), story.later
    if later is None or later.implanted_after is None:
        return ended
    implanted = ended + timedelta(days=later.implanted_after)
    surgery = [implanted + timedelta(days=one[0]) for one in (later.revised, later.explanted) if one]
    return max([*surgery, *(due_on(implanted, month=month) for month in later.visits)])
