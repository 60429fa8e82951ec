"""From the trial to the permanent implant: a share of whom, in how many days, and who cannot count yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from sctrial.intervals import CONFIDENCE, Count, Proportion, ProportionMethod, compute_proportion

#: Days after the end of a trial within which an implant counts. Most published ratios look 90 days ahead
#: (Huang 2015); 180 stands beside it.
WINDOWS: Final = (90, 180)


@dataclass(frozen=True, slots=True)
class Ended:
    """A trial that is over. ``repeat_number`` 1 is a patient's first; ``met`` is None without an answer."""

    trial: str
    ended_on: date
    implanted_on: date | None
    met: bool | None
    repeat_number: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """``of_all`` is a share of all trials followed long enough, ``of_met`` of those among them that met.

    ``too_recent`` trials ended less than ``window`` days ago: counted in neither, whether implanted or not,
    because of recent trials only the quick implants are known. ``late`` implants came after the window.
    """

    window: int
    of_all: Proportion
    of_met: Proportion
    too_recent: int
    late: int


def compute_conversion(
    trials: Iterable[Ended],
    *,
    window: int,
    as_of: date,
    method: ProportionMethod = ProportionMethod.WILSON,
    confidence: Fraction = CONFIDENCE,
) -> Conversion:
    """Trials implanted within ``window`` days of their end, last day included, by what is known ``as_of``.

    A trial is followed long enough when ``ended_on + window <= as_of``. An implant before the end of the
    trial (leads that stay in) counts. Source of window and split: Huang 2015.
    """
    span = timedelta(days=window)
    found = list(trials)
    followed = [trial for trial in found if trial.ended_on + span <= as_of]
    converted = [trial for trial in followed if _within(trial, span)]
    met = [trial for trial in followed if trial.met]
    counts = (
        Count(len(converted), len(followed)),
        Count(sum(bool(trial.met) for trial in converted), len(met)),
    )
    of_all, of_met = (compute_proportion(count, method=method, confidence=confidence) for count in counts)
    late = sum(trial.implanted_on is not None and not _within(trial, span) for trial in followed)
    return Conversion(window, of_all, of_met, len(found) - len(followed), late)


def _within(trial: Ended, span: timedelta) -> bool:
    return trial.implanted_on is not None and trial.implanted_on <= trial.ended_on + span
