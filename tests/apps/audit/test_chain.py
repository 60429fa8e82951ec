"""The chain of the trail: written by the database at the commit, one a clinic, no gap, no way round it."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Clinic
from apps.audit.chain import texts_of
from apps.audit.models import AuditEvent, AuditLink
from apps.audit.services import record
from sctrial.trail import FIRST, hash_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
#: The clinic's own row is in the chain of values.
EVENTS = AuditLink.objects.filter(chain__gte=0)


def act(clinic_id: int | None, *, reason: str = "", at: datetime = NOW) -> AuditEvent:
    record(
        action="look",
        object_type="trial",
        object_id=7,
        by="staff:1",
        at=at,
        clinic_id=clinic_id,
        reason=reason,
        detail={"ß": ["é", 1], "a": None},
    )
    return AuditEvent.objects.latest("id")


def texts(event: AuditEvent) -> list[str | None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {texts_of('')} FROM audit_auditevent WHERE id = %s", [event.pk])
        return list(cursor.fetchone())


def test_each_hash_is_over_the_event_and_the_hash_before_it(clinic: Clinic) -> None:
    events = [act(clinic.pk, reason=reason) for reason in ("first", "", "Grüße: 5:x-", "last")]

    before = FIRST
    for place, event in enumerate(events, start=1):
        link = AuditLink.objects.get(event_id=event.pk)
        assert (link.chain, link.place) == (clinic.pk, place)
        before = hash_of(texts(event), before=before)
        assert bytes(link.hash) == before


def test_each_clinic_has_its_own_chain_and_what_is_of_none_has_number_0(clinic: Clinic) -> None:
    other = Clinic.objects.create(name="Other")
    for chain in (clinic.pk, other.pk, None, clinic.pk, None):
        act(chain)

    places = list(EVENTS.order_by("event_id").values_list("chain", "place"))
    assert places == [(clinic.pk, 1), (other.pk, 1), (0, 1), (clinic.pk, 2), (0, 2)]


def test_an_event_without_its_link_cannot_be_committed(clinic: Clinic) -> None:
    def fail() -> None:
        with transaction.atomic():
            act(clinic.pk)
            raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError):
        fail()

    assert (AuditEvent.objects.count(), EVENTS.count()) == (0, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET reason = 'nicer'",
        "DELETE FROM audit_auditevent",
        "UPDATE audit_auditlink SET place = 9",
        "DELETE FROM audit_auditlink",
    ],
)
def test_neither_trail_nor_chain_can_be_changed_by_a_statement(clinic: Clinic, statement: str) -> None:
    act(clinic.pk)

    with pytest.raises(DatabaseError, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_eight_writers_at_once_leave_no_gap_and_no_fork(clinic: Clinic) -> None:
    """Ten events each: without the lock two of them would claim one place."""
    together = Barrier(8)

    def write() -> None:
        together.wait()
        for _ in range(10):
            with transaction.atomic():
                act(clinic.pk)
        connection.close()

    run([write] * 8)

    places = list(EVENTS.order_by("place").values_list("place", flat=True))
    assert places == list(range(1, 8 * 10 + 1))


def run(targets: list[Callable[[], None]]) -> None:
    threads = [Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@given(st.lists(st.none() | st.text(), min_size=1), st.lists(st.none() | st.text(), min_size=1))
def test_other_texts_have_another_hash(one: list[str | None], other: list[str | None]) -> None:
    same = hash_of(one, before=FIRST) == hash_of(other, before=FIRST)

    assert same == (one == other)


def test_the_instant_is_chained_to_the_microsecond(clinic: Clinic) -> None:
    event = act(clinic.pk, at=datetime(2026, 3, 29, 1, 2, 3, 4, tzinfo=UTC))

    assert "2026-03-29T01:02:03.000004" in texts(event)
