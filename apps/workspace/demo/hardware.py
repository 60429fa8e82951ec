"""What is implanted and handed out in a story, and the steps of its trial. Every part is invented."""

from datetime import date, datetime
from typing import Any

from apps.trials.cautions import cautions_of
from apps.trials.models import ExternalStimulator, Lead, StimulationTrial
from apps.trials.services import move_trial
from apps.workspace.demo.cast import ACTOR
from apps.workspace.demo.plot import Story
from sctrial.phases import Phase

#: What a made-up clinic wrote about a made-up review.
DESPITE = "Discussed with the prescriber on the morning of the placement; made up"


def start(trial: StimulationTrial, *, story: Story, at: datetime) -> None:
    """Leads in, stimulator handed out, patient at home, all on one morning."""
    reason = DESPITE if cautions_of(trial) else ""
    move_trial(trial, to=Phase.LEAD_PLACED, by=ACTOR, at=at, on=story.leads_on, reason=reason)
    Lead.objects.bulk_create(Lead(trial=trial, **facts) for facts in _leads(story))
    ExternalStimulator.objects.create(
        trial=trial,
        name="Invented stimulator",
        identifier=f"INVENTED-{story.pseudonym}",
        given_on=story.leads_on,
        returned_on=_end_of(story),
    )
    move_trial(trial, to=Phase.TRIAL_ACTIVE, by=ACTOR, at=at)


def finish(trial: StimulationTrial, *, story: Story, at: datetime) -> None:
    """The trial of a story that has an end: leads out, and over to the decision."""
    if story.end is None:
        return
    move_trial(
        trial,
        to=Phase.ENDED,
        by=ACTOR,
        at=at,
        on=_end_of(story),
        end_reason=story.end,
        technical_cause=story.technical_cause,
    )
    trial.leads.update(removed_on=_end_of(story), tip_intact=True)
    move_trial(trial, to=Phase.DECISION_PENDING, by=ACTOR, at=at)


def _end_of(story: Story) -> date | None:
    return None if story.end is None else story.day(story.last)


def _leads(story: Story) -> list[dict[str, Any]]:
    if story.modality == "DRG":
        return [{"kind": "drg", "contacts": 4, "ganglion": story.level, "side": "left"}]
    common = {"kind": "percutaneous", "contacts": 8, "level": story.level}
    return [common | {"side": "left"}, common | {"side": "right"}]
