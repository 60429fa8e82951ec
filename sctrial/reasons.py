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
    ANALGESICS_NOT_CONVERTED = "analgesics_not_converted"
    LIMIT_KEPT = "limit_kept"
    LIMIT_NOT_KEPT = "limit_not_kept"
    SCALE_HAS_NO_PLACE = "scale_has_no_place"
    STATED_RELIEF_MISSING = "stated_relief_missing"
    SCORE_MISSING = "score_missing"
    SCORE_BASELINE_ZERO = "score_baseline_zero"
    GLOBAL_CHANGE_MISSING = "global_change_missing"
    TRIAL_DURATION_MISSING = "trial_duration_missing"
    TRIAL_HOURS_MISSING = "trial_hours_missing"
    DIARY_DAYS_MISSING = "diary_days_missing"
    DEFICIT_MISSING = "deficit_missing"
    DEFICIT_FREE = "deficit_free"
    DEFICIT_PRESENT = "deficit_present"
    FACT_MISSING = "fact_missing"
    FACT_AS_ASKED = "fact_as_asked"
    FACT_NOT_AS_ASKED = "fact_not_as_asked"
    STATEMENT_MISSING = "statement_missing"
    ATTESTED = "attested"
    NOT_ATTESTED = "not_attested"
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


_HELD: Final = "{subject}: {value}; the rule asks for {asked}."
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
        ReasonCode.ANALGESICS_NOT_CONVERTED: (
            "An opioid without a conversion factor was taken ({subject}), so the daily total is not known."
        ),
        ReasonCode.LIMIT_KEPT: _HELD,
        ReasonCode.LIMIT_NOT_KEPT: _HELD,
        ReasonCode.SCALE_HAS_NO_PLACE: (
            "The scale of this diary has no place that this level could be held against ({subject})."
        ),
        ReasonCode.STATED_RELIEF_MISSING: "The relief in percent, as the patient states it, is not recorded.",
        ReasonCode.SCORE_MISSING: "There is no score for {subject}.",
        ReasonCode.SCORE_BASELINE_ZERO: (
            "The baseline of {subject} was 0, so a percent change does not exist."
        ),
        ReasonCode.GLOBAL_CHANGE_MISSING: "The patient's global impression of change is not recorded.",
        ReasonCode.TRIAL_DURATION_MISSING: "How long the leads were in is not recorded.",
        ReasonCode.TRIAL_HOURS_MISSING: (
            "The leads were in for {subject}; whether that is long enough depends on the hours."
        ),
        ReasonCode.DIARY_DAYS_MISSING: "The diary is not complete enough: {subject}.",
        ReasonCode.DEFICIT_MISSING: (
            "Whether the stimulation caused a neurological deficit is not recorded."
        ),
        ReasonCode.DEFICIT_FREE: "The stimulation caused no neurological deficit.",
        ReasonCode.DEFICIT_PRESENT: "The stimulation caused a neurological deficit.",
        ReasonCode.FACT_MISSING: "It is not recorded: {subject}.",
        ReasonCode.FACT_AS_ASKED: "Recorded as the rule asks: {subject}.",
        ReasonCode.FACT_NOT_AS_ASKED: "Recorded otherwise than the rule asks: {subject}.",
        ReasonCode.STATEMENT_MISSING: "No figure can show this, and nobody has stated it yet: {subject}.",
        ReasonCode.ATTESTED: "Stated by a person, not computed: {subject}.",
        ReasonCode.NOT_ATTESTED: "A person has stated that this is not so: {subject}.",
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
        ReasonCode.STATED_RELIEF_MISSING: Missing(
            "the relief in percent, as the patient states it", "the patient, asked by the clinic"
        ),
        ReasonCode.SCORE_MISSING: Missing("a score for {subject}", "the patient, by questionnaire"),
        ReasonCode.GLOBAL_CHANGE_MISSING: Missing(
            "the global impression of change", "the patient, asked by the clinic"
        ),
        ReasonCode.TRIAL_DURATION_MISSING: Missing(
            "when the leads were placed and removed", "the clinic, from the procedure record"
        ),
        ReasonCode.TRIAL_HOURS_MISSING: Missing(
            "the hours at which the leads were placed and removed", "the clinic, from the procedure record"
        ),
        ReasonCode.DIARY_DAYS_MISSING: Missing("more diary days: {subject}", "the patient"),
        ReasonCode.DEFICIT_MISSING: Missing(
            "whether the stimulation caused a neurological deficit", "the clinic, from the examination"
        ),
        ReasonCode.FACT_MISSING: Missing("{subject}", "{who}"),
        ReasonCode.STATEMENT_MISSING: Missing("{subject}", "{who}"),
    }
)


def missing_for(code: ReasonCode, *, subject: str = "", who: str = "") -> Missing | None:
    """What is missing under ``code`` and who can supply it; None when nothing anyone supplies would help."""
    gap = _GAPS.get(code)
    return None if gap is None else Missing(gap.what.format(subject=subject), gap.who.format(who=who))
