"""Both servers together."""

from pathlib import Path

import pytest

from config.embedded.errors import EmbeddedError
from config.embedded.services import Services


def test_it_stops_a_left_over_server_when_told_that_nobody_else_uses_the_folder(folder: Path) -> None:
    services = Services.persistent(folder)
    left_over = Services.persistent(folder)
    left_over.start()
    assert left_over.postgres
    assert left_over.valkey
    processes = [left_over.postgres.process, left_over.valkey.process]

    services.take_over()
    services.stop_found()

    assert [process.wait(timeout=10) is not None for process in processes if process] == [True, True]
    left_over.stop()


def test_a_failed_start_of_one_stops_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCTRIAL_VALKEY_SERVER", "/bin/false")
    services = Services.temporary()

    with pytest.raises(EmbeddedError, match="Valkey did not start"):
        services.start()

    assert services.postgres
    assert services.postgres.process is None
    assert services.scratch
    assert not services.scratch.exists()
