"""The writing half of an import: trial, import, entries, version and trace, in the caller's transaction."""

import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

from django.db import connection

from apps.accounts.models import Clinic
from apps.audit.services import record
from apps.diary.importing.mapping import UNSTATED, ImportMapping, NewTrial
from apps.diary.importing.reading import FileRefused, Progress, file_sha256
from apps.diary.importing.report import ImportReport
from apps.diary.importing.rows import Days, Skipped, Taken, Wrong, read_rows
from apps.diary.models import DiaryEntry, DiaryImport
from apps.patients.erased import Erased, hold_known
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial
from apps.trials.policies import CannotChange
from apps.trials.services import add_trial, touch_evidence
from sctrial.phases import Phase

BLOCK = 2000
NAME_LENGTH = 200


class ImportRefused(ValueError):
    """Nothing was stored; the message says why and what to do."""


class RowsRefused(ImportRefused):
    """Some rows are wrong; ``report`` names all of them."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__(
            f"{report.file_name}: {report.wrong_rows} of {report.rows} rows are wrong, nothing was stored.\n"
            f"{report.complaints()}"
        )
        self.report = report


@dataclass(frozen=True)
class Source:
    """A file with everything that judging its rows needs."""

    path: Path
    sha256: str
    mapping: ImportMapping
    patient: str
    days: Days
    known: Collection[bytes]
    progress: Progress

    def rows(self) -> Iterator[Taken | Skipped | Wrong]:
        return read_rows(
            self.path,
            mapping=self.mapping,
            patient=self.patient,
            days=self.days,
            known=self.known,
            progress=self.progress,
        )

    def entries(self) -> Iterator[Taken]:
        return (row for row in self.rows() if isinstance(row, Taken))


@dataclass
class Store:
    """The writing half, inside one transaction of the caller."""

    source: Source
    report: ImportReport
    clinic: Clinic
    by: str
    at: datetime
    new_id: Callable[[], uuid.UUID]

    def run(self, existing: StimulationTrial | None) -> None:
        try:
            trial = self._new_trial() if existing is None else self._locked(existing)
        except (Erased, CannotChange) as refused:
            raise ImportRefused(str(refused)) from None
        self.report.trial_id = str(trial.pk)
        diary_import = DiaryImport.objects.create(
            trial=trial,
            file_name=self.source.path.name[:NAME_LENGTH],
            file_sha256=self.source.sha256,
            mapping=self.source.mapping.text,
            report=self.report.as_json(),
            imported_at=self.at,
            imported_by=self.by,
        )
        self._write_entries(diary_import)
        touch_evidence(trial.pk)
        self._leave_trace(diary_import, created=existing is None)

    def _locked(self, trial: StimulationTrial) -> StimulationTrial:
        hold_known(trial.patient_id, so="nothing is imported")
        now = StimulationTrial.objects.select_for_update(no_key=True).get(pk=trial.pk)
        facts = ("diary_from", "ended_on", "scale", "phase")
        if any(getattr(now, name) != getattr(trial, name) for name in facts):
            raise ImportRefused(f"trial {trial.pk} was changed while the file was read: run the import again")
        return now

    def _write_entries(self, diary_import: DiaryImport) -> None:
        entries = (self._entry(row, diary_import) for row in self.source.entries())
        while block := list(islice(entries, BLOCK)):
            DiaryEntry.objects.bulk_create(block)
            # Foreign keys are checked now: left to the commit, a long file would exceed its time-out.
            connection.check_constraints()
        if file_sha256(self.source.path) != self.source.sha256:
            raise FileRefused(f"{self.source.path.name} changed while it was read: run the import again")

    def _entry(self, row: Taken, diary_import: DiaryImport) -> DiaryEntry:
        mapping, stamp = self.source.mapping, row.stamp
        return DiaryEntry(
            id=self.new_id(),
            trial_id=diary_import.trial_id,
            region=row.region,
            kind=mapping.kind.value,
            scale=mapping.scale.code.value,
            value=row.units,
            diary_day=row.day,
            captured_at=None if stamp is None else stamp.instant,
            zone="" if mapping.zone == UNSTATED else mapping.zone,
            utc_offset_minutes=None if stamp is None else stamp.utc_offset_minutes,
            received_at=self.at,
            originator="import",
            diary_import=diary_import,
            line=row.line,
            instrument_version=mapping.instrument_version,
            body_sha256=row.body_sha256,
        )

    def _new_trial(self) -> StimulationTrial:
        mapping, facts = self.source.mapping, self.source.mapping.new_trial
        assert facts is not None
        dates = _dates(facts, report=self.report, today=self.at.date())
        patient, _ = Patient.objects.get_or_create(
            clinic=self.clinic,
            pseudonym=self.source.patient,
            defaults={
                "zone": self.clinic.zone if mapping.zone == UNSTATED else mapping.zone,
                "created_at": self.at,
            },
        )
        trial = StimulationTrial(
            id=self.new_id(),
            clinic=self.clinic,
            patient=patient,
            repeat_number=mapping.repeat_number,
            scale=mapping.scale.code.value,
            modality=facts.modality,
            target_area=facts.target_area,
            rule_set_id=facts.rule_set,
            baseline_window=facts.baseline_window,
            trial_window=facts.trial_window,
            several=facts.several,
            phase=Phase.DECISION_PENDING.value if facts.end_reason else Phase.TRIAL_ACTIVE.value,
            end_reason=facts.end_reason,
            created_at=self.at,
            **dates,
        )
        add_trial(trial)
        return trial

    def _leave_trace(self, diary_import: DiaryImport, *, created: bool) -> None:
        record(
            action="import",
            object_type="diary_import",
            object_id=diary_import.pk,
            by=self.by,
            at=self.at,
            clinic_id=self.clinic.pk,
            detail={
                "trial": self.report.trial_id,
                "trial_created": created,
                "file_sha256": self.source.sha256,
                "taken": self.report.taken_rows,
                "skipped": self.report.skipped_rows,
            },
        )


def _dates(facts: NewTrial, *, report: ImportReport, today: date) -> dict[str, date | None]:
    """The dates of a trial that the import makes, from the mapping and the ends of the diary."""
    first, last = facts.diary_from or report.first_day, report.last_day
    assert first is not None
    assert last is not None
    leads = facts.lead_placed_on or first + timedelta(days=facts.baseline_days or 0)
    ended = (facts.ended_on or last) if facts.end_reason else None
    faults = {
        f"leads placed on {leads}, before the diary begins on {first}": leads < first,
        f"leads placed on {leads}, after the day of this import": leads > today,
        f"the trial ends on {ended}, before the leads of {leads}": ended is not None and ended < leads,
    }
    for fault, is_so in faults.items():
        if is_so:
            raise ImportRefused(f"{fault}: correct the dates under [trial] in the mapping")
    return {"diary_from": first, "lead_placed_on": leads, "ended_on": ended}
