"""Join a phone to a trial: an invitation, shown once, exchanged for a token, shown once.

The invitation is a code of eight characters for typing and a link secret for the QR; using either uses up
both. The code's first two characters find it, the other six are its secret: so that wrong tries can be
counted, and five of them end it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from apps.audit.acting import NOBODY, acting_as
from apps.audit.services import record
from apps.diary.authentication import hash_secret
from apps.diary.models import PairingCode, PatientDevice
from apps.diary.models.devices import MOST_TRIES
from apps.diary.parking import raise_task
from apps.diary.schemas import PairingBody
from apps.patients.erased import hold_known
from apps.problems import FieldError, Problem, invalid
from apps.trials.models import StimulationTrial

# Without 0 O 1 I L U: letters that are read aloud and typed by someone in pain.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH, LOCATOR_LENGTH = 8, 2
#: 128 random bits; 64 would do for a secret that is used once.
LINK_BYTES, LINK_LENGTH = 16, 22
LIFETIME = timedelta(minutes=10)
LINK_LIFETIME = timedelta(hours=24)
MOST_LOCATORS_TRIED = 200
NO_PHONE = "no phone is invited"


@dataclass(frozen=True)
class Invitation:
    """What staff show or print. Neither secret is stored, so it cannot be shown again."""

    code: str
    link: str
    expires_at: datetime
    link_expires_at: datetime


@dataclass(frozen=True)
class Paired:
    """``is_new`` is false when a lost answer was given again, with a fresh token."""

    device: PatientDevice
    token: str
    is_new: bool


class NoFreeCode(RuntimeError):
    """More invitations are open at once than two characters can tell apart."""


def issue_invitation(
    trial: StimulationTrial,
    *,
    by: str,
    at: datetime,
    holder: str = "patient",
    lifetime: timedelta = LIFETIME,
) -> Invitation:
    """Raises Erased."""
    code, link = _free_code(at=at), secrets.token_urlsafe(LINK_BYTES)
    link_lifetime = max(lifetime, LINK_LIFETIME)
    with transaction.atomic():
        hold_known(trial.patient_id, so=NO_PHONE)
        row = PairingCode.objects.create(
            trial=trial,
            holder=holder,
            locator=code[:LOCATOR_LENGTH],
            code_sha256=hash_secret(code),
            link_sha256=hash_secret(link),
            created_at=at,
            expires_at=at + lifetime,
            link_expires_at=at + link_lifetime,
        )
        _record(row, action="create", by=by, at=at)
    return Invitation(
        code=f"{code[:4]}-{code[4:]}",
        link=f"{settings.PUBLIC_URL}/app/#join={link}",
        expires_at=row.expires_at,
        link_expires_at=at + link_lifetime,
    )


def issue_code(trial: StimulationTrial, *, by: str, at: datetime, lifetime: timedelta = LIFETIME) -> str:
    """The typed code of a new invitation, such as K7QM-2WXD."""
    return issue_invitation(trial, by=by, at=at, lifetime=lifetime).code


def redeem_code(code: str, *, label: str, at: datetime) -> tuple[PatientDevice, str]:
    paired = pair_phone(PairingBody(code=code, label=label), at=at)
    return paired.device, paired.token


REFUSED = FieldError("/code", "code_refused", "This code is wrong, used or expired; ask for a new one.")


def pair_phone(body: PairingBody, *, at: datetime) -> Paired:
    """The paired device and its token; a 400 for a wrong, used, locked or expired code, all alike.

    A wrong try is counted although it is refused, so the count commits before the refusal is raised.
    """
    with acting_as(NOBODY):
        found = _claim(body, at=at)
        if isinstance(found, PairingCode):
            return _pair(found, body, at=at)
    raise found


def _claim(body: PairingBody, *, at: datetime) -> PairingCode | Problem:
    secret = body.code.replace(" ", "")
    if len(secret) == LINK_LENGTH:
        row = _locked().filter(link_sha256=hash_secret(secret), link_expires_at__gt=at).first()
        return row if row and _is_free(row, body) else invalid(REFUSED)
    return _claim_typed(secret.replace("-", "").upper(), body, at=at)


def _locked() -> "QuerySet[PairingCode]":
    # Without its phone: a join is not read again when the lock was waited for, and would show none.
    rows = PairingCode.objects.select_for_update(of=("self",))
    return rows.select_related("trial__clinic", "trial__patient")


def _claim_typed(code: str, body: PairingBody, *, at: datetime) -> PairingCode | Problem:
    # One row at most: a locator is not given out twice while its code can be used.
    row = _locked().filter(locator=code[:LOCATOR_LENGTH], expires_at__gt=at).order_by("-pk").first()
    if row is None or row.tries >= MOST_TRIES:
        return invalid(REFUSED)
    if row.code_sha256 == hash_secret(code):
        return row if _is_free(row, body) else invalid(REFUSED)
    if row.used_at is None:
        _count_try(row, at=at)
    return invalid(REFUSED)


def _is_free(row: PairingCode, body: PairingBody) -> bool:
    """Unused, or used by this very attempt, whose answer was lost on its way."""
    if row.device is None:
        return True
    same_attempt = body.attempt is not None and row.attempt == UUID(body.attempt)
    return same_attempt and row.device.revoked_at is None


def _count_try(row: PairingCode, *, at: datetime) -> None:
    row.tries += 1
    row.save(update_fields=["tries"])
    if row.tries >= MOST_TRIES:
        raise_task(row.trial_id, kind="pairing_locked", subject=row.pk, at=at)
        _record(row, action="lock", by=NOBODY, at=at)


def _free_code(*, at: datetime) -> str:
    for _ in range(MOST_LOCATORS_TRIED):
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        taken = PairingCode.objects.filter(locator=code[:LOCATOR_LENGTH], expires_at__gt=at)
        if not taken.exists():
            return code
    raise NoFreeCode("too many pairing codes are open at once; wait ten minutes and issue it again")


def _pair(row: PairingCode, body: PairingBody, *, at: datetime) -> Paired:
    token, pk = secrets.token_urlsafe(32), row.device.pk if row.device is not None else _next_id()
    with acting_as(f"device:{pk}"):
        if row.device is None:
            return Paired(_new_device(row, body, pk=pk, token=token, at=at), token, is_new=True)
        PatientDevice.objects.filter(pk=pk).update(token_sha256=hash_secret(token))
        row.device.trial = row.trial
        return Paired(row.device, token, is_new=False)


def _next_id() -> int:
    """Of a phone that is not there yet and already adds its own row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('diary_patientdevice', 'id'))")
        return int(cursor.fetchone()[0])


