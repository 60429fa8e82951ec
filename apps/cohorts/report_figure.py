"""A figure of a report: its drawing, its table, whom it counts and how to read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from apps.cohorts.report_plot import Plot, Sketch, sketches_of
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.intervals import Count, Interval, Proportion

FEW: Final = f"under {SMALLEST_SHOWN}"
HIDDEN: Final = "hidden"
Cell = str | int | float | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """``of`` says of what its percents are; ``empty`` stands in place of the drawing when there is none."""

    key: str
    title: str
    reading: str
    n: int
    missing: str
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

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "title": self.title,
            "how_to_read": self.reading,
            "percent_of": self.of,
            "n": self.n,
            "missing": self.missing,
            "notes": list(self.notes),
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
        }


def words_of(cell: Cell) -> str:
    if cell is None:
        return "–"
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def percent(share: float | Fraction | None) -> float | None:
    return None if share is None else round(float(100 * share), 1)


def span(interval: Interval | None, *, times: float = 100) -> str:
    """Both ends, in percent unless told otherwise."""
    return "–" if interval is None else f"{times * interval.low:.1f} to {times * interval.high:.1f}"


def is_small(count: Count) -> bool:
    """Whether either side of it is too small to leave the clinic."""
    return count.met < SMALLEST_SHOWN or count.of - count.met < SMALLEST_SHOWN


def share_cells(found: Proportion, *, shared: bool) -> Row:
    """How many, of how many, percent, interval."""
    if shared and is_small(found.count):
        of = found.count.of if found.count.of >= SMALLEST_SHOWN else FEW
        return (HIDDEN, of, HIDDEN, HIDDEN)
    return (found.count.met, found.count.of, percent(found.count.share), span(found.interval))


def count_cell(count: int, *, shared: bool) -> Cell:
    return FEW if shared and count < SMALLEST_SHOWN else count


def counted(counts: Mapping[str, int]) -> str:
    """Who is missing and why, in words; nobody is said too."""
    found = [f"{n} {words}" for words, n in counts.items() if n]
    return ", ".join(found) or "nobody"


def kept_in(figures: Iterable[Figure], *, shared: bool) -> list[Figure]:
    """What may go out: a figure with one line a patient keeps its title and loses the rest."""
    return [_withheld(figure) if shared and figure.is_of_persons else figure for figure in figures]


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
