"""How far each trial of a cohort came, and by what name the others left: counts that add up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """The road of a trial, in order; each stage holds only trials that were in all those before it."""

    REFERRED = "referred"
    ELIGIBLE = "eligible"
    TRIALLED = "trialled"
    MET = "met"
    IMPLANTED = "implanted"
    STILL_RESPONDING = "still_responding"


STAGES: Final = tuple(Stage)


class BadCourse(ValueError):
    """A course that is in the cohort twice, or that ends early without the name of the loss."""


@dataclass(frozen=True, slots=True)
class Course:
    """The last stage that a trial reached, and why it went no further; "" only at the end of the road."""

    trial: str
    reached: Stage
    left_because: str = ""

    def __post_init__(self) -> None:
        if (self.reached is STAGES[-1]) == bool(self.left_because):
            raise BadCourse(f"trial {self.trial!r}: name the loss, and only of a trial that left the road")


@dataclass(frozen=True, slots=True)
class Step:
    """``n`` trials reached ``stage``; ``losses`` of them, by name and most first, went no further."""

    stage: Stage
    n: int
    losses: tuple[tuple[str, int], ...]


def compute_flow(courses: Iterable[Course]) -> tuple[Step, ...]:
    """One step a stage: ``n`` minus the sum of the losses is the ``n`` of the next.

    An empty cohort has steps of 0. Losses of equal size stand by name. Raises BadCourse for a trial that is
    counted twice. Form: CONSORT 2010 flow diagram, every participant accounted for.
    """
    found = list(courses)
    twice = [trial for trial, times in Counter(course.trial for course in found).items() if times > 1]
    if twice:
        raise BadCourse(f"trial {twice[0]!r} is in the cohort twice; leave one out")
    return tuple(_step(stage, found) for stage in STAGES)


def _step(stage: Stage, courses: list[Course]) -> Step:
    place = STAGES.index(stage)
    n = sum(STAGES.index(course.reached) >= place for course in courses)
    losses = Counter(c.left_because for c in courses if c.reached is stage and c.left_because)
    return Step(stage, n, tuple(sorted(losses.items(), key=lambda loss: (-loss[1], loss[0]))))
