"""A figure of a report: its drawing, its table, whom it counts and how to read it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from apps.cohorts.reports.plot import Plot, Sketch, sketches_of
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.intervals import Count, Interval, Proportion, compute_proportion
from sctrial.sharing import Veil, round_count, show_count, show_counts

FEW: Final = Veil.FEW.value
HIDDEN: Final = Veil.HELD.value
COUNTED: Final = "counted"
WHOLE: Final = "the whole cohort"
TOGETHER: Final = "left out, for one reason or another"
Cell = str | int | float | None
Row = tuple[Cell, ...]
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
#: What stands where there is no interval.
_NO_ENDS: Final = (None, "–", FEW, HIDDEN)


class Span(str):
    """Both ends of an interval: read as text, in files two numbers."""

    low: float
    high: float

    def __new__(cls, low: float, high: float, *, places: int) -> "Span":
        made = super().__new__(cls, f"{low:z.{places}f} to {high:z.{places}f}")
        made.low, made.high = round(low, places), round(high, places)
        return made


@dataclass(frozen=True, slots=True)
class Figure:
    """``of`` says of what its percents are; ``empty`` stands in place of the drawing when there is none."""

    key: str
    title: str
    reading: str
    n: Cell
    #: Counts by what is missing; in words once the figure is part of a report.
    missing: Mapping[str, int] | str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    of: str = ""
    plot: Plot | None = None
    empty: str = ""
    notes: tuple[str, ...] = ()
    #: One line a patient: stays in the clinic.
    is_of_persons: bool = False

    @property
    def sketches(self) -> tuple[Sketch, ...]:
        return sketches_of(self.plot) if self.plot else ()

    @property
    def lines(self) -> list[list[str]]:
        """The table as it is read."""
        return [[words_of(cell) for cell in row] for row in self.rows]

    @property
    def data(self) -> tuple[list[str], list[list[Cell]]]:
        """Columns and rows of its files: numbers are numbers, and an interval has two columns."""
        cells = list(zip(*self.rows, strict=True))
        ends = {n for n, column in enumerate(cells) if _is_of_ends(column)}
        columns = [part for n, name in enumerate(self.columns) for part in _parts(name, split=n in ends)]
        return columns, [line for row in self.rows for line in _lines(row, ends=ends)]

    @property
    def drawn(self) -> list[list[Cell]]:
        """What the drawing shows, in units of the data: series, words, mark, number of the mark, x and y."""
        if self.plot is None:
            return []
        series = dict(self.plot.key)
        return [
            [
                series.get(mark.look, mark.look),
                mark.text,
                mark.kind,
                n,
                round(float(x), 2),
                round(float(y), 2),
            ]
            for n, mark in enumerate(self.plot.marks, 1)
            if mark.kind != "text"
            for x, y in mark.places
        ]

    def as_json(self) -> dict[str, Any]:
        columns, rows = self.data
        return {
            "key": self.key,
            "title": self.title,
            "how_to_read": self.reading,
            "percent_of": self.of,
            "n": self.n,
            "missing": counted(self.n, self.missing),
            "notes": list(self.notes),
            "columns": columns,
            "rows": rows,
        }


#: Columns of what is drawn; a box has two corners, a line each of its points.
DRAWN: Final = ("Series", "Words", "Mark", "Number of the mark", "x", "y")


def _is_of_ends(column: tuple[Cell, ...]) -> bool:
    return any(isinstance(cell, Span) for cell in column) and all(
        isinstance(cell, Span) or cell in _NO_ENDS for cell in column
    )


def _parts(name: str, *, split: bool) -> list[str]:
    return [f"{name}, low", f"{name}, high"] if split else [name]


def _lines(row: Row, *, ends: set[int]) -> Iterator[list[Cell]]:
    """One line; an interval among other values makes two, named by what stands first."""
    alone = next((n for n, cell in enumerate(row) if isinstance(cell, Span) and n not in ends), None)
    if alone is None:
        yield [part for n, cell in enumerate(row) for part in _numbers(cell, split=n in ends)]
        return
    span_here = row[alone]
    assert isinstance(span_here, Span)
    for words, value in (("low", span_here.low), ("high", span_here.high)):
        told = (f"{row[0]}, {words}", *row[1:alone], value, *row[alone + 1 :])
        yield from _lines(told, ends=ends)


def _numbers(cell: Cell, *, split: bool) -> list[Cell]:
    if split:
        hidden = None if cell == "–" else cell
        return [cell.low, cell.high] if isinstance(cell, Span) else [hidden, hidden]
    return [float(cell) if isinstance(cell, str) and _NUMBER.fullmatch(cell) else cell]


def words_of(cell: Cell) -> str:
    if cell is None:
        return "–"
    return f"{cell:z.1f}" if isinstance(cell, float) else str(cell)


def percent(share: float | Fraction | None) -> float | None:
    return None if share is None else round(float(100 * share), 1)


def span(interval: Interval | None, *, times: float = 100, places: int = 1) -> str:
    """Both ends, in percent unless told otherwise."""
    if interval is None:
        return "–"
    return Span(float(times * interval.low), float(times * interval.high), places=places)


def is_small(count: Count) -> bool:
    """Whether either side of it is too small to leave the clinic."""
    return count.met < SMALLEST_SHOWN or count.of - count.met < SMALLEST_SHOWN


def shareable(found: Proportion, *, shared: bool) -> Proportion | None:
    """Both counts rounded, and what follows from them; None where either side is small."""
    if not shared:
        return found
    if is_small(found.count):
        return None
    return compute_proportion(Count(round_count(found.count.met), round_count(found.count.of)))


def share_cells(found: Proportion, *, shared: bool) -> Row:
    """How many, of how many, percent, interval."""
    told = shareable(found, shared=shared)
    if told is None:
        return (HIDDEN, count_cell(found.count.of, shared=True), HIDDEN, HIDDEN)
    return (told.count.met, told.count.of, percent(told.count.share), span(told.interval))


def count_cell(count: int, *, shared: bool) -> Cell:
    return cell_of(show_count(count)) if shared else count


def cell_of(shown: int | Veil) -> Cell:
    return shown.value if isinstance(shown, Veil) else shown


def parts_shown(n: int, missing: Mapping[str, int], *, shared: bool) -> dict[str, Cell]:
    """Who is missing, by why, beside ``n`` who are counted: together they are the whole cohort.

    Where rounding alone would leave a small part to be worked out, all are told as one.
    """
    if not shared:
        return dict(missing)
    whole = n + sum(missing.values())
    shown = show_counts(dict(missing) | {COUNTED: n, WHOLE: whole}, sums={WHOLE: [COUNTED, *missing]})
    if Veil.HELD in shown.values():
        return {TOGETHER: count_cell(whole - n, shared=True)}
    return {words: cell_of(shown[words]) for words in missing}


def counted(n: Cell, missing: Mapping[str, int] | str, *, shared: bool = False) -> str:
    """Who is missing and why, in words; nobody is said too."""
    if isinstance(missing, str):
        return missing
    parts = parts_shown(n if isinstance(n, int) else 0, missing, shared=shared)
    return ", ".join(f"{cell} {words}" for words, cell in parts.items() if cell != 0) or "nobody"


def kept_in(figures: Iterable[Figure], *, shared: bool) -> list[Figure]:
    """What may go out: a figure with one line a patient keeps its title and loses the rest."""
    return [_kept(figure, shared=shared) for figure in figures]


def _kept(figure: Figure, *, shared: bool) -> Figure:
    n = count_cell(figure.n, shared=shared) if isinstance(figure.n, int) else figure.n
    told = replace(figure, n=n, missing=counted(figure.n, figure.missing, shared=shared))
    return _withheld(told) if shared and figure.is_of_persons else told


def _withheld(figure: Figure) -> Figure:
    return Figure(
        figure.key,
        figure.title,
        figure.reading,
        figure.n,
        figure.missing,
        (),
        (),
        figure.of,
        empty="It has one line a patient, so it is shown inside the clinic only.",
    )
