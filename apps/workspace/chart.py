"""Where everything on the diary chart stands. Pure arithmetic: the template only writes it down as SVG."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Final

from sctrial.phases import DiaryPhase

#: One drawing a width, because a drawing that is scaled down takes its letters with it.
WIDE: Final = 760
NARROW: Final = 360

PLOT_HEIGHT: Final = 240
LEFT: Final = 34
RIGHT: Final = 20
BOTTOM: Final = 30
LABEL_ROW: Final = 20
TAG_RADIUS: Final = 9
TAG_GAP: Final = 4
LABEL_WIDTH: Final = 62
LINE_LABEL_GAP: Final = 16
#: Roughly one letter of the labels at 12 px.
LETTER: Final = 6.6
#: From here on a label needs its year more than its day.
LONG_DIARY: Final = 300
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day of the diary; ``value`` is None when nothing was reported."""

    day: date
    value: Fraction | None
    phase: DiaryPhase
    in_window: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a day; ``kind`` is the word the template styles it by."""

    number: int
    day: date
    kind: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Diary:
    """What is drawn. ``days`` are consecutive calendar days; means and goal come from a stored verdict."""

    days: tuple[Day, ...]
    lowest: Fraction
    highest: Fraction
    baseline_mean: Fraction | None = None
    baseline_label: str = ""
    goal: Fraction | None = None
    goal_label: str = ""
    interval: tuple[Fraction, Fraction] | None = None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the drawing, as text that SVG can read in any locale."""

    x: str
    y: str
    text: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line with its words."""

    x1: str
    x2: str
    y: str
    label_y: str
    text: str
    label_x: str = ""
    anchor: str = "end"


@dataclass(frozen=True, slots=True)
class Band:
    """The days of a window."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Box:
    """Between two scores, over the days of the trial window."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    left: str
    right: str
    top: str
    bottom: str
    plot_height: str
    radius: str
    half: str
    y_ticks: tuple[Spot, ...]
    x_ticks: tuple[Spot, ...]
    bands: tuple[Band, ...]
    interval: Box | None
    baseline_runs: tuple[str, ...]
    trial_runs: tuple[str, ...]
    baseline_points: tuple[Spot, ...]
    trial_points: tuple[Spot, ...]
    misses: tuple[Spot, ...]
    split: str | None
    split_labels: tuple[Spot, ...]
    baseline: Level | None
    goal: Level | None
    tags: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """From days and scores to places."""

    diary: Diary
    width: int
    top: float

    @property
    def step(self) -> float:
        return (self.width - LEFT - RIGHT) / max(1, len(self.diary.days))

    @property
    def bottom(self) -> float:
        return self.top + PLOT_HEIGHT

    def edge(self, index: int) -> float:
        """The left edge of a day's column."""
        return LEFT + index * self.step

    def x(self, day: date) -> float:
        """The middle of a day's column; days outside the diary stand at its ends."""
        first = self.diary.days[0].day
        index = min(max((day - first).days, 0), len(self.diary.days) - 1)
        return self.edge(index) + self.step / 2

    def y(self, value: Fraction) -> float:
        span = self.diary.highest - self.diary.lowest
        return self.bottom - float((value - self.diary.lowest) / span) * PLOT_HEIGHT


def draw(diary: Diary, *, width: int) -> Drawing:
    """The drawing of a diary of at least one day."""
    lanes = place_tags(diary, width=width)
    top = LABEL_ROW + (max(lanes) + 1) * (2 * TAG_RADIUS + TAG_GAP) if lanes else float(LABEL_ROW)
    frame = Frame(diary, width, top)
    radius = min(4.5, max(1.4, frame.step * 0.32))
    split = split_of(frame)
    return Drawing(
        width=width,
        height=round(frame.bottom + BOTTOM),
        left=number(LEFT),
        right=number(width - RIGHT),
        top=number(top),
        bottom=number(frame.bottom),
        plot_height=number(PLOT_HEIGHT),
        radius=number(radius),
        half=number(max(1.6, radius * 0.8)),
        y_ticks=tuple(_y_ticks(frame)),
        x_ticks=tuple(_x_ticks(frame)),
        bands=tuple(_bands(frame)),
        interval=_interval(frame),
        baseline_runs=tuple(_runs(frame, DiaryPhase.BASELINE)),
        trial_runs=tuple(_runs(frame, DiaryPhase.TRIAL)),
        baseline_points=tuple(_points(frame, DiaryPhase.BASELINE)),
        trial_points=tuple(_points(frame, DiaryPhase.TRIAL)),
        misses=tuple(_misses(frame)),
        split=None if split is None else number(split),
        split_labels=tuple(_split_labels(frame, split)),
        baseline=_baseline(frame),
        goal=_goal(frame, split),
        tags=tuple(_tags(frame, lanes)),
    )


def number(value: float) -> str:
    """One decimal and a point, whatever the reader's language writes."""
    return f"{value:.1f}".removesuffix(".0")


def ticks_of(lowest: Fraction, highest: Fraction) -> list[Fraction]:
    """Round scores from the lowest on, at least five: 0, 2, ... 10, or 0, 20, ... 100."""
    raw = (highest - lowest) / 5
    power = Fraction(1)
    while power * 10 <= raw:
        power *= 10
    step = max((power * n for n in _STEPS if power * n <= max(raw, power)), default=power)
    count = int((highest - lowest) / step)
    return [lowest + n * step for n in range(count + 1)]


