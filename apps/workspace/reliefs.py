"""The relief that the patient stated beside the one of the diary, both from the frozen evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from apps.workspace.verdicts import Reading
from sctrial.reduction import display_mean, display_percent_at
from sctrial.reliefs import DISCORDANT_BEYOND, Discordance, Reliefs, compare_reliefs
from sctrial.scales import show_exactly

NONE_STATED: Final = "no stated relief yet; the app asks for it on the days of the trial"
WHAT_THEN: Final = "Ask the patient. Both are kept, and the rule set says which one counts."
FLAGS: Final[Mapping[Discordance, str]] = {
    Discordance.FAR_APART: f"They lie more than {DISCORDANT_BEYOND} points apart.",
    Discordance.STATED_ONLY: "Only the stated one reaches the threshold.",
    Discordance.COMPUTED_ONLY: "Only the diary's reaches the threshold.",
}


@dataclass(frozen=True, slots=True)
class BothReliefs:
    """``flag`` is empty while they agree, or while one of them is missing."""

    value: str
    note: str
    flag: str


def both_reliefs(reading: Reading, *, facts: Mapping[str, Any]) -> BothReliefs:
    """``facts`` are those of the evidence that ``reading`` was judged on."""
    exact, stated = reading.row.verdict["reduction"]["exact"], facts.get("stated_relief")
    found = compare_reliefs(
        None if exact is None else Fraction(exact),
        stated=None if stated is None else Fraction(stated),
        threshold=Fraction(reading.row.certainty["threshold"]),
    )
    if found.stated is None:
        return BothReliefs("none", NONE_STATED, "")
    return BothReliefs(f"{show_exactly(found.stated)} %", _note(found), _flag(found))


def _note(found: Reliefs) -> str:
    if found.computed is None or found.difference is None:
        return "in the patient's own words; the diary gives no percent beside it"
    if found.difference == 0:
        return "in the patient's own words; the same as the diary gives"
    side = "more" if found.difference > 0 else "less"
    computed = display_percent_at(found.computed, threshold=found.threshold)
    apart = display_mean(abs(found.difference))
    return f"in the patient's own words; {apart} points {side} than the {computed} of the diary"


def _flag(found: Reliefs) -> str:
    said = [FLAGS[one] for one in found.discordances or ()]
    return " ".join([*said, WHAT_THEN]) if said else ""
