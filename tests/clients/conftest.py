"""A server that clients can reach, and connections that end with their requests."""

import pytest
from django.db import connections

from apps.accounts.models import Clinic
from apps.trials.models import StimulationTrial
from tests.clients.patient_day import make_day


@pytest.fixture(autouse=True)
def short_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of the test server that outlives its request must not hold the database open."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture
def day(transactional_db: None, clinic: Clinic) -> StimulationTrial:
    return make_day(clinic)
