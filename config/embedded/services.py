"""The two servers together, for the demo (kept) and for tests (thrown away)."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from config.embedded.folders import socket_folder, temporary_folder
from config.embedded.guard import Guard
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey


@dataclass(kw_only=True)
class Services:
    """Both servers. Set one to None before the start when the environment names another in its place."""

    postgres: Postgres | None
    valkey: Valkey | None
    sockets: Path
    scratch: Path | None = None

    @classmethod
    def persistent(cls, folder: Path, *, guard: Guard | None = None) -> Self:
        """Servers whose data stay in `folder` from one start to the next."""
        return cls._in(folder, sockets=socket_folder(folder), durable=True, guard=guard)

    @classmethod
    def temporary(cls, *, guard: Guard | None = None) -> Self:
        """Servers for one test run: fast, without a thought for power cuts, gone afterwards."""
        folder = temporary_folder()
        if guard:
            guard.remove_afterwards(folder)
        services = cls._in(folder, sockets=folder / "sockets", durable=False, guard=guard)
        services.scratch = folder
        return services

    @classmethod
    def _in(cls, folder: Path, *, sockets: Path, durable: bool, guard: Guard | None) -> Self:
        logs = folder / "logs"
        for each, mode in ((folder, 0o711), (logs, 0o700), (sockets, 0o700)):
            # Open to pass through, not to read: as root, PostgreSQL may have to run as somebody else.
            each.mkdir(mode=mode, parents=True, exist_ok=True)
            each.chmod(mode)
        postgres = Postgres(
            data=folder / "postgres", sockets=sockets, log=logs / "postgres.log", durable=durable, guard=guard
        )
        valkey = Valkey(
            data=folder / "valkey", sockets=sockets, log=logs / "valkey.log", durable=durable, guard=guard
        )
        return cls(postgres=postgres, valkey=valkey, sockets=sockets)

    def start(self) -> None:
        """Start both, or neither."""
        try:
            for server in self.servers():
                server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what we started; remove what was for one run."""
        for server in reversed(self.servers()):
            server.stop()
        with contextlib.suppress(OSError):
            self.sockets.rmdir()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def take_over(self) -> None:
        """Say that nobody else uses this folder: servers found in it are left over, and ours to stop."""
        for server in self.servers():
            server.stops_found = True

    def stop_found(self) -> None:
        """Stop the servers that run in this folder, if any do."""
        for server in self.servers():
            if server.adopt():
                server.stop()

    def servers(self) -> list[Postgres | Valkey]:
        return [server for server in (self.postgres, self.valkey) if server]

    def environment(self) -> dict[str, str]:
        """The addresses, as the settings read them."""
        found = {}
        if self.postgres:
            found["DATABASE_URL"] = self.postgres.url
        if self.valkey:
            found["REDIS_URL"] = self.valkey.url
        return found

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
