"""States of a stimulation trial as one table, the two diary phases, and the ways a trial ends."""

from collections.abc import Mapping
from dataclasses import dataclass
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


class Who(StrEnum):
    """The two roles that treat the patient; the codes are those of the clinic's staff."""

    COORDINATOR = "coordinator"
    CLINICIAN = "clinician"


class Need(StrEnum):
    """What has to be in the record before a step, or comes with it."""

    DIAGNOSIS = "diagnosis"
    REVIEW = "review"
    PROTOCOL = "protocol"
    LEAD_PLACED_ON = "lead_placed_on"
    ENDED_ON = "ended_on"
    END_REASON = "end_reason"
    TECHNICAL_CAUSE = "technical_cause"
    LEADS = "leads"
    STIMULATOR = "stimulator"
    LEAD_FATES = "lead_fates"
    EVENT_OUTCOMES = "event_outcomes"
    IMPLANT_DECIDED = "implant_decided"
    IMPLANT = "implant"
    FOLLOW_UP = "follow_up"
    EXPLANT = "explant"


NEED_WORDS: Final[Mapping[Need, str]] = MappingProxyType(
    {
        Need.DIAGNOSIS: "a diagnosis",
        Need.REVIEW: "an eligibility review",
        Need.PROTOCOL: "the rule set and both windows can be judged with",
        Need.LEAD_PLACED_ON: "the day on which leads were placed",
        Need.ENDED_ON: "the day on which the trial ended",
        Need.END_REASON: "why the trial ended",
        Need.TECHNICAL_CAUSE: "what failed, after a technical failure",
        Need.LEADS: "at least one lead",
        Need.STIMULATOR: "the external stimulator",
        Need.LEAD_FATES: "whether each lead was removed or kept for the implant",
        Need.EVENT_OUTCOMES: "action and outcome of each adverse event",
        Need.IMPLANT_DECIDED: "a signed decision to implant",
        Need.IMPLANT: "the permanent implant and its day",
        Need.FOLLOW_UP: "a first follow-up visit",
        Need.EXPLANT: "day and reason of the explant",
    }
)

CARE_TEAM: Final = frozenset(Who)
CLINICIANS: Final = frozenset({Who.CLINICIAN})


@dataclass(frozen=True, slots=True)
class Step:
    """One way from a phase to another: who may take it, what comes first, what it writes."""

    start: Phase
    to: Phase
    #: As it stands on the button.
    name: str
    by: frozenset[Who] = CARE_TEAM
    #: Has to be in the record already.
    needs: tuple[Need, ...] = ()
    #: Fields of the trial that are given with the step and written by it.
    sets: tuple[Need, ...] = ()
    #: Whether what still runs, such as a program, ends with it.
    closes_programs: bool = False
    #: Whether it is told why, in words.
    wants_reason: bool = False
    #: Taken by signing the decision, and in no other way.
    is_signed: bool = False


_END: Final = (Need.ENDED_ON, Need.END_REASON, Need.TECHNICAL_CAUSE)
_ENDED: Final = (Need.ENDED_ON, Need.END_REASON, Need.LEAD_FATES, Need.EVENT_OUTCOMES)

