"""A program proves itself with a person's key, and is that person within the key's scopes."""

from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.accounts.keys import find_key
from apps.accounts.models import ApiKey, User
from apps.problems import Problem

SCHEME: Final = "Bearer"
#: Any good key will do.
ANY: Final = "*"
REFUSED: Final = (
    "This key is unknown, revoked or expired. Make a new one on the page API keys of the staff site."
)


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request | HttpRequest) -> tuple[User, ApiKey] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme != SCHEME or not token:
            return None
        key = find_key(token, at=timezone.now())
        if key is None:
            raise AuthenticationFailed(REFUSED)
        return key.user, key

    def authenticate_header(self, request: Request | HttpRequest) -> str:
        return f'{SCHEME} realm="cohorts"'


class HasScope(BasePermission):
    """A view names by method what scope it takes; a method without one is open to no key."""

    def has_permission(self, request: Request, view: object) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            return False
        if not hasattr(view, (request.method or "").lower()):
            return True  # Answered with 405 by the view itself.
        wanted = getattr(view, "scopes", {}).get(request.method, "")
        if wanted == ANY or wanted in key.scopes:
            return True
        title = f"This key was not made for that: it lacks the scope {wanted}. Make one that has it."
        raise Problem(403, "scope_missing", title)


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = KeyAuthentication
    name = "personalKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        words = "A person's own key from the staff site. Good until its day, dead when revoked."
        return {"type": "http", "scheme": "bearer", "description": words}
