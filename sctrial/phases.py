"""States of a stimulation trial as one table, the two diary phases, and the ways a trial ends."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Phase(StrEnum):
    """Where a stimulation trial stands; the order is the usual road."""

    REFERRED = "referred"
    ELIGIBILITY = "eligibility"
    AUTHORISED = "authorised"
    BASELINE_DIARY = "baseline_diary"
    LEAD_PLACED = "lead_placed"
    TRIAL_ACTIVE = "trial_active"
    #: Leads removed, or kept for a staged implant: no more trial stimulation either way.
    ENDED = "ended"
    DECISION_PENDING = "decision_pending"
    DECIDED = "decided"
    IMPLANTED = "implanted"
    FOLLOW_UP = "follow_up"
    EXPLANTED = "explanted"
    #: Stopped before any lead was placed, so it says nothing about relief.
    CANCELLED = "cancelled"
    #: Left by the patient's wish or death after a lead was placed.
    WITHDRAWN = "withdrawn"


TRANSITIONS: Final[Mapping[Phase, frozenset[Phase]]] = MappingProxyType(
    {
        Phase.REFERRED: frozenset({Phase.ELIGIBILITY, Phase.CANCELLED}),
        Phase.ELIGIBILITY: frozenset({Phase.AUTHORISED, Phase.CANCELLED}),
        Phase.AUTHORISED: frozenset({Phase.BASELINE_DIARY, Phase.CANCELLED}),
        Phase.BASELINE_DIARY: frozenset({Phase.LEAD_PLACED, Phase.CANCELLED}),
        # Failed access and the on-table trial both end without days at home.
        Phase.LEAD_PLACED: frozenset({Phase.TRIAL_ACTIVE, Phase.ENDED, Phase.WITHDRAWN}),
        Phase.TRIAL_ACTIVE: frozenset({Phase.ENDED, Phase.WITHDRAWN}),
        Phase.ENDED: frozenset({Phase.DECISION_PENDING, Phase.WITHDRAWN}),
        Phase.DECISION_PENDING: frozenset({Phase.DECIDED, Phase.WITHDRAWN}),
        # A deferred decision is taken again; a repeat is a new trial with the next number.
        Phase.DECIDED: frozenset({Phase.DECISION_PENDING, Phase.IMPLANTED, Phase.WITHDRAWN}),
        Phase.IMPLANTED: frozenset({Phase.FOLLOW_UP, Phase.EXPLANTED, Phase.WITHDRAWN}),
        Phase.FOLLOW_UP: frozenset({Phase.EXPLANTED, Phase.WITHDRAWN}),
        Phase.EXPLANTED: frozenset(),
        Phase.CANCELLED: frozenset(),
        Phase.WITHDRAWN: frozenset(),
    }
)


class CannotMove(ValueError):
    """A step that the table of transitions does not have; the message is fit for the user."""


def check_can_move(current: Phase, *, to: Phase) -> None:
    """Raise CannotMove, naming the steps that are open, unless ``current`` may become ``to``."""
    if not can_move(current, to=to):
        opened = ", ".join(phase.value for phase in Phase if phase in TRANSITIONS[current])
        raise CannotMove(
            f"a trial that is '{current.value}' cannot become '{to.value}'; "
            + (f"it can become: {opened}" if opened else "this is a final state")
        )


def can_move(current: Phase, *, to: Phase) -> bool:
    """Whether the table of transitions leads from ``current`` to ``to`` in one step."""
    return to in TRANSITIONS[current]


class DiaryPhase(StrEnum):
    """Which side of the comparison a diary day belongs to."""

    BASELINE = "baseline"
    TRIAL = "trial"


def diary_phase_of(day: date, *, lead_placed_on: date | None) -> DiaryPhase:
    """Baseline before the day of lead placement, trial from that day on.

    Without a placement date every day is baseline: no stimulation can have touched it.
    """
    if lead_placed_on is None or day < lead_placed_on:
        return DiaryPhase.BASELINE
    return DiaryPhase.TRIAL


class EndReason(StrEnum):
    """Why a trial ended. A technical failure says nothing about relief: keep it out of efficacy counts."""

    SUCCESS = "success"
    FAILURE_INADEQUATE_RELIEF = "failure_inadequate_relief"
    FAILURE_NO_FUNCTIONAL_GAIN = "failure_no_functional_gain"
    FAILURE_SIDE_EFFECT = "failure_side_effect"
    TECHNICAL_FAILURE = "technical_failure"
    ENDED_EARLY_INFECTION = "ended_early_infection"
    ENDED_EARLY_HEMATOMA = "ended_early_hematoma"
    ENDED_EARLY_NEURO_DEFICIT = "ended_early_neuro_deficit"
    ENDED_EARLY_DURAL_PUNCTURE = "ended_early_dural_puncture"
    ENDED_EARLY_PATIENT_REQUEST = "ended_early_patient_request"
    ENDED_EARLY_INTERCURRENT_ILLNESS = "ended_early_intercurrent_illness"
    ENDED_EARLY_ANTICOAGULANT_NEED = "ended_early_anticoagulant_need"
    INDETERMINATE_MISSING_DATA = "indeterminate_missing_data"
    DECLINED_AFTER_SUCCESS = "declined_after_success"
