"""What the figures are made of: rows and days of a question, and the last visit after each implant."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import Any, Final

import pandas as pd
from django.db.models import F, JSONField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from apps.audit.models import AuditEvent
from apps.cohorts.cohort import Cohort
from apps.cohorts.frames import frames_of, read_cohort, records_of
from apps.cohorts.question import CohortQuestion
from apps.cohorts.reports.frames import read_days
from apps.cohorts.trial_rows import ages_of, number_of
from apps.outcomes.models import Signature
from apps.outcomes.standing import standing_decisions
from apps.reading import one_reading
from apps.trials.models import FollowUp
from apps.workspace.permissions import Access
from sctrial.aftercare import relief_left
from sctrial.choices import Meaning
from sctrial.cohort import Outcome
from sctrial.kleene import Answer
from sctrial.phases import EndReason, Phase
from sctrial.scales import SCALES, ScaleCode

TABLES = ("subjects", "events")
#: A stored mean is a sum of whole scores over some days: its nearest fraction of this size is exactly it.
LARGEST_DENOMINATOR = 100_000
#: Study ids are keyed digests, so their order is chance.
BY_STUDY_ID: Final = "the first by study id, which says nothing of how they went. The table counts all."
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """What stood on the screen when the standing decision was signed."""

    rule_set: str
    answer: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """From which phase a trial was cancelled, and why, in the words of who did it."""

    phase: str
    reason: str


@dataclass(frozen=True)
class Material:
    """``trials`` as records, None being missing; by trial id ``last_pain``, in points, and ``signed``.

    ``days`` of average target pain and days with a ``closed`` window are those of ``frames``.
    """

    as_of: date
    trials: Sequence[Row]
    subjects: pd.DataFrame
    days: pd.DataFrame
    events: pd.DataFrame
    closed: pd.DataFrame
    last_pain: Mapping[str, Fraction]
    signed: Mapping[str, Signed] = field(default_factory=dict)
    #: The scale that the question asks for, if it does.
    asked_scale: str = ""
    cancelled: Mapping[str, Cancelled] = field(default_factory=dict)
    #: In years, by study id.
    ages: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, question: CohortQuestion, *, access: Access, at: datetime) -> "Material":
        """Raises BadQuestion."""
        with one_reading():
            cohort = read_cohort(question, access=access, at=at)
            tables = frames_of(cohort, names=TABLES)
            days, closed = read_days(cohort)
            return cls(
                at.date(),
                records_of(cohort, name="trials"),
                subjects=tables["subjects"],
                days=days,
                events=tables["events"],
                closed=closed,
                last_pain=_last_pain(cohort),
                signed=_signed(cohort),
                asked_scale=question.scale,
                cancelled=_cancelled(cohort),
                ages=ages_of(cohort),
            )

    @cached_property
    def outcomes(self) -> list[Outcome]:
        return [outcome_of(row) for row in self.trials]

    @cached_property
    def scale(self) -> str:
        """The one scale of every figure in points: the one asked for, or that of the most trials."""
        sizes = Counter(row["scale"] for row in self.trials)
        return self.asked_scale or max(SCALES, key=lambda code: sizes[code]).value

    @cached_property
    def on_scale(self) -> Sequence[Row]:
        return [row for row in self.trials if row["scale"] == self.scale]

    @cached_property
    def days_on_scale(self) -> pd.DataFrame:
        return self.days[self.days["trial_id"].isin([row["trial_id"] for row in self.on_scale])]

    def still_responds(self, row: Row) -> bool | None:
        """At the last visit half of the baseline pain was gone; None without a visit or a percent."""
        return relief_left(
            exact(row["baseline_mean"]), pain=self.last_pain.get(row["trial_id"])
        ).still_substantial


@lru_cache(maxsize=1 << 16)
def exact(value: float | None) -> Fraction | None:
    """The mean that a float column came from."""
    return None if value is None else Fraction(value).limit_denominator(LARGEST_DENOMINATOR)


def outcome_of(row: Row) -> Outcome:
    return Outcome(
        row["trial_id"],
        Answer(row["answer"]) if row["answer"] else Answer.NOT_EVALUABLE,
        exact(row["baseline_mean"]),
        exact(row["trial_mean"]),
        row["end_reason"] == EndReason.TECHNICAL_FAILURE,
    )


def _last_pain(cohort: Cohort) -> dict[str, Fraction]:
    visits = FollowUp.objects.filter(implant__trial__in=cohort.among, pain__isnull=False)
    found = {}
    for trial, pain in visits.order_by("seen_on", "id").values_list("implant__trial_id", "pain"):
        found[cohort.trial_names[trial]] = _points(cohort.by_id[trial]["scale"], pain)
    return found


@cache
def _points(scale: str, units: int) -> Fraction:
    # A scale has few answers and a cohort many of each.
    return SCALES[ScaleCode(scale)].from_units(units)


def _cancelled(cohort: Cohort) -> dict[str, Cancelled]:
    """Out of the trail: the trial itself says only that it is cancelled."""
    names = {
        str(facts["id"]): cohort.trial_names[facts["id"]]
        for facts in cohort.facts
        if facts["phase"] == Phase.CANCELLED
    }
    moves = AuditEvent.objects.filter(
        object_type="trial", object_id__in=names, action="move", detail__to=Phase.CANCELLED.value
    )
    found = moves.order_by("id").values_list("object_id", "detail__from", "reason")
    return {names[trial]: Cancelled(phase, reason) for trial, phase, reason in found}


def _signed(cohort: Cohort) -> dict[str, Signed]:
    """Out of the sealed documents themselves: an assessment may be made anew, a document is not."""
    rows = Signature.objects.filter(
        meaning=Meaning.DECIDED.value, decision__in=standing_decisions().filter(trial__in=cohort.among)
    ).annotate(sealed=Cast("document", JSONField()))
    found = rows.annotate(
        answer=KT("sealed__decision__shown__answer"),
        probability=KT("sealed__decision__shown__certainty__probability"),
        trial=F("decision__trial_id"),
        rule_set=F("decision__assessment__rule_set_id"),
    ).values_list("trial", "rule_set", "answer", "probability")
    return {
        cohort.trial_names[trial]: Signed(rule_set, answer, number_of(probability))
        for trial, rule_set, answer, probability in found
    }
