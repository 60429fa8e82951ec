"""The catalogue of bad inputs, `bad_inputs.json`, as cases; what in it differs here says so in `ours`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

CATALOGUE = json.loads(Path(__file__).with_name("bad_inputs.json").read_text(encoding="utf-8"))
#: Groups that ask nothing of the API or of pairing, and where they are asked.
OTHER_GROUPS = {
    "files_csv": "files of staff: tests/apps/cohorts/test_imports.py, tests/apps/diary/test_import_*.py",
    "export": "cells of reports, which no API answer has: tests/sctrial/test_csv_files.py",
    "admin": "staff pages: tests/apps/workspace",
    "celery": "messages on the queue: tests/faults, tests/apps/test_jobs.py",
}
STATUS_DIGITS = 3
#: What the catalogue writes as a form instead of at length.
GENERATORS: dict[str, Callable[..., str]] = {
    "repeat": lambda text, times: text * times,
    "quote_repeat": lambda text, times: json.dumps(text * times),
    "nest_array": lambda depth: "[" * depth + "]" * depth,
    "string_field_bytes": lambda size: '{"a":"' + "x" * size + '"}',
}
Test = TypeVar("Test", bound=Callable[..., Any])


@dataclass(frozen=True)
class Case:
    """One input of the catalogue. ``expect`` is what this service promises, ``ours`` why that differs."""

    id: str
    group: str
    kind: str
    content: Any
    expect: str
    elsewhere: str = ""

    @property
    def status(self) -> int:
        """The first status that the expectation names."""
        return int(self.expect[:STATUS_DIGITS])


def _case(raw: dict[str, Any]) -> Case:
    ours = raw.get("ours", {})
    content = _generated(raw["gen"]) if "gen" in raw else raw["input"]
    return Case(
        id=raw["id"],
        group=raw["group"],
        kind=raw["kind"],
        content=content,
        expect=ours.get("expect", raw["expect"]),
        elsewhere=ours.get("elsewhere", OTHER_GROUPS.get(raw["group"], "")),
    )


def _generated(form: list[Any]) -> str:
    name, *arguments = form
    return GENERATORS[name](*arguments)


CASES = {raw["id"]: _case(raw) for raw in CATALOGUE["inputs"]}


def in_group(*groups: str, kinds: tuple[str, ...] = ()) -> list[Case]:
    """Cases of these groups that are asked here."""
    return [
        case
        for case in CASES.values()
        if case.group in groups and not case.elsewhere and (not kinds or case.kind in kinds)
    ]


def covers(*ids: str) -> Callable[[Test], Test]:
    """Names the cases that a test asks; `test_catalogue.py` reads it from the source."""
    unknown = [name for name in ids if name not in CASES]
    assert not unknown, unknown
    return lambda test: test