def place_tags(diary: Diary, *, width: int) -> list[int]:
    """The row of each event's tag, lowest first, so that no two tags touch."""
    frame, needed = Frame(diary, width, 0.0), 2 * TAG_RADIUS + TAG_GAP
    ends: list[float] = []
    rows = []
    for event in diary.events:
        x = frame.x(event.day)
        row = next((n for n, end in enumerate(ends) if x - end >= needed), len(ends))
        ends[row : row + 1] = [x]
        rows.append(row)
    return rows


def split_of(frame: Frame) -> float | None:
    """The edge between the last day of baseline and the first of the trial, if the diary has both."""
    phases = [day.phase for day in frame.diary.days]
    if DiaryPhase.TRIAL not in phases:
        return None
    return frame.edge(phases.index(DiaryPhase.TRIAL))


def day_label(day: date) -> str:
    return f"{day.day} {day:%b}"


def _y_ticks(frame: Frame) -> Iterator[Spot]:
    for value in ticks_of(frame.diary.lowest, frame.diary.highest):
        yield Spot(number(LEFT - 8), number(frame.y(value)), f"{float(value):g}")


def _x_ticks(frame: Frame) -> Iterator[Spot]:
    days = frame.diary.days
    shown = max(1, int((frame.width - LEFT - RIGHT) / LABEL_WIDTH))
    every = -(-len(days) // shown)
    for day in days[::every]:
        text = f"{day.day:%b %Y}" if len(days) > LONG_DIARY else day_label(day.day)
        yield Spot(number(frame.x(day.day)), number(frame.bottom + 18), text)


def _bands(frame: Frame) -> Iterator[Band]:
    for first, last in _stretches([day.in_window for day in frame.diary.days]):
        yield Band(number(frame.edge(first)), number((last - first + 1) * frame.step))


def _interval(frame: Frame) -> Box | None:
    """What reaches beyond the scale ends at its edge: no score can lie there."""
    diary = frame.diary
    held = [n for n, day in enumerate(diary.days) if day.in_window and day.phase is DiaryPhase.TRIAL]
    if diary.interval is None or not held:
        return None
    low, high = (min(max(end, diary.lowest), diary.highest) for end in diary.interval)
    x, top = frame.edge(held[0]), frame.y(high)
    width = frame.edge(held[-1] + 1) - x
    return Box(number(x), number(top), number(width), number(frame.y(low) - top))


def _stretches(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    for flag, group in groupby(range(len(flags)), key=lambda index: flags[index]):
        indexes = list(group)
        if flag:
            yield indexes[0], indexes[-1]


def _runs(frame: Frame, phase: DiaryPhase) -> Iterator[str]:
    """Lines join neighbouring days only: across a missing day nothing is known."""
    days = frame.diary.days
    joined = [day.phase is phase and day.value is not None for day in days]
    for first, last in _stretches(joined):
        if last > first:
            yield " ".join(_pairs(frame, days[first : last + 1]))


def _pairs(frame: Frame, days: Iterable[Day]) -> Iterator[str]:
    for day in days:
        if day.value is not None:
            yield f"{number(frame.x(day.day))},{number(frame.y(day.value))}"


def _points(frame: Frame, phase: DiaryPhase) -> Iterator[Spot]:
    for day in frame.diary.days:
        if day.phase is phase and day.value is not None:
            text = f"{day_label(day.day)}: {float(day.value):.3g}"
            yield Spot(number(frame.x(day.day)), number(frame.y(day.value)), text)


def _misses(frame: Frame) -> Iterator[Spot]:
    for day in frame.diary.days:
        if day.value is None:
            yield Spot(number(frame.x(day.day)), number(frame.bottom), f"{day_label(day.day)}: no entry")


def _split_labels(frame: Frame, split: float | None) -> Iterator[Spot]:
    y = number(frame.top - 6)
    if split is None or split - LEFT >= LABEL_WIDTH:
        yield Spot(number((split or frame.width - RIGHT) - 6), y, "Baseline", "end")
    if split is not None:
        yield Spot(number(split + 6), y, "Trial", "start")


def _baseline(frame: Frame) -> Level | None:
    """Its label stands over the trial, where the scores are lower when it matters."""
    diary = frame.diary
    if diary.baseline_mean is None:
        return None
    y, right = frame.y(diary.baseline_mean), number(frame.width - RIGHT)
    return Level(number(LEFT), right, number(y), number(y - 5), diary.baseline_label, right, "end")


def _goal(frame: Frame, split: float | None) -> Level | None:
    """Its label stands before the split, clear of the trial's scores, if there is room."""
    diary = frame.diary
    if diary.goal is None or split is None:
        return None
    y, right = frame.y(diary.goal), frame.width - RIGHT
    if split - LEFT >= len(diary.goal_label) * LETTER:
        return Level(
            number(split), number(right), number(y), number(y + 4), diary.goal_label, number(split - 6), "end"
        )
    close = diary.baseline_mean is not None and y - frame.y(diary.baseline_mean) < LINE_LABEL_GAP
    label_y = y + 14 if close else y - 5
    return Level(
        number(split), number(right), number(y), number(label_y), diary.goal_label, number(right), "end"
    )


def _tags(frame: Frame, lanes: Sequence[int]) -> Iterator[Spot]:
    for event, lane in zip(frame.diary.events, lanes, strict=True):
        y = frame.top - LABEL_ROW - TAG_RADIUS - lane * (2 * TAG_RADIUS + TAG_GAP)
        yield Spot(number(frame.x(event.day)), number(y), str(event.number), event.kind)
