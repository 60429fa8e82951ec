"""Facts from before the trial that payers ask for: one table of names, so that two rules mean the same fact.

Each is yes, no or unknown, or a number with a unit. They are recorded by people; nothing here computes them.
What differs from payer to payer, such as a list of diagnoses, is no fact of this table: a rule asks for it as
a statement of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

_REVIEW: Final = "the clinic, from the eligibility review"
_THERAPIES: Final = "the clinic, from the log of earlier treatments"
_PSYCHOLOGY: Final = "the clinic, from the psychological evaluation"


class UnknownFact(ValueError):
    """A fact that is not in the table, or a value of the wrong type; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: ``unit`` is None for yes and no; ``who`` is where the clinic has it."""

    code: str
    label: str
    who: str
    unit: str | None = None

    def require(self, value: object) -> bool | Fraction:
        """``value`` when it is of the fact's type, else UnknownFact."""
        if self.unit is None and isinstance(value, bool):
            return value
        if self.unit is not None and isinstance(value, Fraction) and value >= 0:
            return value
        wanted = "true or false" if self.unit is None else f"a number of {self.unit} from 0"
        raise UnknownFact(f"{self.code} must be {wanted}; leave it out when it is not known")


FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        fact.code: fact
        for fact in (
            Fact("adult", "the patient is an adult", _REVIEW),
            Fact("neuropathic_origin", "the pain is of neuropathic origin", _REVIEW),
            Fact("pain_duration_months", "how long the pain has lasted", _REVIEW, "months"),
            Fact("conservative_care_months", "how long conservative care was given", _THERAPIES, "months"),
            Fact(
                "other_treatments_exhausted",
                "other treatments failed, or are unsuitable with the reason written",
                _THERAPIES,
            ),
            Fact("prior_therapy_documented", "earlier treatments are documented", _THERAPIES),
            Fact("psych_evaluation", "a psychological evaluation is documented", _PSYCHOLOGY),
            Fact("psych_clearance", "the psychological evaluation cleared the patient", _PSYCHOLOGY),
            Fact("untreated_substance_use", "a substance use disorder is untreated", _PSYCHOLOGY),
            Fact("multidisciplinary_team", "a multidisciplinary team assessed the patient", _REVIEW),
            Fact("facilities_available", "team and facility for treatment and follow-up exist", _REVIEW),
            Fact("patient_educated", "the patient was taught about the treatment", _REVIEW),
            Fact("trial_at_home", "the trial took place at the patient's home", _REVIEW),
        )
    }
)


def fact_named(code: str) -> Fact:
    """The fact called ``code``. Raises UnknownFact with the known ones."""
    if code not in FACTS:
        raise UnknownFact(f"{code!r} is not a known fact; use one of: {', '.join(FACTS)}")
    return FACTS[code]
