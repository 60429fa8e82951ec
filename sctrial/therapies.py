"""Whether a course of conservative treatment was adequate, and whether it shows that the treatment failed.

Where a number is missing or unverified the answer is "not evaluable" and says why. Nothing here advises a
treatment.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sctrial.kleene import Answer, all_of, any_of
from sctrial.scales import show_exactly
from sctrial.sources import Mark
from sctrial.therapy_table import (
    NEVER_BEGUN,
    OUTCOMES,
    RELIEF_SPAN_MONTHS,
    RELIEF_SPAN_SOURCE,
    THERAPIES,
    Counts,
    Need,
    Outcome,
    TherapyClass,
)

_DAYS_A_WEEK: Final = 7
#: From here on relief is moderate (IMMPACT, Dworkin 2008 [S]); a course that gave it is no failure.
MODERATE_RELIEF: Final = Fraction(30)


@dataclass(frozen=True, slots=True)
class Course:
    """One course of one treatment; None is "not recorded". ``ended`` None means that it goes on.

    ``dose`` is the highest, in mg a day. ``blocks`` are sets of diagnostic blocks before radiofrequency
    and ``block_relief`` the least relief of them. ``stated_adequate`` is a clinician's word.
    """

    kind: TherapyClass
    agent: str = ""
    started: date | None = None
    ended: date | None = None
    dose: Fraction | None = None
    weeks_at_dose: Fraction | None = None
    blocks: Fraction | None = None
    block_relief: Fraction | None = None
    relief: Fraction | None = None
    relief_weeks: Fraction | None = None
    outcome: Outcome | None = None
    stated_adequate: bool | None = None

    def until(self, on: date) -> date:
        """The last day of the course as far as ``on`` can know; a procedure is one day."""
        if self.ended is None and self.started is not None and THERAPIES[self.kind].is_procedure:
            return min(self.started, on)
        return on if self.ended is None else min(self.ended, on)

    def weeks(self, on: date) -> Fraction | None:
        """How long it has lasted, both days included."""
        if self.started is None or self.started > on:
            return None
        return Fraction((self.until(on) - self.started).days + 1, _DAYS_A_WEEK)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a course, in words."""

    label: str
    unit: str
    read: Callable[[Course, date], Fraction | None]


