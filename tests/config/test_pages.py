"""What is for pages is stepped over on the way to the API, and no header is lost by it."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string

from config import pages

pytestmark = pytest.mark.django_db

PAGE, ADDRESS = "/staff/login/", "/api/v1/diary/today"
#: What a browser is told of every answer, whoever asked for it.
SAFETY = (
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)


@pytest.mark.parametrize("name", SAFETY)
def test_the_api_says_what_a_page_says(name: str) -> None:
    page, answer = Client().get(PAGE), Client().get(ADDRESS)

    assert page.status_code == 200
    assert answer[name] == page[name]


def test_a_page_has_a_session_and_a_user_and_the_api_has_neither() -> None:
    page, answer = Client().get(PAGE), Client().get(ADDRESS)

    assert all(hasattr(page.wsgi_request, name) for name in ("session", "_messages", "csp_nonce"))
    assert not any(hasattr(answer.wsgi_request, name) for name in ("session", "_messages", "csp_nonce"))


@pytest.mark.parametrize(
    ("path", "has_session"), [("/api/v1/", False), ("/apiary", True), ("/staff/api/", True)]
)
def test_only_the_way_to_the_api_is_shorter(path: str, has_session: bool) -> None:
    request = RequestFactory().get(path)

    pages.PageSessions(lambda _request: HttpResponse())(request)

    assert hasattr(request, "session") is has_session


def test_each_of_them_is_in_use() -> None:
    used = {import_string(name) for name in settings.MIDDLEWARE}

    assert set(pages.PagesOnly.__subclasses__()) <= used
