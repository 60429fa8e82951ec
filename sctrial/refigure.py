"""The figures of evidence read in another way: other windows, another kind, days filled or left out.

Only the reading changes. Day values, windows and the verdict stay those of ``sctrial.windows`` and
``sctrial.verdict``; read by its own protocol, evidence gives exactly ``figures_of``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from sctrial.criteria import RuleSet
from sctrial.evidence import Entry, Evidence
from sctrial.figures import Figures, PairFigures
from sctrial.nodes import DiaryCompleteness, OwnWindows, Pair, walk
from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES, TARGET, Scale
from sctrial.verdict import Verdict, conclude, figures_of
from sctrial.windows import Several, Window, WindowFigures, compute_day_values, summarise_window


@dataclass(frozen=True, slots=True)
class Diary:
    """Day values of one region and kind in one phase, with the ends of the whole phase's diary."""

    values: Mapping[date, Fraction]
    first_day: date | None
    last_day: date | None

    def figures(self, window: Window) -> WindowFigures:
        """What ``window`` holds of this diary."""
        return summarise_window(self.values, window=window, first_day=self.first_day, last_day=self.last_day)

    def within(self, window: Window) -> dict[date, Fraction]:
        """The day values that ``window`` holds."""
        held = self.figures(window)
        if held.first_day is None or held.last_day is None:
            return {}
        return {day: value for day, value in self.values.items() if held.first_day <= day <= held.last_day}

    def without(self, day: date) -> "Diary":
        """The same diary with ``day`` missing; its ends stay, so a window does not slide to other days."""
        return replace(self, values={other: value for other, value in self.values.items() if other != day})


@dataclass(frozen=True, slots=True)
class Sides:
    """Both phases of one region and kind."""

    baseline: Diary
    trial: Diary

    def figures(self, *, baseline_window: Window, trial_window: Window) -> PairFigures:
        """Both windows, as a verdict looks at them."""
        return PairFigures(self.baseline.figures(baseline_window), self.trial.figures(trial_window))


def read_sides(evidence: Evidence, *, pair: Pair, several: Several) -> Sides:
    """The day values of ``pair``; a day's scores are put together by ``several``."""
    return Sides(
        *(_read(evidence, phase, pair, several) for phase in (DiaryPhase.BASELINE, DiaryPhase.TRIAL))
    )


def _read(evidence: Evidence, phase: DiaryPhase, pair: Pair, several: Several) -> Diary:
    diary = [entry for entry in evidence.entries if entry.phase is phase]
    values = compute_day_values((entry for entry in diary if _is_of(entry, pair)), several=several)
    # Evidence keeps its entries by day, so the ends of the diary are the ends of the list.
    return Diary(values, diary[0].day if diary else None, diary[-1].day if diary else None)


def _is_of(entry: Entry, pair: Pair) -> bool:
    return (entry.region, entry.kind) == pair


#: What one figure of a verdict is made from: a region and kind, in the windows of the trial (None) or of
#: a criterion whose holder fixes its own.
View = tuple[Pair, OwnWindows | None]


def views_of(rule_set: RuleSet) -> tuple[View, ...]:
    """Everything in the diary that a verdict under ``rule_set`` looks at, in a stable order."""
    views: set[View] = {(pair, None) for pair in rule_set.pairs} | set(rule_set.windowed_pairs)
    return tuple(sorted(views, key=lambda view: (view[0], str(view[1] or ""))))


def refigure(figures: Figures, *, views: Mapping[View, PairFigures]) -> Figures:
    """``figures`` with other pain figures; everything else that a rule looks at stays."""
    return replace(
        figures,
        by_pair={pair: held for (pair, own), held in views.items() if own is None},
        further=replace(
            figures.further,
            by_window={(pair, own): held for (pair, own), held in views.items() if own is not None},
        ),
    )


