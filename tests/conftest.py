"""The standing cast: every endpoint and page is asked by each of them."""

from collections.abc import Iterator

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from apps.accounts.models import Clinic, Role, User
from tests.emptying import quick_teardown
from tests.factories import make_clinic, make_staff
from tests.static_files import static_files_found_once

__all__ = ["quick_teardown", "static_files_found_once"]
# A busy machine is no reason to fail: no law here is about time.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The live server keeps a session until its browser hangs up, and no database is dropped under one."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def clinic(db: None) -> Clinic:
    return make_clinic("Clinic of the trial")


@pytest.fixture
def other_clinic(db: None) -> Clinic:
    return make_clinic("Another clinic")


@pytest.fixture
def coordinator(clinic: Clinic) -> User:
    return make_staff("coordinator", clinic=clinic, role=Role.COORDINATOR)


@pytest.fixture
def clinician(clinic: Clinic) -> User:
    return make_staff("clinician", clinic=clinic, role=Role.CLINICIAN)


@pytest.fixture
def site_admin(clinic: Clinic) -> User:
    return make_staff("site_admin", clinic=clinic, role=Role.SITE_ADMIN)


@pytest.fixture
def analyst(clinic: Clinic) -> User:
    return make_staff("analyst", clinic=clinic, role=Role.ANALYST)


@pytest.fixture
def stranger(other_clinic: Clinic) -> User:
    """A clinician of another clinic: to them nothing of this clinic exists."""
    return make_staff("stranger", clinic=other_clinic, role=Role.CLINICIAN)


@pytest.fixture
def nobody(db: None) -> User:
    """Staff without a clinic: an empty scope means nothing."""
    return make_staff("nobody", clinic=None)
