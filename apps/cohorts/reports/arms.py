"""The Table 1 of an imported table, which has an arm and two scores a person and nothing else."""

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Final

from apps.cohorts.reports.figure import HIDDEN, Cell, Figure, Row, count_cell
from sctrial.cohort import Outcome
from sctrial.disclosure import SMALLEST_SHOWN

WHY_NO_MORE: Final = (
    "An import keeps id, arm and the two scores alone; age, sex and all else stay in the file. "
    "So nothing more can be told of the people here."
)
LEFT_OUT: Final = f"Arms with fewer than {SMALLEST_SHOWN} people are left out of every figure."


def arms_before(arms: Mapping[str, Sequence[Outcome]], *, others: int = 0, shared: bool = False) -> Figure:
    """``others`` are arms too small to be told of."""
    return Figure(
        key="table_one",
        title="Table 1: who the people are",
        reading="Each line is an arm: its people, their score before treatment, and who is missing.",
        n=sum(len(people) for people in arms.values()),
        missing="in the last columns, for each arm",
        columns=(
            "Arm",
            "People",
            "Mean before",
            "Standard deviation",
            "Without a score before",
            "Without a score after",
        ),
        rows=tuple(_line(arm, people, shared=shared) for arm, people in arms.items()),
        empty="" if arms else "The table has nobody in it.",
        notes=(WHY_NO_MORE, *[LEFT_OUT] * bool(others)),
    )


def _line(arm: str, people: Sequence[Outcome], *, shared: bool) -> Row:
    before = [float(one.baseline_mean) for one in people if one.baseline_mean is not None]
    after = sum(one.trial_mean is not None for one in people)
    counts = [
        count_cell(n, shared=shared) for n in (len(people), len(people) - len(before), len(people) - after)
    ]
    mean: Cell = f"{fmean(before):.2f}" if before else None
    spread: Cell = f"{stdev(before):.2f}" if len(before) > 1 else None
    if shared and len(before) < SMALLEST_SHOWN:
        mean = spread = HIDDEN
    return (arm, counts[0], mean, spread, *counts[1:])