QUANTITIES: Final[Mapping[str, Quantity]] = MappingProxyType(
    {
        "dose": Quantity("highest dose", "mg a day", lambda course, _on: course.dose),
        "weeks": Quantity("length", "weeks", lambda course, on: course.weeks(on)),
        "weeks_at_dose": Quantity(
            "time at the highest dose", "weeks", lambda course, _on: course.weeks_at_dose
        ),
        "blocks": Quantity("positive sets of diagnostic blocks", "sets", lambda course, _on: course.blocks),
        "block_relief": Quantity(
            "least relief of the blocks", "% relief", lambda course, _on: course.block_relief
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer with sentences a clinician can read."""

    answer: Answer
    reasons: tuple[str, ...]


def adequacy_of(course: Course, *, on: date) -> Finding:
    """Whether the course was adequate as far as ``on`` knows: Kleene's "all of" over what is asked."""
    if course.started is None and course.outcome in NEVER_BEGUN:
        return Finding(Answer.NOT_EVALUABLE, ("Not begun, so there is no course to hold against a number.",))
    standard = THERAPIES[course.kind].standard_for(course.agent)
    answered = [_against(need, course, on) for need in standard.needs]
    gaps = [(Answer.NOT_EVALUABLE, f"No sourced number for {gap}.") for gap in standard.gaps]
    return Finding(
        all_of(answer for answer, _ in (*answered, *gaps)), tuple(words for _, words in (*answered, *gaps))
    )


def _against(need: Need, course: Course, on: date) -> tuple[Answer, str]:
    quantity = QUANTITIES[need.quantity]
    subject = f"{quantity.label[0].upper()}{quantity.label[1:]}"
    value = quantity.read(course, on)
    asked = f"at least {need.at_least} {quantity.unit} ({need.source.text} [{need.source.mark.value}])"
    shown = "not recorded" if value is None else f"{_shown(value)} {quantity.unit}"
    if need.source.mark is Mark.KNOWN:
        return Answer.NOT_EVALUABLE, f"{subject}: {shown}; {asked} is unverified and decides nothing."
    if value is None:
        return Answer.NOT_EVALUABLE, f"{subject}: {shown}; asked is {asked}."
    answer = Answer.MET if value >= need.at_least else Answer.NOT_MET
    return answer, f"{subject}: {shown}; asked is {asked}."


def _shown(value: Fraction) -> str:
    # A week is not ten days: 12 days are "1 5/7", never a rounded 1.7.
    whole, rest = divmod(value, 1)
    is_sevenths = rest and rest.denominator == _DAYS_A_WEEK
    return f"{whole} {rest}" if is_sevenths else show_exactly(value)


def failure_of(course: Course, *, on: date) -> Finding:
    """Whether the course shows that the treatment failed: met is shown, not met is not shown."""
    if course.outcome is None:
        return Finding(Answer.NOT_EVALUABLE, ("How it ended is not recorded.",))
    label, counts = OUTCOMES[course.outcome]
    if counts is Counts.IF_ADEQUATE:
        return _failed_if_adequate(course, label, on)
    return Finding(*_FIXED[counts](label))


_FIXED: Final[Mapping[Counts, Callable[[str], tuple[Answer, tuple[str, ...]]]]] = MappingProxyType(
    {
        Counts.ALWAYS: lambda label: (Answer.MET, (f"{label}: counts without an adequate course.",)),
        Counts.NEVER: lambda label: (Answer.NOT_MET, (f"{label}.",)),
        Counts.OPEN: lambda label: (
            Answer.NOT_EVALUABLE,
            (f"{label}: whether that counts is for the payer; no source read here says so.",),
        ),
    }
)


def _failed_if_adequate(course: Course, label: str, on: date) -> Finding:
    lasted = course.outcome is not Outcome.WORE_OFF
    if lasted and course.relief is not None and course.relief >= MODERATE_RELIEF:
        return Finding(
            Answer.NOT_MET,
            (f"{label}, yet {show_exactly(course.relief)} % relief is recorded: 30 % or more.",),
        )
    computed = adequacy_of(course, on=on).answer
    if computed is not Answer.NOT_EVALUABLE:
        words = "in an adequate course" if computed is Answer.MET else "but the course was not adequate"
        return Finding(computed, (f"{label}, {words}.",))
    if course.stated_adequate is None:
        return Finding(computed, (f"{label}; whether the course was adequate is open.",))
    stated = "was" if course.stated_adequate else "was not"
    answer = Answer.MET if course.stated_adequate else Answer.NOT_MET
    return Finding(answer, (f"{label}; a clinician states that the course {stated} adequate.",))


def failures_by_class(courses: Iterable[Course], *, on: date) -> dict[TherapyClass, Answer]:
    """Of each class in the log, whether one of its courses shows that it failed."""
    found: dict[TherapyClass, list[Answer]] = {}
    for course in courses:
        found.setdefault(course.kind, []).append(failure_of(course, on=on).answer)
    return {kind: any_of(found[kind]) for kind in TherapyClass if kind in found}


def relief_span_words(course: Course) -> str:
    """The expected span of relief beside the recorded one; empty where no span is sourced."""
    if course.kind is not TherapyClass.RADIOFREQUENCY:
        return ""
    low, high = RELIEF_SPAN_MONTHS
    lasted = "not recorded" if course.relief_weeks is None else f"{_shown(course.relief_weeks)} weeks"
    source = f"{RELIEF_SPAN_SOURCE.text} [{RELIEF_SPAN_SOURCE.mark.value}]"
    return f"Relief lasted: {lasted}; expected are {low} to {high} months and more ({source})."
