"""What stands between a trial and its next phases: the table of sctrial.phases, asked of the record."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from apps.accounts.models import StaffMembership
from apps.patients.models import Diagnosis, EligibilityReview, PatientIdentity
from apps.trials.cautions import cautions_of
from apps.trials.models import (
    AdverseEvent,
    Explant,
    ExternalStimulator,
    FollowUp,
    Lead,
    PermanentImplant,
    StimulationTrial,
)
from apps.trials.policies import check_protocol
from sctrial.choices import Choice
from sctrial.phases import NEED_WORDS, STEPS, CannotMove, EndReason, Need, Phase, Step, Who
from sctrial.stimulation import TECHNICAL_CAUSES

STAFF: Final = "staff:"
LEAST_REASON: Final = 3
WAYS_OUT: Final = frozenset({Phase.CANCELLED, Phase.WITHDRAWN})
ERASED: Final = (
    "the identity of the patient was erased, so the trial goes no further. "
    "Cancel it, or record that the patient has left"
)


class StalePhase(CannotMove):
    """Somebody else has moved the trial since the page was made."""


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with a step: the day it is about, why the trial ended, why in words."""

    on: date | None = None
    end_reason: EndReason | None = None
    technical_cause: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A step from where the trial stands, and what is in the way of it for one person."""

    step: Step
    missing: tuple[Need, ...]
    roles: frozenset[Who]
    is_erased: bool = False

    @property
    def is_open(self) -> bool:
        return not self._is_shut and not self.missing and bool(self.roles & self.step.by)

    @property
    def _is_shut(self) -> bool:
        """Who nobody knows any more goes no further; a signature needs no name, and a way out stays open."""
        return self.is_erased and not self.step.is_signed and self.step.to not in WAYS_OUT

    @property
    def why_not(self) -> str:
        """Fit for the user; empty when the step is open."""
        if self._is_shut:
            return ERASED
        if not self.roles & self.step.by:
            return f"taken by: {' or '.join(sorted(who.value for who in self.step.by))}"
        return f"not recorded yet: {needs_words(self.missing)}" if self.missing else ""


def needs_words(needs: tuple[Need, ...]) -> str:
    return "; ".join(NEED_WORDS[need] for need in needs)


def ways_of(
    trial: StimulationTrial, *, roles: frozenset[Who], recorded: Mapping[str, Any] | None = None
) -> list[Way]:
    """Every step of the table from where the trial stands, in its order.

    ``recorded`` answers ``asked_of(trial)``, where that was read already.
    """
    if recorded is None:
        recorded = _read(asked_of(trial), trial=trial)
    steps = [step for step in STEPS if step.start == trial.phase]
    erased = bool(recorded["is_erased"])
    return [Way(step, missing_for(step, trial=trial, recorded=recorded), roles, erased) for step in steps]


def asked_of(trial: StimulationTrial) -> dict[str, Any]:
    """What the steps from where the trial stands need of other tables, as one statement asks it."""
    return _asked(step for step in STEPS if step.start == trial.phase) | {"is_erased": _is_erased()}


def missing_for(
    step: Step, *, trial: StimulationTrial, recorded: Mapping[str, Any] | None = None
) -> tuple[Need, ...]:
    if recorded is None:
        recorded = _read(_asked([step]), trial=trial)
    return tuple(need for need in step.needs if not _is_recorded(need, trial=trial, recorded=recorded))


def _asked(steps: Iterable[Step]) -> dict[str, Any]:
    return {_name(need): IN_TABLES[need]() for step in steps for need in step.needs if need in IN_TABLES}


def _read(asked: Mapping[str, Any], *, trial: StimulationTrial) -> Mapping[str, Any]:
    return StimulationTrial.objects.filter(pk=trial.pk).values(**asked).get() if asked else {}


def _is_recorded(need: Need, *, trial: StimulationTrial, recorded: Mapping[str, Any]) -> bool:
    return bool(recorded[_name(need)]) if need in IN_TABLES else ON_THE_TRIAL[need](trial)


def _name(need: Need) -> str:
    # Not the need's own name, which may be that of a column.
    return f"has_{need.value}"


def roles_of(by: str, *, clinic_id: int) -> frozenset[Who]:
    """The treating roles of who acts in the clinic. A job acts for the whole house."""
    if not by.startswith(STAFF):
        return frozenset(Who)
    number = by.removeprefix(STAFF)
    found = StaffMembership.objects.filter(
        user_id=int(number), clinic_id=clinic_id, user__is_active=True, user__is_staff=True
    )
    return frozenset(Who(role) for role in found.values_list("role", flat=True) if role in set(Who))


def check_step(step: Step, *, trial: StimulationTrial, by: str, at: datetime, given: Given) -> None:
    """Raises CannotMove, fit for the user."""
    recorded = _read(_asked([step]) | {"is_erased": _is_erased()}, trial=trial)
    missing, roles = (
        missing_for(step, trial=trial, recorded=recorded),
        roles_of(by, clinic_id=trial.clinic_id),
    )
    way = Way(step, missing, roles, bool(recorded["is_erased"]))
    if not way.is_open:
        raise CannotMove(f"'{step.name}' is not open: {way.why_not}")
    lacking = [NEED_WORDS[need] for need in step.sets if _given(need, given) is None]
    if lacking:
        raise CannotMove(f"'{step.name}' needs {' and '.join(lacking)}")
    if step.wants_reason and len("".join(given.reason.split())) < LEAST_REASON:
        raise CannotMove(f"'{step.name}' needs a reason of at least {LEAST_REASON} characters")
    if step.to is Phase.LEAD_PLACED:
        _check_cautions(trial, given)
    if step.sets and given.on is not None:
        check_today(given.on, trial=trial, at=at)
        _check_day(given.on, step=step, trial=trial)


def _check_cautions(trial: StimulationTrial, given: Given) -> None:
    found = cautions_of(trial)
    if found and len("".join(given.reason.split())) < LEAST_REASON:
        raise CannotMove(
            f"{' '.join(found)} Say why the leads go in all the same, or change what is recorded first"
        )


def changes_by(step: Step, *, given: Given) -> dict[str, Any]:
    """The fields of the trial that the step writes."""
    return {"phase": step.to.value} | {need.value: _given(need, given) for need in step.sets}


def _given(need: Need, given: Given) -> date | str | None:
    if need is Need.TECHNICAL_CAUSE:
        return _cause(given)
    if need is Need.END_REASON:
        return given.end_reason.value if given.end_reason else None
    return given.on


def _cause(given: Given) -> str | None:
    """Empty where nothing failed; None where what failed is not told."""
    if given.end_reason is not EndReason.TECHNICAL_FAILURE:
        return ""
    return given.technical_cause if given.technical_cause in TECHNICAL_CAUSES else None


def today_in(trial: StimulationTrial, *, at: datetime) -> date:
    """The day on the clinic's calendar."""
    return at.astimezone(ZoneInfo(trial.clinic.zone)).date()


