"""What the state of a trial allows."""

from datetime import date
from typing import Any

from django.db.models import Max

from apps.accounts.models import Clinic, Role, User
from apps.patients.models import Patient
from apps.trials.lasting import wants_reason
from apps.trials.models import ClinicRuleSet, StimulationTrial
from apps.trials.rules import read_own_rule, rules_of
from sctrial.choices import Meaning
from sctrial.criteria import RuleSet, UnknownRuleSet, rule_sets, shipped_rule_sets, version_order
from sctrial.phases import Phase
from sctrial.windows import parse_window

# Chosen after the scores are seen, any of these could be picked to fit the wish.
PROTOCOL_FIELDS = frozenset(
    {
        "rule_set_id",
        "baseline_window",
        "trial_window",
        "several",
        "scale",
        "target_regions",
        "target_area",
        "day_starts_at_hour",
    }
)
#: They sort the record that a signature rests on, say what became of the trial, or stand in its packet.
FIXED_BY_SIGNATURE = frozenset(
    {
        "diary_from",
        "lead_placed_on",
        "ended_on",
        "end_reason",
        "technical_cause",
        "referred_by",
        "referred_on",
    }
)
#: A further trial of the patient may follow.
OVER = frozenset(
    {
        Phase.ENDED,
        Phase.DECISION_PENDING,
        Phase.DECIDED,
        Phase.IMPLANTED,
        Phase.FOLLOW_UP,
        Phase.EXPLANTED,
        Phase.CANCELLED,
        Phase.WITHDRAWN,
    }
)
# As in the table of apps.workspace.permissions: "a" proposes, "c" approves.
PROPOSERS = frozenset({Role.SITE_ADMIN})
APPROVERS = frozenset({Role.SITE_ADMIN, Role.CLINICIAN})


class CannotChange(ValueError):
    """A change that the state of the trial forbids; the message is fit for the user."""


class CannotPropose(ValueError):
    """A rule set that a clinic cannot have; the message is fit for the user."""


class CannotApprove(ValueError):
    """An approval that would not count; the message is fit for the user."""


def check_can_change(trial: StimulationTrial, *, changes: dict[str, Any]) -> None:
    fixed = sorted(name for name in PROTOCOL_FIELDS & changes.keys() if changes[name] != getattr(trial, name))
    if fixed and trial.lead_placed_on is not None:
        raise CannotChange(f"fixed since the leads were placed on {trial.lead_placed_on}: {', '.join(fixed)}")
    if changes.get("phase", trial.phase) != trial.phase:
        raise CannotChange("the phase moves by a step, not by a change")
    check_signed(trial, changes=changes)
    _check_planned_end(trial, changes=changes)
    check_protocol(trial, changes=changes)


def check_signed(trial: StimulationTrial, *, changes: dict[str, Any]) -> None:
    """What a signature rests on stays as it was signed. Raises CannotChange."""
    fixed = sorted(n for n in FIXED_BY_SIGNATURE & changes.keys() if changes[n] != getattr(trial, n))
    if fixed and is_signed(trial):
        raise CannotChange(
            f"fixed by the signature on the decision: {', '.join(fixed)}. Open the decision again first, "
            "with a reason; correct it then, and sign anew"
        )


def check_onset(trial: StimulationTrial, *, onset: date, today: date) -> None:
    """An adverse event of the trial begins with the leads at the earliest. Raises CannotChange."""
    placed = trial.lead_placed_on
    if placed is not None and onset < placed:
        raise CannotChange(f"before the leads were placed on {placed}: check day and month")
    if onset > today:
        raise CannotChange(f"{onset} is still to come: check day and month")


def is_signed(trial: StimulationTrial) -> bool:
    """Whether a decision stands that was not opened again."""
    newest = trial.decisions.filter(superseded_by__isnull=True)
    return newest.exclude(signatures__meaning=Meaning.REOPENED.value).exists()


