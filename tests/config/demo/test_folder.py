"""What the demo keeps."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from config.demo import folder
from config.demo.errors import DemoError


def test_one_demo_a_folder(tmp_path: Path) -> None:
    with (
        folder.held(tmp_path, note="process 7, http://127.0.0.1:8000/"),
        pytest.raises(DemoError, match=r"already runs from .*process 7, http://127\.0\.0\.1:8000/"),
        folder.held(tmp_path, note="process 8"),
    ):
        pass

    with folder.held(tmp_path, note="the next one"):
        assert (tmp_path / "lock").read_text() == "the next one"


def test_the_secret_key_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    key = folder.secret_key(tmp_path)

    assert len(key) >= 64
    assert folder.secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_a_full_disk_cut_off_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()

    assert folder.secret_key(tmp_path)


def test_starting_over_touches_nothing_but_our_own(tmp_path: Path) -> None:
    for name in ("postgres", "valkey", "thesis"):
        (tmp_path / name).mkdir()
    folder.secret_key(tmp_path)

    folder.empty(tmp_path, servers=[tmp_path / "valkey"])

    assert sorted(path.name for path in tmp_path.iterdir()) == ["postgres", "thesis"]


def test_too_small_a_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * folder.MEGABYTE))

    with pytest.raises(DemoError, match="5 MB free") as caught:
        folder.require_space(tmp_path)

    assert "--folder" in caught.value.remedy
