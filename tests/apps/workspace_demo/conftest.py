from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Eight logins a load: the slow hash costs more than all the rest, and is tested elsewhere."""
    settings.PASSWORD_HASHERS = QUICK


@contextmanager
def kept_for_many(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is loaded stands for several tests, each of which takes back its own; then it is gone."""
    with blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK), transaction.atomic():
        yield
        transaction.set_rollback(True)
