"""From the log of treatments and the review to the facts that payers' rules ask for."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from sctrial.checklist import Review
from sctrial.kleene import Answer, all_of
from sctrial.therapies import Course, failures_by_class
from sctrial.therapy_table import TherapyClass

_LONGEST_MONTH: Final = 31
_MONTHS_A_YEAR: Final = 12
_TENTHS: Final = 10
_ONE_DAY: Final = timedelta(days=1)


def facts_before_trial(
    courses: Sequence[Course], *, review: Review | None, on: date
) -> dict[str, bool | Fraction]:
    """Facts by code as ``on`` knows them, the day the leads go in. What is not known is left out."""
    begun = [course for course in courses if course.started is None or course.started <= on]
    found: dict[str, bool | Fraction | None] = dict(review.facts) if review else {}
    if begun:
        found["prior_therapy_documented"] = True
        found["conservative_care_months"] = care_months(begun, on=on)
    if review is not None:
        found["other_treatments_exhausted"] = exhausted(begun, review=review, on=on)
        found["psych_evaluation"] = True if review.psych_on else None
        found["psych_clearance"] = review.clearance(on)
    return {code: value for code, value in found.items() if value is not None}


def exhausted(courses: Iterable[Course], *, review: Review, on: date) -> bool | None:
    """Whether other treatments failed: stated by the review *and* shown by each class of the log.

    Without a course in the log nothing is shown. The statement never stands for a course.
    """
    shown = tuple(failures_by_class(courses, on=on).values()) or (Answer.NOT_EVALUABLE,)
    return _AS_FACT[all_of((_AS_ANSWER[review.nothing_untried], *shown))]


_AS_ANSWER: Final = {True: Answer.MET, False: Answer.NOT_MET, None: Answer.NOT_EVALUABLE}
_AS_FACT: Final = {answer: fact for fact, answer in _AS_ANSWER.items()}


def care_months(courses: Iterable[Course], *, on: date) -> Fraction:
    """Months of conservative care, operations left out: a definition of this project.

    The longer of two counts, neither of which says too much: whole calendar months of the longest unbroken
    span, and all days with care at 31 days a month, in tenths of a month rounded down.
    """
    spans = _merged(_spans(courses, on))
    days = sum((last - first).days + 1 for first, last in spans)
    unbroken = max((_whole_months(first, last) for first, last in spans), default=0)
    return max(Fraction(days * _TENTHS // _LONGEST_MONTH, _TENTHS), Fraction(unbroken))


def _spans(courses: Iterable[Course], on: date) -> list[tuple[date, date]]:
    return sorted(
        (course.started, course.until(on))
        for course in courses
        if course.kind is not TherapyClass.SURGERY and course.started is not None and course.started <= on
    )


def _merged(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    merged: list[tuple[date, date]] = []
    for first, last in spans:
        if merged and first <= merged[-1][1] + _ONE_DAY:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _whole_months(first: date, last: date) -> int:
    after = last + _ONE_DAY
    months = (after.year - first.year) * _MONTHS_A_YEAR + after.month - first.month
    return months - 1 if after.day < first.day else months
