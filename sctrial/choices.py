"""What a clinician may decide after a trial, and when that goes against the verdict."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Choice(StrEnum):
    """What was decided."""

    IMPLANT = "implant"
    NO_IMPLANT = "no_implant"
    REPEAT_TRIAL = "repeat_trial"
    EXTEND = "extend"
    DEFER = "defer"


class Meaning(StrEnum):
    """What a signature says. Source: 21 CFR 11.50(a)(3)."""

    DECIDED = "decided"
    COUNTERSIGNED = "countersigned"
    REOPENED = "reopened"


CHOICE_WORDS: Final[Mapping[Choice, str]] = MappingProxyType(
    {
        Choice.IMPLANT: "Implant",
        Choice.NO_IMPLANT: "No implant",
        Choice.REPEAT_TRIAL: "Repeat the trial",
        Choice.EXTEND: "Extend the trial",
        Choice.DEFER: "Defer the decision",
    }
)
#: What the leads have to be in for: once they are out, a longer trial is a repeat.
WITH_LEADS_IN: Final = frozenset({Choice.EXTEND})
MEANING_WORDS: Final[Mapping[Meaning, str]] = MappingProxyType(
    {
        Meaning.DECIDED: "I have looked at the evidence shown and take this decision.",
        Meaning.COUNTERSIGNED: "I have looked at the same evidence and stand by this decision.",
        Meaning.REOPENED: "I open this decision again; what was signed stays on record.",
    }
)
#: Why a decision may differ from what the rule says.
AGAINST_REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "patient_wish": "The patient's own wish",
        "side_effect": "A side effect or complication",
        "technical_failure": "A technical failure hid or feigned the effect",
        "other_gain": "A gain or loss that the rule does not look at",
        "doubtful_record": "Doubt about the record",
        "other": "Another reason",
    }
)
#: The answers that a choice contradicts; whoever puts off a decision contradicts none.
_AGAINST: Final[Mapping[Choice, frozenset[str]]] = MappingProxyType(
    {
        Choice.IMPLANT: frozenset({"not_met", "not_evaluable"}),
        Choice.NO_IMPLANT: frozenset({"met", "not_evaluable"}),
    }
)


def goes_against(choice: Choice, *, answer: str) -> bool:
    """Whether the choice needs a reason beside a verdict of this answer."""
    return answer in _AGAINST.get(choice, frozenset())
