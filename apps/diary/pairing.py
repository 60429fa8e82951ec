"""Join a phone to a trial: a short code, shown once, exchanged for a token, shown once."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from apps.audit.services import record
from apps.diary.authentication import hash_secret
from apps.diary.models import PairingCode, PatientDevice
from apps.problems import FieldError, invalid
from apps.trials.models import StimulationTrial

# Without 0 O 1 I L U: letters that are read aloud and typed by someone in pain.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8
LIFETIME = timedelta(minutes=10)


def issue_code(trial: StimulationTrial, *, by: str, at: datetime, lifetime: timedelta = LIFETIME) -> str:
    """A new code such as K7QM-2WXD. It is stored as a hash and cannot be shown again."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        row = PairingCode.objects.create(
            trial=trial, code_sha256=hash_secret(code), created_at=at, expires_at=at + lifetime
        )
        record(
            action="create",
            object_type="pairing_code",
            object_id=row.pk,
            by=by,
            at=at,
            clinic_id=trial.clinic_id,
        )
    return f"{code[:4]}-{code[4:]}"


def redeem_code(code: str, *, label: str, at: datetime) -> tuple[PatientDevice, str]:
    """The paired device and its token; raises a 400 for a wrong, used or expired code, all alike."""
    code_sha256 = hash_secret(code.replace("-", "").replace(" ", "").upper())
    with transaction.atomic():
        claimed = (
            PairingCode.objects.select_for_update()
            .filter(code_sha256=code_sha256, used_at__isnull=True, expires_at__gt=at)
            .first()
        )
        if claimed is None:
            raise invalid(
                FieldError("/code", "code_refused", "This code is wrong, used or expired; ask for a new one.")
            )
        PairingCode.objects.filter(pk=claimed.pk).update(used_at=at)
        return _pair(claimed.trial, label=label, at=at)


def _pair(trial: StimulationTrial, *, label: str, at: datetime) -> tuple[PatientDevice, str]:
    token = secrets.token_urlsafe(32)
    device = PatientDevice.objects.create(
        trial=trial, token_sha256=hash_secret(token), label=label, paired_at=at
    )
    record(
        action="pair",
        object_type="patient_device",
        object_id=device.pk,
        by=f"device:{device.pk}",
        at=at,
        clinic_id=trial.clinic_id,
    )
    return device, token


def revoke_device(device: PatientDevice, *, by: str, at: datetime, reason: str) -> None:
    """The next call with this token is refused; what the phone had sent stays."""
    with transaction.atomic():
        PatientDevice.objects.filter(pk=device.pk, revoked_at__isnull=True).update(revoked_at=at)
        record(
            action="revoke",
            object_type="patient_device",
            object_id=device.pk,
            by=by,
            at=at,
            clinic_id=device.trial.clinic_id,
            reason=reason,
        )
