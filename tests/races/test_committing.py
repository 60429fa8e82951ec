"""Two persons commit one proposed import at the same moment, or one withdraws it while another commits."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.diary.models import DiaryEntry, DiaryImport, ImportProposal
from apps.diary.proposing import CannotPropose
from tests.apps.diary.imported import CSV, MAPPING, changed
from tests.factories import make_staff
from tests.factories.imports import make_import_proposal
from tests.races.together import at_once, threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ROUNDS = 10
#: The rows that one file brings.
ROWS = 4


def page(row: ImportProposal, name: str) -> str:
    return f"/staff/diary/importproposal/{row.pk}/{name}/"


def person(clinic: Clinic, name: str) -> Client:
    return signed_in(make_staff(name, clinic=clinic, role=Role.COORDINATOR))


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def of_round(clinic: Clinic, number: int, *, by: User) -> ImportProposal:
    """Another patient and another file in each round."""
    mapping = changed(MAPPING, {"P-7": f"P-7{number}"})
    return make_import_proposal(clinic, content=CSV + "\n" * number, mapping=mapping, by=by)


def sending(client: Client, address: str, **sent: str) -> Callable[[], int]:
    def send() -> int:
        return client.post(address, sent).status_code

    return send


def test_of_two_who_commit_at_once_one_wins_and_the_other_is_told(clinic: Clinic) -> None:
    proposer = make_staff("proposer", clinic=clinic, role=Role.COORDINATOR)
    second, third = person(clinic, "second"), person(clinic, "third")
    rounds = []
    with threads(2) as pool:
        for number in range(ROUNDS):
            row = of_round(clinic, number, by=proposer)
            shown = second.get(page(row, "change")).context["shown"]
            sends = [sending(one, page(row, "commit"), shown=shown) for one in (second, third)]
            rounds.append(sorted(at_once(pool, sends)))

    assert rounds == [[302, 409]] * ROUNDS
    assert DiaryImport.objects.count() == ROUNDS
    assert DiaryEntry.objects.count() == ROUNDS * ROWS
    assert AuditEvent.objects.filter(action="commit_import").count() == ROUNDS


def test_a_file_is_committed_or_withdrawn_and_never_both(clinic: Clinic) -> None:
    proposer = make_staff("proposer", clinic=clinic, role=Role.COORDINATOR)
    first, second = signed_in(proposer), person(clinic, "second")
    with threads(2) as pool:
        for number in range(ROUNDS):
            row = of_round(clinic, number, by=proposer)
            shown = second.get(page(row, "change")).context["shown"]
            commit = sending(second, page(row, "commit"), shown=shown)
            withdraw = sending(first, page(row, "withdraw"), words="wrong patient")
            answers: Any = at_once(pool, [commit, withdraw])

            row.refresh_from_db()
            assert sorted(answers) == [302, 409]
            assert (row.outcome == "committed") == (answers[0] == 302)
            assert DiaryEntry.objects.filter(trial__patient__pseudonym=f"P-7{number}").exists() == (
                answers[0] == 302
            )


def test_of_two_who_propose_one_file_at_once_one_does(clinic: Clinic) -> None:
    people = [make_staff(name, clinic=clinic, role=Role.COORDINATOR) for name in ("first", "second")]

    def proposing(by: User, content: str) -> Callable[[], bool]:
        def propose() -> bool:
            try:
                make_import_proposal(clinic, by=by, content=content)
            except CannotPropose as refused:
                return "waits already" not in str(refused)
            return True

        return propose

    with threads(2) as pool:
        for number in range(ROUNDS):
            sends = [proposing(by, CSV + "\n" * number) for by in people]
            assert sorted(at_once(pool, sends)) == [False, True]

    assert ImportProposal.objects.count() == ROUNDS
