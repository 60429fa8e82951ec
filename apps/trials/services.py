"""Changes to a trial that are evidence: each raises its version and leaves a trace."""

from copy import copy
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from apps.accounts.models import Clinic, User
from apps.audit.services import record
from apps.patients.erased import Erased, hold_known, hold_out_erasure
from apps.trials import policies
from apps.trials.correcting import Act, change_between, keep_old, record_change
from apps.trials.models import ClinicRuleSet, StimulationTrial
from apps.trials.signals import evidence_changed
from apps.trials.steps import Given, StalePhase, changes_by, check_step, today_in
from sctrial.phases import EndReason, Phase, check_can_move, step_between


def touch_evidence(trial_id: UUID) -> None:
    """Raise the version inside the caller's transaction and ring once it has committed."""
    StimulationTrial.objects.filter(pk=trial_id).update(evidence_version=F("evidence_version") + 1)
    transaction.on_commit(lambda: evidence_changed.send(sender=StimulationTrial, trial_id=trial_id))


def require_known(trial: StimulationTrial, *, so: str = "nothing is added to the trial") -> None:
    """Until the transaction ends. Raises CannotChange where the identity of its patient was erased."""
    try:
        hold_known(trial.patient_id, so=so)
    except Erased as refused:
        raise policies.CannotChange(str(refused)) from None


@transaction.atomic
def add_trial(trial: StimulationTrial) -> None:
    """Raises CannotChange where the identity of its patient was erased."""
    require_known(trial, so="no trial is added")
    trial.save(force_insert=True)


@transaction.atomic
def change_trial(trial_id: UUID, *, changes: dict[str, Any], act: Act) -> StimulationTrial:
    """Write ``changes``; the protocol is fixed once the leads are in, and the phase moves by its steps.

    A value that was saved is changed with a reason alone. Raises CannotChange, and nothing was written.
    """
    # Rows that point at the trial, such as an answer on its way, need not wait.
    trial = StimulationTrial.objects.select_for_update(no_key=True).get(pk=trial_id)
    policies.check_can_change(trial, changes=changes)
    return _write(trial, changes, act=act, corrects=True)


def _write(
    trial: StimulationTrial, changes: dict[str, Any], *, act: Act, corrects: bool = False
) -> StimulationTrial:
    stored = copy(trial)
    for name, value in changes.items():
        setattr(trial, name, value)
    change = change_between(stored, trial, fields=changes)
    if corrects:
        keep_old(trial.pk, trial, change, act=act)
    trial.save(update_fields=change.fields)
    record_change(trial, change, clinic_id=trial.clinic_id, act=act, object_type="trial")
    touch_evidence(trial.pk)
    return trial


@transaction.atomic
def move_trial(
    trial: StimulationTrial,
    *,
    to: Phase,
    by: str,
    at: datetime,
    reason: str = "",
    expected: Phase | None = None,
    on: date | None = None,
    end_reason: EndReason | None = None,
    technical_cause: str = "",
    request_id: str = "",
) -> StimulationTrial:
    """Take one step of the table of phases. Raises CannotMove, and nothing was written.

    ``expected`` is the phase that the page showed: who acts on an old page is told so.
    """
    hold_out_erasure(trial.patient_id)
    rows = StimulationTrial.objects.select_for_update(of=("self",)).select_related("clinic", "patient")
    trial = rows.get(pk=trial.pk)
    start = Phase(trial.phase)
    given = Given(on=on, end_reason=end_reason, technical_cause=technical_cause, reason=reason)
    if expected not in (None, start):
        raise StalePhase(f"this trial is '{start.value}' by now, the page showed '{expected}'; look again")
    step = step_between(start, to=to)
    check_step(step, trial=trial, by=by, at=at, given=given)
    changes = changes_by(step, given=given)
    for name, value in changes.items():
        setattr(trial, name, value)
    trial.save(update_fields=list(changes))
    if step.closes_programs:
        last = on or today_in(trial, at=at)
        trial.programs.filter(ended_on__isnull=True, started_on__lte=last).update(ended_on=last)
    record(
        action="move",
        object_type="trial",
        object_id=trial.pk,
        by=by,
        at=at,
        clinic_id=trial.clinic_id,
        reason=reason,
        request_id=request_id,
        detail={"from": start.value, "to": to.value, "fields": sorted(changes)},
    )
    if step.sets:
        touch_evidence(trial.pk)
        trial.evidence_version += 1
    return trial


@transaction.atomic
def place_leads(trial_id: UUID, *, on: date, by: str, at: datetime) -> StimulationTrial:
    """Two steps at once and without their guards, for who tells a story of a trial that never was."""
    trial = StimulationTrial.objects.select_for_update().get(pk=trial_id)
    check_can_move(Phase(trial.phase), to=Phase.LEAD_PLACED)
    return _write(trial, {"lead_placed_on": on, "phase": Phase.TRIAL_ACTIVE.value}, act=Act(by, at))


@transaction.atomic
def end_trial(trial_id: UUID, *, on: date, end_reason: EndReason, by: str, at: datetime) -> StimulationTrial:
    """As ``place_leads``: the end, and the wait for a decision."""
    trial = StimulationTrial.objects.select_for_update().get(pk=trial_id)
    check_can_move(Phase(trial.phase), to=Phase.ENDED)
    changes = {"ended_on": on, "end_reason": end_reason.value, "phase": Phase.DECISION_PENDING.value}
    return _write(trial, changes, act=Act(by, at))


@transaction.atomic
def propose_rule_set(
    *, clinic: Clinic, text: str, by: User, at: datetime, request_id: str = ""
) -> ClinicRuleSet:
    """Keep a version of a clinic's own rule set; nothing is judged with it before somebody else approves."""
    if not policies.holds_role(by, clinic=clinic, roles=policies.PROPOSERS):
        raise policies.CannotPropose(f"only a site admin of {clinic} proposes a rule set")
    # Two proposals at once would each see no newer version. Rows that point at the clinic need not wait.
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    rule = policies.check_proposal(clinic, text=text)
    row = ClinicRuleSet.objects.create(
        clinic=clinic,
        rule_id=rule.id,
        version=rule.version,
        content=text,
        digest=rule.digest,
        proposed_by=by,
        proposed_at=at,
    )
    _record_rule_set(row, action="propose", by=by, at=at, request_id=request_id)
    return row


@transaction.atomic
def approve_rule_set(row: ClinicRuleSet, *, by: User, at: datetime, request_id: str = "") -> ClinicRuleSet:
    """From here on the clinic's trials are judged with it; those judged without are no longer current."""
    Clinic.objects.select_for_update(no_key=True).get(pk=row.clinic_id)
    row = ClinicRuleSet.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=row.pk)
    policies.check_approval(row, by=by)
    row.approved_by, row.approved_at = by, at
    row.save(update_fields=["approved_by", "approved_at"])
    _record_rule_set(row, action="approve", by=by, at=at, request_id=request_id)
    return row


def _record_rule_set(row: ClinicRuleSet, *, action: str, by: User, at: datetime, request_id: str) -> None:
    record(
        action=action,
        object_type="clinicruleset",
        object_id=row.pk,
        by=f"staff:{by.pk}",
        at=at,
        clinic_id=row.clinic_id,
        request_id=request_id,
        detail={"rule_set": row.rule_id, "version": row.version, "digest": row.digest},
    )
