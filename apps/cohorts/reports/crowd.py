"""Whom the figures of relief count, on one scale, and by what name everybody else is left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from apps.cohorts.reports.material import Material, Row
from sctrial.cohort import Outcome, Population, compute_population
from sctrial.phases import EndReason, Phase
from sctrial.scales import SCALES, ScaleCode, show_exactly

RUNNING: Final = (Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE)
JUDGED: Final = ("met", "not_met")
Groups = Mapping[str, Sequence[Outcome]]

STILL_RUNNING: Final = "still running"
WITHDRAWN: Final = "withdrawn before the end"
TECHNICAL: Final = "technical failures"
NOT_EVALUABLE: Final = "not evaluable under their rule"
#: Of trials that are over: in no efficacy rate, and in the two other denominators.
UNJUDGED: Final = (WITHDRAWN, TECHNICAL, NOT_EVALUABLE)


@dataclass(frozen=True)
class Crowd:
    """``groups`` are counted; ``left_out`` are counts by why. Together they are the whole cohort."""

    groups: Groups
    left_out: Mapping[str, int] = field(default_factory=dict)
    #: What one of them is: a patient can have several trials.
    units: str = "trials"
    #: In what the scores are, as it stands in a sentence.
    points: str = "points"
    #: The same in so few letters that they fit under a drawing on a phone.
    axis: str = "points"
    sides: str = "sides of the diary"
    lost_are_failures: bool = False

    @property
    def unit(self) -> str:
        return {"people": "person"}.get(self.units, self.units.removesuffix("s"))

    @cached_property
    def everybody(self) -> list[Outcome]:
        return [one for group in self.groups.values() for one in group]

    @cached_property
    def population(self) -> Population:
        return compute_population(self.everybody)

    @property
    def lost(self) -> str:
        return (
            "drop-outs counted as failures"
            if self.lost_are_failures
            else f"{self.units} without a percent left out"
        )


def crowd_of(material: Material) -> Crowd:
    """The trials of a cohort that are over, on its scale and judged under their rule."""
    why = {row["trial_id"]: left_out_because(row, scale=material.scale) for row in material.trials}
    return Crowd(
        groups={"All trials": [one for one in material.outcomes if not why[one.trial]]},
        left_out=dict(Counter(words for words in why.values() if words)),
        points=points_of(material.scale),
        axis=axis_of(material.scale),
    )


def other_scales(material: Material) -> dict[str, int]:
    """Trials that no figure in points counts, by scale."""
    scales = Counter(row["scale"] for row in material.trials if row["scale"] != material.scale)
    return {_on(scale): n for scale, n in sorted(scales.items())}


def without_days(material: Material, *, n: int) -> dict[str, int]:
    """Who is missing from a figure of ``n`` trials with a day."""
    return {**other_scales(material), "without a day of average target pain": len(material.on_scale) - n}


def points_of(scale: str) -> str:
    return f"points of {SCALES[ScaleCode(scale)].label}"


def axis_of(scale: str) -> str:
    """``points_of`` in so few letters that they fit under a drawing on a phone."""
    found = SCALES[ScaleCode(scale)]
    return f"points on the {show_exactly(found.minimum)}-{show_exactly(found.maximum)} scale"


def left_out_because(row: Row, *, scale: str) -> str:
    """ "" of a trial that counts."""
    if row["scale"] != scale:
        return _on(row["scale"])
    if row["lead_placed_on"] is None:
        return "without leads"
    return why_not_judged(row)


def _on(scale: str) -> str:
    return f"on another scale ({scale})"


def why_not_judged(row: Row) -> str:
    """Of a trial with leads; "" when its relief was judged met or not met."""
    if row["phase"] in RUNNING:
        return STILL_RUNNING
    if row["phase"] == Phase.WITHDRAWN and row["ended_on"] is None:
        return WITHDRAWN
    if row["end_reason"] == EndReason.TECHNICAL_FAILURE:
        return TECHNICAL
    return "" if row["answer"] in JUDGED else NOT_EVALUABLE
