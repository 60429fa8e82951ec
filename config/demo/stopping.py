"""Ctrl-C, SIGTERM and a closed terminal as one exception, at moments when nothing gets lost by it."""

import contextlib
import signal
from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody wants us to end."""


class StopSignals:
    """While deferred, a signal waits: a process that just started is on the list before we stop the list."""

    def __init__(self) -> None:
        self._deferred = 0
        self._pending = False
        self._stopping = False

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        before = {each: signal.signal(each, self._receive) for each in SIGNALS}
        try:
            yield
        finally:
            # Once stopping, the process ends at once: an impatient second signal must not change how.
            if not self._stopping:
                for each, handler in before.items():
                    signal.signal(each, handler)

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        self._deferred += 1
        try:
            yield
        finally:
            self._deferred -= 1
        if self._pending and not self._deferred:
            self._stop()

    def ignore(self) -> None:
        """From now on we are stopping anyway, and a second Ctrl-C must not cut that short."""
        self._stopping = True
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)

    def _receive(self, number: int, frame: object) -> None:
        self._pending = True
        if not self._deferred:
            self._stop()

    def _stop(self) -> None:
        self.ignore()
        self._pending = False
        raise Stopped


STOP_SIGNALS = StopSignals()
