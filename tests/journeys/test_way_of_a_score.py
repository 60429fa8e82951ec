"""The one road through the house: pair, report, end, judge, read. Worked case C: 4075/81 %, met."""

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Clinic, User
from apps.diary.pairing import issue_code
from apps.outcomes.tasks import reconcile
from apps.trials.services import end_trial, place_leads
from sctrial.phases import EndReason, Phase
from tests.factories import NOW, make_trial

pytestmark = pytest.mark.django_db(transaction=True)

BASELINE = [8, 7, 8, 9, 7, 8, 7]
TRIAL = [4, 3, 4, 5, 3, 4]
FIRST_DAY = date(2026, 9, 1)


def answers(scores: list[int], *, first_day: date) -> list[dict[str, Any]]:
    return [
        {
            "id": str(uuid.uuid4()),
            "region": "target",
            "kind": "average",
            "value": score,
            "captured_at": f"{first_day + timedelta(days=n)}T20:00:00+02:00",
            "zone": "Europe/Berlin",
            "instrument_version": "nrs-average-24h/1",
        }
        for n, score in enumerate(scores)
    ]


def test_from_pairing_to_the_verdict_on_the_page(clinic: Clinic, clinician: User) -> None:
    leads_on = FIRST_DAY + timedelta(days=len(BASELINE))
    trial = make_trial(
        clinic=clinic,
        phase=Phase.BASELINE_DIARY.value,
        diary_from=FIRST_DAY,
        lead_placed_on=None,
        trial_window="last-n-days:6",
    )
    phone = Client()

    def send(address: str, body: dict[str, Any], token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return phone.post(
            f"/api/v1/{address}", json.dumps(body), content_type="application/json", headers=headers
        )

    code = issue_code(trial, by="staff:1", at=timezone.now())
    token = send("pairing", {"code": code}).json()["token"]
    send("diary/entries/batch", {"entries": answers(BASELINE, first_day=FIRST_DAY)}, token)
    place_leads(trial.pk, on=leads_on, by="staff:1", at=NOW)
    sent = send("diary/entries/batch", {"entries": answers(TRIAL, first_day=leads_on)}, token)
    end_trial(
        trial.pk,
        on=leads_on + timedelta(days=len(TRIAL)),
        end_reason=EndReason.SUCCESS,
        by="staff:1",
        at=NOW,
    )
    reconcile()

    assert [result["status"] for result in sent.json()["results"]] == [201] * len(TRIAL)
    staff = Client()
    staff.force_login(clinician)
    page = staff.get(f"/staff/trials/stimulationtrial/{trial.pk}/change/").content.decode()
    # B = 54/7, T = 23/6: 100 * (54/7 - 23/6) / (54/7) = 4075/81 = 50.309
    assert "50.31" in page
    assert "Met" in page
    assert "Not a medical device, not CE marked" in page
