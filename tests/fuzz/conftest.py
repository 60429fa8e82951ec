"""Who asks: each operation is fuzzed by every one of them, on one running trial."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from django.conf import LazySettings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone

from apps.accounts.keys import SCOPES, issue_key
from apps.accounts.models import Clinic, Role
from apps.diary.pairing import issue_invitation, pair_phone, revoke_device
from apps.diary.schemas import PairingBody
from apps.trials.models import StimulationTrial
from tests.factories import make_patient, make_staff, make_trial


@pytest.fixture(autouse=True)
def unhurried(settings: LazySettings) -> None:
    """A fuzzer asks more than a phone may; what a phone may is tested elsewhere."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000000/1")


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """All cases of a test are asked within its transaction, as Django's own test client does it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def running(clinic: Clinic) -> StimulationTrial:
    """In its trial phase, with a goal, a wound and one window that is always open."""
    today = timezone.now().date()
    return make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        goal="walk to the bakery",
        other_regions="wound",
        diary_windows="00:00-24:00",
        diary_from=today - timedelta(days=10),
        lead_placed_on=today - timedelta(days=3),
        planned_end_on=today + timedelta(days=4),
    )


@dataclass(frozen=True)
class Caller:
    """Who asks. ``good_for`` are the security schemes that its token is good for."""

    headers: dict[str, str]
    good_for: frozenset[str] = frozenset()

    @property
    def is_phone(self) -> bool:
        return "deviceToken" in self.good_for


def phone(trial: StimulationTrial, *, holder: str, lost: bool = False) -> Caller:
    at = timezone.now()
    invitation = issue_invitation(trial, by="staff:test", at=at, holder=holder)
    paired = pair_phone(PairingBody(code=invitation.code), at=at)
    if lost:
        revoke_device(paired.device, by="staff:test", at=at, reason="lost")
    good_for = frozenset() if lost else frozenset({"deviceToken"})
    return Caller({"Authorization": f"Bearer {paired.token}"}, good_for)


def analyst(trial: StimulationTrial) -> Caller:
    """A program with a key for everything that a key can be made for."""
    user = make_staff("analyst", clinic=trial.clinic, role=Role.ANALYST)
    made = issue_key(user, name="fuzzer", scopes=list(SCOPES), days=7, at=timezone.now())
    return Caller({"Authorization": f"Bearer {made.token}"}, frozenset({"personalKey"}))


ROLES: Mapping[str, Callable[[StimulationTrial], Caller]] = {
    "patient": partial(phone, holder="patient"),
    "caregiver": partial(phone, holder="proxy"),
    "revoked": partial(phone, holder="patient", lost=True),
    "analyst": analyst,
    "anonymous": lambda _trial: Caller({}),
}


@pytest.fixture(params=ROLES)
def caller(request: pytest.FixtureRequest, running: StimulationTrial) -> Caller:
    return ROLES[request.param](running)
