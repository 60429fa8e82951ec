"""Addresses that open one file of one snapshot for a while, to programs that cannot send a header.

What an address opens stands in it, sealed: the key on whose behalf it was made, snapshot, table, format and
last second. None of that is about a patient.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.signing import BadSignature, Signer

from apps.accounts.models import ApiKey

SALT: Final = "sctrial.cohorts.link"
SHORTEST, USUAL, LONGEST = 1, 60, 24 * 60


class BadLink(ValueError):
    """Not an address that was made here."""


class LinkExpired(ValueError):
    """Its last second, or that of its key, is over."""


@dataclass(frozen=True, slots=True)
class Link:
    """``expires`` in seconds since 1970."""

    key_id: int
    snapshot_id: str
    table: str
    format: str
    expires: int

    def seal(self) -> str:
        parts = [self.key_id, self.snapshot_id, self.table, self.format, self.expires]
        return _signer().sign_object(parts)


def make_link(
    key: ApiKey, *, snapshot_id: str, table: str, kind: str, minutes: int, at: datetime
) -> tuple[Link, datetime]:
    """A link and when it ends: never later than its key."""
    ends = min(at + timedelta(minutes=minutes), key.expires_at)
    return Link(key.pk, snapshot_id, table, kind, int(ends.timestamp())), ends


def open_link(sealed: str, *, at: datetime) -> tuple[Link, ApiKey]:
    """What was sealed, and the key on whose behalf. Raises BadLink and LinkExpired."""
    try:
        link = Link(*_signer().unsign_object(sealed))
    except (BadSignature, ValueError, TypeError):
        raise BadLink(sealed[:8]) from None
    key = ApiKey.objects.select_related("user").filter(pk=link.key_id).first()
    if key is None:
        raise BadLink(sealed[:8])
    if at.timestamp() >= link.expires or not key.is_good(at):
        raise LinkExpired(link.snapshot_id)
    return link, key


def _signer() -> Signer:
    # A separator that an address needs not escape.
    return Signer(sep=".", salt=SALT)
