"""How long the leads are in: when a longer trial takes a reason, and when a confirmation."""

from collections.abc import Iterator
from datetime import date

from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from sctrial.stimulation import CONFIRM_FROM, LEAD_KINDS, WARN_PAST

WITH_LEADS = frozenset({Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE})


def days_with_leads(trial: StimulationTrial, *, until: date) -> int:
    return 0 if trial.lead_placed_on is None else (until - trial.lead_placed_on).days


def has_externalised_leads(trial: StimulationTrial) -> bool:
    """While no lead is recorded the usual one is assumed, which passes through the skin."""
    kinds = [lead.kind for lead in trial.leads.all() if lead.removed_on is None]
    return not kinds or any(LEAD_KINDS[kind].is_externalised for kind in kinds)


def wants_reason(trial: StimulationTrial, *, end: date) -> bool:
    days = days_with_leads(trial, until=end)
    return days >= CONFIRM_FROM.days or (days > WARN_PAST.days and has_externalised_leads(trial))


def wants_confirmation(trial: StimulationTrial, *, end: date) -> bool:
    return days_with_leads(trial, until=end) >= CONFIRM_FROM.days


def warnings_of(trial: StimulationTrial, *, today: date) -> Iterator[str]:
    """What the trial page says about a running trial's length, each with its source."""
    if trial.phase not in WITH_LEADS or trial.lead_placed_on is None:
        return
    now, planned = days_with_leads(trial, until=today), trial.planned_end_on or today
    longest = max(now, days_with_leads(trial, until=planned))
    if planned < today:
        yield f"The planned end, {planned}, has passed. End the trial, or extend it."
    if longest > WARN_PAST.days and has_externalised_leads(trial):
        yield (
            f"Day {now} with externalised leads, planned to day {longest}: past {WARN_PAST.days} days. "
            f"Why this matters: {WARN_PAST.why} ({WARN_PAST.source})."
        )
        if not any(one.reason for one in trial.extensions.all()):
            yield f"No reason is recorded for more than {WARN_PAST.days} days: extend the trial with one."
    if longest >= CONFIRM_FROM.days:
        yield f"{CONFIRM_FROM.days} days or more: {CONFIRM_FROM.why} ({CONFIRM_FROM.source})."
