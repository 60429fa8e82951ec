"""The standing rows of a patient's record, and the facts that they are to a trial."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from apps.patients.models import BeforeTrial, ConservativeTherapy, EligibilityReview, PainRegions, Patient
from sctrial.checklist import REVIEW_FACTS, REVIEW_NUMBER, PsychResult, Review
from sctrial.referral import facts_before_trial
from sctrial.therapies import Course
from sctrial.therapy_table import Outcome, TherapyClass

Row = TypeVar("Row", bound=BeforeTrial)


@dataclass
class Before:
    """Of one patient: the standing therapies, and every version of the review, oldest first."""

    therapies: list[ConservativeTherapy] = field(default_factory=list)
    reviews: list[EligibilityReview] = field(default_factory=list)

    def review_at(self, placed_on: date | None) -> EligibilityReview | None:
        """The newest version made by the day the leads went in: a later one speaks of a later trial.

        What was struck out still takes the place of what it replaced.
        """
        in_time = [row for row in self.reviews if placed_on is None or row.reviewed_on <= placed_on]
        return in_time[-1] if in_time and not in_time[-1].is_void else None

    def eligibility(self, *, on: date, placed_on: date | None) -> dict[str, bool | Fraction]:
        review = self.review_at(placed_on)
        courses = [course_of(row) for row in self.therapies]
        return facts_before_trial(courses, review=review_of(review) if review else None, on=on)

    def attested(self, *, placed_on: date | None) -> dict[str, bool]:
        review = self.review_at(placed_on)
        return dict(review.attested) if review else {}


def standing(model: type[Row], patient: Patient, *, at: datetime | None = None) -> "QuerySet[Row]":
    """Neither superseded nor void, the newest first; with ``at``, as it stood then."""
    rows: QuerySet[Row] = model._default_manager.filter(patient=patient, is_void=False)
    if at is None:
        return rows.filter(superseded_by__isnull=True)
    in_time = rows.filter(recorded_at__lte=at)
    return in_time.filter(Q(superseded_by__isnull=True) | Q(superseded_by__recorded_at__gt=at))


def known_patients() -> QuerySet[Patient]:
    """Without those whose identity was erased."""
    return Patient.objects.exclude(identity__erased_at__isnull=False)


def marked_regions(patient: Patient, *, at: datetime | None = None) -> list[str]:
    """What is marked on the body map, as codes; with ``at``, as it stood then."""
    row = standing(PainRegions, patient, at=at).first()
    return list(row.regions) if row else []


def read_before(patient_ids: Iterable[int]) -> dict[int, Before]:
    """By two statements, however many patients there are."""
    found = {pk: Before() for pk in patient_ids}
    # One array: a parameter a patient costs more than the rows, of which most have none.
    those = RawSQL("SELECT unnest(%s::bigint[])", (list(found),))
    therapies = ConservativeTherapy.objects.filter(
        patient__in=those, superseded_by__isnull=True, is_void=False
    )
    for therapy in therapies.order_by("id"):
        found[therapy.patient_id].therapies.append(therapy)
    for review in EligibilityReview.objects.filter(patient__in=those).order_by("id"):
        found[review.patient_id].reviews.append(review)
    return found


def course_of(row: ConservativeTherapy) -> Course:
    return Course(
        kind=TherapyClass(row.kind),
        agent=row.agent,
        started=row.started_on,
        ended=row.ended_on,
        dose=_exact(row.dose_mg),
        weeks_at_dose=_exact(row.weeks_at_dose),
        blocks=_exact(row.positive_blocks),
        block_relief=_exact(row.block_relief),
        relief=_exact(row.relief),
        relief_weeks=_exact(row.relief_weeks),
        outcome=Outcome(row.outcome) if row.outcome else None,
        stated_adequate=row.stated_adequate,
    )


def review_of(row: EligibilityReview) -> Review:
    facts: dict[str, Any] = {code: getattr(row, code) for code in REVIEW_FACTS}
    facts[REVIEW_NUMBER] = _exact(row.pain_duration_months)
    return Review(
        reviewed_on=row.reviewed_on,
        facts={code: value for code, value in facts.items() if value is not None},
        nothing_untried=row.nothing_untried,
        psych_on=row.psych_on,
        psych_result=PsychResult(row.psych_result) if row.psych_result else None,
        psych_expires_on=row.psych_expires_on,
        attested=row.attested,
    )


def _exact(value: Decimal | int | None) -> Fraction | None:
    return None if value is None else Fraction(value)
