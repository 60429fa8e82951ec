"""The Table 1 of an imported table, which has an arm and two scores a person and nothing else."""

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Final

from apps.cohorts.report_figure import Figure, Row
from sctrial.cohort import Outcome

WHY_NO_MORE: Final = (
    "An import keeps id, arm and the two scores alone; age, sex and all else stay in the file. "
    "So nothing more can be told of the people here."
)


def arms_before(arms: Mapping[str, Sequence[Outcome]]) -> Figure:
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
        rows=tuple(_line(arm, people) for arm, people in arms.items()),
        empty="" if arms else "The table has nobody in it.",
        notes=(WHY_NO_MORE,),
    )


def _line(arm: str, people: Sequence[Outcome]) -> Row:
    before = [float(one.baseline_mean) for one in people if one.baseline_mean is not None]
    after = sum(one.trial_mean is not None for one in people)
    mean = f"{fmean(before):.2f}" if before else None
    spread = f"{stdev(before):.2f}" if len(before) > 1 else None
    return (arm, len(people), mean, spread, len(people) - len(before), len(people) - after)
