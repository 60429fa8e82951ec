"""Time until something happens, with those still waiting counted as long as they were seen: Kaplan-Meier."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log
from statistics import NormalDist

from sctrial.intervals import CONFIDENCE, Interval


class BadTime(ValueError):
    """A time below 0."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How long one patient was seen, and whether that ended with the event; else censored."""

    days: int
    event: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """After ``days``: share without the event. ``at_risk`` just before it, ``events`` on it."""

    days: int
    at_risk: int
    events: int
    share: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Survival:
    """``median`` days, None while more than half are without the event; ``drops`` where the share falls."""

    n: int
    events: int
    drops: tuple[Drop, ...]
    median: int | None


def compute_survival(seen: Iterable[Seen], *, confidence: Fraction = CONFIDENCE) -> Survival:
    """Kaplan-Meier share by statsmodels, intervals on the log(-log) scale with Greenwood's error.

    A patient seen up to the day of an event is still at risk on it. No interval where the share is 0.
    Nobody gives no drops. Raises BadTime. Sources: Kaplan and Meier 1958; Kalbfleisch and Prentice 1980.
    """
    found = list(seen)
    if any(one.days < 0 for one in found):
        raise BadTime("a time below 0: the event lies before the start; correct the dates")
    events = sum(one.event for one in found)
    if not events:
        return Survival(len(found), 0, (), None)
    from statsmodels.duration.survfunc import SurvfuncRight

    curve = SurvfuncRight([one.days for one in found], [int(one.event) for one in found])
    columns = zip(
        curve.surv_times, curve.n_risk, curve.n_events, curve.surv_prob, curve.surv_prob_se, strict=True
    )
    drops = tuple(
        Drop(int(days), int(risk), int(fell), float(share), _interval(float(share), float(error), confidence))
        for days, risk, fell, share, error in columns
        if fell
    )
    median = next((drop.days for drop in drops if drop.share <= 0.5), None)
    return Survival(len(found), events, drops, median)


def _interval(share: float, error: float, confidence: Fraction) -> Interval | None:
    if not 0 < share < 1:
        return None
    z = NormalDist().inv_cdf(float((1 + confidence) / 2))
    width = z * error / (share * abs(log(share)))
    return Interval(share ** exp(width), share ** exp(-width))
