"""An operation that will go says so in every answer and in the description, in time."""

from datetime import UTC, date, datetime

import pytest
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config.deprecations import DEPRECATED, Deprecated, described_path, mark_deprecated
from config.middleware import ApiVersionMiddleware
from tests.described import api_description

PATH = "/api/v1/diary/entries/5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab"
PLANTED = Deprecated(
    "GET",
    "/api/v1/diary/entries/{entry_id}",
    since=date(2026, 10, 1),
    sunset=date(2027, 10, 1),
    instead="Use the page of all entries.",
)


def answer(method: str, path: str, *rows: Deprecated) -> HttpResponse:
    """What the whole service says to this request, with these rows in the table."""
    handler = BaseHandler()
    handler.load_middleware()

    def whole_service(request: HttpRequest) -> HttpResponse:
        response = handler.get_response(request)
        assert isinstance(response, HttpResponse)
        return response

    request = RequestFactory().generic(method, path)
    return ApiVersionMiddleware(whole_service, deprecated=rows)(request)


@pytest.mark.django_db
def test_a_deprecated_operation_names_both_days_and_where_to_read_on() -> None:
    response = answer("GET", PATH, PLANTED)

    # RFC 9745 section 2: a structured date; RFC 8594 section 3: an HTTP date.
    assert response["Deprecation"] == f"@{int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())}"
    assert response["Sunset"] == "Fri, 01 Oct 2027 00:00:00 GMT"
    assert response["Link"] == '</api/v1/openapi.yaml>; rel="deprecation"; type="application/yaml"'


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path"), [("PUT", PATH), ("GET", "/api/v1/no/such/address"), ("GET", "/livez")]
)
def test_no_other_operation_says_so(method: str, path: str) -> None:
    response = answer(method, path, PLANTED)

    assert not {"Deprecation", "Sunset", "Link"} & set(response.headers)


def test_the_link_of_a_page_stays() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        handled = BaseHandler()
        handled.load_middleware()
        handled.resolve_request(request)
        return HttpResponse(headers={"Link": '</next>; rel="next"'})

    response = ApiVersionMiddleware(page, deprecated=(PLANTED,))(RequestFactory().get(PATH))

    assert response["Link"].startswith('</next>; rel="next", </api/v1/openapi.yaml>; rel="deprecation"')


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "named"), [(PATH, True), ("/api/v1/nothing", True), ("/livez", False)])
def test_every_answer_of_the_api_names_its_version(path: str, named: bool) -> None:
    version = api_description()["info"]["version"]

    response = Client().get(path)

    assert response.get("API-Version") == (version.rpartition(".")[0] if named else None)


def test_the_description_says_the_same() -> None:
    result = {"paths": {PLANTED.path: {"get": {"description": "Reads."}, "put": {}}}}

    marked = mark_deprecated(result, None, None, True, rows=(PLANTED,))

    assert marked["paths"][PLANTED.path] == {
        "get": {
            "deprecated": True,
            "description": "Reads. Deprecated since 2026-10-01, gone from 2027-10-01 on. "
            "Use the page of all entries.",
        },
        "put": {},
    }


def test_clients_get_a_year_to_move() -> None:
    with pytest.raises(ValueError, match="365 days"):
        Deprecated("GET", "/api/v1/x", since=date(2026, 10, 1), sunset=date(2027, 9, 30), instead="Use y.")


def test_every_row_names_an_operation_that_there_is() -> None:
    paths = api_description()["paths"]

    assert [row for row in DEPRECATED if row.method.lower() not in paths.get(row.path, {})] == []


def test_a_route_is_written_as_the_description_writes_it() -> None:
    assert described_path("api/v1/diary/entries/<str:entry_id>") == "/api/v1/diary/entries/{entry_id}"
