"""What the state of a trial allows."""

from typing import Any

from apps.trials.models import StimulationTrial
from sctrial.criteria import rule_set
from sctrial.windows import parse_window

# Chosen after the scores are seen, any of these could be picked to fit the wish.
PROTOCOL_FIELDS = frozenset(
    {
        "rule_set_id",
        "baseline_window",
        "trial_window",
        "several",
        "scale",
        "target_area",
        "day_starts_at_hour",
    }
)


class CannotChange(ValueError):
    """A change that the state of the trial forbids; the message is fit for the user."""


def check_can_change(trial: StimulationTrial, *, changes: dict[str, Any]) -> None:
    fixed = sorted(name for name in PROTOCOL_FIELDS & changes.keys() if changes[name] != getattr(trial, name))
    if fixed and trial.lead_placed_on is not None:
        raise CannotChange(f"fixed since the leads were placed on {trial.lead_placed_on}: {', '.join(fixed)}")
    check_protocol(trial, changes=changes)


def can_change(trial: StimulationTrial, *, changes: dict[str, Any]) -> bool:
    try:
        check_can_change(trial, changes=changes)
    except ValueError:
        return False
    return True


def check_protocol(trial: StimulationTrial, *, changes: dict[str, Any]) -> None:
    """The rule set exists and both windows can be read and judged with."""
    rule_set(changes.get("rule_set_id", trial.rule_set_id))
    for name in ("baseline_window", "trial_window"):
        window = parse_window(changes.get(name, getattr(trial, name)))
        if window.report_only:
            raise CannotChange(f"{name}: {window} is for reports, no verdict may rest on it")
