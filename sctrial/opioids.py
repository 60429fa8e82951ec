"""Daily opioids as morphine milligram equivalents (MME), exact, by a named and dated factor table.

What has no factor is "not converted", which is never 0: a day with such an opioid has no total. MME compare
one patient's days with each other; they never tell the dose of another opioid (CDC 2022).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sctrial.mme_tables import (
    DoseUnit,
    Factor,
    FactorTable,
    Route,
    UnknownTable,
    factor_table,
    factor_tables,
)
from sctrial.scales import show_exactly
from sctrial.seal import fraction_text

__all__ = [
    "BadDose",
    "DayMme",
    "Dose",
    "DoseUnit",
    "FactorTable",
    "NotConverted",
    "Route",
    "UnknownTable",
    "compute_day_mme",
    "compute_mean_mme",
    "factor_table",
    "factor_tables",
]


class BadDose(ValueError):
    """A dose that nobody can have taken; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Dose:
    """What was taken on one day: ``amount`` of ``agent`` each time, ``times`` a day.

    A patch is written once with its rate in mcg/h. Agents are lower case: "oxycodone". Raises BadDose.
    """

    agent: str
    route: Route
    unit: DoseUnit
    amount: Fraction
    times: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if not self.agent.strip() or self.agent != self.agent.strip().lower():
            raise BadDose(f"{self.agent!r} is not an agent; write its generic name in lower case")
        if self.amount < 0 or self.times < 0:
            raise BadDose(f"{self.agent}: a dose below 0; write the amount that was taken")
        if self.unit is DoseUnit.MCG_PER_HOUR and self.times != 1:
            raise BadDose(f"{self.agent}: a rate counts once a day; write two patches as two doses")

    @property
    def daily(self) -> Fraction:
        """``amount * times``, in the dose's unit a day; for a rate the rate itself."""
        return self.amount * self.times


@dataclass(frozen=True, slots=True)
class NotConverted:
    """An opioid that was taken and has no factor, with the reason."""

    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayMme:
    """MME of a day under ``table``; ``total`` is None when anything was not converted."""

    total: Fraction | None
    table: str
    not_converted: tuple[NotConverted, ...] = ()

    def canonical(self) -> dict[str, object]:
        """Plain and stable, for storing and sealing."""
        return {
            "total": None if self.total is None else fraction_text(self.total),
            "table": self.table,
            "not_converted": [{"agent": one.agent, "reason": one.reason} for one in self.not_converted],
        }


def compute_day_mme(doses: Iterable[Dose], *, table: FactorTable) -> DayMme:
    """``sum of daily dose * factor`` in MME a day; a day with an opioid that has no factor has no total.

    No dose at all is 0: the log says that nothing was taken. A day without a log is no day; leave it out.
    Doses of one agent, route and unit are added first, since a factor may depend on the daily dose.
    Source: CDC Clinical Practice Guideline, MMWR 2022;71(3).
    """
    daily: dict[tuple[str, Route, DoseUnit], Fraction] = {}
    for dose in doses:
        key = (dose.agent, dose.route, dose.unit)
        daily[key] = daily.get(key, Fraction(0)) + dose.daily
    converted = [_convert(*key, amount, table) for key, amount in sorted(daily.items()) if amount]
    refused = tuple(one for one in converted if isinstance(one, NotConverted))
    total = sum((one for one in converted if isinstance(one, Fraction)), Fraction(0))
    return DayMme(None if refused else total, table.id, refused)


def _convert(
    agent: str, route: Route, unit: DoseUnit, daily: Fraction, table: FactorTable
) -> Fraction | NotConverted:
    if agent in table.not_converted:
        return NotConverted(agent, table.not_converted[agent])
    of_agent = [one for one in table.factors if one.agent == agent]
    if not of_agent:
        return NotConverted(agent, f"{table.id} does not have {agent}")
    fitting = [one for one in of_agent if (one.route, one.unit) == (route, unit)]
    if not fitting:
        return NotConverted(agent, f"{table.id} has no factor for {agent}, {route.value}, in {unit.value}")
    serving = _serving(fitting, daily)
    if serving is None:
        shown = f"{show_exactly(daily)} {unit.value}"
        return NotConverted(agent, f"{table.id} has no factor for {agent} at {shown} a day")
    return daily * serving.factor


def _serving(factors: Sequence[Factor], daily: Fraction) -> Factor | None:
    in_order = sorted(factors, key=lambda one: (one.up_to is None, one.up_to or 0))
    return next((one for one in in_order if one.up_to is None or daily <= one.up_to), None)


def compute_mean_mme(days: Iterable[DayMme]) -> Fraction | None:
    """``sum of totals / number of days`` in MME a day; None without a day, or when any day has no total.

    A mean over the days that happen to have one would turn "not converted" into "less". Raises ValueError
    for days of different tables, whose figures cannot be compared.
    """
    given = tuple(days)
    tables = sorted({day.table for day in given})
    if len(tables) > 1:
        raise ValueError(f"days converted by {' and '.join(tables)} cannot be averaged; convert them again")
    totals = [day.total for day in given if day.total is not None]
    if not given or len(totals) < len(given):
        return None
    return sum(totals, Fraction(0)) / len(totals)
