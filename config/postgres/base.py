"""A kept connection that still lives costs no statement a request; one that died is still found out first."""

import select
import time
from typing import Any, cast

from django.db import DatabaseError, connections
from django.db.backends.postgresql import base

from config.postgres.scope import Asking, asked_for

#: A network that drops silent connections closes no socket: so often the server is asked all the same.
ASK_AFTER_SECONDS = 60.0


class DatabaseWrapper(base.DatabaseWrapper):
    answered_at = float("-inf")
    #: Whose rows the open connection shows, and to whom.
    asking: Asking | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        asking = asked_for()
        said = [f"-c {name}={value}" for name, value in asking.settings().items()]
        options = " ".join([conn_params.get("options", ""), *said])
        connection = super().get_new_connection(conn_params | {"options": options})
        self.asking = asking
        return connection

    def show(self) -> None:
        """Hold the kept connection to what is asked for; one that is opened later is held from its start.

        Called between transactions: a rollback would take it back.
        """
        if self.connection is None or (self.asking == asked_for() and not self.in_atomic_block):
            return
        try:
            self.close_if_health_check_failed()
            self._say(asked_for())
        except DatabaseError:
            # The next statement opens another, or says what is wrong where it can be answered.
            self.close()

    def _say(self, asking: Asking) -> None:
        if self.connection is None:
            return
        settings = asking.settings()
        said = ", ".join(["set_config(%s, %s, false)"] * len(settings))
        values = [part for setting in settings.items() for part in setting]
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {said}", values)
        self.asking = asking

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


def show_on_open_connections() -> None:
    for connection in connections.all(initialized_only=True):
        cast(DatabaseWrapper, connection).show()
