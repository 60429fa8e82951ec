"""What may be asked of the demo, and what is said when it cannot be given."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.demo import options
from config.demo.errors import DemoError


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((options.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_it_needs_no_arguments() -> None:
    found = options.parse_options([])

    assert (found.fresh, found.port, found.folder.name) == (False, 8000, ".demo")
    assert found.address == "http://127.0.0.1:8000"


def test_it_takes_all_of_them(tmp_path: Path) -> None:
    found = options.parse_options(["--fresh", "--port", "8765", "--folder", str(tmp_path)])

    assert found == options.Options(fresh=True, port=8765, folder=tmp_path.resolve())


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "80 80", "٨٠٠٠", "1e3"])
def test_it_refuses_what_is_no_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parse_options([f"--port={port}"])

    assert "a whole number from 1 to 65535" in capsys.readouterr().err


def test_a_taken_port_is_named_with_a_free_one(taken_port: int) -> None:
    with pytest.raises(DemoError, match=f"Port {taken_port} is taken") as caught:
        options.require_free_port(taken_port)

    suggested = int(caught.value.remedy.rpartition(" ")[2])
    assert options.bind_problem(suggested) is None


def test_a_free_port_is_taken_without_a_word(taken_port: int) -> None:
    with socket.socket() as probe:
        probe.bind((options.HOST, 0))
        free = probe.getsockname()[1]

    options.require_free_port(free)
