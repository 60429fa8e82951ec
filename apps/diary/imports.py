"""Bring a diary file into the record: all of it or nothing, once, with a report that accounts for every row.

The file is read twice. First every row is judged and nothing is written; only when none is wrong are the
entries stored, in blocks and in one transaction. So a file of any length fits, and no lock is held while
it is judged.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import LockNotAvailable, UniqueViolation

from apps.accounts.models import Clinic
from apps.diary import policies
from apps.diary.importing.mapping import ImportMapping, is_pseudonym
from apps.diary.importing.reading import Progress, check_is_text_table, file_sha256, unheard
from apps.diary.importing.report import ImportReport
from apps.diary.importing.rows import KEY_BYTES, Days, Skipped, Taken, read_patient
from apps.diary.importing.storing import ImportRefused, RowsRefused, Source, Store
from apps.diary.models import DiaryEntry, DiaryImport
from apps.problems import Problem
from apps.trials.models import StimulationTrial

# The day has begun somewhere on Earth this long before UTC sees it.
EARLIEST_ZONE = timedelta(hours=14)

__all__ = ["ImportRefused", "RowsRefused", "import_diary"]


def import_diary(
    path: Path,
    *,
    clinic: Clinic,
    mapping: ImportMapping,
    by: str,
    at: datetime,
    dry_run: bool = False,
    new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    progress: Progress = unheard,
) -> ImportReport:
    """Store the entries of ``path``; raises FileRefused or ImportRefused and then nothing is stored.

    A dry run takes the same road to its end and rolls back.
    """
    check_is_text_table(path)
    patient = _pseudonym(path, mapping=mapping)
    trial = _trial_of(patient, clinic=clinic, mapping=mapping)
    sha256 = file_sha256(path)
    _check_may_import(trial, sha256=sha256, patient=patient, mapping=mapping)
    days = _days(trial, mapping=mapping, at=at)
    source = Source(path, sha256, mapping, patient, days, _known(trial), progress)
    report = _judge(source, clinic=clinic)
    report.dry_run = dry_run
    store = Store(source, report, clinic=clinic, by=by, at=at, new_id=new_id)
    try:
        with transaction.atomic():
            store.run(trial)
            if dry_run:
                transaction.set_rollback(True)
    except (IntegrityError, OperationalError) as error:
        if isinstance(error.__cause__, UniqueViolation | LockNotAvailable):
            raise ImportRefused(f"another import for {patient} is under way: wait for it") from error
        raise
    return report


def _pseudonym(path: Path, *, mapping: ImportMapping) -> str:
    patient = read_patient(path, mapping=mapping)
    if not is_pseudonym(patient):
        raise ImportRefused(
            f"{path.name}: column {mapping.columns.patient!r}: {patient[:40]!r} cannot be a pseudonym: "
            "write up to 40 letters, digits, blanks, dots and dashes, no name of a person"
        )
    return patient


def _trial_of(patient: str, *, clinic: Clinic, mapping: ImportMapping) -> StimulationTrial | None:
    return StimulationTrial.objects.filter(
        clinic=clinic, patient__pseudonym=patient, repeat_number=mapping.repeat_number
    ).first()


def _check_may_import(
    trial: StimulationTrial | None, *, sha256: str, patient: str, mapping: ImportMapping
) -> None:
    which = f"trial {mapping.repeat_number} of {patient}"
    if trial is None:
        if mapping.new_trial is None:
            raise ImportRefused(f"{which} is not known here: correct the patient, or set trial.create = true")
        return
    earlier = DiaryImport.objects.filter(trial=trial, file_sha256=sha256).first()
    if earlier is not None:
        raise ImportRefused(
            f"this file was imported before, on {earlier.imported_at:%Y-%m-%d %H:%M %Z}, "
            f"into trial {trial.pk}: nothing was stored twice"
        )
    if mapping.new_trial is not None:
        raise ImportRefused(f"{which} exists already: set trial.create = false to add this file to it")
    _check_fits(trial, mapping=mapping)


def _check_fits(trial: StimulationTrial, *, mapping: ImportMapping) -> None:
    if trial.scale != mapping.scale.code.value:
        raise ImportRefused(
            f"trial {trial.pk} is kept on {trial.scale}, the mapping declares {mapping.scale.code.value}: "
            "scores of two scales are never mixed"
        )
    try:
        policies.check_can_receive(trial)
    except Problem as problem:
        raise ImportRefused(f"trial {trial.pk} is '{trial.phase}' and takes no more answers") from problem


def _days(trial: StimulationTrial | None, *, mapping: ImportMapping, at: datetime) -> Days:
    facts = trial or mapping.new_trial
    assert facts is not None
    today = (at + EARLIEST_ZONE).date()
    if facts.ended_on is None or facts.ended_on > today:
        return Days(facts.diary_from, today, "the day of this import")
    return Days(facts.diary_from, facts.ended_on, "the end of the trial")


def _known(trial: StimulationTrial | None) -> frozenset[bytes]:
    if trial is None:
        return frozenset()
    stored = DiaryEntry.objects.filter(trial=trial, originator="import").values_list("body_sha256", flat=True)
    return frozenset(bytes.fromhex(sha256)[:KEY_BYTES] for sha256 in stored.iterator())


def _judge(source: Source, *, clinic: Clinic) -> ImportReport:
    report = ImportReport(source.path.name, source.sha256, source.patient, source.mapping.scale.code.value)
    report.clinic = clinic.name
    for row in source.rows():
        if isinstance(row, Taken):
            report.take(row.line, name=row.name, region=row.region, day=row.day)
        elif isinstance(row, Skipped):
            report.skip(row.line, name=row.name, reason=row.reason)
        else:
            report.refuse(row.line, row.complaints)
    if report.wrong:
        raise RowsRefused(report)
    if not report.taken:
        raise ImportRefused(f"{source.path.name}: every row is skipped, so there is nothing to import")
    return report
