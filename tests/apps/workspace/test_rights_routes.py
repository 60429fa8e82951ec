"""Every route, asked as everybody: the answers are those of the table, also about another clinic's rows."""

from dataclasses import dataclass
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.workspace.permissions import RIGHTS
from apps.workspace.rights import Act, Route, read_table
from tests.apps.workspace.asking_routes import Asker, address, askers, routes
from tests.apps.workspace.every_row import make_every_row

pytestmark = pytest.mark.timeout(300)
ROUTES = read_table().routes
#: Answers that let nobody in, and tell nothing of what is there.
SHUT = (400, 401, 403)
IN_THE_CLINIC = ("coordinator", "clinician", "site_admin", "analyst")
#: Sends on to the page of the row, which then says whether it is there for them.
TO_THE_PAGE = "<path:object_id>/"
#: What a page of a model needs, by the end of its address.
NEEDS = {
    ("GET", ""): Act.VIEW,
    ("GET", "<path:object_id>/change/"): Act.VIEW,
    ("GET", "<path:object_id>/history/"): Act.VIEW,
    ("GET", "add/"): Act.ADD,
    ("POST", "add/"): Act.ADD,
    ("POST", "<path:object_id>/change/"): Act.CHANGE,
}


@dataclass
class Place:
    """A clinic with a row of everything, another one like it, and everybody who may ask."""

    own: Clinic
    rows: dict[str, Any]
    other: Clinic
    theirs: dict[str, Any]
    who: dict[str, Asker]


@pytest.fixture
def place(clinic: Clinic, other_clinic: Clinic) -> Place:
    rows, theirs = make_every_row(clinic), make_every_row(other_clinic)
    return Place(clinic, rows, other_clinic, theirs, askers(clinic, rows=rows))


def test_every_route_has_its_row_and_every_row_its_route() -> None:
    assert {one.path for one in ROUTES} == set(routes())


def test_what_writes_has_a_row_for_writing() -> None:
    posted = {one.path for one in ROUTES if one.method == "POST"}

    silent = [
        path for path in routes() if path.endswith(("add/", "change/", "delete/")) and path not in posted
    ]

    assert silent == []


def test_every_cell_is_the_answer_that_is_given(place: Place) -> None:
    wrong = []
    for route in ROUTES:
        url = address(route.path, clinic=place.own, rows=place.rows)
        given = {name: one.ask(route.method, url) for name, one in place.who.items()}
        wrong += [(route.method, route.path, given)] * (given != route.answers)

    assert wrong == []


def test_an_object_of_another_clinic_is_nobodys(place: Place) -> None:
    """404, or the refusal that the own clinic's object has too."""
    wrong = []
    for route in (one for one in ROUTES if names_an_object(one)):
        url = address(route.path, clinic=place.other, rows=place.theirs)
        for name in (*IN_THE_CLINIC, *["phone"] * route.path.startswith("/api/")):
            own, given = route.answers[name], place.who[name].ask(route.method, url)
            wrong += [(route.method, url, name, given)] * (given not in {404, own if own in SHUT else 404})

    assert wrong == []


def names_an_object(route: Route) -> bool:
    of_a_row = "<" in route.path and not route.path.endswith(("<url>", "<app_label>/"))
    # A report is about the clinics of who asks, whatever its address names.
    return of_a_row and not route.path.endswith(TO_THE_PAGE) and "/cohorts/report/" not in route.path


@pytest.mark.parametrize("resource", RIGHTS)
def test_a_page_opens_to_those_alone_whose_letter_opens_it(resource: str) -> None:
    """The two halves of the table agree: a page of a model is shut to every role without the letter."""
    start = f"/staff/{resource.replace('.', '/')}/"
    for route in (one for one in ROUTES if one.path.startswith(start)):
        need = NEEDS.get((route.method, route.path.removeprefix(start)))
        open_to = {name for name in IN_THE_CLINIC if route.answers[name] in (200, 302)}
        holders = {name for name, acts in RIGHTS[resource].items() if need in acts}
        assert need is None or open_to <= holders


def test_only_these_are_open_to_anybody() -> None:
    """Everything else asks who it is: 302 to the sign-in, or 401."""
    open_to_all = {f"{one.method} {one.path}" for one in ROUTES if one.answers["anonymous"] not in (302, 401)}

    assert open_to_all == {
        "GET /api/v1/cohorts/links/<str:sealed>",
        "GET /api/v1/openapi.yaml",
        "GET /app/",
        "GET /app/manifest.webmanifest",
        "GET /app/sw.js",
        "GET /livez",
        "GET /readyz",
        "GET /staff/login/",
        "POST /staff/login/",
        "GET /staff/welcome/",
        "GET /staff/welcome/<str:sealed_link>/",
        "POST /staff/welcome/",
        "POST /api/v1/pairing",
    }


def test_no_page_deletes() -> None:
    allowed = {answer for one in ROUTES if one.path.endswith("/delete/") for answer in one.answers.values()}

    assert allowed == {302, 403}, "302 is the way to the sign-in"
