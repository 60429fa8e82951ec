"""After the implant: when the patient is seen, and why a system is revised or taken out.

The months are those at which the randomised trials looked (domain facts, section 1.1). Explant is the removal
of all parts and revision of any part, as PMC6363531 defines them; taking out trial leads is neither.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sctrial.reduction import compute_percent_reduction

MONTHS: Final = (1, 3, 6, 12, 24)

FUNCTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"better": "Better than before", "same": "As before", "worse": "Worse than before"}
)
REVISION_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "migration": "Lead migration",
        "lead_breakage": "Lead breakage",
        "connection_failure": "Connection failure",
        "hardware_malfunction": "Hardware malfunction",
        "generator_pain": "Pain at the generator",
        "battery": "Battery at its end",
        "infection": "Infection",
        "other": "Other",
    }
)
EXPLANT_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "lost_efficacy": "Relief was lost",
        "infection": "Infection",
        "hardware_malfunction": "Hardware malfunction",
        "discomfort": "Pain or discomfort from the system",
        "imaging": "Imaging that the system rules out",
        "patient_request": "Wish of the patient",
        "no_longer_needed": "No longer needed",
        "other": "Other",
    }
)

#: The shares of relief that are looked at (IMMPACT: moderate and substantial).
MODERATE: Final = Fraction(3, 10)
SUBSTANTIAL: Final = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of the relief at one visit; all None where there is no percent."""

    percent: Fraction | None
    still_moderate: bool | None
    still_substantial: bool | None


def relief_left(baseline: Fraction | None, *, pain: Fraction | None) -> Left:
    """Against the baseline of the trial, exactly: 49.81 % is not 50 %."""
    percent = compute_percent_reduction(baseline, trial_mean=pain).exact
    if percent is None:
        return Left(None, None, None)
    return Left(percent, percent >= 100 * MODERATE, percent >= 100 * SUBSTANTIAL)


def due_on(implanted_on: date, *, month: int) -> date:
    """The same day so many months later, or the last one of a month that is too short."""
    months = implanted_on.month - 1 + month
    year, number = implanted_on.year + months // 12, months % 12 + 1
    return date(year, number, min(implanted_on.day, monthrange(year, number)[1]))
