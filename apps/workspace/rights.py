"""The tables of rights, read once: the files say what each letter and each number in them means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from apps.accounts.models import Role

FILE: Final = Path(__file__).with_name("rights.yaml")
ROUTES: Final = Path(__file__).with_name("rights_routes.yaml")


class Act(StrEnum):
    VIEW = "view"
    ADD = "add"
    CHANGE = "change"


#: Superusers keep the people and the clinics; being one shows no clinical row.
SYSTEM: Final = "system"
#: What a clinician of another clinic may do here for a while, beside what their own role gives them there.
EMERGENCY: Final = "emergency"
NOTHING: Final = "."
LETTERS: Final = {act.value[0]: act for act in Act}
HOLDERS: Final = frozenset(Role) | {SYSTEM, EMERGENCY}

Acts = frozenset[Act]


@dataclass(frozen=True, slots=True)
class Route:
    """How a request is answered, by who asks."""

    method: str
    path: str
    answers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Table:
    resources: Mapping[str, Mapping[str, Acts]]
    routes: tuple[Route, ...]


@cache
def read_table(file: Path = FILE, *, routes: Path = ROUTES) -> Table:
    """Raises ValueError for a row that does not fit its columns, and for a letter that means nothing."""
    rights, answers = (_content(one) for one in (file, routes))
    holders, askers = rights["resource columns"].split(), answers["route columns"].split()
    if set(holders) != HOLDERS:
        raise ValueError(
            f"the columns are {', '.join(holders)}; there must be one for each role, {SYSTEM} and {EMERGENCY}"
        )
    resources = {name: _acts(name, _row(name, cells, holders)) for name, cells in rights["resources"].items()}
    rows = (_route(name, _row(name, cells, askers)) for name, cells in answers["routes"].items())
    return Table(resources, tuple(rows))


def _content(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content


def _row(name: str, cells: str, columns: Iterable[str]) -> dict[str, str]:
    try:
        return dict(zip(columns, cells.split(), strict=True))
    except ValueError as error:
        raise ValueError(f"{name}: the row has another number of cells than there are columns") from error


def _acts(name: str, cells: Mapping[str, str]) -> dict[str, Acts]:
    try:
        return {who: frozenset(LETTERS[one] for one in cell.strip(NOTHING)) for who, cell in cells.items()}
    except KeyError as error:
        raise ValueError(f"{name}: {error.args[0]} is none of the letters {', '.join(LETTERS)}") from error


def _route(name: str, cells: Mapping[str, str]) -> Route:
    method, _, path = name.partition(" ")
    return Route(method, path, {who: int(cell) for who, cell in cells.items()})
