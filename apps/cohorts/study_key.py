"""The key under which study ids are made: of this installation, so that two exports join."""

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def study_key() -> bytes:
    """Made from STUDY_KEY, or from SECRET_KEY where none is set; a new one gives everybody a new id."""
    return _derived(settings.STUDY_KEY or settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _derived(secret: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"sctrial study ids").derive(secret.encode())
