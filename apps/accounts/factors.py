"""Who is at the keyboard: password and second factor, asked again at each signature."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.utils.crypto import constant_time_compare

from apps.accounts.models import Clinic, Role, SigningAccess, StaffMembership, User
from apps.audit.services import record

PERIOD: Final = 30
#: One step either side: phones and servers differ by seconds. Source: RFC 6238 (2011) section 5.2.
TOLERANCE: Final = 1
MOST_WRONG: Final = 5
LOCKED_FOR: Final = timedelta(minutes=30)
IDLE: Final = timedelta(minutes=15)
PASSWORD, CODE, RECOVERY = "password", "totp", "recovery_code"


class WrongCredentials(ValueError):
    """The message is fit for the user and says not which part was wrong."""


class LockedOut(WrongCredentials):
    """Too many wrong tries. ``is_new`` when this try was the last one."""

    def __init__(self, until: datetime, *, is_new: bool) -> None:
        super().__init__(
            f"Locked after {MOST_WRONG} wrong tries until {until:%H:%M} UTC. Nothing was signed."
        )
        self.is_new = is_new


class NoFactor(WrongCredentials):
    """No second factor has been set up."""


def has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def new_secret() -> str:
    return str(generate_totp_secret())


def code_at(secret: str, at: datetime) -> str:
    """The code an authenticator app shows at ``at``."""
    return str(format_hotp_value(hotp_value(secret, int(at.timestamp()) // PERIOD)))


@transaction.atomic
def enrol(user: User, *, secret: str, code: str, at: datetime) -> list[str]:
    """Take the authenticator app that shows ``code``; the recovery codes, to be shown once."""
    access = _access(user)
    counter = _counter_of(secret, code, at=at)
    if has_factor(user):
        raise WrongCredentials("A second factor is set up already; the operator removes a lost one.")
    if counter is None:
        raise WrongCredentials("This is not the code that the app shows now. Nothing was set up; try again.")
    access.last_counter = counter
    access.save(update_fields=["last_counter"])
    TOTP.activate(user, secret)
    codes = RecoveryCodes.activate(user).generate_codes()
    _trail(user, "enrol_factor", at=at)
    return [str(one) for one in codes]


@transaction.atomic
def remove_factor(user: User, *, by: str, at: datetime, reason: str) -> None:
    """A lost factor is dead from the commit on: every signature asks the database."""
    Authenticator.objects.filter(user=user).delete()
    _trail(user, "remove_factor", at=at, by=by, reason=reason)


def reauthenticate(user: User, given: Mapping[str, str], *, full: bool, at: datetime) -> tuple[str, ...]:
    """The factors that were right. Raises WrongCredentials; a wrong try is kept."""
    factors, refusal = _try(user, given, full=full, at=at)
    if refusal is not None:
        raise refusal
    return factors


@transaction.atomic
def _try(
    user: User, given: Mapping[str, str], *, full: bool, at: datetime
) -> tuple[tuple[str, ...], WrongCredentials | None]:
    access = _access(user)
    if access.locked_until is not None and at < access.locked_until:
        return (), LockedOut(access.locked_until, is_new=False)
    if full and not has_factor(user):
        return (), NoFactor("Set up a second factor before you sign.")
    factors = _factors(access, given, full=full, at=at)
    if factors:
        access.wrong_tries, access.locked_until = 0, None
        access.save()
        return factors, None
    return (), _wrong(access, at=at)


def _factors(access: SigningAccess, given: Mapping[str, str], *, full: bool, at: datetime) -> tuple[str, ...]:
    user = access.user
    is_owner = constant_time_compare(given.get("username", ""), user.get_username()) or not full
    if not (is_owner and user.is_active and user.check_password(given.get("password", ""))):
        return ()
    if not full:
        return (PASSWORD,)
    second = _second_factor(access, given.get("code", "").replace(" ", ""), at=at)
    return (PASSWORD, second) if second else ()


def _second_factor(access: SigningAccess, code: str, *, at: datetime) -> str:
    rows = {row.type: row for row in Authenticator.objects.filter(user=access.user)}
    counter = _counter_of(decrypt(rows[Authenticator.Type.TOTP].data["secret"]), code, at=at)
    if counter is not None and counter > access.last_counter:
        access.last_counter = counter
        return CODE
    spare = rows.get(Authenticator.Type.RECOVERY_CODES)
    return RECOVERY if spare and counter is None and RecoveryCodes(spare).validate_code(code) else ""


def _counter_of(secret: str, code: str, *, at: datetime) -> int | None:
    now = int(at.timestamp()) // PERIOD
    near = range(now - TOLERANCE, now + TOLERANCE + 1)
    right = (n for n in near if constant_time_compare(format_hotp_value(hotp_value(secret, n)), code))
    return next(right, None)


def _wrong(access: SigningAccess, *, at: datetime) -> WrongCredentials:
    # After a lock has run out counting begins anew.
    access.wrong_tries = access.wrong_tries % MOST_WRONG + 1
    refusal = WrongCredentials("Name, password and code do not belong together. Nothing was signed.")
    if access.wrong_tries >= MOST_WRONG:
        access.locked_until = at + LOCKED_FOR
        refusal = LockedOut(access.locked_until, is_new=True)
    access.save()
    action = "lock_signing" if access.wrong_tries >= MOST_WRONG else "wrong_signing"
    _trail(access.user, action, at=at, detail={"wrong_tries": access.wrong_tries})
    return refusal


def _access(user: User) -> SigningAccess:
    SigningAccess.objects.bulk_create([SigningAccess(user=user)], ignore_conflicts=True)
    return SigningAccess.objects.select_for_update(of=("self",)).select_related("user").get(user=user)


def _trail(
    user: User,
    action: str,
    *,
    at: datetime,
    by: str = "",
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """In each clinic of the person, so that its site admin reads of it."""
    for clinic in Clinic.objects.filter(memberships__user=user).order_by("pk"):
        record(
            action=action,
            object_type="user",
            object_id=user.pk,
            by=by or f"staff:{user.pk}",
            at=at,
            clinic_id=clinic.pk,
            reason=reason,
            detail=detail,
        )


def site_admins_of(clinic_id: int) -> list[str]:
    """Where the site admins of a clinic get their mail."""
    rows = StaffMembership.objects.filter(clinic_id=clinic_id, role=Role.SITE_ADMIN, user__is_active=True)
    return sorted(rows.exclude(user__email="").values_list("user__email", flat=True))
