"""The doorbell: after commit, and never a reason to fail."""

import time

import pytest
from celery.exceptions import OperationalError
from django.db import transaction

from apps.jobs import GatheringBell, HouseTask, house_task

pytestmark = pytest.mark.django_db(transaction=True)


class Bell(HouseTask):
    """A task whose broker is a list, or out of order."""

    name = "tests.bell"

    def __init__(self, *, broken: bool = False) -> None:
        self.rung: list[dict[str, object]] = []
        self.broken, self.tried = broken, 0

    def apply_async(self, *args: object, **options: object) -> None:  # type: ignore[override]
        self.tried += 1
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


def wait_for(bell: Bell, *, messages: int) -> None:
    given_up = time.monotonic() + 60.0
    while len(bell.rung) < messages:
        assert time.monotonic() < given_up, bell.rung
        time.sleep(0.01)


class TestGathering:
    def test_what_is_asked_for_within_a_moment_is_one_message(self) -> None:
        bell = Bell()
        gathering = GatheringBell(bell, argument="trial_ids")

        for trial_id in ("2", "1", "2"):
            gathering.ring(trial_id)
        wait_for(bell, messages=1)

        assert bell.rung == [{"kwargs": {"trial_ids": ["1", "2"]}, "retry": False}]

    def test_what_comes_later_is_the_next_message(self) -> None:
        bell = Bell()
        gathering = GatheringBell(bell, argument="trial_ids")

        gathering.ring("1")
        wait_for(bell, messages=1)
        gathering.ring("2")
        wait_for(bell, messages=2)

        assert [rung["kwargs"] for rung in bell.rung] == [{"trial_ids": ["1"]}, {"trial_ids": ["2"]}]

    def test_many_are_several_messages(self) -> None:
        bell = Bell()
        gathering = GatheringBell(bell, argument="trial_ids", most=2)

        with transaction.atomic():
            for trial_id in ("1", "2", "3"):
                gathering.ring(trial_id)
        wait_for(bell, messages=2)

        assert [rung["kwargs"] for rung in bell.rung] == [{"trial_ids": ["1", "2"]}, {"trial_ids": ["3"]}]

    def test_it_does_not_ring_for_what_was_rolled_back(self) -> None:
        bell = Bell()
        gathering = GatheringBell(bell, argument="trial_ids")

        with transaction.atomic():
            gathering.ring("1")
            transaction.set_rollback(True)
        gathering.ring("2")
        wait_for(bell, messages=1)

        assert [rung["kwargs"] for rung in bell.rung] == [{"trial_ids": ["2"]}]

    def test_it_goes_on_after_a_bell_that_was_out_of_order(self) -> None:
        bell = Bell(broken=True)
        gathering = GatheringBell(bell, argument="trial_ids")

        gathering.ring("1")
        while bell.tried == 0:
            time.sleep(0.01)
        bell.broken = False
        gathering.ring("2")
        wait_for(bell, messages=1)

        assert [rung["kwargs"] for rung in bell.rung] == [{"trial_ids": ["2"]}]


def test_a_house_task_keeps_its_stable_name() -> None:
    @house_task("tests.named")
    def named() -> None: ...

    assert named.name == "tests.named"
