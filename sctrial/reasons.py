"""Why a criterion is answered as it is: codes, sentences a clinician can read, and who can fill a gap."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class ReasonCode(StrEnum):
    """Stable codes; the sentences may be reworded, the codes not."""

    THRESHOLD_REACHED = "threshold_reached"
    THRESHOLD_NOT_REACHED = "threshold_not_reached"
    BASELINE_ZERO = "baseline_zero"
    NO_BASELINE_ENTRIES = "no_baseline_entries"
    NO_TRIAL_ENTRIES = "no_trial_entries"
    ANALGESICS_MISSING = "analgesics_missing"
    ANALGESICS_BASELINE_ZERO = "analgesics_baseline_zero"
    ANALGESICS_NOT_INCREASED = "analgesics_not_increased"
    ANALGESICS_INCREASED = "analgesics_increased"
    SATISFACTION_MISSING = "satisfaction_missing"
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"
    COMBINED = "combined"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a verdict; ``criterion`` is the id of the criterion it belongs to."""

    code: ReasonCode
    text: str
    criterion: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What would make a criterion evaluable, and who can supply it."""

    what: str
    who: str


_CHANGED: Final = (
    "{subject} {change}, from {baseline} to {trial}; the rule asks for a fall of at least {threshold}."
)

SENTENCES: Final[Mapping[ReasonCode, str]] = MappingProxyType(
    {
        ReasonCode.THRESHOLD_REACHED: _CHANGED,
        ReasonCode.THRESHOLD_NOT_REACHED: _CHANGED,
        ReasonCode.BASELINE_ZERO: "{subject} was 0 at baseline, so a percent reduction does not exist.",
        ReasonCode.NO_BASELINE_ENTRIES: "There is no score for {subject} in the baseline window.",
        ReasonCode.NO_TRIAL_ENTRIES: "There is no score for {subject} in the trial window.",
        ReasonCode.ANALGESICS_MISSING: (
            "The daily analgesics before and at the end of the trial are not both known."
        ),
        ReasonCode.ANALGESICS_BASELINE_ZERO: (
            "No analgesics were taken at baseline, so a percent reduction does not exist."
        ),
        ReasonCode.ANALGESICS_NOT_INCREASED: "Daily analgesics did not increase: from {baseline} to {trial}.",
        ReasonCode.ANALGESICS_INCREASED: "Daily analgesics increased: from {baseline} to {trial}.",
        ReasonCode.SATISFACTION_MISSING: "Whether the patient is satisfied has not been recorded.",
        ReasonCode.SATISFIED: "The patient is satisfied with the relief.",
        ReasonCode.NOT_SATISFIED: "The patient is not satisfied with the relief.",
        ReasonCode.COMBINED: "{rule}: {met} met, {not_met} not met, {not_evaluable} not evaluable.",
    }
)

_GAPS: Final[Mapping[ReasonCode, Missing]] = MappingProxyType(
    {
        ReasonCode.NO_BASELINE_ENTRIES: Missing("scores for {subject} in the baseline window", "the patient"),
        ReasonCode.NO_TRIAL_ENTRIES: Missing("scores for {subject} in the trial window", "the patient"),
        ReasonCode.ANALGESICS_MISSING: Missing(
            "the daily analgesics before and at the end of the trial", "the clinic, from the drug log"
        ),
        ReasonCode.SATISFACTION_MISSING: Missing(
            "whether the patient is satisfied", "the patient, asked by the clinic"
        ),
    }
)


def missing_for(code: ReasonCode, *, subject: str = "") -> Missing | None:
    """What is missing under ``code`` and who can supply it; None when nothing anyone supplies would help."""
    gap = _GAPS.get(code)
    return None if gap is None else Missing(gap.what.format(subject=subject), gap.who)
