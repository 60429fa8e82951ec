"""Rows and requests that the tests of the staff site share."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.workspace.idle import open_again
from tests.factories import make_entries, make_patient, make_trial

Visit = Callable[[User | None], Client]


def today() -> date:
    """Asked when a test runs, as the service does: one that began before midnight may end after it."""
    return datetime.now(UTC).date()


def first_day() -> date:
    return today() - timedelta(days=12)


@pytest.fixture
def as_staff() -> Visit:
    """A browser of its own for each person, so that no session leaks into the next."""

    def log_in(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
            # As the door does; a session is written again once a minute, on top of what a page costs.
            session = client.session
            open_again(session, at=datetime.now(UTC))
            session.save()
        return client

    return log_in


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    """Running: seven baseline days of 53/7 and five trial days of 19/5, so 49.81 % (check case B)."""
    made = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        diary_from=first_day(),
        lead_placed_on=first_day() + timedelta(days=7),
        planned_end_on=today() + timedelta(days=2),
        trial_window="whole-phase",
    )
    scores = [8, 7, 8, 7, 8, 7, 8, 4, 4, 3, 4, 4]
    make_entries(made, {str(first_day() + timedelta(days=n)): score for n, score in enumerate(scores)})
    assess(made.pk, at=datetime.now(UTC))
    made.refresh_from_db()
    return made