def check_today(day: date, *, trial: StimulationTrial, at: datetime) -> None:
    if day > today_in(trial, at=at):
        raise CannotMove(f"{day} is still to come")


def _check_day(day: date, *, step: Step, trial: StimulationTrial) -> None:
    if step.to is Phase.LEAD_PLACED and day < trial.diary_from:
        raise CannotMove(f"{day} is before the diary began on {trial.diary_from}")
    if step.to is not Phase.ENDED:
        return
    if trial.lead_placed_on is None or day < trial.lead_placed_on:
        raise CannotMove(f"{day} is before the leads were placed on {trial.lead_placed_on}")
    if trial.programs.filter(started_on__gt=day).exists():
        raise CannotMove(f"a program starts after {day}")


def _has_protocol(trial: StimulationTrial) -> bool:
    try:
        check_protocol(trial, changes={})
    except (ValueError, LookupError):
        return False
    return True


def _of_patient(model: type[Any]) -> Exists:
    rows = model.objects.filter(patient=OuterRef("patient"), is_void=False, superseded_by__isnull=True)
    return Exists(rows)


def _is_erased() -> Exists:
    return Exists(PatientIdentity.objects.filter(patient=OuterRef("patient"), erased_at__isnull=False))


def _of_trial(model: type[Any], *such: Q, through: str = "trial") -> Exists:
    return Exists(model.objects.filter(*such, **{through: OuterRef("pk")}))


def _is_implant_decided() -> Exists:
    # Who signs, and how, is the business of another app; which choice stands is a fact of the trial.
    newest = {"decisions__superseded_by__isnull": True, "decisions__choice": Choice.IMPLANT.value}
    return Exists(StimulationTrial.objects.filter(pk=OuterRef("pk"), **newest))


ON_THE_TRIAL: Final[Mapping[Need, Callable[[StimulationTrial], bool]]] = {
    Need.PROTOCOL: _has_protocol,
    Need.LEAD_PLACED_ON: lambda trial: trial.lead_placed_on is not None,
    Need.ENDED_ON: lambda trial: trial.ended_on is not None,
    Need.END_REASON: lambda trial: bool(trial.end_reason),
}
#: Asked of a trial in one statement, whatever a step needs.
IN_TABLES: Final[Mapping[Need, Callable[[], Any]]] = {
    Need.DIAGNOSIS: lambda: _of_patient(Diagnosis),
    Need.REVIEW: lambda: _of_patient(EligibilityReview),
    Need.LEADS: lambda: _of_trial(Lead),
    Need.STIMULATOR: lambda: _of_trial(ExternalStimulator),
    Need.LEAD_FATES: lambda: ~_of_trial(Lead, Q(removed_on__isnull=True, is_kept=False)),
    Need.EVENT_OUTCOMES: lambda: ~_of_trial(AdverseEvent, Q(action="") | Q(outcome="")),
    Need.IMPLANT_DECIDED: _is_implant_decided,
    Need.IMPLANT: lambda: _of_trial(PermanentImplant),
    Need.FOLLOW_UP: lambda: _of_trial(FollowUp, through="implant__trial"),
    Need.EXPLANT: lambda: _of_trial(Explant, through="implant__trial"),
}
