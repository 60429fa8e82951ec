"""Relief by stimulation program: which setting earned it.

A program is whatever the clinic calls one: any brand, spinal cord or dorsal root ganglion. Each change
begins an epoch; its first days are wash-in, because the old setting still works on and the patient is
finding out about the new one. This describes one patient's trial in the order it happened: programs are not
randomised, later ones meet a healed wound and a practised patient, and a difference is no proof of cause.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Final

from sctrial.reduction import Reduction, compute_percent_reduction

#: The day of the change itself was lived under two settings; a default of this project.
WASH_IN_DAYS: Final = 1
#: Fewer days than this rank no program; a default of this project.
FEWEST_DAYS: Final = 2


@dataclass(frozen=True, slots=True)
class ProgramChange:
    """From ``day`` on, ``program`` was in use; "off" is a program like any other."""

    day: date
    program: str


@dataclass(frozen=True, slots=True)
class Epoch:
    """One program from its change to the next, or to the last diary day.

    ``wash_in`` are its days that are shown but not counted, ``values`` the scores that count, ``missing``
    the days without one; all by day, ascending.
    """

    program: str
    first_day: date
    last_day: date
    wash_in: tuple[date, ...]
    values: tuple[tuple[date, Fraction], ...]
    missing: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ProgramRelief:
    """One program over all its epochs; ``values`` are the day scores for whoever adds an interval.

    ``rank`` is 1 for the largest reduction, shared by programs that are exactly equal, and None when the
    program has too few days or no percent.
    """

    program: str
    epochs: int
    values: tuple[tuple[date, Fraction], ...]
    mean: Fraction | None
    reduction: Reduction
    too_few_days: bool
    rank: int | None

    @property
    def days(self) -> int:
        """The number of days that count."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two programs compared: positive points and percent mean that ``program`` had less pain than ``other``.

    ``points`` is on the scale, ``percent`` in points of percent reduction; None without a day on both sides
    or, for the percent, without a baseline above 0.
    """

    program: str
    other: str
    days: int
    other_days: int
    points: Fraction | None
    percent: Fraction | None
    too_few_days: bool


@dataclass(frozen=True, slots=True)
class Programs:
    """Epochs in time, programs by rank (those without one last, by name), and every pair of programs."""

    wash_in_days: int
    fewest_days: int
    baseline_mean: Fraction | None
    epochs: tuple[Epoch, ...]
    programs: tuple[ProgramRelief, ...]
    differences: tuple[Difference, ...]

    @property
    def leading(self) -> tuple[str, ...]:
        """The programs on rank 1: several when they tie, none when no program has enough days."""
        return tuple(program.program for program in self.programs if program.rank == 1)


def compute_program_reliefs(
    day_values: Mapping[date, Fraction],
    *,
    changes: Sequence[ProgramChange],
    last_day: date,
    baseline_mean: Fraction | None,
    wash_in_days: int = WASH_IN_DAYS,
    fewest_days: int = FEWEST_DAYS,
    left_out: Iterable[date] = (),
) -> Programs:
    """Mean, days and percent reduction of each program over its epochs, and the differences of each pair.

    ``day_values`` are the target's trial days in scale points, ``last_day`` the end of the trial's diary.
    An epoch runs from a change to the day before the next; of several changes on one day the last one
    given counts, and a change to the program already in use begins no epoch. The first ``wash_in_days``
    days of each epoch and the days of ``left_out`` (such as procedure days) count nowhere. Days before the
    first change belong to no program. Raises ValueError for a negative wash-in or fewer than one day.
    """
    if wash_in_days < 0 or fewest_days < 1:
        raise ValueError("wash-in is 0 days or more, and a program needs at least 1 day to be ranked")
    excluded = frozenset(left_out)
    epochs = tuple(_epoch(span, day_values, wash_in_days, excluded) for span in _spans(changes, last_day))
    programs = _ranked([_relief(name, epochs, baseline_mean, fewest_days) for name in _names(epochs)])
    differences = tuple(_difference(one, other, baseline_mean) for one, other in combinations(programs, 2))
    return Programs(wash_in_days, fewest_days, baseline_mean, epochs, programs, differences)


_ProgramSpan = tuple[str, date, date]


def _spans(changes: Sequence[ProgramChange], last_day: date) -> Iterator[_ProgramSpan]:
    # Sorting is stable, so of two changes on one day the later one given overwrites the earlier.
    by_day = {change.day: change.program for change in sorted(changes, key=lambda change: change.day)}
    starts: list[tuple[date, str]] = []
    for day, program in by_day.items():
        if day <= last_day and (not starts or starts[-1][1] != program):
            starts.append((day, program))
    ends = [after - timedelta(days=1) for (_, _), (after, _) in pairwise(starts)] + [last_day]
    for (first, program), last in zip(starts, ends, strict=False):
        yield program, first, last


def _epoch(
    span: _ProgramSpan, day_values: Mapping[date, Fraction], wash_in_days: int, excluded: frozenset[date]
) -> Epoch:
    program, first, last = span
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    counted = [day for day in days[wash_in_days:] if day not in excluded]
    return Epoch(
        program=program,
        first_day=first,
        last_day=last,
        wash_in=tuple(days[:wash_in_days]),
        values=tuple((day, day_values[day]) for day in counted if day in day_values),
        missing=tuple(day for day in counted if day not in day_values),
    )


def _names(epochs: Sequence[Epoch]) -> list[str]:
    return sorted({epoch.program for epoch in epochs})


def _relief(
    name: str, epochs: Sequence[Epoch], baseline_mean: Fraction | None, fewest_days: int
) -> ProgramRelief:
    own = [epoch for epoch in epochs if epoch.program == name]
    values = tuple(value for epoch in own for value in epoch.values)
    mean = Fraction(sum(score for _, score in values)) / len(values) if values else None
    return ProgramRelief(
        program=name,
        epochs=len(own),
        values=values,
        mean=mean,
        reduction=compute_percent_reduction(baseline_mean, trial_mean=mean),
        too_few_days=len(values) < fewest_days,
        rank=None,
    )


def _ranked(programs: Sequence[ProgramRelief]) -> tuple[ProgramRelief, ...]:
    ranked = [_with_rank(program, programs) for program in programs]
    last = len(programs) + 1
    return tuple(sorted(ranked, key=lambda program: (program.rank or last, program.program)))


def _with_rank(program: ProgramRelief, programs: Sequence[ProgramRelief]) -> ProgramRelief:
    own = _rankable(program)
    if own is None:
        return program
    better = [relief for relief in map(_rankable, programs) if relief is not None and relief > own]
    return replace(program, rank=1 + len(better))


def _rankable(program: ProgramRelief) -> Fraction | None:
    return None if program.too_few_days else program.reduction.exact


def _difference(one: ProgramRelief, other: ProgramRelief, baseline_mean: Fraction | None) -> Difference:
    points = None if one.mean is None or other.mean is None else other.mean - one.mean
    return Difference(
        program=one.program,
        other=other.program,
        days=one.days,
        other_days=other.days,
        points=points,
        percent=None if points is None or not baseline_mean else 100 * points / baseline_mean,
        too_few_days=one.too_few_days or other.too_few_days,
    )
