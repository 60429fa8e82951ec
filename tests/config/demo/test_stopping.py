"""Ctrl-C at any moment."""

import os
import signal
from collections.abc import Iterator

import pytest

from config.demo.stopping import SIGNALS, Stopped, StopSignals


@pytest.fixture
def _handlers_restored() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in SIGNALS}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


def start_slowly(signals: StopSignals, list_of_ours: list[str]) -> None:
    with signals.caught(), signals.deferred():
        os.kill(os.getpid(), signal.SIGTERM)
        list_of_ours.append("the new process")


@pytest.mark.usefixtures("_handlers_restored")
def test_a_signal_waits_until_the_new_process_is_on_the_list() -> None:
    list_of_ours: list[str] = []

    with pytest.raises(Stopped):
        start_slowly(StopSignals(), list_of_ours)

    assert list_of_ours == ["the new process"]


@pytest.mark.usefixtures("_handlers_restored")
def test_an_impatient_second_signal_does_not_cut_the_stopping_short() -> None:
    with pytest.raises(Stopped):
        start_slowly(StopSignals(), [])

    assert {signal.getsignal(each) for each in SIGNALS} == {signal.SIG_IGN}
