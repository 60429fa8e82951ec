"""Adverse events per 100 trials, with the exact interval of a Poisson count."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sctrial.intervals import CONFIDENCE, Interval

PER: Final = 100


class ImpossibleRate(ValueError):
    """A count of events or trials below 0."""


@dataclass(frozen=True, slots=True)
class EventRate:
    """``rate`` and ``interval`` are events per 100 trials, and may pass 100; None of no trials."""

    events: int
    trials: int
    rate: Fraction | None
    interval: Interval | None


def compute_event_rate(events: int, *, trials: int, confidence: Fraction = CONFIDENCE) -> EventRate:
    """``100 * events / trials`` with the exact Poisson interval, wide for few events; 0 events end at 0.

    Ends of the count: ``chi2(a/2, 2k)/2`` and ``chi2(1 - a/2, 2k + 2)/2``, k the events. Events are taken as
    independent: several of one patient make the interval too narrow. Raises ImpossibleRate.
    Source: Garwood 1936.
    """
    from scipy.stats import chi2

    if events < 0 or trials < 0:
        raise ImpossibleRate(f"{events} events in {trials} trials cannot be; correct the counts")
    if not trials:
        return EventRate(events, trials, None, None)
    tail, scale = float(1 - confidence) / 2, PER / trials
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    high = float(chi2.ppf(1 - tail, 2 * events + 2)) / 2
    return EventRate(events, trials, Fraction(PER * events, trials), Interval(low * scale, high * scale))
