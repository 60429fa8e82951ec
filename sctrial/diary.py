"""Whole cohorts at once: the figures of every trial's windows from one frame, exactly as one by one.

The twin of ``sctrial.windows`` on the columns of ``sctrial.columns``. Whole numbers only; where a number
might not fit into 64 bits (``sctrial.totals``), that trial goes through ``sctrial.windows`` itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from sctrial import columns
from sctrial.columns import KINDS, PHASE_DTYPE, PHASES, Codes, Ints, require_columns
from sctrial.evaluate import Figures, Further, PairFigures
from sctrial.evidence import Analgesics, Protocol
from sctrial.facts import Facts
from sctrial.kleene import Answer
from sctrial.nodes import Pair
from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES
from sctrial.sides import CODES, PERCENT, Side, answer_codes, answer_of, has_room, percent_text, percent_texts
from sctrial.totals import Days, Flags, Rules, Totals, window_of
from sctrial.windows import WindowFigures, compute_day_values, summarise_window

#: Stands for "no day" in columns of days; the calendar begins with 1.
NO_DAY: Final = 0
ANSWER_DTYPE: Final = pd.CategoricalDtype([answer.value for answer in Answer])

_PLACES: Final = np.arange(len(PHASES))
_NEVER: Final = np.iinfo(np.int64).max


def derive_window_figures(frame: pd.DataFrame, *, protocols: Sequence[Protocol], pair: Pair) -> pd.DataFrame:
    """One row a trial and phase, baseline then trial, in the order of ``protocols``, for one region and kind.

    ``first_day`` and ``last_day`` are ordinals, 0 where the window has no calendar place. The total in scale
    points is ``numerator / denominator`` over ``days``; both are missing where they may not fit into int64,
    and never rounded. Raises WrongColumns, ReportOnlyWindow.
    """
    window = Diaries.read(frame, protocols).window_columns(pair)
    return pd.DataFrame(
        {
            columns.TRIAL: np.repeat(np.arange(len(protocols)), len(PHASES)),
            columns.PHASE: pd.Categorical.from_codes(np.tile(_PLACES, len(protocols)), dtype=PHASE_DTYPE),
            "first_day": window.first_day,
            "last_day": window.last_day,
            "days": window.days,
            "missing_days": window.missing_days,
            "numerator": pd.arrays.IntegerArray(window.numerator, ~window.fits),
            "denominator": pd.arrays.IntegerArray(window.denominator, ~window.fits),
        }
    )


def derive_window_days(frame: pd.DataFrame, *, protocols: Sequence[Protocol], pair: Pair) -> "WindowDays":
    """Every day with a value inside the windows, for one region and kind, by trial, phase and day.

    The twin of ``sctrial.windows.compute_day_values`` within ``sctrial.windows.summarise_window``. Raises
    WrongColumns, ReportOnlyWindow.
    """
    return Diaries.read(frame, protocols).days_of(pair)


def derive_answer(
    frame: pd.DataFrame, *, protocols: Sequence[Protocol], pair: Pair, threshold: Fraction
) -> "pd.Series[str]":
    """Met, not met or not evaluable a trial: did the mean of ``pair`` fall by ``threshold`` (1/2 is 50 %)?

    Not evaluable without a day on either side and with a zero baseline, as ``sctrial.evaluate`` has it.
    """
    codes = Diaries.read(frame, protocols).answers(pair, threshold=threshold)
    return pd.Series(pd.Categorical.from_codes(codes, dtype=ANSWER_DTYPE), name="answer")


def compute_figures(
    frame: pd.DataFrame,
    *,
    protocols: Sequence[Protocol],
    pairs: Sequence[Pair],
    analgesics: Sequence[Analgesics],
    satisfied: Sequence[bool | None],
    facts: Sequence[Facts],
) -> list[Figures]:
    """What ``sctrial.verdict.conclude`` asks for, a trial, in the order of ``protocols``.

    For rules that keep to the trial's own windows; a rule with windows of its own goes through ``judge``.

    Equal in every figure to ``sctrial.verdict.figures_of`` on the same entries. Raises WrongColumns,
    ReportOnlyWindow.
    """
    diaries = Diaries.read(frame, protocols)
    found = {pair: diaries.all_pair_figures(pair) for pair in pairs}
    known = zip(protocols, analgesics, satisfied, facts, strict=True)
    return [
        Figures(
            {pair: of_trial[n] for pair, of_trial in found.items()},
            doses,
            answer,
            further=Further(scale=protocol.scale, facts=beside),
        )
        for n, (protocol, doses, answer, beside) in enumerate(known)
    ]


def compute_phase_codes(days: Ints, *, lead_placed_on: Ints) -> Codes:
    """Places in ``PHASES`` of diary days, row by row; ``NO_DAY`` where no lead was placed.

    The twin of ``sctrial.phases.diary_phase_of``.
    """
    placed = (lead_placed_on != NO_DAY) & (days >= lead_placed_on)
    return np.where(placed, PHASES.index(DiaryPhase.TRIAL), PHASES.index(DiaryPhase.BASELINE))


def _codes(column: "pd.Series[str]") -> Codes:
    return column.cat.codes.to_numpy()


class WindowDays(NamedTuple):
    """An element a day; ``points / (parts * per_point)`` is its value in scale points, not reduced.

    ``cell`` is ``len(PHASES) * trial + phase``; ``parts`` is the number of entries where they are averaged.
    """

    cell: Ints
    day: Ints
    points: Ints
    parts: Ints
    per_point: Ints


class _Scored(NamedTuple):
    day: date
    value: Fraction


@dataclass(frozen=True, slots=True)
class WindowColumns:
    """Figures of one pair, an element a cell; a cell is a trial and a phase, 2 * trial + phase."""

    first_day: Ints
    last_day: Ints
    days: Ints
    missing_days: Ints
    numerator: Ints
    denominator: Ints
    fits: Flags
    #: Every day with a value, by cell and day; those of cell n begin at ``day_from[n]``.
    present: Ints
    day_from: Ints

    def side(self, phase: DiaryPhase) -> "Side":
        whole = Side(self.days, self.numerator, self.denominator, self.fits)
        return whole[_cells_of(phase)]

    def missing_of(self, phase: DiaryPhase) -> Ints:
        return self.missing_days[_cells_of(phase)]


@dataclass(frozen=True)
class Diaries:
    """The columns of a frame as numpy arrays, with the protocols they are read by.

    For several questions to the same diaries: what two of them need is computed once.
    """

    protocols: Sequence[Protocol]
    rules: Rules
    cell: Ints
    day: Ints
    value: Ints
    sequence: Ints
    region: Codes
    regions: "pd.Index[str]"
    kind: Codes
    _days: dict[Pair, Days] = field(default_factory=dict)
    _windows: dict[Pair, WindowColumns] = field(default_factory=dict)

    @classmethod
    def read(cls, frame: pd.DataFrame, protocols: Sequence[Protocol]) -> "Diaries":
        require_columns(frame)
        trial: Ints = frame[columns.TRIAL].to_numpy()
        if len(trial) and trial.max() >= len(protocols):
            raise IndexError(f"trial {trial.max()} has no protocol; {len(protocols)} are given")
        return cls(
            protocols=protocols,
            rules=Rules.read(protocols),
            cell=trial * len(PHASES) + _codes(frame[columns.PHASE]),
            day=frame[columns.DAY].to_numpy(),
            value=frame[columns.VALUE].to_numpy(),
            sequence=frame[columns.SEQUENCE].to_numpy(),
            region=_codes(frame[columns.REGION]),
            regions=frame[columns.REGION].cat.categories,
            kind=_codes(frame[columns.KIND]),
        )

    @property
    def cells(self) -> int:
        return len(self.protocols) * len(PHASES)

    @cached_property
    def diary_ends(self) -> tuple[Ints, Ints]:
        """First and last day of each cell's diary over all regions and kinds; NO_DAY without a row."""
        first, last = np.full(self.cells, _NEVER), np.full(self.cells, NO_DAY)
        np.minimum.at(first, self.cell, self.day)
        np.maximum.at(last, self.cell, self.day)
        return np.where(first == _NEVER, NO_DAY, first), last

    @cached_property
    def window_ends(self) -> tuple[Ints, Ints]:
        """First and last day of each cell's window, as ``sctrial.windows`` bounds it; NO_DAY without one."""
        first, last = self.diary_ends
        tail, skip = self.rules.tail, self.rules.skip
        opens = np.where(tail > 0, np.maximum(1, last - tail + 1), first + skip)
        has_days = (last != NO_DAY) & (opens <= last)
        return np.where(has_days, opens, NO_DAY), np.where(has_days, last, NO_DAY)

    def rows_of(self, pair: Pair) -> Flags:
        # A region nobody reported on is in no category, and -1 is no row's code.
        region = self.regions.get_indexer(pd.Index([pair[0]]))[0]
        of_pair: Flags = (self.region == region) & (self.kind == KINDS.index(pair[1]))
        return of_pair

    def window_days(self, pair: Pair) -> Days:
        if pair not in self._days:
            self._days[pair] = self._window_days(pair)
        return self._days[pair]

    def _window_days(self, pair: Pair) -> Days:
        opens, closes = self.window_ends
        # No row lies after its diary's last day, so where the window opens is all there is to ask.
        inside = self.rows_of(pair) & (self.day >= np.where(closes == NO_DAY, _NEVER, opens)[self.cell])
        return Days.group(self.cell[inside], self.day[inside], self.value[inside], self.sequence[inside])

    def days_of(self, pair: Pair) -> WindowDays:
        """``derive_window_days`` of diaries that are read already."""
        days = self.window_days(pair)
        points, parts = days.values(self.rules)
        return WindowDays(days.cell, days.day, points, parts, self.rules.per_point[days.cell])

    def answers(self, pair: Pair, *, threshold: Fraction) -> Ints:
        """``derive_answer`` of diaries that are read already, as places in ``Answer``."""
        window = self.window_columns(pair)
        before, after = window.side(DiaryPhase.BASELINE), window.side(DiaryPhase.TRIAL)
        fits = has_room(before, after, threshold=threshold)
        codes = np.full(len(self.protocols), CODES[Answer.NOT_EVALUABLE])
        if fits.any():
            codes[fits] = answer_codes(before[fits], after[fits], threshold=threshold)
        for trial in np.flatnonzero(~fits).tolist():
            codes[trial] = CODES[answer_of(self.pair_figures(pair, trial=trial), threshold=threshold)]
        return codes

    def percents(self, pair: Pair) -> list[str | None]:
        """The exact percent reduction of each trial as "a/b" in lowest terms; None where there is none.

        The twin of ``sctrial.reduction.compute_percent_reduction`` with ``sctrial.seal.fraction_text``.
        """
        window = self.window_columns(pair)
        before, after = window.side(DiaryPhase.BASELINE), window.side(DiaryPhase.TRIAL)
        found = percent_texts(before, after)
        for trial in np.flatnonzero(~has_room(before, after, threshold=PERCENT)).tolist():
            found[trial] = percent_text(self.pair_figures(pair, trial=trial))
        return found

    def window_columns(self, pair: Pair) -> WindowColumns:
        if pair not in self._windows:
            self._windows[pair] = self._window_columns(pair)
        return self._windows[pair]

    def _window_columns(self, pair: Pair) -> WindowColumns:
        opens, closes = self.window_ends
        days = self.window_days(pair)
        totals = Totals.over(days, rules=self.rules, cells=self.cells)
        # Without a diary a window of the last n days still asked for n days, and misses them all.
        width = np.where(closes == NO_DAY, 0, closes - opens + 1)
        asked = np.where(self.diary_ends[1] == NO_DAY, self.rules.tail, width)
        return WindowColumns(
            first_day=opens,
            last_day=closes,
            days=totals.days,
            missing_days=asked - totals.days,
            numerator=totals.numerator,
            denominator=totals.denominator,
            fits=totals.fits,
            present=days.day,
            day_from=np.cumsum(totals.days) - totals.days,
        )

    def all_pair_figures(self, pair: Pair) -> list[PairFigures]:
        return self.some_pair_figures(pair, trials=np.arange(len(self.protocols)))

    def some_pair_figures(self, pair: Pair, *, trials: Ints) -> list[PairFigures]:
        cells = (trials[:, None] * len(PHASES) + _PLACES).reshape(-1)
        found = _window_figures(self.window_columns(pair), cells=cells)
        return [
            PairFigures(before, after) if before and after else self.pair_figures(pair, trial=trial)
            for trial, before, after in zip(trials.tolist(), found[0::2], found[1::2], strict=True)
        ]

    def pair_figures(self, pair: Pair, *, trial: int) -> PairFigures:
        """One trial through the scalar path, whatever the size of its numbers."""
        of_pair = self.rows_of(pair)
        before, after = (self._one_window(of_pair, trial=trial, phase=phase) for phase in PHASES)
        return PairFigures(baseline=before, trial=after)

    def _one_window(self, of_pair: Flags, *, trial: int, phase: DiaryPhase) -> WindowFigures:
        protocol, cell = self.protocols[trial], trial * len(PHASES) + PHASES.index(phase)
        per_point = SCALES[protocol.scale].per_point
        rows = np.flatnonzero(of_pair & (self.cell == cell))
        ordered = rows[np.lexsort((self.sequence[rows], self.day[rows]))]
        entries = (
            _Scored(date.fromordinal(day), Fraction(value, per_point))
            for day, value in zip(self.day[ordered].tolist(), self.value[ordered].tolist(), strict=True)
        )
        first, last = (_day_or_none(ends[cell]) for ends in self.diary_ends)
        values = compute_day_values(entries, several=protocol.several)
        return summarise_window(values, window=window_of(protocol, phase), first_day=first, last_day=last)


