"""A person's own keys to the API: shown once, good until a day that was chosen, dead when revoked."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import ApiKey, User
from apps.accounts.trail import clinics_told_of
from apps.audit.services import record_in

#: What a key can be made for. There is none for deciding or signing.
SCOPES: Final[Mapping[str, str]] = {
    "snapshots.read": "Read snapshots: list them, fetch their tables and files",
    "snapshots.make": "Make a snapshot of a cohort question",
    "reports.read": "Read cohort reports: for sharing, and for use inside the clinic",
    "schedules.make": "Schedules: list, set up, pause, resume and delete one's own",
}
LIFETIMES: Final[Mapping[int, str]] = {7: "7 days", 30: "30 days", 90: "90 days", 365: "a year"}
#: Begins every key, so that one left in a script or a log is recognised by who searches for it.
MARK: Final = "sctrial_"
PREFIX_BYTES, SECRET_BYTES = 4, 32
#: A key in use is written to no oftener than this.
SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class NewKey:
    """``token`` is told once and kept by nobody here."""

    row: ApiKey
    token: str


def digest_of(token: str) -> str:
    """Keys are 256 random bits, so a plain digest is enough: there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def issue_key(user: User, *, name: str, scopes: Sequence[str], days: int, at: datetime) -> NewKey:
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes or days not in LIFETIMES:
        raise ValueError("a key has one of the known lifetimes and at least one of the known scopes")
    prefix = secrets.token_hex(PREFIX_BYTES)
    token = f"{MARK}{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    row = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        token_sha256=digest_of(token),
        scopes=sorted(set(scopes)),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    _trail(row, "create", by=user, at=at)
    return NewKey(row, token)


def find_key(token: str, *, at: datetime) -> ApiKey | None:
    """The good key of that token; notes that it was used."""
    row = look_up(token, at=at)
    if row is not None:
        note_use(row, at=at)
    return row


def look_up(token: str, *, at: datetime) -> ApiKey | None:
    row = ApiKey.objects.select_related("user").filter(token_sha256=digest_of(token)).first()
    return row if row is not None and row.is_good(at) else None


def note_use(key: ApiKey, *, at: datetime) -> None:
    seen = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - SEEN_EVERY)
    if ApiKey.objects.filter(seen, pk=key.pk).update(last_used_at=at):
        key.last_used_at = at


@transaction.atomic
def revoke_key(key: ApiKey, *, by: User, at: datetime) -> bool:
    """The next request with it is refused. False when it was revoked before."""
    done = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at)
    if done:
        _trail(key, "revoke", by=by, at=at)
    return bool(done)


def keys_of(user: User) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(user=user)


def keys_in(clinics: frozenset[int]) -> QuerySet[ApiKey]:
    """Keys of everybody who works in one of the clinics."""
    people = User.objects.filter(memberships__clinic__in=clinics)
    return ApiKey.objects.filter(user__in=people).select_related("user")


def _trail(key: ApiKey, action: str, *, by: User, at: datetime) -> None:
    record_in(
        clinics_told_of(key.user),
        action=action,
        object_type="apikey",
        object_id=key.pk,
        by=f"staff:{by.pk}",
        at=at,
        detail={"prefix": key.prefix, "scopes": key.scopes},
    )
