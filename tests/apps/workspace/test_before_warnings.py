"""What runs out before the leads go in, as a table."""

from datetime import date, timedelta
from typing import Any

import pytest

from apps.patients.models import EligibilityReview, PriorAuthorisation
from apps.trials.models import StimulationTrial
from apps.workspace.before_warnings import WARN_DAYS, Warnings

TODAY = date(2026, 10, 1)


def words(placed: date | None = None, *, expires: int | None = None, **review: Any) -> list[str]:
    """``expires`` is the last day of an authorisation, in days from today."""
    rows = [] if expires is None else [PriorAuthorisation(payer="Payer", number="1", expires_on=on(expires))]
    trial = StimulationTrial(lead_placed_on=placed)
    return Warnings(trial, EligibilityReview(**review) if review else None, rows, today=TODAY).found()


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("placed", "facts", "told"),
    [
        (None, {"expires": WARN_DAYS + 1}, []),
        (None, {"expires": WARN_DAYS}, ["runs out in 14 days, on 2026-10-15"]),
        (None, {"expires": 0}, ["runs out in 0 days"]),
        (None, {"expires": -1}, ["had run out today: it was valid until 2026-09-30"]),
        # Once the leads are in, their day decides.
        (on(-5), {"expires": -1}, []),
        (on(-5), {"expires": -6}, ["had run out when the leads went in"]),
        (None, {"psych_expires_on": on(3)}, ["The psychological evaluation runs out in 3 days"]),
        # Screened less than four weeks before.
        (None, {"mrsa_on": on(-27)}, []),
        (None, {"mrsa_on": on(-28)}, ["The MRSA screen is 28 days old today"]),
        (on(-7), {"mrsa_on": on(-28)}, []),
        (None, {"active_infection": True}, ["An infection is recorded as active"]),
        (None, {"active_infection": False}, []),
        (None, {"anticoagulant": "no_plan"}, ["no plan has been agreed"]),
        (None, {"anticoagulant": "plan_agreed"}, []),
        (None, {}, []),
    ],
)
def test_what_runs_out_is_told(placed: date | None, facts: dict[str, Any], told: list[str]) -> None:
    found = words(placed, **facts)

    assert len(found) == len(told)
    assert all(part in sentence for part, sentence in zip(told, found, strict=True))
