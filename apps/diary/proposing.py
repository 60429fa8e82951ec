"""Propose a diary file for import: it is judged as the command judges it, kept as it came, and not imported.

What it would do is told by a dry run of the import itself, each time anew: no second reader of files.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.db import transaction

from apps.accounts.models import Clinic, User
from apps.audit.reasons import LEAST_READABLE, LONGEST
from apps.audit.services import record
from apps.diary.importing.mapping import ImportMapping, read_mapping
from apps.diary.importing.reading import FileRefused
from apps.diary.importing.report import ImportReport
from apps.diary.imports import ImportRefused, RowsRefused, import_diary
from apps.diary.models import ImportProposal
from apps.patients.erased import Erased, hold_known
from apps.patients.models import Patient
from sctrial.seal import canonical_json
from sctrial.strict import DocumentError

#: Judged and stored while a browser waits. The command takes files of any length.
MOST_BYTES: Final = 1_000_000
MOST_LINES: Final = 5_000
MOST_MAPPING: Final = 100_000
#: As file systems count a name, with room for what the platform adds.
LONGEST_NAME: Final = 200
OBJECT: Final = ImportProposal._meta.model_name or ""
PROPOSE: Final = "propose_import"
BIG: Final = "split it, or ask who runs the service to import it by the command"

Report = dict[str, Any]


class CannotPropose(ValueError):
    """Nothing was kept; the message is fit for the user. ``report`` names the wrong rows, where rows are."""

    def __init__(self, message: str, *, report: Report | None = None) -> None:
        super().__init__(message)
        self.report = report


@dataclass(frozen=True, slots=True)
class Given:
    """A diary file and its mapping, as they came."""

    name: str
    content: bytes
    mapping_name: str
    mapping: bytes


@dataclass(frozen=True, slots=True)
class Foretold:
    """What an import would do now, or why it cannot be; wrong rows stand in the report of both."""

    report: Report | None
    why_not: str = ""

    @property
    def digest(self) -> str:
        return "" if self.report is None or self.why_not else digest_of(self.report)


def digest_of(report: Report) -> str:
    return hashlib.sha256(canonical_json(report)).hexdigest()


def kept_name(name: str) -> str:
    """A name that any folder and any report can hold."""
    printable = "".join(letter for letter in name if letter.isprintable() and letter not in "/\\")
    cut = printable.encode()[:LONGEST_NAME].decode(errors="ignore").strip(". ")
    return cut or "file"


def propose_import(
    given: Given, *, clinic: Clinic, source: str, by: User, at: datetime, request_id: str = ""
) -> ImportProposal:
    """Raises CannotPropose, and nothing is kept."""
    check_words(source)
    report = judge(given, clinic=clinic, by=by, at=at)
    said: dict[str, Any] = {"source": source.strip(), "proposed_by": by, "proposed_at": at}
    row = ImportProposal(clinic=clinic, report=report, **said, **_files(given))
    keep_proposal(row, request_id=request_id)
    return row


@transaction.atomic
def keep_proposal(row: ImportProposal, *, request_id: str = "") -> None:
    """What may have changed since it was judged is asked again. Raises CannotPropose."""
    _hold_known(row.clinic, row.report["patient"])
    # Of two who propose one file at once the second waits here, and is told.
    Clinic.objects.select_for_update(no_key=True).get(pk=row.clinic_id)
    waiting = ImportProposal.objects.filter(clinic=row.clinic, outcome="")
    if waiting.filter(file_sha256=row.file_sha256).exists():
        raise CannotPropose(f"{row} waits already: look for it in the list of proposed imports")
    row.save(force_insert=True)
    tell(row, PROPOSE, by=row.proposed_by, at=row.proposed_at, reason=row.source, request_id=request_id)


def _files(given: Given) -> dict[str, Any]:
    mapping = given.mapping.decode("utf-8-sig")
    return {
        "file_name": kept_name(given.name),
        "file": given.content,
        "file_sha256": hashlib.sha256(given.content).hexdigest(),
        "mapping_name": kept_name(given.mapping_name),
        "mapping": mapping,
        "mapping_sha256": hashlib.sha256(mapping.encode()).hexdigest(),
    }


def check_words(text: str) -> None:
    """Raises CannotPropose."""
    if len("".join(text.split())) < LEAST_READABLE:
        raise CannotPropose(
            f"source: say from where the file is and why, in {LEAST_READABLE} characters or more"
        )
    if len(text.strip()) > LONGEST:
        raise CannotPropose(f"source: say it in at most {LONGEST} characters")


def judge(given: Given, *, clinic: Clinic, by: User, at: datetime) -> Report:
    """What an import would do. Raises CannotPropose."""
    _check_size(given)
    try:
        mapping = mapping_of(given)
        return told(run_import(given, mapping, clinic=clinic, by=by, at=at, dry_run=True), mapping)
    except RowsRefused as refused:
        raise CannotPropose(str(refused).partition("\n")[0], report=refused.report.as_json()) from None
    except (FileRefused, ImportRefused, DocumentError) as refused:
        raise CannotPropose(str(refused)) from None


def foretell(row: ImportProposal, *, by: User, at: datetime) -> Foretold:
    """What a proposal would do to the record as it is at this moment."""
    try:
        return Foretold(judge(given_of(row), clinic=row.clinic, by=by, at=at))
    except CannotPropose as refused:
        return Foretold(refused.report, str(refused))


def given_of(row: ImportProposal) -> Given:
    return Given(row.file_name, bytes(row.file), row.mapping_name, row.mapping.encode())


def run_import(
    given: Given, mapping: ImportMapping, *, clinic: Clinic, by: User, at: datetime, dry_run: bool
) -> ImportReport:
    with _on_disk(given) as path:
        return import_diary(path, clinic=clinic, mapping=mapping, by=f"staff:{by.pk}", at=at, dry_run=dry_run)


def told(report: ImportReport, mapping: ImportMapping) -> Report:
    """The same for a dry run and for the import after it: a new trial has no number before it is made."""
    same = {"dry_run": True, "import": None}
    return report.as_json() | same | ({"trial": ""} if mapping.new_trial else {})


def mapping_of(given: Given) -> ImportMapping:
    """Raises DocumentError."""
    name = kept_name(given.mapping_name)
    try:
        return read_mapping(given.mapping.decode("utf-8-sig"), origin=name)
    except UnicodeDecodeError:
        raise DocumentError(f"{name}: not UTF-8 text: save the mapping as UTF-8") from None


def tell(
    row: ImportProposal,
    action: str,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    request_id: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Digests and counts; the file itself stays in its row."""
    rows = row.report["rows"]
    record(
        action=action,
        object_type=OBJECT,
        object_id=row.pk,
        by=f"staff:{by.pk}",
        at=at,
        clinic_id=row.clinic_id,
        reason=reason,
        request_id=request_id,
        detail={
            "file_sha256": row.file_sha256,
            "mapping_sha256": row.mapping_sha256,
            "taken": rows["taken"],
            "skipped": rows["skipped"],
        }
        | (detail or {}),
    )


