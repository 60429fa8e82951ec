"""Leads, waveforms and the length of a trial: device-neutral codes, each with where it comes from.

``SEEN`` stands in the named source; ``UNVERIFIED`` is general knowledge that no source here confirms;
``DEFAULT`` is a choice of this project. No table advises: staff record what was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SEEN: Final = "seen"
UNVERIFIED: Final = "unverified"
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class LeadKind:
    """``is_externalised``: something passes through the skin while the trial runs."""

    label: str
    is_externalised: bool = True
    #: Lies at a dorsal root ganglion, so it is named by the ganglion and not by a level.
    at_ganglion: bool = False


LEAD_KINDS: Final[Mapping[str, LeadKind]] = MappingProxyType(
    {
        "percutaneous": LeadKind("Percutaneous, pulled at the end"),
        "percutaneous_staged": LeadKind("Percutaneous, permanent, with an extension through the skin"),
        "paddle": LeadKind("Surgical paddle, with an extension through the skin"),
        "drg": LeadKind("Dorsal root ganglion", at_ganglion=True),
        "wireless": LeadKind("Wireless, nothing through the skin", is_externalised=False),
    }
)
SIDES: Final[Mapping[str, str]] = MappingProxyType({"left": "Left", "midline": "Midline", "right": "Right"})
LEVELS: Final = (
    *(f"C{n}" for n in range(1, 9)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 5)),
)
#: A bound against slips of the keyboard, not a statement about devices.
MOST_CONTACTS: Final = 32


@dataclass(frozen=True, slots=True)
class Waveform:
    """``is_felt``: whether paraesthesia is meant to be felt; None where no source here says."""

    label: str
    is_felt: bool | None
    source: str = ""
    mark: str = UNVERIFIED


WAVEFORMS: Final[Mapping[str, Waveform]] = MappingProxyType(
    {
        "tonic": Waveform("Tonic", True, "bioelecmed 2019, ASRA", SEEN),
        "burst": Waveform("Burst", None),
        "hf10": Waveform("10 kHz", False, "FDA news 2015; waveform table", SEEN),
        "hd": Waveform("High density", None),
        "fast": Waveform("FAST, sub-perception", None),
        "dtm": Waveform("DTM, multiplexed", None),
        "ecap_cl": Waveform("Closed loop on evoked potentials", True, "Evoke", SEEN),
        "drg_lf": Waveform("Dorsal root ganglion, low frequency", None),
        "other": Waveform("Other", None),
    }
)


@dataclass(frozen=True, slots=True)
class DayLimit:
    """So many days from the placement of the leads, and why that number."""

    days: int
    why: str
    source: str
    mark: str


#: Longer with externalised leads takes a reason.
WARN_PAST: Final = DayLimit(
    10,
    "cumulative infection 24.1 % in trials of more than 10 days, 1.4 % in trials of up to 10 days",
    "PROMISE, p < 0.001",
    SEEN,
)
#: So long or longer takes a confirmation.
CONFIRM_FROM: Final = DayLimit(
    30,
    "the longest trials of published protocols lasted 30 days",
    "ISRCTN96424062 (7 to 30 days); PMC7004134 (30 days, no externalised lead)",
    DEFAULT,
)

TECHNICAL_CAUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "migration": "Lead migration",
        "poor_coverage": "Poor coverage",
        "lead_breakage": "Lead breakage",
        "stimulator_fault": "Fault of the external stimulator",
        "failed_access": "Failed access",
    }
)
