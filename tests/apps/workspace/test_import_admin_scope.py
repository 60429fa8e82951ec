"""Proposed imports by the role of the service: held to the clinic by the database, too."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from apps.accounts.models import Clinic, User
from apps.diary.models import DiaryEntry, ImportProposal
from config.postgres.scope import NOTHING, ask_for, of_clinics
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_import_admin import page, propose, shown_in
from tests.config.postgres.test_scope import become_the_service
from tests.factories.imports import make_import_proposal


@pytest.fixture(autouse=True)
def ask_nothing_afterwards(db: None) -> Iterator[None]:
    yield
    ask_for(NOTHING)


def ask(clinic: Clinic) -> None:
    ask_for(of_clinics([clinic.pk]), actor="staff:1")
    connection.show()  # type: ignore[attr-defined]


def test_it_is_proposed_and_committed_within_the_own_clinic(
    clinic: Clinic, coordinator: User, site_admin: User, as_staff: Visit
) -> None:
    first, second = as_staff(coordinator), as_staff(site_admin)
    become_the_service()

    assert propose(first, clinic).status_code == 302
    ask(clinic)
    row = ImportProposal.objects.get()
    shown = shown_in(second.get(page(row)))
    assert second.post(page(row, "commit"), {"shown": shown}).status_code == 302

    ask(clinic)
    row.refresh_from_db()
    assert (row.outcome, DiaryEntry.objects.count()) == ("committed", 4)


def test_a_proposal_is_shown_to_its_clinic_alone(clinic: Clinic, other_clinic: Clinic) -> None:
    make_import_proposal(clinic)
    become_the_service()

    counts = []
    for one in (clinic, other_clinic):
        ask(one)
        counts.append(ImportProposal.objects.count())

    assert counts == [1, 0]


def test_no_proposal_is_written_into_another_clinic(clinic: Clinic, other_clinic: Clinic) -> None:
    row = make_import_proposal(clinic)
    row.pk = None
    become_the_service()
    ask(other_clinic)

    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        row.save(force_insert=True)
