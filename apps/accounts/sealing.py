"""Secrets of second factors are stored encrypted: a stolen copy of the database alone signs nothing."""

import base64
from functools import lru_cache

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SealedFactors(DefaultMFAAdapter):
    """What django-allauth asks to keep a secret; its own answer keeps it in clear text."""

    def encrypt(self, text: str) -> str:
        return _cipher(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()


@lru_cache(maxsize=4)
def _cipher(secret_key: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"sctrial second factor").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
