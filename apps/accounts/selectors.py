"""Which clinics a member of staff may see. An empty scope means nothing, never everything."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from apps.accounts.models import Clinic, Role, User


def clinics_of(user: User | AnonymousUser, *, roles: Iterable[Role] = tuple(Role)) -> QuerySet[Clinic]:
    if not (user.is_authenticated and user.is_active):
        return Clinic.objects.none()
    return Clinic.objects.filter(memberships__user=user, memberships__role__in=list(roles))


def scope_to_clinics(queryset: QuerySet[Any], *, user: User | AnonymousUser, path: str) -> QuerySet[Any]:
    """Rows of the user's own clinics; ``path`` is the lookup that leads to the clinic."""
    # The lookup name comes from a table in the source, never from a request.
    return queryset.filter(**{f"{path}__in": clinics_of(user)})
