"""A diary file is proposed: judged as the command judges it, kept byte for byte, and not imported."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent, ValueChange
from apps.diary.importing.mapping import read_mapping
from apps.diary.imports import import_diary
from apps.diary.models import DiaryEntry, DiaryImport, ImportProposal
from apps.diary.proposing import (
    LONGEST_NAME,
    MOST_BYTES,
    MOST_LINES,
    MOST_MAPPING,
    CannotPropose,
    foretell,
    keep_proposal,
    kept_name,
    propose_import,
)
from apps.patients.erasing import erase_identity
from apps.patients.models import Patient, PatientIdentity
from apps.trials.models import StimulationTrial
from tests.apps.diary.imported import CSV, MAPPING, changed, load, write
from tests.factories import NOW, make_patient, make_trial
from tests.factories.imports import SOURCE, given, make_import_proposal

ADDED = changed(MAPPING, {MAPPING[MAPPING.index("create = true") :]: "create = false\n"})


def refusal(clinic: Clinic, by: User, *, source: str = SOURCE, **files: Any) -> str:
    with pytest.raises(CannotPropose) as refused:
        propose_import(given(**files), clinic=clinic, source=source, by=by, at=NOW)
    assert not ImportProposal.objects.exists()
    return str(refused.value)


def test_the_bytes_and_what_they_would_do_are_kept_and_nothing_is_imported(
    clinic: Clinic, coordinator: User
) -> None:
    row = make_import_proposal(clinic, by=coordinator)

    row.refresh_from_db()
    assert bytes(row.file) == CSV.encode()
    assert row.file_sha256 == hashlib.sha256(CSV.encode()).hexdigest()
    assert (row.mapping, row.mapping_sha256) == (MAPPING, hashlib.sha256(MAPPING.encode()).hexdigest())
    assert (row.proposed_by, row.proposed_at, row.source) == (coordinator, NOW, SOURCE)
    assert row.report["rows"] == {"read": 5, "taken": 4, "skipped": 1, "wrong": 0}
    stored = (Patient, StimulationTrial, DiaryImport, DiaryEntry)
    assert [model.objects.count() for model in stored] == [0, 0, 0, 0]


def test_it_leaves_an_event_with_digests_and_counts_and_no_cell(clinic: Clinic, coordinator: User) -> None:
    row = make_import_proposal(clinic, by=coordinator)

    event = AuditEvent.objects.get(action="propose_import")
    assert (event.object_type, event.object_id, event.clinic_id) == ("importproposal", str(row.pk), clinic.pk)
    assert (event.actor, event.reason) == (f"staff:{coordinator.pk}", SOURCE)
    assert event.detail == {
        "file_sha256": row.file_sha256,
        "mapping_sha256": row.mapping_sha256,
        "taken": 4,
        "skipped": 1,
    }


def test_the_trail_of_values_holds_digests_and_neither_file_nor_mapping(clinic: Clinic) -> None:
    row = make_import_proposal(clinic)

    kept = ValueChange.objects.get(table="diary_importproposal").new
    assert kept is not None
    assert kept["file_sha256"] == row.file_sha256
    assert kept.keys().isdisjoint({"file", "mapping", "report"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"x" * (MOST_BYTES + 1), "has more than 1,000,000 bytes: split it, or ask who runs the service"),
        (b"\n" * (MOST_LINES + 1), "has 5,001 lines, and at most 5,000 are taken: split it"),
        (b"\r" * (MOST_LINES + 1), "has 5,001 lines"),
    ],
    ids=["bytes", "lines", "old line ends"],
)
def test_a_file_that_is_too_long_is_refused_unread(
    clinic: Clinic, coordinator: User, content: bytes, says: str
) -> None:
    assert says in refusal(clinic, coordinator, content=content)


def test_a_mapping_that_is_too_long_or_no_text_is_refused(clinic: Clinic, coordinator: User) -> None:
    assert "this is no mapping" in refusal(clinic, coordinator, mapping=b"#" * (MOST_MAPPING + 1))
    assert "mapping.toml: not UTF-8 text" in refusal(clinic, coordinator, mapping=b"\xff\xfe")


@pytest.mark.parametrize(("source", "says"), [("", "say from where"), (" a b ", "3"), ("x" * 201, "200")])
def test_it_is_said_from_where_the_file_is(clinic: Clinic, coordinator: User, source: str, says: str) -> None:
    assert says in refusal(clinic, coordinator, source=source)


def test_a_file_waits_once(clinic: Clinic, other_clinic: Clinic, coordinator: User) -> None:
    make_import_proposal(clinic)

    with pytest.raises(CannotPropose, match=r"diary\.csv waits already: look for it in the list"):
        make_import_proposal(clinic, by=coordinator)

    make_import_proposal(other_clinic)
    assert ImportProposal.objects.count() == 2


def test_what_it_would_do_is_made_anew_against_the_record(clinic: Clinic, tmp_path: Path) -> None:
    trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic))
    mapping = changed(ADDED, {"P-7": trial.patient.pseudonym})
    longer = make_import_proposal(clinic, content=CSV + "Left leg,2026-10-04,2\n", mapping=mapping)
    same = make_import_proposal(clinic, mapping=mapping)
    assert longer.report["rows"]["taken"] == 4 + 1

    read = read_mapping(mapping, origin="mapping.toml")
    import_diary(write(tmp_path, CSV), clinic=clinic, mapping=read, by="job:test", at=NOW)

    does = foretell(longer, by=longer.proposed_by, at=NOW)
    assert does.report is not None
    assert (does.report["rows"]["taken"], does.report["trial"], does.why_not) == (1, str(trial.pk), "")
    assert "this file was imported before" in foretell(same, by=same.proposed_by, at=NOW).why_not


def test_nothing_is_kept_about_somebody_who_was_erased(clinic: Clinic, coordinator: User) -> None:
    patient = make_patient(clinic=clinic)
    PatientIdentity.objects.create(patient=patient, full_name="Made-up Max")
    erase_identity(patient, by="staff:7", at=NOW, reason_code="asked", words="letter of 9 October")

    mapping = changed(MAPPING, {"P-7": patient.pseudonym})
    assert "The identity of this patient was erased" in refusal(clinic, coordinator, mapping=mapping)


def test_nothing_is_kept_about_somebody_who_is_erased_while_the_file_is_judged(
    clinic: Clinic, other_clinic: Clinic
) -> None:
    patient = make_patient(clinic=clinic)
    PatientIdentity.objects.create(patient=patient, full_name="Made-up Max")
    mapping = changed(MAPPING, {"P-7": patient.pseudonym})
    judged = make_import_proposal(other_clinic, mapping=mapping)
    judged.pk, judged.clinic = None, clinic
    erase_identity(patient, by="staff:7", at=NOW, reason_code="asked", words="letter of 9 October")

    with pytest.raises(CannotPropose, match="The identity of this patient was erased"):
        keep_proposal(judged)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("diary.csv", "diary.csv"),
        ("../../etc/passwd", "etcpasswd"),
        ("a\x00b\n.csv", "ab.csv"),
        ("..", "file"),
        ("", "file"),
        ("ü" * 200 + ".csv", "ü" * (LONGEST_NAME // 2)),
    ],
)
def test_a_name_is_kept_as_any_folder_can_hold_it(name: str, kept: str) -> None:
    assert kept_name(name) == kept


@pytest.mark.parametrize(
    "change",
    [
        {"file": b"other"},
        {"file_sha256": "0" * 64},
        {"mapping": "other"},
        {"source": "other"},
        {"outcome": "committed"},
        {"outcome": "withdrawn", "words": "mistake"},
    ],
    ids=str,
)
def test_the_database_keeps_it_as_it_was_proposed(clinic: Clinic, change: dict[str, object]) -> None:
    row = make_import_proposal(clinic)

    with pytest.raises(DatabaseError), transaction.atomic():
        ImportProposal.objects.filter(pk=row.pk).update(**change)


def test_the_database_keeps_no_file_that_is_not_that_of_its_digest(clinic: Clinic) -> None:
    row = make_import_proposal(clinic)
    row.pk, row.file = None, b"other"
    row.clinic = Clinic.objects.create(name="Third clinic")

    with pytest.raises(DatabaseError, match="file_is_that_of_its_digest"), transaction.atomic():
        row.save()


def test_the_command_and_a_proposal_report_the_same(clinic: Clinic, tmp_path: Path) -> None:
    row = make_import_proposal(clinic)

    imported = load(write(tmp_path, CSV), clinic=clinic).as_json()

    assert row.report == imported | {"trial": "", "dry_run": True}
