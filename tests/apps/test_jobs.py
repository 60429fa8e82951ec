"""The doorbell: after commit, and never a reason to fail."""

import pytest
from celery.exceptions import OperationalError
from django.db import transaction

from apps.jobs import HouseTask, house_task

pytestmark = pytest.mark.django_db(transaction=True)


class Bell(HouseTask):
    """A task whose broker is a list, or out of order."""

    name = "tests.bell"

    def __init__(self, *, broken: bool = False) -> None:
        self.rung: list[dict[str, object]] = []
        self.broken = broken

    def apply_async(self, *args: object, **options: object) -> None:  # type: ignore[override]
        if self.broken:
            raise OperationalError("no broker")
        self.rung.append(dict(options))


def test_it_rings_after_commit_only() -> None:
    bell = Bell()
    with transaction.atomic():
        bell.ring(trial_id="1")
        assert bell.rung == []

    assert bell.rung == [{"kwargs": {"trial_id": "1"}, "retry": False}]


def test_it_does_not_ring_for_what_was_rolled_back() -> None:
    bell = Bell()

    def ring_and_fail() -> None:
        with transaction.atomic():
            bell.ring(trial_id="1")
            raise LookupError

    with pytest.raises(LookupError):
        ring_and_fail()

    assert bell.rung == []


def test_a_bell_that_is_out_of_order_raises_nothing() -> None:
    bell = Bell(broken=True)

    with transaction.atomic():
        bell.ring(trial_id="1")

    assert bell.rung == []


def test_a_house_task_keeps_its_stable_name() -> None:
    @house_task("tests.named")
    def named() -> None: ...

    assert named.name == "tests.named"
