"""The clinics of the demo and the staff in them. All names are invented, and look it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.audit.services import record

ACTOR: Final = "job:load_demo"


@dataclass(frozen=True)
class DemoClinic:
    """``short`` begins the logins; a clinic without one is staffed by those of another."""

    name: str
    zone: str
    phone: str
    emergency_phone: str
    short: str
    staffed_by: str
    #: May a clinician of another clinic of the demo read this one in an emergency?
    emergency_access: bool = False


NORTH: Final = DemoClinic(
    "Demo Clinic North", "Europe/Berlin", "000 000 001 (invented)", "000 (invented)", "north", "north"
)
SOUTH: Final = DemoClinic(
    "Demo Clinic South",
    "America/New_York",
    "000 000 002 (invented)",
    "000 (invented)",
    "south",
    "south",
    emergency_access=True,
)
OPEN_DATA: Final = DemoClinic("Open data (MyAIGuide)", "UTC", "", "", "", "north")
CLINICS: Final = (NORTH, SOUTH, OPEN_DATA)


@dataclass(frozen=True)
class Login:
    clinic: DemoClinic
    role: Role

    @property
    def username(self) -> str:
        return f"{self.clinic.short}-{self.role.replace('_', '-')}"

    @property
    def password(self) -> str:
        # Known to everybody: load_demo refuses to run where settings.DEMO is false.
        return f"only-a-demo-{self.username}"


def logins() -> Iterator[Login]:
    """One member of staff a role in each clinic of its own staff."""
    return (Login(clinic, role) for clinic in CLINICS if clinic.short for role in Role)


def ensure_clinics() -> dict[DemoClinic, Clinic]:
    return {demo: _ensure_clinic(demo) for demo in CLINICS}


def _ensure_clinic(demo: DemoClinic) -> Clinic:
    clinic, _ = Clinic.objects.get_or_create(
        name=demo.name,
        defaults={
            "zone": demo.zone,
            "phone": demo.phone,
            "emergency_phone": demo.emergency_phone,
            "emergency_access": demo.emergency_access,
        },
    )
    return clinic


def ensure_staff(clinics: dict[DemoClinic, Clinic], *, at: datetime) -> None:
    """Those who are there already keep the password they have."""
    for login in logins():
        user = User.objects.filter(username=login.username).first() or _new_user(login)
        for demo, clinic in clinics.items():
            if demo.staffed_by == login.clinic.short:
                _ensure_member(user, clinic=clinic, role=login.role, at=at)


def _new_user(login: Login) -> User:
    return User.objects.create_user(
        username=login.username,
        password=login.password,
        first_name="Demo",
        last_name=login.role.replace("_", " ").capitalize(),
        is_staff=True,
    )


def _ensure_member(user: User, *, clinic: Clinic, role: Role, at: datetime) -> None:
    membership, created = StaffMembership.objects.get_or_create(
        user=user, clinic=clinic, defaults={"role": role.value}
    )
    if created:
        record(
            action="create",
            object_type="staff_membership",
            object_id=membership.pk,
            by=ACTOR,
            at=at,
            clinic_id=clinic.pk,
            detail={"role": role.value},
        )
