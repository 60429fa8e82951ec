"""What waits at the head of the worklist is told to each role by one statement."""

from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic, User
from apps.workspace.cards import cards_of
from apps.workspace.permissions import read_access
from tests.factories.imports import make_import_proposal

# fmt: off
ROLES = [
    # who            statements  imports
    ("site_admin",   1,          1),
    ("coordinator",  1,          1),
    # Nothing of the kind is theirs, so nothing is asked.
    ("clinician",    0,          0),
    ("analyst",      0,          0),
    ("nobody",       0,          0),
    ("stranger",     0,          0),
]
# fmt: on


@pytest.mark.parametrize(("who", "statements", "imports"), ROLES)
def test_whatever_waits_is_read_by_one_statement(
    request: pytest.FixtureRequest,
    clinic: Clinic,
    django_assert_num_queries: DjangoAssertNumQueries,
    who: str,
    statements: int,
    imports: int,
) -> None:
    user: User = request.getfixturevalue(who)
    make_import_proposal(clinic)
    access = read_access(user)

    with django_assert_num_queries(statements):
        found = cards_of(access, user, at=datetime.now(UTC))

    assert found == {"to_assess": 0, "imports_to_decide": imports, "reviews": []}
