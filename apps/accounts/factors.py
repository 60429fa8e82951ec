"""Who is at the keyboard: password and second factor, asked again at each signature."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare

from apps.accounts.ceremony import NotProven, Presented
from apps.accounts.models import Role, SigningAccess, StaffMembership, User
from apps.accounts.passkeys import LooksCopied, use_passkey
from apps.accounts.trail import clinics_told_of, record_for
from apps.audit.models import AuditEvent

PERIOD: Final = 30
#: One step either side: phones and servers differ by seconds. Source: RFC 6238 (2011) section 5.2.
TOLERANCE: Final = 1
MOST_WRONG: Final = 5
LOCKED_FOR: Final = timedelta(minutes=30)
IDLE: Final = timedelta(minutes=15)
ALARM_WITHIN: Final = timedelta(hours=1)
WRONG, LOCK, ALARM = "wrong_signing", "lock_signing", "tell_wrong_signing"
PASSWORD, CODE, RECOVERY, PASSKEY = "password", "totp", "recovery_code", "passkey"
#: Each is enough beside the password; recovery codes stand in for them.
SECOND: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class WrongCredentials(ValueError):
    """The message is fit for the user and says not which part was wrong."""

    #: So many within an hour that the site admins of the person's clinics are to be told now.
    is_alarming = False


class LockedOut(WrongCredentials):
    """Too many wrong tries. ``is_new`` when this try was the last one."""

    def __init__(self, until: datetime, *, is_new: bool) -> None:
        super().__init__(
            f"Locked after {MOST_WRONG} wrong tries until {until:%H:%M} UTC. Nothing was signed."
        )
        self.is_new = is_new


class NoFactor(WrongCredentials):
    """No second factor has been set up."""


def has_app(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def has_factor(user: User) -> bool:
    return bool(factors_of(user))


def factors_of(user: User) -> list[int]:
    """Changes whenever a factor is set up or removed."""
    rows = Authenticator.objects.filter(user=user, type__in=SECOND)
    return sorted(rows.values_list("pk", flat=True))


def new_secret() -> str:
    return str(generate_totp_secret())


def code_at(secret: str, at: datetime) -> str:
    """The code an authenticator app shows at ``at``."""
    return str(format_hotp_value(hotp_value(secret, int(at.timestamp()) // PERIOD)))


def reauthenticate(
    user: User, given: Mapping[str, str], *, full: bool, at: datetime, passkey: Presented | None = None
) -> tuple[str, ...]:
    """The factors that were right. Raises WrongCredentials; a wrong try is kept."""
    factors, refusal = _try(user, given, passkey, full=full, at=at)
    if refusal is not None:
        raise refusal
    return factors


@transaction.atomic
def _try(
    user: User, given: Mapping[str, str], passkey: Presented | None, *, full: bool, at: datetime
) -> tuple[tuple[str, ...], WrongCredentials | None]:
    access = access_of(user)
    if access.locked_until is not None and at < access.locked_until:
        return (), LockedOut(access.locked_until, is_new=False)
    if full and not has_factor(user):
        return (), NoFactor("Set up a second factor before you sign.")
    factors = _factors(access, given, passkey, full=full, at=at)
    if factors:
        access.wrong_tries, access.locked_until = 0, None
        access.save()
        return factors, None
    return (), _wrong(access, at=at)


def _factors(
    access: SigningAccess, given: Mapping[str, str], passkey: Presented | None, *, full: bool, at: datetime
) -> tuple[str, ...]:
    user = access.user
    is_owner = constant_time_compare(given.get("username", ""), user.get_username()) or not full
    if not (is_owner and user.is_active and user.check_password(given.get("password", ""))):
        return ()
    if not full:
        return (PASSWORD,)
    second = (
        _passkey(access, passkey, at=at)
        if passkey
        else _code(access, given.get("code", "").replace(" ", ""), at=at)
    )
    return (PASSWORD, second) if second else ()


def _passkey(access: SigningAccess, presented: Presented, *, at: datetime) -> str:
    try:
        use_passkey(access, presented, at=at)
    except NotProven as refusal:
        if isinstance(refusal, LooksCopied):
            record_for(access.user, "suspect_passkey", at=at, detail=refusal.detail)
        return ""
    return PASSKEY


def _code(access: SigningAccess, code: str, *, at: datetime) -> str:
    rows = {row.type: row for row in Authenticator.objects.filter(user=access.user)}
    app, spare = rows.get(Authenticator.Type.TOTP), rows.get(Authenticator.Type.RECOVERY_CODES)
    counter = counter_of(decrypt(app.data["secret"]), code, at=at) if app else None
    if counter is not None and counter > access.last_counter:
        access.last_counter = counter
        return CODE
    return RECOVERY if spare and counter is None and RecoveryCodes(spare).validate_code(code) else ""


def counter_of(secret: str, code: str, *, at: datetime) -> int | None:
    now = int(at.timestamp()) // PERIOD
    near = range(now - TOLERANCE, now + TOLERANCE + 1)
    right = (n for n in near if constant_time_compare(format_hotp_value(hotp_value(secret, n)), code))
    return next(right, None)


def _wrong(access: SigningAccess, *, at: datetime) -> WrongCredentials:
    # After a lock has run out counting begins anew.
    access.wrong_tries = access.wrong_tries % MOST_WRONG + 1
    refusal = WrongCredentials("Name, password and second factor do not belong together.")
    if access.wrong_tries >= MOST_WRONG:
        access.locked_until = at + LOCKED_FOR
        refusal = LockedOut(access.locked_until, is_new=True)
    access.save()
    action = LOCK if access.wrong_tries >= MOST_WRONG else WRONG
    record_for(access.user, action, at=at, detail={"wrong_tries": access.wrong_tries})
    refusal.is_alarming = action == WRONG and _is_alarming(access.user, at=at)
    if refusal.is_alarming:
        record_for(access.user, ALARM, at=at)
    return refusal


def _is_alarming(user: User, *, at: datetime) -> bool:
    """Once an hour at most; a lock is told by itself."""
    # Each clinic of the person has every event: one of them is asked.
    clinic = clinics_told_of(user)[0]
    recent = AuditEvent.objects.filter(
        object_type="user", object_id=str(user.pk), clinic_id=clinic, at__gt=at - ALARM_WITHIN
    )
    if recent.filter(action=ALARM).exists():
        return False
    return recent.filter(action__in=(WRONG, LOCK)).count() >= settings.ALARM_AFTER_WRONG_TRIES


def access_of(user: User) -> SigningAccess:
    SigningAccess.objects.bulk_create([SigningAccess(user=user)], ignore_conflicts=True)
    return SigningAccess.objects.select_for_update(of=("self",)).select_related("user").get(user=user)


def site_admins_of(clinic_id: int) -> list[str]:
    """Where the site admins of a clinic get their mail."""
    rows = StaffMembership.objects.filter(clinic_id=clinic_id, role=Role.SITE_ADMIN, user__is_active=True)
    return sorted(rows.exclude(user__email="").values_list("user__email", flat=True))