STEPS: Final[tuple[Step, ...]] = (
    Step(Phase.REFERRED, Phase.ELIGIBILITY, "Start the eligibility review", needs=(Need.DIAGNOSIS,)),
    Step(Phase.ELIGIBILITY, Phase.AUTHORISED, "Authorise the trial", needs=(Need.REVIEW,)),
    Step(Phase.AUTHORISED, Phase.BASELINE_DIARY, "Start the baseline diary", needs=(Need.PROTOCOL,)),
    Step(
        Phase.BASELINE_DIARY,
        Phase.LEAD_PLACED,
        "Record the placement of the leads",
        needs=(Need.PROTOCOL,),
        sets=(Need.LEAD_PLACED_ON,),
    ),
    Step(
        Phase.LEAD_PLACED,
        Phase.TRIAL_ACTIVE,
        "Start the stimulation at home",
        needs=(Need.LEADS, Need.STIMULATOR),
    ),
    # Failed access and the on-table trial both end without days at home.
    Step(
        Phase.LEAD_PLACED, Phase.ENDED, "End the trial without days at home", sets=_END, closes_programs=True
    ),
    Step(Phase.TRIAL_ACTIVE, Phase.ENDED, "End the trial", sets=_END, closes_programs=True),
    Step(Phase.ENDED, Phase.DECISION_PENDING, "Hand over for the decision", needs=_ENDED),
    Step(Phase.DECISION_PENDING, Phase.DECIDED, "Decide and sign", by=CLINICIANS, is_signed=True),
    # A deferred decision is taken again; a repeat is a new trial with the next number.
    Step(
        Phase.DECIDED,
        Phase.DECISION_PENDING,
        "Open the decision again",
        by=CLINICIANS,
        wants_reason=True,
        is_signed=True,
    ),
    Step(
        Phase.DECIDED,
        Phase.IMPLANTED,
        "Record the permanent implant",
        needs=(Need.IMPLANT_DECIDED, Need.IMPLANT),
    ),
    Step(Phase.IMPLANTED, Phase.FOLLOW_UP, "Start the follow-up", needs=(Need.FOLLOW_UP,)),
    Step(Phase.IMPLANTED, Phase.EXPLANTED, "Record the explant", needs=(Need.EXPLANT,), wants_reason=True),
    Step(Phase.FOLLOW_UP, Phase.EXPLANTED, "Record the explant", needs=(Need.EXPLANT,), wants_reason=True),
    *(
        Step(phase, Phase.CANCELLED, "Cancel before any lead is placed", wants_reason=True)
        for phase in (Phase.REFERRED, Phase.ELIGIBILITY, Phase.AUTHORISED, Phase.BASELINE_DIARY)
    ),
    *(
        Step(
            phase,
            Phase.WITHDRAWN,
            "Record that the patient has left",
            closes_programs=True,
            wants_reason=True,
        )
        for phase in (
            Phase.LEAD_PLACED,
            Phase.TRIAL_ACTIVE,
            Phase.ENDED,
            Phase.DECISION_PENDING,
            Phase.DECIDED,
            Phase.IMPLANTED,
            Phase.FOLLOW_UP,
        )
    ),
)

TRANSITIONS: Final[Mapping[Phase, frozenset[Phase]]] = MappingProxyType(
    {phase: frozenset(step.to for step in STEPS if step.start is phase) for phase in Phase}
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


def step_between(current: Phase, *, to: Phase) -> Step:
    """The one step from ``current`` to ``to``. Raises CannotMove."""
    check_can_move(current, to=to)
    return next(step for step in STEPS if (step.start, step.to) == (current, to))


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


END_REASON_WORDS: Final[Mapping[EndReason, str]] = MappingProxyType(
    {
        EndReason.SUCCESS: "Relief was enough",
        EndReason.FAILURE_INADEQUATE_RELIEF: "Relief was not enough",
        EndReason.FAILURE_NO_FUNCTIONAL_GAIN: "Nothing was gained in daily life",
        EndReason.FAILURE_SIDE_EFFECT: "A side effect outweighed the relief",
        EndReason.TECHNICAL_FAILURE: "Technical failure",
        EndReason.ENDED_EARLY_INFECTION: "Ended early: infection",
        EndReason.ENDED_EARLY_HEMATOMA: "Ended early: hematoma",
        EndReason.ENDED_EARLY_NEURO_DEFICIT: "Ended early: neurological deficit",
        EndReason.ENDED_EARLY_DURAL_PUNCTURE: "Ended early: dural puncture",
        EndReason.ENDED_EARLY_PATIENT_REQUEST: "Ended early: the patient's wish",
        EndReason.ENDED_EARLY_INTERCURRENT_ILLNESS: "Ended early: another illness",
        EndReason.ENDED_EARLY_ANTICOAGULANT_NEED: "Ended early: an anticoagulant was needed",
        EndReason.INDETERMINATE_MISSING_DATA: "Not known: too little was reported",
        EndReason.DECLINED_AFTER_SUCCESS: "Relief was enough, the patient declined",
    }
)
