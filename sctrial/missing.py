"""Named policies for days without a value. There is no default: whoever fills a gap says how.

A policy turns one phase's day values into day values over a calendar span. It never touches a day that has
a value, never reaches outside the span, and its name travels with the result. Drop-out in chronic pain
trials is an outcome in itself and every policy here rests on assumptions that the data cannot test (Kim
2011; Cai 2020): the clinical read-out uses the observed days, the others stand beside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sctrial.kleene import Answer
from sctrial.phases import EndReason


class Policy(StrEnum):
    """What a missing day is taken to be. Scores are pain, so the worst value is the highest."""

    OBSERVED = "observed"
    LOCF = "locf"
    BOCF = "bocf"
    #: Worst value of the trial phase; the variant is part of the name, because the two differ.
    WOCF_TRIAL = "wocf_trial"
    #: Worst value of the trial phase and the baseline window together.
    WOCF_WITH_BASELINE = "wocf_with_baseline"
    COMPOSITE_NON_RESPONDER = "composite_non_responder"

    @property
    def meaning(self) -> str:
        """The policy in a sentence."""
        return _MEANING[self]


_MEANING: Final[Mapping[Policy, str]] = MappingProxyType(
    {
        Policy.OBSERVED: "A missing day stays missing; the mean is over the days that have a value.",
        Policy.LOCF: (
            "A missing day has the value of the last day before it; before the first value it stays missing."
        ),
        Policy.BOCF: "A missing day has the baseline mean, which says that nothing changed.",
        Policy.WOCF_TRIAL: "A missing day has the worst value of the trial.",
        Policy.WOCF_WITH_BASELINE: "A missing day has the worst value of the trial or the baseline window.",
        Policy.COMPOSITE_NON_RESPONDER: (
            "Days stay as observed; a trial ended early for lack of effect or harm does not meet the rule."
        ),
    }
)

#: Ends that make a patient a non-responder under the composite policy: no effect, or harm from the
#: treatment. A default of this project. Not among them: a technical failure, which says nothing about
#: relief, and ends for reasons outside the treatment.
NON_RESPONDER_ENDS: Final = frozenset(
    {
        EndReason.FAILURE_INADEQUATE_RELIEF,
        EndReason.FAILURE_NO_FUNCTIONAL_GAIN,
        EndReason.FAILURE_SIDE_EFFECT,
        EndReason.ENDED_EARLY_INFECTION,
        EndReason.ENDED_EARLY_HEMATOMA,
        EndReason.ENDED_EARLY_NEURO_DEFICIT,
        EndReason.ENDED_EARLY_DURAL_PUNCTURE,
    }
)


@dataclass(frozen=True, slots=True)
class Filled:
    """Day values after a policy: the days it filled and those it had to leave missing, ascending."""

    policy: Policy
    values: Mapping[date, Fraction]
    filled: tuple[date, ...]
    missing: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a policy may look at."""

    values: Mapping[date, Fraction]
    baseline: Mapping[date, Fraction]


def fill_days(
    day_values: Mapping[date, Fraction],
    *,
    policy: Policy,
    first_day: date,
    last_day: date,
    baseline: Mapping[date, Fraction],
) -> Filled:
    """``day_values`` (scale points) with the gaps from ``first_day`` to ``last_day`` treated by ``policy``.

    ``baseline`` holds the day values of the baseline window. Where a policy has nothing to go by (no value
    before the gap, no baseline, no trial day) the day stays missing. Days outside the span pass unchanged.
    Sources: LOCF, BOCF, WOCF as in NRC 2010, The Prevention and Treatment of Missing Data in Clinical Trials.
    """
    seen = _Seen(day_values, baseline)
    span = (first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1))
    gaps = [day for day in span if day not in day_values]
    chosen = {day: _FILL[policy](seen, day) for day in gaps}
    given = {day: value for day, value in chosen.items() if value is not None}
    return Filled(
        policy=policy,
        values=MappingProxyType(dict(sorted({**day_values, **given}.items()))),
        filled=tuple(given),
        missing=tuple(day for day in gaps if day not in given),
    )


def settle(
    answer: Answer,
    *,
    policy: Policy,
    end_reason: EndReason | None,
    ends: frozenset[EndReason] = NON_RESPONDER_ENDS,
) -> Answer:
    """The answer under ``policy``: the composite policy turns an end among ``ends`` into not met.

    Every other policy, and a trial still running or ended otherwise, leaves the answer as it is.
    Source: composite variable strategy, ICH E9(R1) 2019.
    """
    if policy is Policy.COMPOSITE_NON_RESPONDER and end_reason in ends:
        return Answer.NOT_MET
    return answer


def _last_before(seen: _Seen, day: date) -> Fraction | None:
    earlier = max((other for other in seen.values if other < day), default=None)
    return None if earlier is None else seen.values[earlier]


def _baseline_mean(seen: _Seen, _day: date) -> Fraction | None:
    days = seen.baseline.values()
    return Fraction(sum(days)) / len(days) if days else None


def _worst_of_trial(seen: _Seen, _day: date) -> Fraction | None:
    return max(seen.values.values(), default=None)


def _worst_of_all(seen: _Seen, _day: date) -> Fraction | None:
    return max((*seen.values.values(), *seen.baseline.values()), default=None)


_FILL: Final[Mapping[Policy, Callable[[_Seen, date], Fraction | None]]] = MappingProxyType(
    {
        Policy.OBSERVED: lambda _seen, _day: None,
        Policy.LOCF: _last_before,
        Policy.BOCF: _baseline_mean,
        Policy.WOCF_TRIAL: _worst_of_trial,
        Policy.WOCF_WITH_BASELINE: _worst_of_all,
        Policy.COMPOSITE_NON_RESPONDER: lambda _seen, _day: None,
    }
)
