"""One small chart: marks in the units of the data, laid out as shapes that a template writes down as SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from apps.workspace.chart import LETTER, NARROW, WIDE, number

RIGHT: Final = 24
LEAST_LEFT: Final = 22
TOP: Final = 14
BOTTOM: Final = 44
DASHES: Final = {"limit": "6 4", "alarm": "2 3", "none": "4 3"}
#: Colour in light mode of each look; the style sheet has those of dark mode under the same names.
COLOURS: Final = {
    "main": "#0b5cad",
    "second": "#6b3fa0",
    "third": "#0a6b2e",
    "bad": "#b3261e",
    "quiet": "#52606d",
    "limit": "#52606d",
    "alarm": "#b3261e",
    "none": "#52606d",
    "faint": "#8a97a6",
    "text": "#1f2933",
}
SERIES: Final = ("main", "second", "third", "quiet")

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """``kind``: line (through the places), point, box or area (two corners), text; ``text`` is read."""

    kind: str
    places: tuple[Place, ...]
    look: str = "main"
    text: str = ""
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``low`` to ``high``; ``ticks`` are places with their words."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    height: int = 240
    #: Look and words of each series, said under the drawing.
    key: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Shape:
    """What the template writes: every number is text in any language's locale."""

    kind: str
    look: str
    colour: str
    text: str = ""
    anchor: str = ""
    dash: str = ""
    points: str = ""
    x: str = ""
    y: str = ""
    width: str = ""
    height: str = ""


@dataclass(frozen=True, slots=True)
class Sketch:
    width: int
    height: int
    left: str
    right: str
    bottom: str
    middle: str
    x_ticks: tuple[Shape, ...]
    y_ticks: tuple[Shape, ...]
    shapes: tuple[Shape, ...]
    x_title: str
    y_title: str


@dataclass(frozen=True, slots=True)
class _Frame:
    plot: Plot
    width: int

    @property
    def left(self) -> float:
        longest = max((len(words) for _, words in self.plot.y.ticks), default=0)
        return max(LEAST_LEFT, 8 + longest * LETTER + (8 if longest else 0))

    @property
    def top(self) -> float:
        return TOP + (18 if self.plot.y.title else 0)

    @property
    def bottom(self) -> float:
        return self.top + self.plot.height

    def x(self, value: float) -> float:
        axis = self.plot.x
        return self.left + (value - axis.low) / (axis.high - axis.low) * (self.width - RIGHT - self.left)

    def y(self, value: float) -> float:
        axis = self.plot.y
        return self.bottom - (value - axis.low) / (axis.high - axis.low) * self.plot.height


def sketches_of(plot: Plot) -> tuple[Sketch, ...]:
    """One a width: a drawing that is scaled down takes its letters with it."""
    return tuple(sketch(plot, width=width) for width in (WIDE, NARROW))


def sketch(plot: Plot, *, width: int) -> Sketch:
    frame = _Frame(plot, width)
    return Sketch(
        width=width,
        height=round(frame.bottom + (BOTTOM if plot.x.ticks else 8)),
        left=number(frame.left),
        right=number(width - RIGHT),
        bottom=number(frame.bottom),
        middle=number((frame.left + width - RIGHT) / 2),
        x_ticks=tuple(_x_ticks(frame)),
        y_ticks=tuple(
            Shape(
                "tick", "quiet", COLOURS["quiet"], text=words, y=number(frame.y(at)), x=number(frame.left - 6)
            )
            for at, words in plot.y.ticks
        ),
        shapes=tuple(_shape(frame, mark) for mark in plot.marks),
        x_title=plot.x.title,
        y_title=plot.y.title,
    )


def _x_ticks(frame: _Frame) -> Iterable[Shape]:
    """As many as have room."""
    ticks = frame.plot.x.ticks
    widest = max((len(words) for _, words in ticks), default=1) * LETTER + 10
    room = max(1, int((frame.width - frame.left - RIGHT) / widest))
    for at, words in ticks[:: -(-len(ticks) // room) or 1]:
        yield Shape("tick", "quiet", COLOURS["quiet"], text=words, x=number(frame.x(at)))


def _shape(frame: _Frame, mark: Mark) -> Shape:
    colour, dash = COLOURS[mark.look], DASHES.get(mark.look, "")
    places = [(frame.x(x), frame.y(y)) for x, y in mark.places]
    if mark.kind == "line":
        points = " ".join(f"{number(x)},{number(y)}" for x, y in places)
        return Shape("line", mark.look, colour, mark.text, dash=dash, points=points)
    (x, y), (to_x, to_y) = places[0], places[-1]
    return Shape(
        mark.kind,
        mark.look,
        colour,
        mark.text,
        anchor=mark.anchor,
        x=number(min(x, to_x)),
        y=number(min(y, to_y)),
        width=number(max(0.8, abs(to_x - x))),
        height=number(max(0.8, abs(to_y - y))),
    )


def even(low: float, high: float, step: float, *, unit: str = "") -> tuple[tuple[float, str], ...]:
    """Ticks from ``low`` to ``high``."""
    count = round((high - low) / step)
    return tuple((low + n * step, f"{low + n * step:g}{unit}") for n in range(count + 1))


def bars(
    rows: Sequence[tuple[str, float, str]], *, most: float, step: float, title: str, unit: str = ""
) -> Plot:
    """A row for each (words, length, look), its words above its bar, so that they have room on a phone."""
    marks: list[Mark] = []
    for n, (words, length, look) in enumerate(rows):
        top = -3.0 * n
        marks.append(Mark("text", ((0, top - 1.1),), "text", words))
        marks.append(Mark("box", ((0, top - 1.5), (length, top - 2.5)), look, words))
    axis = Axis(0, most, even(0, most, step, unit=unit), title)
    return Plot(axis, Axis(-3.0 * len(rows) - 0.3, 0), tuple(marks), height=max(60, 44 * len(rows)))


def ranges(rows: Sequence[tuple[str, float, float, float]], *, axis: Axis, rule: float | None = None) -> Plot:
    """A row for each (words, value, low, high): a dot and its interval, the words above."""
    marks = [Mark("line", ((rule, 0), (rule, -3.0 * len(rows))), "limit")] if rule is not None else []
    for n, (words, value, low, high) in enumerate(rows):
        y = -3.0 * n - 2
        marks.append(Mark("text", ((axis.low, y + 0.9),), "text", words))
        marks.append(Mark("line", ((max(low, axis.low), y), (min(high, axis.high), y)), "main"))
        marks.append(Mark("point", ((value, y),), "main", words))
    return Plot(axis, Axis(-3.0 * len(rows) - 0.3, 0), tuple(marks), height=max(60, 44 * len(rows)))
