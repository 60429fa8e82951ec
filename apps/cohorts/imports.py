"""Import a table of outcomes: all of it or nothing; and what a cohort makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from django.db import IntegrityError, transaction

from apps.accounts.models import Clinic
from apps.audit.services import record
from apps.cohorts.importing.mapping import CohortMapping
from apps.cohorts.importing.outcomes import CohortReport, Reader
from apps.cohorts.importing.redcap import Dictionary, check_against
from apps.cohorts.models import OutcomeLine, OutcomeTable
from apps.diary.importing.reading import (
    FileRefused,
    Progress,
    check_columns,
    check_is_text_table,
    file_sha256,
    read_header,
    read_records,
)
from sctrial.cohort import Outcome, compute_responder_curve
from sctrial.intervals import Count, Proportion, compute_proportion
from sctrial.kleene import Answer

LINES_AT_ONCE = 2000


class RowsRefused(ValueError):
    """Some rows are wrong, so nothing was stored; the report names every one of them."""

    def __init__(self, report: CohortReport) -> None:
        super().__init__(report.complaints())
        self.report = report


def read_outcomes(
    path: Path, *, mapping: CohortMapping, dictionary: Dictionary | None, progress: Progress
) -> Reader:
    """Everybody in the file. Raises FileRefused, and RowsRefused when a row is wrong."""
    check_is_text_table(path)
    records = read_records(path, delimiter=mapping.delimiter.value, progress=progress)
    titles = read_header(records, name=path.name)
    if dictionary is not None:
        check_against(dictionary, mapping, titles=titles)
    ignored = titles if dictionary is not None else mapping.columns.ignore
    check_columns(titles, used=mapping.columns.used, ignored=ignored, name=path.name)
    reader = Reader(mapping, titles, dictionary)
    reader.read(records)
    if reader.report.wrong_rows:
        raise RowsRefused(reader.report)
    if not reader.people:
        raise FileRefused(f"{path.name}: no row of it was taken: correct keep, skip and times in the mapping")
    return reader


class StoredAlready(FileRefused):
    """The very file, for the same clinic."""


@transaction.atomic
def import_cohort(
    path: Path,
    *,
    clinic: Clinic,
    mapping: CohortMapping,
    dictionary: Dictionary | None,
    by: str,
    at: datetime,
    progress: Progress,
) -> OutcomeTable:
    """Read and store; a wrong row, or a file that is stored already, stores nothing."""
    reader = read_outcomes(path, mapping=mapping, dictionary=dictionary, progress=progress)
    table = OutcomeTable(
        clinic=clinic,
        name=mapping.name,
        source=mapping.source,
        licence=mapping.licence,
        outcome=mapping.outcome,
        file_name=path.name,
        file_sha256=file_sha256(path),
        mapping=mapping.text,
        report=reader.report.as_json(),
        imported_at=at,
        imported_by=by,
    )
    try:
        with transaction.atomic():
            table.save()
    except IntegrityError:
        raise StoredAlready(f"{path.name} is stored for {clinic} already, byte for byte") from None
    lines = (
        OutcomeLine(
            table=table,
            subject=person.subject,
            arm=person.arm,
            before=person.before,
            after=person.after,
            line=person.line,
        )
        for person in reader.people.values()
    )
    OutcomeLine.objects.bulk_create(lines, batch_size=LINES_AT_ONCE)
    record(
        action="import",
        object_type="outcome_table",
        object_id=table.pk,
        by=by,
        at=at,
        clinic_id=clinic.pk,
        detail={"file_sha256": table.file_sha256, "people": len(reader.people)},
    )
    return table


def outcomes_of(table: OutcomeTable) -> dict[str, list[Outcome]]:
    """By arm, as a cohort sees them: the means are the two visits; nothing was judged under a rule."""
    arms: dict[str, list[Outcome]] = {}
    for line in table.lines.all():
        before, after = (None if one is None else Fraction(one) for one in (line.before, line.after))
        outcome = Outcome(line.subject, Answer.NOT_EVALUABLE, before, after)
        arms.setdefault(line.arm, []).append(outcome)
    return dict(sorted(arms.items()))


@dataclass(frozen=True, slots=True)
class ArmResult:
    """Responders with drop-outs counted as failures; the mean after treatment of those who have one."""

    people: int
    responders: Proportion
    after_n: int
    after_mean: Fraction | None


def results_of(table: OutcomeTable, *, percent: int) -> Mapping[str, ArmResult]:
    """By arm; a responder's score fell by at least ``percent``."""
    return {arm: _result(outcomes, percent=percent) for arm, outcomes in outcomes_of(table).items()}


def _result(outcomes: list[Outcome], *, percent: int) -> ArmResult:
    curve = compute_responder_curve(outcomes, cut_offs=[percent], missing_as_nonresponders=True)
    after = [one.trial_mean for one in outcomes if one.trial_mean is not None]
    return ArmResult(
        people=len(outcomes),
        responders=compute_proportion(Count(curve.points[0].count, len(outcomes))),
        after_n=len(after),
        after_mean=sum(after, Fraction()) / len(after) if after else None,
    )


def decimal_of(value: Fraction) -> Decimal:
    """For printing: two decimals, half away from zero."""
    hundredths = int(abs(value) * 100 + Fraction(1, 2))
    return Decimal(hundredths if value >= 0 else -hundredths) / 100
