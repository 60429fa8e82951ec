"""Logic with a third answer. Source: strong three-valued logic, Kleene 1952."""

from collections.abc import Iterable
from enum import StrEnum


class Answer(StrEnum):
    """What a criterion answers; "not evaluable" is never turned into a no."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_EVALUABLE = "not_evaluable"


def at_least(answers: Iterable[Answer], *, n: int) -> Answer:
    """Met once ``n`` answers are met; not met once ``n`` can no longer be reached; else not evaluable."""
    given = tuple(answers)
    met = given.count(Answer.MET)
    if met >= n:
        return Answer.MET
    still_possible = met + given.count(Answer.NOT_EVALUABLE) >= n
    return Answer.NOT_EVALUABLE if still_possible else Answer.NOT_MET


def all_of(answers: Iterable[Answer]) -> Answer:
    """Met when every answer is met; one "not met" decides alone, whatever is missing."""
    given = tuple(answers)
    return at_least(given, n=len(given))


def any_of(answers: Iterable[Answer]) -> Answer:
    """Met when one answer is met, whatever is missing; not met only when all are not met."""
    return at_least(answers, n=1)


def negate(answer: Answer) -> Answer:
    """Met and not met change places; not evaluable stays."""
    return _OPPOSITE[answer]


_OPPOSITE = {
    Answer.MET: Answer.NOT_MET,
    Answer.NOT_MET: Answer.MET,
    Answer.NOT_EVALUABLE: Answer.NOT_EVALUABLE,
}