def _cells_of(phase: DiaryPhase) -> slice:
    return slice(PHASES.index(phase), None, len(PHASES))


def _window_figures(window: WindowColumns, *, cells: Ints) -> list[WindowFigures | None]:
    """Each cell's figures as the scalar path has them; None where the numbers do not fit into columns."""
    names = ("first_day", "last_day", "days", "missing_days", "numerator", "denominator", "day_from", "fits")
    rows = zip(*(getattr(window, name)[cells].tolist() for name in names), strict=True)
    return [
        WindowFigures(
            first_day=_day_or_none(first),
            last_day=_day_or_none(last),
            days=days,
            total=Fraction(numerator, denominator),
            missing_days=missing,
            missing_dates=_missing_dates(first, last, held=window.present[begin : begin + days])
            if missing
            else (),
        )
        if fits
        else None
        for first, last, days, missing, numerator, denominator, begin, fits in rows
    ]


def _missing_dates(first: int, last: int, *, held: Ints) -> tuple[date, ...]:
    if first == NO_DAY:
        return ()
    present = set(held.tolist())
    return tuple(date.fromordinal(day) for day in range(first, last + 1) if day not in present)


def _day_or_none(ordinal: int) -> date | None:
    return None if ordinal == NO_DAY else date.fromordinal(ordinal)
