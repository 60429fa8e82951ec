"""The collector is put off for a while, and never for good."""

import gc

import pytest

from apps.outcomes.collecting import nothing_to_collect


def test_it_is_put_off_and_taken_up_again_also_after_an_error() -> None:
    seen = []

    @nothing_to_collect()
    def fail() -> None:
        seen.append(gc.isenabled())
        raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert [*seen, gc.isenabled()] == [False, True]


def test_within_another_it_stays_put_off_to_the_end_of_the_outer_one() -> None:
    with nothing_to_collect():
        with nothing_to_collect():
            pass
        assert not gc.isenabled()
