"""A phone proves itself with an opaque token; only its SHA-256 is stored."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.diary.models import PatientDevice

SCHEME = "Bearer"


@dataclass(frozen=True)
class DevicePrincipal:
    """Stands in for a user: a phone that may act on one trial only."""

    device: PatientDevice
    is_authenticated: ClassVar[bool] = True


class DeviceTokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request | HttpRequest) -> tuple[DevicePrincipal, PatientDevice] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != SCHEME or not token:
            return None
        device = (
            PatientDevice.objects.select_related("trial__clinic", "trial__patient")
            .filter(token_sha256=hash_secret(token), revoked_at__isnull=True)
            .first()
        )
        if device is None:
            raise AuthenticationFailed(
                "This phone is not paired, or its pairing was revoked. Ask your clinic."
            )
        return DevicePrincipal(device), device

    def authenticate_header(self, request: Request | HttpRequest) -> str:
        return f'{SCHEME} realm="diary"'


def hash_secret(secret: str) -> str:
    """Tokens are 256 random bits, so a plain digest is enough: there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class DeviceTokenScheme(OpenApiAuthenticationExtension):
    target_class = DeviceTokenAuthentication
    name = "deviceToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The token given at pairing."}
