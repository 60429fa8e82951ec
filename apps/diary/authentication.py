"""A phone proves itself with an opaque token; only its SHA-256 is stored."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.diary.models import PatientDevice
from apps.planned import fetch_planned
from apps.row_security import ACTOR
from apps.trials.models import StimulationTrial

SCHEME = "Bearer"


def columns_of(model: type[Model]) -> dict[str, str]:
    """SQL by attribute. What needs a conversion after reading is left to be read when it is asked for."""
    table = model._meta.db_table
    fields = [field for field in model._meta.concrete_fields if not hasattr(field, "from_db_value")]
    return {field.attname: f'"{table}"."{field.column}"' for field in fields}


# What the ORM would say for select_related("trial"), but built once. With the row found, the connection is
# told who writes from now on, for the triggers that keep old values: a statement more would cost each answer.
DEVICE, TRIAL = columns_of(PatientDevice), columns_of(StimulationTrial)
LOOK_UP = f"""
SELECT {", ".join([*DEVICE.values(), *TRIAL.values()])},
    set_config('{ACTOR}', 'device:' || diary_patientdevice.id, false)
FROM diary_patientdevice JOIN trials_stimulationtrial ON trials_stimulationtrial.id = trial_id
WHERE token_sha256 = %s::text AND revoked_at IS NULL
"""  # noqa: S608  (names of columns, no values)


def find_device(token_sha256: str) -> PatientDevice | None:
    """The phone with this token and its trial, unless it was revoked."""
    for row in fetch_planned(LOOK_UP, [token_sha256]):
        device = PatientDevice.from_db(DEFAULT_DB_ALIAS, list(DEVICE), row[: len(DEVICE)])
        device.trial = StimulationTrial.from_db(DEFAULT_DB_ALIAS, list(TRIAL), row[len(DEVICE) : -1])
        return device
    return None


@dataclass(frozen=True)
class DevicePrincipal:
    """Stands in for a user: a phone that may act on one trial only."""

    device: PatientDevice
    is_authenticated: ClassVar[bool] = True


class DeviceTokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request | HttpRequest) -> tuple[DevicePrincipal, PatientDevice] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme != SCHEME or not token:
            return None
        device = find_device(hash_secret(token))
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