def _new_device(row: PairingCode, body: PairingBody, *, pk: int, token: str, at: datetime) -> PatientDevice:
    device = PatientDevice.objects.create(
        pk=pk,
        trial=row.trial,
        token_sha256=hash_secret(token),
        holder=row.holder,
        label=body.label,
        language=body.language or "",
        paired_at=at,
    )
    row.used_at, row.attempt, row.device = at, UUID(body.attempt) if body.attempt else None, device
    row.save(update_fields=["used_at", "attempt", "device"])
    _record_device(device, action="pair", by=f"device:{device.pk}", at=at)
    return device


def _record(row: PairingCode, *, action: str, by: str, at: datetime) -> None:
    record(
        action=action,
        object_type="pairing_code",
        object_id=row.pk,
        by=by,
        at=at,
        clinic_id=row.trial.clinic_id,
    )


def _record_device(device: PatientDevice, *, action: str, by: str, at: datetime, reason: str = "") -> None:
    record(
        action=action,
        object_type="patient_device",
        object_id=device.pk,
        by=by,
        at=at,
        clinic_id=device.trial.clinic_id,
        reason=reason,
    )


def revoke_device(device: PatientDevice, *, by: str, at: datetime, reason: str) -> None:
    """The next call with this token is refused; what the phone had sent stays."""
    with transaction.atomic():
        PatientDevice.objects.filter(pk=device.pk, revoked_at__isnull=True).update(revoked_at=at)
        _record_device(device, action="revoke", by=by, at=at, reason=reason)
