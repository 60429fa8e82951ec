import pytest
from pytest_django import Settings

QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Eight logins a load: the slow hash costs more than all the rest, and is tested elsewhere."""
    settings.PASSWORD_HASHERS = QUICK
