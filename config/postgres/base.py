"""A kept connection that still lives costs no statement a request; one that died is still found out first."""

import select
import time

from django.db.backends.postgresql import base

#: A network that drops silent connections closes no socket: so often the server is asked all the same.
ASK_AFTER_SECONDS = 60.0


class DatabaseWrapper(base.DatabaseWrapper):
    answered_at = float("-inf")

    def is_usable(self) -> bool:
        """Asked once a request where CONN_HEALTH_CHECKS is on; Django itself sends SELECT 1 each time."""
        now = time.monotonic()
        if now - self.answered_at < ASK_AFTER_SECONDS and not self._has_news():
            return True
        usable: bool = super().is_usable()
        if usable:
            self.answered_at = now
        return usable

    def _has_news(self) -> bool:
        """A server that goes away closes the socket, and a closed socket is one that can be read from."""
        if self.connection is None or self.connection.closed:
            return True
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return bool(poll.poll(0))
