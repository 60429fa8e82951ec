"""A saved value is changed with a reason, and what it said before stays beside it (docs/adr/0023)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Model

from apps.audit.reasons import NO_REASON, NoReason, Why, is_said
from apps.audit.services import record
from apps.trials.models import AdverseEvent, Correction, StimulationTrial
from apps.trials.policies import CannotChange, check_onset

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it, when, in which request, and why."""

    by: str
    at: datetime
    why: Why = NO_REASON
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Of one row: what each changed field said, and says now."""

    old: dict[str, Any]
    new: dict[str, Any]

    @property
    def fields(self) -> list[str]:
        return sorted(self.new)

    @property
    def overwritten(self) -> list[str]:
        return [name for name in self.fields if is_said(self.old[name])]


def change_between(stored: Model, wanted: Model, *, fields: Iterable[str]) -> Change:
    names = [name for name in fields if _value(stored, name) != _value(wanted, name)]
    return Change({n: _value(stored, n) for n in names}, {n: _value(wanted, n) for n in names})


def _value(row: Model, name: str) -> Any:
    return getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]


def keep_old(trial_id: Any, row: Model, change: Change, *, act: Act) -> None:
    """The old values beside the new ones. Raises CannotChange without a reason, and nothing was written."""
    if not change.overwritten:
        return
    try:
        act.why.check()
    except NoReason as refused:
        raise CannotChange(f"{', '.join(change.overwritten)}: {refused}") from refused
    Correction.objects.create(
        trial_id=trial_id,
        model=row._meta.label_lower,
        row=str(row.pk),
        old={name: change.old[name] for name in change.overwritten},
        new={name: change.new[name] for name in change.overwritten},
        code=act.why.code,
        reason=act.why.text.strip(),
        corrected_at=act.at,
        corrected_by=act.by,
    )


@transaction.atomic
def correct_row(row: Row, *, trial: StimulationTrial, fields: Iterable[str], act: Act) -> Row:
    """Save ``row`` of a trial, which differs in ``fields`` from what is stored. Raises CannotChange."""
    # Of two changes at once the second sees what the first one wrote.
    locked = _locked(trial)
    stored = type(row)._default_manager.get(pk=row.pk)
    change = change_between(stored, row, fields=fields)
    if not change.fields:
        return row
    if isinstance(row, AdverseEvent) and "onset_on" in change.fields:
        check_onset(locked, onset=row.onset_on, today=_today(locked, act))
    keep_old(trial.pk, row, change, act=act)
    row.save(update_fields=change.fields)
    record_change(row, change, clinic_id=trial.clinic_id, act=act)
    return row


@transaction.atomic
def add_event(event: AdverseEvent, *, act: Act) -> AdverseEvent:
    """Raises CannotChange for an onset that cannot be."""
    locked = _locked(event.trial)
    check_onset(locked, onset=event.onset_on, today=_today(locked, act))
    event.save(force_insert=True)
    return event


def _today(trial: StimulationTrial, act: Act) -> date:
    """On the clinic's calendar."""
    return act.at.astimezone(ZoneInfo(trial.clinic.zone)).date()


def _locked(trial: StimulationTrial) -> StimulationTrial:
    rows = StimulationTrial.objects.select_for_update(no_key=True, of=("self",)).select_related("clinic")
    return rows.get(pk=trial.pk)


def record_change(row: Model, change: Change, *, clinic_id: int, act: Act, object_type: str = "") -> None:
    record(
        action="change",
        object_type=object_type or row._meta.model_name or "",
        object_id=row.pk,
        by=act.by,
        at=act.at,
        clinic_id=clinic_id,
        reason=act.why.text.strip(),
        request_id=act.request_id,
        detail={"fields": change.fields} | ({"why": act.why.code} if act.why.code else {}),
    )
