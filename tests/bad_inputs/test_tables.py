"""Every input of the catalogue's tables, through the whole service: refused, or taken as it was meant."""

import pytest

from tests.bad_inputs.asks import asks_of
from tests.bad_inputs.catalogue import CASES, Case
from tests.bad_inputs.service import Phone, faults_of

pytestmark = pytest.mark.django_db
TABLES = [case for case in CASES.values() if asks_of(case)]


@pytest.mark.parametrize("case", TABLES, ids=[case.id for case in TABLES])
def test_it_is_answered_as_promised(case: Case, phone: Phone, foreign: Phone) -> None:
    for ask in asks_of(case):
        assert faults_of(ask, phone.ask(ask)) == [], case
