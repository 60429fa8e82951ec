"""One patient day, lived by every generated client against the running service, and what must come of it.

A client is a program: it gets the service's address and a pairing code, lives the day, and prints one JSON
object, step to what it saw. Both clients take the same steps, so that both are held to the same day.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from apps.accounts.models import Clinic
from apps.diary.models import ConsentEvent, CorrectionRequest, DiaryAnswer, DiaryEntry, StaffTask
from apps.diary.pairing import issue_invitation
from apps.trials.models import StimulationTrial
from tests.factories import make_patient, make_trial

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT / "openapi.yaml"
SECONDS_FOR_A_DAY = 100
# Where it is noon now: the day is over in no zone while the client lives it.
NOON = 12

#: The steps of the day and the status that each must have seen.
EXPECTED: Mapping[str, int] = {
    "pair": 201,
    "pair again, as if the reply was lost": 200,
    "consent": 201,
    "today": 200,
    "today, unchanged": 304,
    "target pain": 201,
    "target pain, sent twice": 200,
    "target pain, amended": 201,
    "target pain, for a slot that is taken": 409,
    "off the scale": 400,
    "batch": 207,
    "red flag": 201,
    "correction": 201,
    "corrections": 200,
    "entry, read back": 200,
    "entries": 200,
    "device": 200,
    "device, without If-Match": 428,
    "device, changed": 200,
    "device, with an old ETag": 412,
    "leave": 204,
    "today, after leaving": 401,
}


def noon_zone(at: datetime) -> str:
    """A zone in which it is about noon; `Etc/GMT-3` is three hours ahead of UTC."""
    ahead = NOON - at.hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC"


def make_day(clinic: Clinic) -> StimulationTrial:
    """A trial on its third day with leads: one window that is open all day, a goal, and a second region."""
    at = timezone.now()
    zone = noon_zone(at)
    return make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone=zone),
        goal="walk to the bakery",
        other_regions="wound",
        diary_windows="00:00-24:00",
        diary_from=at.date() - timedelta(days=10),
        lead_placed_on=at.date() - timedelta(days=3),
        planned_end_on=at.date() + timedelta(days=4),
    )


def live(
    command: Sequence[str], trial: StimulationTrial, *, url: str, env: Mapping[str, str]
) -> dict[str, Any]:
    """What the client saw, step by step."""
    at = timezone.now()
    code = issue_invitation(trial, by="staff:test", at=at).code
    ran = subprocess.run(
        [*command, url, code, trial.patient.zone],
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_A_DAY,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr or ran.stdout
    seen: dict[str, Any] = json.loads(ran.stdout)
    return seen


def assert_lived(seen: dict[str, Any], trial: StimulationTrial) -> None:
    """The client saw what the contract says, and the record holds what the client sent."""
    assert {step: seen["statuses"].get(step) for step in EXPECTED} == EXPECTED
    asked = set(seen["asked"])
    assert {"target.average", "wound.average", "sleep", "goal_activity", "stated_relief"} <= asked
    assert seen["answered after the day"] == sorted(asked)
    assert_what_was_told(seen, trial)
    assert_what_is_kept(seen, trial)


def assert_what_was_told(seen: dict[str, Any], trial: StimulationTrial) -> None:
    assert seen["replay is the same"]
    assert seen["refusal"] == {"code": "invalid", "pointer": "/value", "error": "off_scale"}
    assert seen["batch statuses"] == [200, 201]
    assert seen["safety"]["clinic_phone"] == trial.clinic.phone
    assert seen["safety"]["not_monitored"]
    assert seen["pages"] == seen["entries received"]
    assert seen["language"] == "de"


def assert_what_is_kept(seen: dict[str, Any], trial: StimulationTrial) -> None:
    """Every question of the day has one answer; the amended score and the one it replaced are both kept."""
    entries, answers = DiaryEntry.objects.filter(trial=trial), DiaryAnswer.objects.filter(trial=trial)
    scores = [key for key in seen["asked"] if "." in key]
    red_flags_again_and_the_note = 2

    assert entries.count() == len(scores) + 1
    assert answers.count() == len(seen["asked"]) - len(scores) + red_flags_again_and_the_note
    assert entries.get(supersedes_id=seen["first"]).value == seen["amended value"]
    assert not entries.exclude(originator="patient").exists()
    assert ConsentEvent.objects.get(trial=trial).decision == "given"
    assert str(CorrectionRequest.objects.get(trial=trial).entry_id) == seen["corrected"]
    assert set(StaffTask.objects.filter(trial=trial).values_list("kind", flat=True)) == {
        "red_flag",
        "correction_requested",
        "answer_parked",
    }
    assert [device.revoked_at is not None for device in trial.devices.all()] == [True]
