"""django-allauth as store and arithmetic of second factors (docs/adr/0012): none of its pages, no login."""

from typing import Final

from django.apps import AppConfig


class AccountTables(AppConfig):
    """The MFA models need these tables; our people sign in at the admin, so no middleware and no pages."""

    name = "allauth.account"
    default_auto_field = "django.db.models.AutoField"


class FactorTables(AppConfig):
    """Authenticator apps, passkeys and recovery codes."""

    name = "allauth.mfa"
    default_auto_field = "django.db.models.BigAutoField"


SECOND_FACTOR_APPS: Final = [
    "allauth",
    "config.second_factor.AccountTables",
    "config.second_factor.FactorTables",
]
MFA_ADAPTER: Final = "apps.accounts.sealing.SealedFactors"
MFA_SUPPORTED_TYPES: Final = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODE_DIGITS: Final = 10
