"""A day at the clinic and on a phone, and not a word of it in the log of the web process."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.urls import reverse

from apps.accounts.enrolling import enrol
from apps.accounts.factors import code_at
from apps.accounts.models import Clinic, User
from apps.diary.models import CorrectionRequest, DiaryEntry
from apps.diary.pairing import issue_invitation
from apps.outcomes.models import Decision
from apps.outcomes.standing import screen_of
from apps.trials.models import StimulationTrial
from tests.factories import make_entry_body, make_patient, make_trial
from tests.factories.deciding import make_waiting
from tests.factories.staff import PASSWORD
from tests.races.web import Web, running_web

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
MISTYPED = "Kennwort-beinahe"
NOTE, WISH, WORDS = "ich-meinte-drei-nicht-acht", "lieber-nicht-mehr", "sie-geht-wieder-spazieren"
#: No score at all, so that it is found wherever it went.
NO_SCORE = 91_827_364_509


@pytest.fixture
def web(tmp_path: Path, transactional_db: None) -> Iterator[Web]:
    with running_web(tmp_path / "web.log", LOG_LEVEL="DEBUG") as web:
        yield web


@dataclass
class Caller:
    web: Web
    session: requests.Session
    token: str = ""

    def ask(self, method: str, path: str, *, body: Any = None, form: Any = None) -> requests.Response:
        headers = {"Host": "testserver"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        return self.session.request(
            method,
            f"http://127.0.0.1:{self.web.port}{path}",
            json=body,
            data=form,
            headers=headers,
            timeout=60,
            allow_redirects=False,
        )

    def post(self, path: str, form: dict[str, str]) -> requests.Response:
        """As a page does, with the token that the form of the last page held."""
        return self.ask("POST", path, form=form | {"csrfmiddlewaretoken": self.session.cookies["csrftoken"]})


def day_of_a_phone(caller: Caller, trial: StimulationTrial) -> list[str]:
    """What was told and must be told to nobody else."""
    now = datetime.now(UTC)
    invitation = issue_invitation(trial, by="staff:test", at=now)
    assert caller.ask("POST", "/api/v1/pairing", body={"code": "WRQNGCQD"}).status_code == 400
    paired = caller.ask("POST", "/api/v1/pairing", body={"code": invitation.code})
    caller.token = paired.json()["token"]
    entry = make_entry_body(value=8, zone="UTC", captured_at=now.isoformat())
    entry_id, request_id = uuid.uuid4(), uuid.uuid4()
    asked = {"entry": str(entry_id), "reason": "wrong_number", "text": NOTE, "proposed_value": 3}
    when = {"captured_at": now.isoformat(), "zone": "UTC"}

    answers = [
        caller.ask("PUT", f"/api/v1/diary/entries/{uuid.uuid4()}", body=entry | {"value": NO_SCORE}),
        caller.ask("PUT", f"/api/v1/diary/entries/{uuid.uuid4()}", body=entry | {WISH: WISH}),
        caller.ask("PUT", f"/api/v1/diary/entries/{entry_id}", body=entry),
        caller.ask("PUT", f"/api/v1/diary/corrections/{request_id}", body=asked | when),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 201, 201]
    assert (DiaryEntry.objects.filter(trial=trial).count(), CorrectionRequest.objects.count()) == (1, 1)
    return [
        invitation.code,
        invitation.code.replace("-", ""),
        "WRQNGCQD",
        caller.token,
        NOTE,
        WISH,
        str(NO_SCORE),
    ]


def day_of_a_clinician(caller: Caller, trial: StimulationTrial, clinician: User) -> list[str]:
    now = datetime.now(UTC)
    before = now - timedelta(hours=1)
    enrol(clinician, secret=SECRET, code=code_at(SECRET, before), at=before)
    screen = screen_of(trial)
    assert screen is not None
    door = "/staff/login/?next=/staff/"
    caller.ask("GET", door)
    caller.post(door, {"username": clinician.username, "password": MISTYPED})
    caller.post(door, {"username": clinician.username, "password": PASSWORD})
    page = reverse("admin:trials_stimulationtrial_change", args=[trial.pk])
    hand = {"shown": screen.digest, "username": clinician.username, "choice": "implant", "reason": WORDS}

    caller.ask("GET", page)
    caller.post(
        reverse("admin:trial_sign", args=[trial.pk]),
        hand | {"password": PASSWORD, "code": code_at(SECRET, datetime.now(UTC))},
    )

    assert Decision.objects.filter(trial=trial).count() == 1
    cookies = {name: str(value) for name, value in caller.session.cookies.items()}
    assert {"sessionid", "csrftoken"} <= cookies.keys()
    return [MISTYPED, PASSWORD, SECRET, WORDS, *cookies.values()]


def test_no_line_holds_what_a_patient_or_a_person_of_the_clinic_told(
    web: Web, clinic: Clinic, clinician: User
) -> None:
    today = datetime.now(UTC).date()
    running = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        diary_from=today - timedelta(days=3),
        lead_placed_on=today - timedelta(days=1),
        planned_end_on=today + timedelta(days=5),
    )
    waiting = make_waiting(clinic, at=datetime.now(UTC))

    told = day_of_a_phone(Caller(web, requests.Session()), running)
    told += day_of_a_clinician(Caller(web, requests.Session()), waiting, clinician)

    log = web.process.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    # It speaks, with what finds a request again.
    assert any("request_id" in line for line in lines)
    assert [word for word in told if word in log] == []
    assert not re.search(r'\\?"value\\?": ?\d', log)
