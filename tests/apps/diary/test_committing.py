"""A proposed import ends once: by a second person, or withdrawn by the first."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.diary.committing import (
    CannotClose,
    Hand,
    commit_proposal,
    refuse_proposal,
    withdraw_proposal,
)
from apps.diary.models import DiaryEntry, DiaryImport, ImportProposal
from apps.diary.proposing import foretell
from apps.patients.erasing import erase_identity
from apps.patients.models import Patient, PatientIdentity
from apps.trials.models import StimulationTrial
from tests.apps.diary.imported import CSV, MAPPING, changed, load, write
from tests.factories import NOW, make_patient, make_staff
from tests.factories.imports import make_import_proposal

LATER = NOW + timedelta(hours=1)
ENDS = {"refuse": refuse_proposal, "withdraw": withdraw_proposal}


@pytest.fixture
def row(clinic: Clinic) -> ImportProposal:
    return make_import_proposal(clinic)


def commit(row: ImportProposal, by: User, *, shown: str | None = None) -> DiaryImport:
    seen = foretell(row, by=by, at=LATER).digest if shown is None else shown
    return commit_proposal(row, shown=seen, hand=Hand(by, LATER, "request"))


def refusal(act: Callable[[], Any]) -> str:
    stored = (Patient, StimulationTrial, DiaryImport, DiaryEntry, AuditEvent, ImportProposal)
    before = [list(model._default_manager.order_by("pk").values()) for model in stored]
    with pytest.raises(CannotClose) as refused:
        act()
    assert before == [list(model._default_manager.order_by("pk").values()) for model in stored]
    return str(refused.value)


def test_a_second_person_commits_and_the_diary_has_the_rows(row: ImportProposal, site_admin: User) -> None:
    made = commit(row, site_admin)

    row.refresh_from_db()
    assert (row.outcome, row.closed_by, row.closed_at, row.diary_import) == (
        "committed",
        site_admin,
        LATER,
        made,
    )
    assert (made.imported_by, made.imported_at) == (f"staff:{site_admin.pk}", LATER)
    assert (made.file_sha256, made.mapping, made.file_name) == (row.file_sha256, MAPPING, "diary.csv")
    assert DiaryEntry.objects.filter(diary_import=made).count() == 4


def test_a_commit_is_two_events_of_one_moment(row: ImportProposal, site_admin: User) -> None:
    made = commit(row, site_admin)

    imported, committed = AuditEvent.objects.filter(at=LATER).order_by("pk")
    assert (imported.action, imported.object_id) == ("import", str(made.pk))
    assert (committed.action, committed.object_type, committed.object_id) == (
        "commit_import",
        "importproposal",
        str(row.pk),
    )
    assert (committed.actor, committed.request_id) == (f"staff:{site_admin.pk}", "request")
    assert committed.detail["import"] == made.pk
    assert (committed.detail["taken"], committed.detail["skipped"]) == (4, 1)


def test_who_proposed_it_never_commits_nor_refuses_it(row: ImportProposal) -> None:
    own = Hand(row.proposed_by, LATER)

    assert refusal(lambda: commit(row, row.proposed_by)).startswith("you proposed it")
    assert refusal(lambda: refuse_proposal(row, words="not mine", hand=own)).startswith("you proposed it")


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.ANALYST])
def test_other_roles_do_not_commit(clinic: Clinic, row: ImportProposal, role: Role) -> None:
    other = make_staff("other", clinic=clinic, role=role)

    assert refusal(lambda: commit(row, other)).startswith(
        "a coordinator or site admin of Clinic of the trial"
    )


def test_a_coordinator_of_another_clinic_does_not_commit(other_clinic: Clinic, row: ImportProposal) -> None:
    elsewhere = make_staff("elsewhere", clinic=other_clinic, role=Role.COORDINATOR)

    assert refusal(lambda: commit(row, elsewhere)).startswith("a coordinator or site admin of")


@pytest.mark.parametrize("shown", ["", "0" * 64])
def test_what_was_not_shown_is_not_committed(row: ImportProposal, site_admin: User, shown: str) -> None:
    assert refusal(lambda: commit(row, site_admin, shown=shown)).startswith(
        "what it does is not what you were"
    )


def test_a_report_that_is_no_longer_true_is_not_committed(
    clinic: Clinic, row: ImportProposal, site_admin: User, tmp_path: Path
) -> None:
    """The trial that the file was to make is there by now."""
    seen = foretell(row, by=site_admin, at=LATER).digest
    load(write(tmp_path, CSV + "Left leg,2026-10-04,2\n"), clinic=clinic)

    says = refusal(lambda: commit(row, site_admin, shown=seen))

    assert says == "trial 1 of P-7 exists already: set trial.create = false to add this file to it"


def test_nothing_is_imported_for_somebody_who_was_erased_since(clinic: Clinic, site_admin: User) -> None:
    patient = make_patient(clinic=clinic)
    PatientIdentity.objects.create(patient=patient, full_name="Made-up Max")
    row = make_import_proposal(clinic, mapping=changed(MAPPING, {"P-7": patient.pseudonym}))
    seen = foretell(row, by=site_admin, at=LATER).digest
    erase_identity(patient, by="staff:7", at=LATER, reason_code="asked", words="letter of 9 October")

    assert "identity of this patient was erased" in refusal(lambda: commit(row, site_admin, shown=seen))


@pytest.mark.parametrize(
    ("act", "by_the_proposer", "outcome"), [("refuse", False, "refused"), ("withdraw", True, "withdrawn")]
)
def test_it_is_refused_or_withdrawn_with_words(
    row: ImportProposal, site_admin: User, act: str, by_the_proposer: bool, outcome: str
) -> None:
    by = row.proposed_by if by_the_proposer else site_admin

    ENDS[act](row, words=" wrong patient ", hand=Hand(by, LATER))

    row.refresh_from_db()
    assert (row.outcome, row.words, row.closed_by, row.diary_import) == (outcome, "wrong patient", by, None)
    event = AuditEvent.objects.get(action=f"{act}_import")
    assert (event.reason, event.actor) == ("wrong patient", f"staff:{by.pk}")
    assert not DiaryEntry.objects.exists()


@pytest.mark.parametrize(("words", "says"), [("", "3"), (" x y ", "3"), ("x" * 201, "200")])
def test_words_are_asked_for(row: ImportProposal, site_admin: User, words: str, says: str) -> None:
    hand = Hand(site_admin, LATER)

    assert says in refusal(lambda: refuse_proposal(row, words=words, hand=hand))


def test_another_person_does_not_withdraw_it(row: ImportProposal, site_admin: User) -> None:
    hand = Hand(site_admin, LATER)

    assert refusal(lambda: withdraw_proposal(row, words="wrong", hand=hand)).startswith(
        "only who proposed it"
    )


def test_what_has_ended_does_not_end_again(row: ImportProposal, site_admin: User) -> None:
    hand, own = Hand(site_admin, LATER), Hand(row.proposed_by, LATER)
    refuse_proposal(row, words="wrong patient", hand=hand)

    says = [
        refusal(lambda: commit(row, site_admin)),
        refusal(lambda: refuse_proposal(row, words="again", hand=hand)),
        refusal(lambda: withdraw_proposal(row, words="mine", hand=own)),
    ]

    assert says == ["it was closed before, and nothing was changed"] * 3


@pytest.mark.parametrize("outcome", ["committed", "refused"])
def test_the_database_too_asks_for_a_second_person(
    clinic: Clinic, row: ImportProposal, tmp_path: Path, outcome: str
) -> None:
    load(write(tmp_path, CSV), clinic=clinic)
    ends: dict[str, Any] = {
        "committed": {"diary_import": DiaryImport.objects.get()},
        "refused": {"words": "wrong patient"},
    }
    facts = ends[outcome] | {"outcome": outcome, "closed_by": row.proposed_by, "closed_at": LATER}

    with pytest.raises(DatabaseError, match="second_person_commits_or_refuses"), transaction.atomic():
        ImportProposal.objects.filter(pk=row.pk).update(**facts)


def test_the_database_keeps_how_it_ended(row: ImportProposal, site_admin: User) -> None:
    refuse_proposal(row, words="wrong patient", hand=Hand(site_admin, LATER))

    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        ImportProposal.objects.filter(pk=row.pk).update(words="another word")
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        ImportProposal.objects.filter(pk=row.pk).delete()
