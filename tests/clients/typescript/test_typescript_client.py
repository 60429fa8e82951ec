"""TypeScript types generated from openapi.yaml, checked by tsc, and good for a whole patient day in node."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from apps.trials.models import StimulationTrial
from tests.clients.patient_day import DESCRIPTION, ROOT, assert_lived, live

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
NODE, NPM = shutil.which("node"), shutil.which("npm")
SECONDS = 300
# Installing, generating, compiling and living a day takes long on a busy machine.
pytestmark = pytest.mark.timeout(2 * SECONDS)

needs_node = pytest.mark.skipif(
    NODE is None or NPM is None, reason="no node or no npm on this machine: install nodejs and npm"
)


def ran(command: Sequence[str | Path], *, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.fixture(scope="module")
def modules() -> Path:
    """`node_modules` as locked, installed once a lock, beside the tree's other environments."""
    key = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    folder = ROOT / ".node" / key
    if not (folder / "ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        # No script of a package is run, and nothing but what the lock has a hash for is installed.
        install = [str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        installed = ran(install, folder=folder)
        if installed.returncode != 0 and not os.environ.get("CI"):
            pytest.skip(f"npm could not install the locked packages: {installed.stderr[-200:]}")
        assert installed.returncode == 0, installed.stderr
        (folder / "ready").touch()
    return folder / "node_modules"


@pytest.fixture(scope="module")
def built(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the program as tsc made it; a type error is a failure."""
    folder = tmp_path_factory.mktemp("typescript-client")
    for name in ("package.json", "tsconfig.json", "live_a_day.ts"):
        shutil.copy(HERE / name, folder)
    (folder / "node_modules").symlink_to(modules, target_is_directory=True)
    generator = modules / "openapi-typescript" / "bin" / "cli.js"
    # What has a default need not be sent.
    generate: list[str | Path] = [
        str(NODE),
        generator,
        DESCRIPTION,
        "--default-non-nullable=false",
        "-o",
        "api.d.ts",
    ]
    compile_: list[str | Path] = [str(NODE), modules / "typescript" / "bin" / "tsc", "-p", "tsconfig.json"]
    for command in (generate, compile_):
        done = ran(command, folder=folder)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder / "built"


@needs_node
def test_the_client_lives_a_whole_day(built: Path, live_server: LiveServer, day: StimulationTrial) -> None:
    command = [str(NODE), str(built / "live_a_day.js")]

    seen = live(command, day, url=live_server.url, env={"PATH": os.environ["PATH"]})

    assert_lived(seen, day)


def packages() -> dict[str, Any]:
    locked: dict[str, Any] = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    return {name: entry for name, entry in locked.items() if name}


def test_every_locked_package_has_its_hash_and_no_address() -> None:
    assert [name for name, entry in packages().items() if "integrity" not in entry] == []
    assert "://" not in LOCK.read_text(encoding="utf-8")
    assert "resolved" not in LOCK.read_text(encoding="utf-8")


def test_what_is_asked_for_is_pinned_and_locked() -> None:
    asked = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    wanted = asked["dependencies"] | asked["devDependencies"]

    locked = {name: packages()[f"node_modules/{name}"]["version"] for name in wanted}
    assert locked == wanted
