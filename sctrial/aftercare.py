"""After the implant: when the patient is seen, and why a system is revised or taken out.

The months are those at which the randomised trials looked (domain facts, section 1.1). Explant is the removal
of all parts and revision of any part, as PMC6363531 defines them; taking out trial leads is neither.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

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
