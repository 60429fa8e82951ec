"""What is looked at before the leads go in: tables of codes, and the review that a clinician records.

Contraindications are recorded and shown; they decide nothing here. A plan for anticoagulants is recorded
as it was agreed: no day to stop or restart a drug is ever computed.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sctrial.sources import Mark, Source

#: Letter, digit, letter or digit, then up to four more behind a point. A format, no list of codes.
DIAGNOSIS_FORMAT: Final = r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$"

#: Codes whose meaning was seen in a source, as suggestions: no more than that is shipped.
DIAGNOSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "M96.1": "persistent spinal pain after surgery",
        "G90.50": "CRPS I, unspecified",
        "G90.511": "CRPS I, upper limb",
        "G90.512": "CRPS I, upper limb",
        "G90.521": "CRPS I, lower limb",
        "G90.522": "CRPS I, lower limb",
        "G90.59": "CRPS I, other site",
        "G89.4": "chronic pain syndrome",
    }
)

_SIDES: Final = (("left", "left"), ("right", "right"))
_PAIRED: Final = (
    ("shoulder", "shoulder"),
    ("upper_arm", "upper arm"),
    ("forearm", "forearm"),
    ("hand", "hand"),
    ("hip", "hip"),
    ("buttock", "buttock"),
    ("groin", "groin"),
    ("thigh", "thigh"),
    ("knee", "knee"),
    ("lower_leg", "lower leg"),
    ("foot", "foot"),
)
_MIDDLE: Final = {
    "head": "Head",
    "neck": "Neck",
    "chest": "Chest",
    "abdomen": "Abdomen",
    "upper_back": "Upper back",
    "low_back": "Low back",
}
#: Where pain can be marked, from head to foot; left and right are the patient's.
BODY_REGIONS: Final[Mapping[str, str]] = MappingProxyType(
    _MIDDLE
    | {
        f"{code}_{side}": f"{words[0].upper()}{words[1:]}, {side_words}"
        for code, words in _PAIRED
        for side, side_words in _SIDES
    }
)


def region_words(codes: Collection[str]) -> str:
    """The regions in words, from head to foot; empty without any."""
    return "; ".join(words for code, words in BODY_REGIONS.items() if code in codes)


def unmarked(target: Collection[str], *, marked: Collection[str]) -> tuple[str, ...]:
    """The regions of a target that are not marked on the body map, as codes from head to foot."""
    return tuple(code for code in BODY_REGIONS if code in target and code not in marked)


class Weight(StrEnum):
    """How heavily a contraindication weighs in its source."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"


CONTRAINDICATION_SOURCE: Final = Source("neuromodfound, checklist of contraindications", Mark.SEEN)
_ABSOLUTE: Final = {
    "cannot_operate": "cannot operate the device",
    "surgery_first": "compressive lesion with serious deficit or instability, fit for surgery",
    "bleeding_or_immunity": "coagulopathy or immunosuppression with unacceptable risk",
    "diathermy": "therapeutic diathermy is needed",
}
_RELATIVE: Final = {
    "psychiatric_disorder": "unresolved major psychiatric disorder",
    "secondary_gain": "secondary gain",
    "substance_use": "untreated substance use",
    "inconsistent": "inconsistent history, examination or pain ratings",
    "non_organic_signs": "non-organic signs",
    "untried_options": "comparable options untried",
    "pregnancy": "pregnancy",
    "occupation": "occupational risk",
    "infection": "infection",
    "pacemaker": "demand pacemaker or defibrillator",
    "mri_needed": "MRI will be needed",
    "other_pain": "another major pain syndrome",
    "anticoagulant": "anticoagulant or antiplatelet drug",
}
CONTRAINDICATIONS: Final[Mapping[str, tuple[str, Weight]]] = MappingProxyType(
    {code: (words, Weight.ABSOLUTE) for code, words in _ABSOLUTE.items()}
    | {code: (words, Weight.RELATIVE) for code, words in _RELATIVE.items()}
)


class PsychResult(StrEnum):
    """What the psychological evaluation came to."""

    CLEARED = "cleared"
    WITH_CONDITIONS = "with_conditions"
    DEFERRED = "deferred"
    NOT_CLEARED = "not_cleared"


#: Clearance as a fact. With conditions it is open: whether they are met is another statement.
CLEARANCE: Final[Mapping[PsychResult, bool | None]] = MappingProxyType(
    {
        PsychResult.CLEARED: True,
        PsychResult.WITH_CONDITIONS: None,
        PsychResult.DEFERRED: None,
        PsychResult.NOT_CLEARED: False,
    }
)
PSYCH_RESULTS: Final[Mapping[PsychResult, str]] = MappingProxyType(
    {
        PsychResult.CLEARED: "Cleared",
        PsychResult.WITH_CONDITIONS: "Cleared with conditions",
        PsychResult.DEFERRED: "Deferred",
        PsychResult.NOT_CLEARED: "Not cleared",
    }
)

ANTICOAGULANTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "none": "None is taken",
        "plan_agreed": "Taken; plan agreed with the prescriber",
        "no_plan": "Taken; no plan yet",
    }
)
MRSA_RESULTS: Final[Mapping[str, str]] = MappingProxyType(
    {"not_done": "Not done", "negative": "Negative", "positive": "Positive", "treated": "Positive, treated"}
)
#: A screen is to be younger than this when the leads go in.
MRSA_DAYS: Final = 28
MRSA_SOURCE: Final = Source("HWE ICB 2022: screened less than 4 weeks before", Mark.SEEN)

#: The yes and no of a review, and the one number, as the payers' rules name them.
REVIEW_FACTS: Final = (
    "adult",
    "neuropathic_origin",
    "untreated_substance_use",
    "multidisciplinary_team",
    "facilities_available",
    "patient_educated",
)
REVIEW_NUMBER: Final = "pain_duration_months"
#: Facts that nobody can know before the leads go in.
AFTER_LEADS: Final = frozenset({"trial_at_home"})


@dataclass(frozen=True, slots=True)
class Review:
    """One version of the eligibility review. ``facts`` are by code, what is not known is left out."""

    reviewed_on: date
    facts: Mapping[str, bool | Fraction] = field(default_factory=dict)
    nothing_untried: bool | None = None
    psych_on: date | None = None
    psych_result: PsychResult | None = None
    psych_expires_on: date | None = None
    attested: Mapping[str, bool] = field(default_factory=dict)

    def clearance(self, on: date) -> bool | None:
        """Whether the psychological evaluation clears the patient on that day; None is open."""
        if self.psych_result is None or self.psych_on is None:
            return None
        cleared = CLEARANCE[self.psych_result]
        has_lapsed = self.psych_expires_on is not None and self.psych_expires_on < on
        return None if cleared and has_lapsed else cleared


def is_diagnosis(code: str) -> bool:
    """Whether ``code`` has the form of an ICD-10-CM code."""
    return re.fullmatch(DIAGNOSIS_FORMAT, code, re.ASCII) is not None


def present_words(present: Mapping[str, bool]) -> tuple[list[str], list[str], int]:
    """Absolute and relative contraindications that are present, and how many were not asked about."""
    there = [CONTRAINDICATIONS[code] for code in CONTRAINDICATIONS if present.get(code)]
    absolute = [words for words, weight in there if weight is Weight.ABSOLUTE]
    relative = [words for words, weight in there if weight is Weight.RELATIVE]
    return absolute, relative, len(CONTRAINDICATIONS) - len(present.keys() & CONTRAINDICATIONS.keys())
