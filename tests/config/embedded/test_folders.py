"""Short, private folders for sockets."""

import os
import tempfile
from pathlib import Path

import pytest

from config.embedded import folders
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


def test_temporary_folders_are_private() -> None:
    folder = folders.temporary_folder()

    assert folder.stat().st_mode & 0o777 == 0o700

    folder.rmdir()
