"""What was written down about an earlier time: for the review of a clinic's trail.

Listed is what came later than the limit after what it tells of: after the instant of an answer, or in whole
days after a day. What staff wrote down for a patient is listed always. A treatment before the trial tells of
the past by its nature: it is listed where it was written down once leads were in.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, TruncDate

from apps.audit.history import Act
from apps.audit.models import ValueChange
from apps.audit.reviewing import Period
from apps.diary.answer_words import question_words
from apps.diary.models import DiaryAnswer, DiaryEntry, DiaryImport
from apps.patients.models import ConservativeTherapy
from apps.trials.models import StimulationTrial

#: Rows that say on which day something was, and in which column. Their coming is in the trail of values.
DATED: Final[Mapping[str, tuple[str, str]]] = {
    "trials_adverseevent": ("onset_on", "Adverse event"),
    "trials_programinterval": ("started_on", "Stimulation program"),
    "diary_opioiduse": ("day", "Opioid dose"),
    "diary_questionnaireresponse": ("answered_on", "Questionnaire"),
}


@dataclass(frozen=True, slots=True)
class Backdated(Act):
    """``about`` is the time it tells of; ``trial`` is None where it is about the patient."""

    what: str
    about: datetime | date
    patient: int
    pseudonym: str
    trial: UUID | None = None


def backdated(period: Period, *, after: timedelta) -> list[Backdated]:
    """Newest first, by six statements."""
    answers = (row for model in (DiaryEntry, DiaryAnswer) for row in _answers(model, period, after=after))
    rows = [*answers, *_files(period), *_dated(period, after=after), *_therapies(period)]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _answers(
    model: type[DiaryEntry] | type[DiaryAnswer], period: Period, *, after: timedelta
) -> Iterator[Backdated]:
    came = model._default_manager.filter(
        trial__clinic_id=period.clinic, received_at__gte=period.since, received_at__lt=period.until
    ).exclude(originator="import")
    late = came.filter(Q(originator="staff") | Q(received_at__gt=F("captured_at") + after))
    for row in late.select_related("trial__patient"):
        key = f"{row.region}.{row.kind}" if isinstance(row, DiaryEntry) else row.question
        yield Backdated(
            at=row.received_at,
            who=row.entered_by or f"device:{row.device_id}",
            what=question_words(key),
            about=row.captured_at or row.diary_day,
            **_of(row.trial),
        )


def _files(period: Period) -> Iterator[Backdated]:
    """A file is one line however many answers it brought."""
    files = DiaryImport.objects.filter(
        trial__clinic_id=period.clinic, imported_at__gte=period.since, imported_at__lt=period.until
    )
    told = files.annotate(first=Min("entries__diary_day"), brought=Count("entries")).filter(brought__gt=0)
    for row in told.select_related("trial__patient"):
        what = f"{row.brought} answers of a file"
        yield Backdated(row.imported_at, row.imported_by, what, row.first, **_of(row.trial))


def _dated(period: Period, *, after: timedelta) -> Iterator[Backdated]:
    """What was written in one act is one line, with the earliest day."""
    day = Coalesce(*(KeyTextTransform(column, "new") for column, _ in DATED.values()))
    came = ValueChange.objects.filter(
        clinic_id=period.clinic,
        operation="INSERT",
        table__in=list(DATED),
        at__gte=period.since,
        at__lt=period.until,
    ).annotate(day=Cast(day, DateField()), written_on=TruncDate("at", tzinfo=period.zone))
    latest = ExpressionWrapper(F("day") + Value(after), output_field=DateTimeField())
    late = list(came.filter(written_on__gt=latest))
    ids = {row.new["trial_id"] for row in late if row.new}
    trials = {
        str(trial.pk): trial
        for trial in StimulationTrial.objects.filter(pk__in=ids).select_related("patient")
    }
    together: dict[tuple[str, str, int], list[Any]] = defaultdict(list)
    for row in late:
        together[(row.new or {})["trial_id"], row.table, row.transaction].append(row)
    for (trial, table, _), rows in together.items():
        what = DATED[table][1] + (f", {len(rows)} rows" if len(rows) > 1 else "")
        first = min(row.day for row in rows)
        yield Backdated(rows[0].at, rows[0].actor, what, first, **_of(trials[trial]))


def _therapies(period: Period) -> Iterator[Backdated]:
    placed = StimulationTrial.objects.filter(
        patient=OuterRef("patient"), lead_placed_on__lt=OuterRef("written_on")
    )
    came = ConservativeTherapy.objects.filter(
        patient__clinic_id=period.clinic,
        recorded_at__gte=period.since,
        recorded_at__lt=period.until,
        is_void=False,
        started_on__isnull=False,
    ).annotate(
        written_on=TruncDate("recorded_at", tzinfo=period.zone), about=Coalesce("ended_on", "started_on")
    )
    for row in came.filter(Exists(placed)).select_related("patient"):
        what, about = f"Treatment: {row.get_kind_display()}", row.about
        yield Backdated(
            row.recorded_at, row.recorded_by, what, about, patient=row.patient_id, pseudonym=str(row.patient)
        )


def _of(trial: StimulationTrial) -> Any:
    return {"trial": trial.pk, "patient": trial.patient_id, "pseudonym": str(trial.patient)}
