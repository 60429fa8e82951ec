"""Short, private folders for sockets."""

import os
import tempfile
from pathlib import Path

import pytest

from config.embedded import folders, identity
from config.embedded.errors import EmbeddedError


def test_the_same_data_give_the_same_short_private_folder(tmp_path: Path) -> None:
    data = tmp_path / ("a" * 100) / ("b" * 100)

    folder = folders.socket_folder(data)

    assert folder == folders.socket_folder(data)
    assert folder != folders.socket_folder(tmp_path)
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= folders.LONGEST_SOCKET_PATH
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
    folders.socket_folder(tmp_path).rmdir()


def test_a_long_temp_folder_gives_way_to_a_short_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))

    assert folders.short_base() == Path("/tmp")


def test_a_folder_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    trap = tmp_path / "trap"
    trap.symlink_to(target)

    with pytest.raises(EmbeddedError, match="not a folder of yours"):
        folders.require_private(trap)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a server as somebody else")
def test_as_nobody_a_closed_path_is_named_before_initdb_fails(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(EmbeddedError, match="nobody here, who cannot reach"):
        identity.require_open_path(identity.AS_NOBODY, closed)


def test_an_ordinary_user_runs_the_server_directly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert identity.choose_identity(tmp_path) is identity.DIRECT


def test_root_that_may_do_neither_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(identity, "can_run", lambda *_: False)

    with pytest.raises(EmbeddedError, match="refuses to run as root") as caught:
        identity.choose_identity(tmp_path)

    assert "ordinary user" in caught.value.remedy


@pytest.mark.parametrize(
    ("works", "expected"),
    [((identity.UNSHARED, identity.AS_NOBODY), identity.UNSHARED), ((identity.AS_NOBODY,), identity.AS_NOBODY)],
    ids=["namespace first", "nobody where namespaces are forbidden"],
)
def test_root_takes_the_first_way_that_works(
    works: tuple[identity.Identity, ...],
    expected: identity.Identity,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(identity, "can_run", lambda each, _: each in works)

    assert identity.choose_identity(tmp_path) is expected
