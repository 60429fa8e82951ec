"""Two at the same instant: one opens, one ends, one judges."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from apps.accounts.emergency import End, NoEmergency, assess_emergency, end_all, end_emergency, open_emergency
from apps.accounts.ending import Why, end_access
from apps.accounts.models import EMERGENCY_FOR, Clinic, EmergencyAccess, User
from apps.audit.models import AuditEvent
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def switched_on(clinic: Clinic) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(emergency_access=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each gave; a refusal is given too."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(timeout=10)
            return act()
        except NoEmergency as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def opening(user: User, clinic: Clinic) -> EmergencyAccess:
    return open_emergency(user, clinic.pk, reason_code="other", reason="in our emergency room", at=NOW)


def told(action: str, clinic: Clinic) -> int:
    return AuditEvent.objects.filter(action=action, clinic_id=clinic.pk).count()


def test_of_two_openings_one_opens(clinic: Clinic, stranger: User) -> None:
    given = at_once(*[lambda: opening(stranger, clinic)] * 2)

    assert sum(isinstance(one, EmergencyAccess) for one in given) == 1
    assert (EmergencyAccess.objects.count(), told("open_emergency", clinic)) == (1, 1)


def test_of_all_who_end_it_one_does(clinic: Clinic, stranger: User) -> None:
    row = opening(stranger, clinic)
    rows = EmergencyAccess.objects.filter(clinic=clinic)

    at_once(
        lambda: end_emergency(row, why=End.READER, by=f"staff:{stranger.pk}", at=NOW),
        lambda: end_emergency(row, why=End.SIGNED_OUT, by=f"staff:{stranger.pk}", at=NOW),
        lambda: end_all(rows, why=End.SWITCHED_OFF, by="staff:1", at=NOW),
        lambda: end_access(stranger, why=Why.BY_AN_ADMIN, by="staff:1", at=NOW),
    )

    assert (EmergencyAccess.objects.filter(ended_at=None).count(), told("end_emergency", clinic)) == (0, 1)


def test_what_is_opened_while_the_access_of_the_person_ends_does_not_stay_open(
    clinic: Clinic, stranger: User
) -> None:
    """Either it was there to be ended, or it was opened by somebody who had signed in anew."""
    at_once(
        lambda: opening(stranger, clinic),
        lambda: end_access(stranger, why=Why.ROLE, by="staff:1", at=NOW),
    )

    opened, ended = (told(action, clinic) for action in ("open_emergency", "end_emergency"))
    assert (opened, ended) in {(1, 1), (1, 0)}
    assert EmergencyAccess.objects.filter(ended_at=None).count() == opened - ended


def test_of_two_who_assess_it_the_first_one_is_right(
    clinic: Clinic, stranger: User, site_admin: User
) -> None:
    row = opening(stranger, clinic)
    after = NOW + EMERGENCY_FOR + timedelta(minutes=1)

    given = at_once(
        lambda: assess_emergency(row, by=site_admin, assessment="justified", words="rang them", at=after),
        lambda: assess_emergency(row, by=site_admin, assessment="not_justified", words="no call", at=after),
    )

    assert sorted(map(str, given)) == ["None", "it was assessed before, and nothing was changed"]
    assert told("assess_emergency", clinic) == 1
