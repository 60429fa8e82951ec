"""A later planned end while the leads are in: added to the record, with who decided it and why."""

from datetime import date, datetime

from django.db import transaction

from apps.audit.services import record
from apps.patients.erased import Erased, hold_known
from apps.trials.lasting import WITH_LEADS, days_with_leads, wants_confirmation, wants_reason
from apps.trials.models import Extension, StimulationTrial
from apps.trials.steps import LEAST_REASON, roles_of, today_in
from sctrial.phases import CARE_TEAM
from sctrial.stimulation import CONFIRM_FROM, WARN_PAST


class CannotExtend(ValueError):
    """The message is fit for the user; nothing was written."""


@transaction.atomic
def extend_trial(
    trial: StimulationTrial,
    *,
    to: date,
    by: str,
    at: datetime,
    reason: str = "",
    confirmed: bool = False,
    expected: date | None = None,
    request_id: str = "",
) -> Extension:
    """``expected`` is the planned end that the page showed."""
    try:
        hold_known(trial.patient_id, so="the trial is not extended")
    except Erased as refused:
        raise CannotExtend(str(refused).rstrip(".")) from None
    rows = StimulationTrial.objects.select_for_update(of=("self",)).select_related("clinic")
    trial = rows.get(pk=trial.pk)
    _check(trial, to=to, by=by, at=at, expected=expected)
    _check_length(trial, to=to, reason=reason, confirmed=confirmed)
    made = Extension.objects.create(
        trial=trial,
        planned_before=trial.planned_end_on,
        planned_end_on=to,
        days=days_with_leads(trial, until=to),
        reason=reason.strip(),
        confirmed=confirmed,
        extended_at=at,
        extended_by=by,
    )
    trial.planned_end_on = to
    trial.save(update_fields=["planned_end_on"])
    record(
        action="extend",
        object_type="trial",
        object_id=trial.pk,
        by=by,
        at=at,
        clinic_id=trial.clinic_id,
        reason=made.reason,
        request_id=request_id,
        detail={"days": made.days, "confirmed": confirmed},
    )
    return made


def _check(trial: StimulationTrial, *, to: date, by: str, at: datetime, expected: date | None) -> None:
    if not roles_of(by, clinic_id=trial.clinic_id) & CARE_TEAM:
        raise CannotExtend("a coordinator or clinician of the clinic extends a trial")
    if trial.phase not in WITH_LEADS:
        raise CannotExtend("only a trial whose leads are in can be extended")
    if expected not in (None, trial.planned_end_on):
        raise CannotExtend(f"the planned end is {trial.planned_end_on} by now; look again")
    if trial.planned_end_on is not None and to <= trial.planned_end_on:
        raise CannotExtend(f"the planned end is {trial.planned_end_on}; the new one comes after it")
    if to < today_in(trial, at=at):
        raise CannotExtend(f"{to} is over already")


def _check_length(trial: StimulationTrial, *, to: date, reason: str, confirmed: bool) -> None:
    days = days_with_leads(trial, until=to)
    if wants_reason(trial, end=to) and len("".join(reason.split())) < LEAST_REASON:
        raise CannotExtend(
            f"day {days} with leads in: more than {WARN_PAST.days} days take a reason, "
            f"because {WARN_PAST.why} ({WARN_PAST.source})"
        )
    if wants_confirmation(trial, end=to) and not confirmed:
        raise CannotExtend(
            f"day {days} with leads in: {CONFIRM_FROM.days} days or more have to be confirmed, "
            f"because {CONFIRM_FROM.why} ({CONFIRM_FROM.source})"
        )