def _check_planned_end(trial: StimulationTrial, *, changes: dict[str, Any]) -> None:
    end: date | None = changes.get("planned_end_on", trial.planned_end_on)
    if end is None or trial.lead_placed_on is None:
        return
    is_longer = trial.planned_end_on is None or end > trial.planned_end_on
    if is_longer and wants_reason(trial, end=end):
        raise CannotChange(f"{end} is so long after the leads that it takes a reason: extend the trial")


def next_repeat(patient: Patient) -> int:
    return (patient.trials.aggregate(last=Max("repeat_number"))["last"] or 0) + 1


def check_repeat(patient: Patient, *, repeat_number: int) -> None:
    """A repeat is a new trial, with the next number, once the one before is over. Raises CannotChange."""
    if repeat_number != next_repeat(patient):
        raise CannotChange(f"the next trial of {patient} is number {next_repeat(patient)}")
    running = patient.trials.exclude(phase__in=[phase.value for phase in OVER]).first()
    if running is not None:
        raise CannotChange(f"trial {running.repeat_number} of {patient} is still '{running.phase}'")


def can_change(trial: StimulationTrial, *, changes: dict[str, Any]) -> bool:
    try:
        check_can_change(trial, changes=changes)
    except ValueError:
        return False
    return True


def check_protocol(trial: StimulationTrial, *, changes: dict[str, Any]) -> None:
    """The rule set is known in the trial's clinic and both windows can be read and judged with."""
    _require_known(changes.get("rule_set_id", trial.rule_set_id), clinic_id=trial.clinic_id)
    for name in ("baseline_window", "trial_window"):
        window = parse_window(changes.get(name, getattr(trial, name)))
        if window.report_only:
            raise CannotChange(f"{name}: {window} is for reports, no verdict may rest on it")


def _require_known(rule_id: str, *, clinic_id: int | None) -> None:
    if rule_id in rule_sets():
        return
    known = rules_of(clinic_id)
    if rule_id not in known:
        raise UnknownRuleSet(f"there is no rule set {rule_id!r}; known are: {', '.join(sorted(known))}")


def check_proposal(clinic: Clinic, *, text: str) -> RuleSet:
    """The rule set in ``text``, if this clinic may have it. Raises CannotPropose."""
    try:
        rule = read_own_rule(text)
    except ValueError as error:
        raise CannotPropose(str(error)) from error
    if rule.id.casefold() in {shipped.id.casefold() for shipped in shipped_rule_sets()}:
        raise CannotPropose(f"id: {rule.id} is the name of a shipped rule set; choose another id")
    kept = ClinicRuleSet.objects.filter(clinic=clinic, rule_id=rule.id)
    newest = max((_numbers(version) for version in kept.values_list("version", flat=True)), default=())
    if version_order(rule) <= newest:
        last = ".".join(map(str, newest))
        raise CannotPropose(f"version: {rule.version} is not newer than {last}; give it a later version")
    return rule


def check_approval(row: ClinicRuleSet, *, by: User) -> None:
    """Raises CannotApprove, unless ``by`` is a second person with the right to approve."""
    if row.approved_at is not None:
        raise CannotApprove(f"{row} is approved already")
    if row.proposed_by_id == by.pk:
        raise CannotApprove(f"you proposed {row}; another person approves it")
    if not holds_role(by, clinic=row.clinic, roles=APPROVERS):
        raise CannotApprove(f"only a site admin or clinician of {row.clinic} approves {row}")
    approved = ClinicRuleSet.objects.filter(
        clinic_id=row.clinic_id, rule_id=row.rule_id, approved_at__isnull=False
    )
    later = [one for one in approved if _numbers(one.version) > _numbers(row.version)]
    if later:
        raise CannotApprove(f"{later[-1]} is approved already and newer; propose a later version")


def holds_role(user: User, *, clinic: Clinic, roles: frozenset[Role]) -> bool:
    active = user.is_active and user.is_staff
    return active and user.memberships.filter(clinic=clinic, role__in=[role.value for role in roles]).exists()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
