"""The table of rights as a page to read: ``manage.py rights_report`` writes docs/rights.md."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from apps.workspace.rights import LETTERS, Acts, Table

INTRODUCTION: Final = """\
# Who may do what

Made by `python manage.py rights_report` from `apps/workspace/rights.yaml`, which the service reads,
and `apps/workspace/rights_routes.yaml`. Every cell, yes and no, is tried by the tests; a route without a row
fails.

## Rows

V view, A add, C change; – is a no. Nobody deletes anything: a change is a new version, a mistake is struck
through. A right is held in the clinics where the role is held. *System* keeps people and clinics, and has no
role in any clinic. *Emergency* is what a clinician of another clinic may look at while an emergency access is
open; a request that may write is answered as if it were not.
"""
ROUTES: Final = """
## Routes

How a request about the own clinic is answered. 200 a page, 204 done, 302 done and sent on (or sent to the
sign-in, for who is not signed in), 400 and 422 let in and told what is missing, 401 no token of a phone,
403 no right, 404 does not exist for them. What another clinic holds answers 404 to everybody, or 403 where
the own clinic's does too.
"""


def report(table: Table) -> str:
    rights = ((f"`{name}`", *map(letters_of, row.values())) for name, row in table.resources.items())
    routes = ((f"`{one.method} {one.path}`", *map(str, one.answers.values())) for one in table.routes)
    lines = [
        *_table("row", _columns(table.resources.values()), rights),
        ROUTES,
        *_table("route", _columns(one.answers for one in table.routes), routes),
    ]
    return INTRODUCTION + "\n" + "\n".join(lines) + "\n"


def letters_of(acts: Acts) -> str:
    return "".join(letter.upper() for letter, act in LETTERS.items() if act in acts) or "–"


def _columns(rows: Iterable[Mapping[str, object]]) -> list[str]:
    return [name.replace("_", " ") for name in next(iter(rows))]


def _table(what: str, columns: list[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _line([what, *columns])
    yield _line(["---"] * (len(columns) + 1))
    yield from map(_line, rows)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
