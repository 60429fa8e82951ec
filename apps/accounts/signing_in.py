"""Sign in with a name and a password; wrong tries are counted by name, under a lock, and then locked out."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from apps.accounts.factors import LOCKED_FOR, MOST_WRONG
from apps.accounts.models import SignInTries, User
from apps.accounts.trail import record_for
from apps.audit.services import record

#: Counts of names that nobody has tried for so long are forgotten.
FORGOTTEN_AFTER: Final = timedelta(days=1)
NOBODY: Final = "nobody"


class SignInLocked(ValueError):
    """Too many wrong tries. ``newly`` is the person whose name this try has locked, if somebody has it."""

    def __init__(self, until: datetime, *, newly: User | None = None) -> None:
        super().__init__(
            f"Locked after {MOST_WRONG} wrong tries until {until:%H:%M} UTC. Whoever is signed in stays so."
        )
        self.newly = newly


@sensitive_variables("password")
def sign_in(request: HttpRequest, *, name: str, password: str, at: datetime, request_id: str) -> User | None:
    """The person, or None for a wrong try, which is kept. Raises SignInLocked."""
    user, locked = _try(request, name=name, password=password, at=at, request_id=request_id)
    if locked is not None:
        raise locked
    return user


@sensitive_variables("password")
@transaction.atomic
def _try(
    request: HttpRequest, *, name: str, password: str, at: datetime, request_id: str
) -> tuple[User | None, SignInLocked | None]:
    tries = _tries_of(name, at=at)
    if tries.locked_until is not None and at < tries.locked_until:
        return None, SignInLocked(tries.locked_until)
    found = authenticate(request, username=name, password=password)
    if isinstance(found, User):
        tries.delete()
        return found, None
    return None, _wrong(tries, name=name, at=at, request_id=request_id)


def _wrong(tries: SignInTries, *, name: str, at: datetime, request_id: str) -> SignInLocked | None:
    # After a lock has run out counting begins anew.
    tries.wrong_tries, tries.last_at = tries.wrong_tries % MOST_WRONG + 1, at
    is_last = tries.wrong_tries == MOST_WRONG
    tries.locked_until = at + LOCKED_FOR if is_last else None
    tries.save()
    user = User.objects.filter(username=name).first()
    _trail(user, tries, action="lock_sign_in" if is_last else "wrong_sign_in", at=at, request_id=request_id)
    return SignInLocked(at + LOCKED_FOR, newly=user) if is_last else None


def _trail(user: User | None, tries: SignInTries, *, action: str, at: datetime, request_id: str) -> None:
    """A name that nobody has is not kept: people type their password into the wrong box."""
    detail = {"wrong_tries": tries.wrong_tries}
    if user is not None:
        record_for(user, action, by=NOBODY, at=at, request_id=request_id, detail=detail)
    else:
        record(
            action=action,
            object_type="user",
            object_id="",
            by=NOBODY,
            at=at,
            request_id=request_id,
            detail=detail,
        )


def _tries_of(name: str, *, at: datetime) -> SignInTries:
    SignInTries.objects.filter(last_at__lt=at - FORGOTTEN_AFTER).delete()
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    SignInTries.objects.bulk_create([SignInTries(name_sha256=digest, last_at=at)], ignore_conflicts=True)
    return SignInTries.objects.select_for_update().get(name_sha256=digest)
