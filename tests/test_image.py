"""What the Dockerfile does, done by hand where there is no Docker: with the files that the image gets."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.test_repository import ROOT, text_of

SETTINGS = {"SECRET_KEY": "unused", "DATABASE_URL": "postgres:///unused", "REDIS_URL": "redis://unused/0"}


def left_out() -> Callable[[str, list[str]], set[str]]:
    """.dockerignore as a filter for copytree."""
    patterns = [line for line in text_of(".dockerignore").splitlines() if line and not line.startswith("#")]

    def ignore(folder: str, names: list[str]) -> set[str]:
        base = Path(folder).relative_to(ROOT)
        return {name for name in names if any(matches(base / name, pattern) for pattern in patterns)}

    return ignore


def matches(path: Path, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch.fnmatch(path.name, pattern.removeprefix("**/"))
    return fnmatch.fnmatch(path.as_posix(), pattern)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image") / "srv"
    shutil.copytree(ROOT, folder, ignore=left_out(), symlinks=True)
    return folder


def in_image(image: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=image,
        env={"PATH": os.environ["PATH"], **SETTINGS, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_image_holds_the_service_and_nothing_else(image: Path) -> None:
    there = {path.name for path in image.iterdir()}

    assert {"apps", "config", "manage.py", "requirements.txt", "sctrial"} <= there
    assert not {"tests", "bin", ".git", ".env"} & there
    assert not any(name.startswith((".venv", ".demo")) for name in there)
    assert not (image / "config" / "embedded").exists()


def test_the_static_files_can_be_collected_without_a_server(image: Path) -> None:
    answer = in_image(image, "manage.py", "collectstatic", "--noinput")

    assert answer.returncode == 0, answer.stderr
    assert (image / "staticfiles" / "staticfiles.json").exists()


def test_every_process_of_the_compose_file_can_be_imported(image: Path) -> None:
    program = "import config.wsgi, config.celery; config.celery.app.loader.import_default_modules()"

    answer = in_image(image, "-c", program, ALLOWED_HOSTS="sctrial.example.org")

    assert answer.returncode == 0, answer.stderr


def test_the_image_installs_from_the_lock_and_does_not_run_as_root() -> None:
    dockerfile = text_of("Dockerfile")

    assert "pip install --require-hashes --no-deps --only-binary :all: -r /tmp/requirements.txt" in dockerfile
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["10001"]
    assert dockerfile.index("USER 10001") < dockerfile.index("CMD [")
