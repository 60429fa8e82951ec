"""How many small faults in the core the tests notice: every mutant of a module, run against its tests.

    python -m bench.mutation                              every module that a verdict goes through
    python -m bench.mutation windows missing --jobs 4     some of them
    python -m bench.mutation windows --list               the mutants, nothing run

A mutant lives in the memory of one forked process; no file is written. Needs fork, hence not for Windows.
Exit code 1 when a module has less than 90 % killed, 2 when its tests fail without any mutant.
"""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final, NamedTuple

from bench.mutants import Mutant, mutants

ROOT: Final = Path(__file__).resolve().parents[1]
MODULES: Final = ("reduction", "windows", "criteria", "verdict", "missing", "evaluate", "kleene", "nodes")
#: Which tests are quick and close for a module that has no file of its own.
CLOSEST: Final = {"evaluate": "verdict", "nodes": "criteria"}
BAR: Final = 90
#: A mutant that never ends is noticed by whoever waits for it; the slowest test set needs a tenth of this.
SECONDS: Final = 120
EXAMPLES: Final = 30

_PYTEST: Final = (
    "-c", os.devnull, "--rootdir", str(ROOT), "--noconftest", "--import-mode=importlib",
    "-p", "no:cacheprovider", "-x", "-q",
)  # fmt: skip


class _Loader(SourceFileLoader):
    """Gives the mutant in place of the file."""

    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code


class _Finder(MetaPathFinder):
    def __init__(self, fullname: str, path: Path, code: CodeType) -> None:
        self._fullname, self._path, self._code = fullname, str(path), code

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._fullname:
            return None
        return spec_from_file_location(fullname, self._path, loader=_Loader(fullname, self._path, self._code))


class Subject(NamedTuple):
    """A module of the core, by its name without .py."""

    name: str

    @property
    def path(self) -> Path:
        return ROOT / "sctrial" / f"{self.name}.py"

    def rounds(self) -> Iterator[list[str]]:
        """The module's own tests, which are quick; then the specifications and all tests that name it."""
        tests = ROOT / "tests" / "sctrial"
        own = tests / f"test_{CLOSEST.get(self.name, self.name)}.py"
        yield [str(own)]
        near = sorted(file for file in tests.glob("test_*.py") if self._names(file) and file != own)
        # Not the tests of commands: they start processes, and a mutant in memory never reaches those.
        yield [str(tests / "spec"), *map(str, near)]

    def _names(self, file: Path) -> bool:
        return f"sctrial.{self.name} " in file.read_text(encoding="utf-8")


def start(subject: Subject, *, mutant: Mutant | None) -> int:
    """Start the tests of ``subject`` in a process of their own, with ``mutant`` in place of the module."""
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        os._exit(_test(subject, mutant))
    return process


def _test(subject: Subject, mutant: Mutant | None) -> int:
    """Exit code of the first round of tests that fails, 0 when none does."""
    import pytest

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.dup2(silence, sys.stderr.fileno())
    signal.alarm(SECONDS)
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(f"sctrial.{subject.name}", subject.path, mutant.code))
    return next((1 for files in subject.rounds() if pytest.main([*_PYTEST, *files]) != 0), 0)


def survivors_of(subject: Subject, *, found: Sequence[Mutant], jobs: int) -> list[Mutant]:
    """The mutants that every test passes, in the order of the file."""
    running: dict[int, Mutant] = {}
    alive: list[Mutant] = []
    waiting = list(reversed(found))
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(subject, mutant=mutant)] = mutant
        process, status = os.wait()
        mutant = running.pop(process)
        if status == 0:
            alive.append(mutant)
            print(f"    {subject.name}.py:{mutant.line}: {mutant.what}", flush=True)
    return sorted(alive, key=found.index)


def _tests_pass(subject: Subject) -> bool:
    return os.waitpid(start(subject, mutant=None), 0)[1] == 0


def measure(subject: Subject, *, jobs: int) -> tuple[int, int]:
    """Number of mutants and of those killed; the survivors are printed as they come."""
    found = mutants(subject.path.read_text(encoding="utf-8"), file=str(subject.path))
    print(f"{subject.name}: {len(found)} mutants; survivors:", flush=True)
    return len(found), len(found) - len(survivors_of(subject, found=found, jobs=jobs))


def warm_up() -> None:
    """Import once what every mutant's tests need, and make Hypothesis repeatable and brief."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = True
    for name in ("pytest", "hypothesis.strategies", "numpy", "pandas"):
        if find_spec(name.partition(".")[0]):
            importlib.import_module(name)
    from hypothesis import Phase, settings

    brief = settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=EXAMPLES,
        phases=(Phase.explicit, Phase.generate),
    )
    settings.register_profile("mutation", brief)
    settings.load_profile("mutation")


def table(rows: Sequence[tuple[str, int, int]]) -> str:
    """Module, mutants, killed and percent, as a table in Markdown."""
    lines = ["| module | mutants | killed | percent |", "|---|---|---|---|"]
    for name, of, killed in rows:
        lines.append(f"| `sctrial/{name}.py` | {of} | {killed} | {100 * killed / of:.1f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", default=MODULES, help="names without .py")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    asked = parser.parse_args(arguments)
    subjects = [Subject(name) for name in asked.modules]
    if asked.list:
        for subject in subjects:
            for mutant in mutants(subject.path.read_text(encoding="utf-8"), file=str(subject.path)):
                print(f"{subject.name}.py:{mutant.line}: {mutant.what}")
        return 0
    warm_up()
    for subject in subjects:
        if not _tests_pass(subject):
            print(f"the tests of {subject.name} fail without any mutant; run them by themselves first")
            return 2
    rows = [(subject.name, *measure(subject, jobs=asked.jobs)) for subject in subjects]
    print(table(rows))
    return 0 if all(100 * killed >= BAR * of for _, of, killed in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
