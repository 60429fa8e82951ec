"""Synthetic patients, and what the clinic does with them while a scenario is played."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import Clinic
from apps.diary.models import PatientDevice
from apps.diary.pairing import issue_invitation, revoke_device
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial
from apps.trials.services import end_trial, place_leads
from apps.workspace.demo.loading import require_demo
from sctrial.phases import EndReason, Phase
from sctrial.questions import OPTIONAL

ACTOR = "job:sandbox"
CLINIC = {
    "phone": "000 000 009 (invented)",
    "emergency_phone": "000 (invented)",
    "zone": "UTC",
}


class NoSuchThing(ValueError):
    """A request that the sandbox does not know; the message says what it does know."""


def new_trial(name: str, facts: Mapping[str, Any], *, at: datetime) -> StimulationTrial:
    """A new patient and trial. ``asks`` names the optional questions; all others are left out."""
    require_demo()
    clinic, _ = Clinic.objects.get_or_create(name="Sandbox clinic (invented)", defaults=CLINIC)
    zone = str(facts.get("zone", "UTC"))
    number = clinic.patients.count() + 1
    patient = Patient.objects.create(
        clinic=clinic, pseudonym=f"{name[:30]} {number}", zone=zone, created_at=at
    )
    leads = _day(facts, "lead_placed_on")
    asks = facts.get("asks", [])
    return StimulationTrial.objects.create(
        clinic=clinic,
        patient=patient,
        modality="SCS",
        target_area="low back",
        rule_set_id="MAC_NORIDIAN",
        phase=(Phase.TRIAL_ACTIVE if leads else Phase.BASELINE_DIARY).value,
        diary_windows=facts.get("diary_windows", ""),
        day_starts_at_hour=facts.get("day_starts_at_hour", 0),
        diary_from=date.fromisoformat(facts["diary_from"]),
        lead_placed_on=leads,
        planned_end_on=_day(facts, "planned_end_on"),
        goal=facts.get("goal", ""),
        other_regions=facts.get("other_regions", ""),
        left_out=", ".join(code for code in OPTIONAL if code not in asks),
        created_at=at,
    )


def invite(trial_id: UUID, *, holder: str, at: datetime) -> dict[str, str]:
    """The code to type and the secret of the link."""
    require_demo()
    trial = StimulationTrial.objects.select_related("clinic").get(pk=trial_id)
    invitation = issue_invitation(trial, by=ACTOR, at=at, holder=holder)
    return {"code": invitation.code, "secret": invitation.link.partition("#join=")[2]}


def act(trial_id: UUID, what: str, *, at: datetime, on: date | None) -> None:
    """One of ACTS, done as staff would do it."""
    require_demo()
    if what not in ACTS:
        raise NoSuchThing(f"{what!r} is none of {', '.join(ACTS)}")
    ACTS[what](StimulationTrial.objects.get(pk=trial_id), at, on or at.date())


def _revoke(trial: StimulationTrial, at: datetime, on: date) -> None:
    for device in PatientDevice.objects.filter(trial=trial, revoked_at__isnull=True).select_related("trial"):
        revoke_device(device, by=ACTOR, at=at, reason="as the scenario has it")


def _place_leads(trial: StimulationTrial, at: datetime, on: date) -> None:
    place_leads(trial.pk, on=on, by=ACTOR, at=at)


def _end(trial: StimulationTrial, at: datetime, on: date) -> None:
    end_trial(trial.pk, on=on, end_reason=EndReason.SUCCESS, by=ACTOR, at=at)


ACTS: Mapping[str, Callable[[StimulationTrial, datetime, date], None]] = {
    "revoke": _revoke,
    "place_leads": _place_leads,
    "end_trial": _end,
}


def _day(facts: Mapping[str, Any], name: str) -> date | None:
    text = facts.get(name)
    return date.fromisoformat(text) if text else None
