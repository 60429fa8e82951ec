"""The kinds of conservative treatment, and the numbers that an adequate course reaches, each with its source.

A number marked K is general knowledge: it is shown as unverified and decides nothing. What no source read
here gives a number for is named as a gap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sctrial.sources import Mark, Source


class TherapyClass(StrEnum):
    """The kinds of treatment that a payer asks about."""

    GABAPENTINOID = "gabapentinoid"
    SNRI = "snri"
    TCA = "tca"
    NSAID = "nsaid"
    OPIOID = "opioid"
    TOPICAL = "topical"
    EPIDURAL_STEROID = "epidural_steroid"
    NERVE_ROOT_BLOCK = "nerve_root_block"
    RADIOFREQUENCY = "radiofrequency"
    PHYSICAL_THERAPY = "physical_therapy"
    BEHAVIOURAL = "behavioural"
    SURGERY = "surgery"


class Outcome(StrEnum):
    """How a course ended, or why there was none."""

    NO_EFFECT = "no_effect"
    PARTIAL = "partial"
    WORE_OFF = "wore_off"
    INTOLERANCE = "intolerance"
    CONTRAINDICATED = "contraindicated"
    DECLINED = "declined"
    NO_ACCESS = "no_access"
    TOO_LITTLE = "too_little"
    HELPS = "helps"


class Counts(StrEnum):
    """Whether an outcome shows that a treatment failed."""

    IF_ADEQUATE = "if_adequate"
    ALWAYS = "always"
    NEVER = "never"
    OPEN = "open"


OUTCOMES: Final[Mapping[Outcome, tuple[str, Counts]]] = MappingProxyType(
    {
        Outcome.NO_EFFECT: ("No effect", Counts.IF_ADEQUATE),
        Outcome.PARTIAL: ("Partial: less than 30 % relief", Counts.IF_ADEQUATE),
        Outcome.WORE_OFF: ("Helped, but the relief did not last", Counts.IF_ADEQUATE),
        Outcome.INTOLERANCE: ("Side effect: not tolerated", Counts.ALWAYS),
        Outcome.CONTRAINDICATED: ("Contraindicated", Counts.ALWAYS),
        Outcome.DECLINED: ("Declined by the patient", Counts.OPEN),
        Outcome.NO_ACCESS: ("No access to it", Counts.OPEN),
        Outcome.TOO_LITTLE: ("Too little of it: does not count", Counts.NEVER),
        Outcome.HELPS: ("Helps: not failed", Counts.NEVER),
    }
)
#: Outcomes of a treatment that need not have begun.
NEVER_BEGUN: Final = frozenset({Outcome.CONTRAINDICATED, Outcome.DECLINED, Outcome.NO_ACCESS})


@dataclass(frozen=True, slots=True)
class Need:
    """A number that an adequate course reaches; one marked K is shown and decides nothing."""

    quantity: str
    at_least: int
    source: Source


@dataclass(frozen=True, slots=True)
class Standard:
    """What is asked of a course of ``agent``, or of a whole class where ``agent`` is empty."""

    agent: str
    needs: tuple[Need, ...]
    #: What no source read here gives a number for.
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Therapy:
    """A class of treatment with its standards, those of an agent first."""

    code: TherapyClass
    label: str
    standards: tuple[Standard, ...]
    agents: tuple[str, ...] = ()
    is_procedure: bool = False
    note: str = ""

    def standard_for(self, agent: str) -> Standard:
        """The standard of this agent, else that of the class."""
        named = agent.strip().casefold()
        return next(one for one in self.standards if one.agent in (named, ""))


NEUPSIG: Final = Source("NeuPSIG recommendations on drugs for neuropathic pain", Mark.SEEN)
_SECONDARY: Final = Source("secondary texts; read in excerpts", Mark.SEEN)
_PREGABALIN: Final = Source("texts on pregabalin; read in excerpts", Mark.SEEN)
_POLICIES: Final = Source("secondary texts on payers' policies", Mark.SEEN)
_KNOWN: Final = Source("general knowledge", Mark.KNOWN)
#: Titration of 3 to 8 weeks, then 2 weeks at the highest dose tolerated: not shorter than both together.
_GABAPENTIN_WEEKS: Final = 3 + 2

THERAPIES: Final[Mapping[TherapyClass, Therapy]] = MappingProxyType(
    {
        one.code: one
        for one in (
            Therapy(
                TherapyClass.GABAPENTINOID,
                "Gabapentinoid",
                (
                    Standard(
                        "gabapentin",
                        (
                            Need("dose", 1200, NEUPSIG),
                            Need("weeks", _GABAPENTIN_WEEKS, _SECONDARY),
                            Need("weeks_at_dose", 2, _SECONDARY),
                        ),
                    ),
                    Standard(
                        "pregabalin", (Need("dose", 300, _PREGABALIN), Need("weeks_at_dose", 4, _PREGABALIN))
                    ),
                    Standard("", (), ("dose and time of this agent",)),
                ),
                agents=("gabapentin", "pregabalin"),
                note="Ranges read: gabapentin 1200 to 3600 mg a day, pregabalin 300 to 600 mg a day.",
            ),
            Therapy(
                TherapyClass.SNRI,
                "SNRI",
                (
                    Standard("duloxetine", (Need("dose", 60, NEUPSIG), Need("weeks", 4, _KNOWN))),
                    Standard("venlafaxine xr", (Need("dose", 150, NEUPSIG), Need("weeks", 4, _KNOWN))),
                    Standard("", (), ("dose and time of this agent",)),
                ),
                agents=("duloxetine", "venlafaxine XR"),
                note="Ranges read: duloxetine 60 to 120 mg a day, venlafaxine XR 150 to 225 mg a day.",
            ),
            Therapy(
                TherapyClass.TCA,
                "Tricyclic antidepressant",
                (Standard("", (Need("dose", 25, NEUPSIG), Need("weeks", 6, _KNOWN))),),
                note="Range read: 25 to 150 mg a day.",
            ),
            Therapy(
                TherapyClass.NSAID,
                "NSAID",
                (Standard("", (Need("weeks", 2, _KNOWN),), ("a full dose",)),),
                note="Not for neuropathic pain (unverified).",
            ),
            Therapy(
                TherapyClass.OPIOID,
                "Opioid",
                (
                    Standard("tramadol", (Need("dose", 200, NEUPSIG), Need("weeks", 4, _KNOWN))),
                    Standard("", (Need("weeks", 4, _KNOWN),), ("a dose of this agent",)),
                ),
                agents=("tramadol",),
                note="Third line, tramadol second line; daily doses stand in the trial's drug log as MME.",
            ),
            Therapy(
                TherapyClass.TOPICAL,
                "Topical",
                (Standard("", (), ("number of applications and time",)),),
                agents=("capsaicin 8 %", "lidocaine 5 %"),
                note="Second line for peripheral neuropathic pain.",
            ),
            Therapy(
                TherapyClass.EPIDURAL_STEROID,
                "Epidural steroid injection",
                (Standard("", (), ("number of injections, relief and its length",)),),
                is_procedure=True,
                note="Record level, approach, relief in percent and how long it lasted.",
            ),
            Therapy(
                TherapyClass.NERVE_ROOT_BLOCK,
                "Selective nerve root block",
                (Standard("", (), ("number of blocks, relief and its length",)),),
                is_procedure=True,
                note="Record level, approach, relief in percent and how long it lasted.",
            ),
            Therapy(
                TherapyClass.RADIOFREQUENCY,
                "Radiofrequency ablation",
                (Standard("", (Need("blocks", 2, _POLICIES), Need("block_relief", 80, _POLICIES))),),
                is_procedure=True,
                note="After positive medial branch blocks; repeated after 6 months at the earliest.",
            ),
            Therapy(
                TherapyClass.PHYSICAL_THERAPY,
                "Physical therapy",
                (Standard("", (Need("weeks", 6, _POLICIES),)),),
                agents=(
                    "walking",
                    "core exercises",
                    "pelvic tilt",
                    "draw-in",
                    "stretching",
                    "nerve glide",
                    "supervised programme",
                ),
                note="Aetna asks for it within the last 12 months (secondary texts). Log the home programme.",
            ),
            Therapy(
                TherapyClass.BEHAVIOURAL,
                "Behavioural",
                (Standard("", (), ("number of sessions and time",)),),
                agents=("pacing", "stress management", "mindfulness", "CBT"),
                note="Record sessions and provider.",
            ),
            Therapy(
                TherapyClass.SURGERY,
                "Surgery",
                (Standard("", (), ("what would make an operation adequate",)),),
                is_procedure=True,
            ),
        )
    }
)

#: How long relief lasts after radiofrequency ablation, in months: "6 to 12 and more".
RELIEF_SPAN_MONTHS: Final = (6, 12)
RELIEF_SPAN_SOURCE: Final = _POLICIES