def _check_size(given: Given) -> None:
    """Raises CannotPropose before anything is read."""
    lines = max(given.content.count(end) for end in (b"\n", b"\r"))
    name = kept_name(given.name)
    if len(given.content) > MOST_BYTES:
        raise CannotPropose(f"{name} has more than {MOST_BYTES:,} bytes: {BIG}")
    if lines > MOST_LINES:
        raise CannotPropose(f"{name} has {lines:,} lines, and at most {MOST_LINES:,} are taken: {BIG}")
    if len(given.mapping) > MOST_MAPPING:
        name = kept_name(given.mapping_name)
        raise CannotPropose(f"{name} has more than {MOST_MAPPING:,} bytes: this is no mapping")


def _hold_known(clinic: Clinic, pseudonym: str) -> None:
    """Nothing new is kept about somebody who was erased, also not at this moment. Raises CannotPropose."""
    patient = Patient.objects.filter(clinic=clinic, pseudonym=pseudonym).first()
    if patient is None:
        return
    try:
        hold_known(patient.pk, so="nothing is imported")
    except Erased as refused:
        raise CannotPropose(str(refused)) from None


@contextmanager
def _on_disk(given: Given) -> Iterator[Path]:
    """The import reads a file twice, and its reports name it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / kept_name(given.name)
        path.write_bytes(given.content)
        yield path