def impute(observed: WindowFigures, *, mean: Fraction | None, asks_days: bool) -> WindowFigures:
    """``observed`` with the mean that it has once its missing days are filled; None changes nothing.

    The days stay those reported, and what is missing stays missing: a filled day must never satisfy a rule
    about the completeness of the diary. Where nothing at all was reported the filled days have to stand
    for the mean, and with ``asks_days`` (the rule has such a criterion) even that is refused.
    """
    if mean is None or (not observed.days and asks_days):
        return observed
    if observed.days:
        return replace(observed, total=mean * observed.days)
    return replace(
        observed,
        days=observed.missing_days,
        total=mean * observed.missing_days,
        missing_days=0,
        missing_dates=(),
    )


def asks_days(rule_set: RuleSet) -> bool:
    """Whether ``rule_set`` has a criterion about the completeness of the diary."""
    return any(isinstance(node, DiaryCompleteness) for node in walk(rule_set.root))


@dataclass(frozen=True, slots=True)
class OpenTrial:
    """One trial's evidence opened up: its figures under a rule set, and the day values behind them."""

    evidence: Evidence
    rule_set: RuleSet
    figures: Figures
    sides: Mapping[Pair, Sides]
    observed: Mapping[View, PairFigures]

    @classmethod
    def of(cls, evidence: Evidence, *, rule_set: RuleSet) -> "OpenTrial":
        """Raises ReportOnlyWindow."""
        several, views = evidence.protocol.several, views_of(rule_set)
        figures = figures_of(evidence, pairs=rule_set.pairs, windowed_pairs=rule_set.windowed_pairs)
        sides = {pair: read_sides(evidence, pair=pair, several=several) for pair, _ in views}
        seen = {view: view_of(figures, view) for view in views}
        return cls(evidence, rule_set, figures, sides, seen)

    @property
    def decision(self) -> Pair:
        """The region and kind on which the trial is decided."""
        return TARGET, self.rule_set.score_kind

    @property
    def target(self) -> PairFigures:
        """The figures of the decision region in the trial's own windows."""
        return self.figures.by_pair[self.decision]

    @property
    def scale(self) -> Scale:
        """The scale of the scores."""
        return SCALES[self.evidence.protocol.scale]

    def judged(self, views: Mapping[View, PairFigures]) -> Verdict:
        """The verdict with these pain figures in place of the observed ones."""
        return conclude(refigure(self.figures, views=views), rule_set=self.rule_set)

    def figured(self, view: View, sides: Sides) -> PairFigures:
        """The figures of ``sides`` in the windows of ``view``."""
        baseline, trial = self.windows(view)
        return sides.figures(baseline_window=baseline, trial_window=trial)

    def windows(self, view: View) -> tuple[Window, Window]:
        """The baseline and trial window of ``view``."""
        own, protocol = view[1], self.evidence.protocol
        return choose_windows(own, baseline=protocol.baseline_window, trial=protocol.trial_window)

    def days(self) -> tuple[tuple[DiaryPhase, date], ...]:
        """Every day with a value in a window the verdict looks at: baseline first, days ascending."""
        baseline, trial = set[date](), set[date]()
        for view in self.observed:
            windows, sides = self.windows(view), self.sides[view[0]]
            baseline.update(sides.baseline.within(windows[0]))
            trial.update(sides.trial.within(windows[1]))
        return (
            *((DiaryPhase.BASELINE, day) for day in sorted(baseline)),
            *((DiaryPhase.TRIAL, day) for day in sorted(trial)),
        )


def choose_windows(own: OwnWindows | None, *, baseline: Window, trial: Window) -> tuple[Window, Window]:
    """The windows that a criterion fixes itself; where it fixes none, ``baseline`` and ``trial``."""
    if own is None:
        return baseline, trial
    return own.baseline or baseline, own.trial or trial


def view_of(figures: Figures, view: View) -> PairFigures:
    """The pain figures behind ``view``."""
    pair, own = view
    return figures.by_pair[pair] if own is None else figures.further.by_window[(pair, own)]
