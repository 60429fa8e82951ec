"""Middleware that is for pages: what the API has no use for, it does not wait for.

An answer of the API carries the same headers as a page: the policy of the contents is its own constant there.
"""

from collections.abc import Sequence
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

from apps.workspace.spoken import TRANSLATED

API = "/api/"
STAFF = "/staff/"


class PagesOnly:
    """Comes before a middleware among the bases, and steps over it on the way to the API."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API):
            response: HttpResponseBase = self.get_response(request)
            return response
        page: HttpResponseBase = super().__call__(request)  # type: ignore[misc]
        return page


class PageSessions(PagesOnly, SessionMiddleware):
    """Phones have tokens."""


class PageUsers(PagesOnly, AuthenticationMiddleware):
    """A phone is no user."""


class PageMessages(PagesOnly, MessageMiddleware):
    """Nothing is shown beside an answer."""


class PageFiles(PagesOnly, WhiteNoiseMiddleware):
    """No file has an address below the API."""


class ContentPolicy(PagesOnly, CSPMiddleware):
    """Pages may have a nonce of their own; the policy of the API never changes."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self._policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = super().__call__(request)
        if request.path_info.startswith(API):
            response.headers[HEADER] = self._policy
        return response


class StaffLanguage:
    """The browser's language on the staff site, and there alone.

    A phone's app has languages of its own, and an answer of the API is the same bytes for everybody. The
    language ends with the page: Django's own middleware would leave it to the next request of the thread.
    """

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(STAFF):
            response: HttpResponseBase = self.get_response(request)
            return response
        with translation.override(translation.get_language_from_request(request)):
            page: HttpResponseBase = self.get_response(request)
            page.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(page, ("Accept-Language",))
        return page

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """A page that nobody translated is English as a whole, and says so to a screen reader."""
        named = response.template_name
        names = [named] if isinstance(named, str) else named
        if not isinstance(names, Sequence) or TRANSLATED.isdisjoint(names):
            translation.activate(settings.LANGUAGE_CODE)
        return response
