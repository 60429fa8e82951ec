"""Responder rates: of judged trials under three denominators, of an imported table with its drop-outs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from apps.cohorts.reports.crowd import TECHNICAL, UNJUDGED, Crowd
from apps.cohorts.reports.effect import NOBODY, lost_counted, missing_of
from apps.cohorts.reports.figure import HIDDEN, Cell, Figure, Row, parts_shown, share_cells, shareable
from apps.cohorts.reports.plot import Axis, Plot, even, ranges
from sctrial.cohort import Denominator
from sctrial.intervals import Count, compute_proportion
from sctrial.kleene import Answer
from sctrial.responding import AtLeast, Responders, compute_responders

PERCENT: Final = Axis(0, 100, even(0, 100, 20, unit=" %"))
#: Who stands in each denominator beside the trials judged met or not met.
BESIDE: Final[Mapping[Denominator, tuple[str, ...]]] = {
    Denominator.EVALUABLE: (),
    Denominator.WITH_TECHNICAL_FAILURES: (TECHNICAL,),
    Denominator.EVERY_TRIAL: UNJUDGED,
}
WHOM: Final[Mapping[Denominator, str]] = {
    Denominator.EVALUABLE: "evaluable trials",
    Denominator.WITH_TECHNICAL_FAILURES: "evaluable trials and technical failures",
    Denominator.EVERY_TRIAL: "every trial that is over",
}
RULE: Final = "their rule"
Drawn = tuple[str, float, float, float]


def responders(crowd: Crowd, *, shared: bool) -> Figure:
    """Of trials judged under their rule."""
    (name,) = crowd.groups
    missing = missing_of(crowd)
    found = compute_responders(crowd.everybody)
    shown = parts_shown(found.of, missing, shared=shared)
    judged = [one.answer for one in crowd.everybody]
    rows = _of_whom((name, RULE), Count(judged.count(Answer.MET), len(judged)), shown, shared=shared)
    # Judged, though without a percent: in no share of those who have one.
    without = tuple(words for words in missing if words not in crowd.left_out)
    for at in found.rates:
        rows += _of_whom((name, f"{at.cut_off} %"), at.rate.count, shown, without, shared=shared)
    return Figure(
        key="responders",
        title="Responder rates at four cut-offs",
        reading="Each dot is the share of evaluable trials with at least that much relief; the line is "
        "its 95 % interval.",
        n=found.of,
        missing=missing,
        of="Percent of trials that are over, three times: of those judged met or not met (drawn); of these "
        "and the technical failures; of every one, where who could not be evaluated counts as not relieved, "
        f"the least it can be. Each trial against its own baseline, all in {crowd.points}. Intervals: "
        "Wilson, 95 %.",
        columns=("Group", "At least", "Trials", "Of", "Percent", "95 % interval", "Of whom"),
        rows=tuple(rows) if judged else (),
        plot=_dots([(name, found)], shared=shared),
        empty=NOBODY,
    )


def _of_whom(
    head: Row, count: Count, shown: Mapping[str, Cell], without: Sequence[str] = (), *, shared: bool
) -> list[Row]:
    """The same relieved trials under each denominator; in what is shared, of the counts that it shows."""
    found = compute_proportion(count)
    told = shareable(found, shared=shared)
    rows: list[Row] = []
    for whom, names in BESIDE.items():
        beside = [shown.get(name, 0) for name in names]
        beside += [shown.get(name, 0) for name in without if whom is Denominator.EVERY_TRIAL]
        more = [one for one in beside if isinstance(one, int)]
        if whom is Denominator.EVALUABLE:
            cells = share_cells(found, shared=shared)
        elif told is None or len(more) < len(beside):
            cells = (HIDDEN,) * 4
        else:
            # Already rounded where that is asked for.
            cells = share_cells(
                compute_proportion(Count(told.count.met, told.count.of + sum(more))), shared=False
            )
        rows.append((*head, *cells, WHOM[whom]))
    return rows


def responders_of_table(crowd: Crowd, *, shared: bool) -> Figure:
    """Of an imported table, with its drop-outs as failures, as trials publish them."""
    found = {
        name: compute_responders(outcomes, missing_as_nonresponders=crowd.lost_are_failures)
        for name, outcomes in crowd.groups.items()
    }
    return Figure(
        key="responders",
        title="Responder rates at four cut-offs",
        reading="Each dot is the share with at least that much relief; the line is its 95 % interval.",
        n=sum(one.of for one in found.values()),
        missing=lost_counted(crowd),
        of=f"Percent of {crowd.units}, {crowd.lost}. Intervals: Wilson, 95 %.",
        columns=("Group", "At least", crowd.units.capitalize(), "Of", "Percent", "95 % interval"),
        rows=tuple(
            (name, f"{at.cut_off} %", *share_cells(at.rate, shared=shared))
            for name, one in found.items()
            for at in one.rates
        ),
        plot=_dots(found.items(), shared=shared),
        empty=NOBODY,
    )


def _dots(groups: Iterable[tuple[str, Responders]], *, shared: bool) -> Plot | None:
    drawn = [line for name, found in groups for at in found.rates for line in _drawn(name, at, shared=shared)]
    return ranges(drawn, axis=PERCENT) if drawn else None


def _drawn(name: str, at: AtLeast, *, shared: bool) -> list[Drawn]:
    told = shareable(at.rate, shared=shared)
    if told is None or told.interval is None:
        return []
    words = f"{name}, at least {at.cut_off} %: {told.count.met} of {told.count.of}"
    low, high = 100 * told.interval.low, 100 * told.interval.high
    return [(words, 100 * told.count.met / told.count.of, low, high)]
