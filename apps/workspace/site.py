"""The staff site: Django's admin whose index is the worklist."""

from collections.abc import Iterable
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.http import require_POST

from apps.accounts.emergency import End
from apps.accounts.ending import Why, end_access
from apps.accounts.models import User
from apps.admin import actor, now
from apps.audit.history import Line
from apps.workspace import (
    access_views,
    actors,
    again_views,
    emergency_review,
    emergency_views,
    erase_views,
    factor_views,
    first_password_views,
    joining_views,
    key_views,
    passkey_views,
    people_views,
    person_views,
    review_views,
    trail_views,
    views,
)
from apps.workspace.asking import ask_silent
from apps.workspace.cards import cards_of
from apps.workspace.emergency import end_in
from apps.workspace.idle import CLOSED, open_again
from apps.workspace.looks import looked_at
from apps.workspace.permissions import Access, access_of
from apps.workspace.review import REVIEW
from apps.workspace.sign_in import SignInForm, record_door
from apps.workspace.team import RESOURCE
from apps.workspace.verdicts import NOTICE

COHORT_PAGES = {
    "report": "Report of a cohort",
    "verdicts": "What verdicts were worth",
    "snapshots": "Snapshots of cohorts",
    "exports": "Files made in the background",
    "schedules": "Schedules",
}


class WorkspaceSite(AdminSite):
    site_header = "SCS/DRG trials"
    site_title = "SCS/DRG trials"
    index_title = "Worklist"
    site_url = None
    empty_value_display = "–"
    index_template = "workspace/index.html"
    login_form = SignInForm
    login_template = "workspace/login.html"

    def access(self, request: HttpRequest) -> Access:
        return access_of(request)

    def told(self, lines: Iterable[Line], *, clinic: int | None) -> list[Line]:
        return actors.told(lines, clinic=clinic)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {
            "notice": NOTICE,
            "may_have_keys": self.access(request).may("view", resource=key_views.KEY),
        }

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(looked_at(view, site=self), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        access, user = self.access(request).own, cast(User, request.user)
        context = views.worklist_page(access) | cards_of(access, user, at=now())
        return super().index(request, {"title": self.index_title} | context | (extra_context or {}))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        words = {
            "closed": request.session.get(CLOSED, ""),
            "idle_minutes": settings.IDLE_MINUTES,
            "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        }
        response = super().login(request, words | (extra_context or {}))
        if request.method == "POST" and response.status_code == 302:
            open_again(request.session, at=now())
            record_door(request, request.user, action="sign_in")
        return response

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        user = request.user
        if request.method == "POST" and user.is_authenticated:
            end_in(request, why=End.SIGNED_OUT, at=now())
        response = super().logout(request, extra_context)
        if request.method == "POST" and user.is_authenticated:
            record_door(request, user, action="sign_out")
        return response

    @transaction.atomic
    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        user: Any = request.user
        response = super().password_change(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            end_access(user, why=Why.RENEWED, by=actor(request), at=now())
            update_session_auth_hash(request, user)
        return response

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # "View on site" looks rows up without our scope, and no model here has a public page.
        urls = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        own = [
            path("ask/", self.admin_view(require_POST(ask_silent)), name="ask_silent"),
            path("access/", self.admin_view(access_views.page), name="access"),
            path("access/everywhere/", self.admin_view(access_views.end_own), name="access_end_own"),
            path("access/<int:user_id>/end/", self.admin_view(access_views.end), name="access_end"),
            path("emergency/", self.admin_view(emergency_views.page), name="emergency"),
            path("emergency/end/", self.admin_view(emergency_views.end), name="emergency_end"),
            path(
                "emergency/<int:access_id>/",
                self.admin_view(emergency_review.page),
                name="emergency_review",
            ),
            path("people/", self.admin_view(people_views.page), name="people"),
            path("people/add/<int:clinic_id>/", self.admin_view(people_views.add), name="person_add"),
            path("people/offer/<int:clinic_id>/", self.admin_view(joining_views.offer), name="place_offer"),
            path("join/<str:sealed_offer>/", self.admin_view(joining_views.take), name="place_take"),
            path("people/<int:place_id>/", self.admin_view(person_views.page), name="person"),
            path("people/<int:place_id>/link/", self.admin_view(person_views.link), name="person_link"),
            path("welcome/", first_password_views.page, name="first_password_form"),
            path("welcome/<str:sealed_link>/", first_password_views.take, name="first_password"),
            path("trail/", self.admin_view(trail_views.page), name="trail_export"),
            path("trail/review/", self.admin_view(review_views.page), name="trail_review"),
            path(
                "patients/patient/<int:object_id>/erase/",
                self.admin_view(erase_views.page),
                name="patient_erase",
            ),
            path("kept/", self.admin_view(again_views.page), name="kept_form"),
            path("keys/", self.admin_view(key_views.page), name="api_keys"),
            path("keys/<int:key_id>/revoke/", self.admin_view(key_views.revoke), name="api_key_revoke"),
            path("second-factor/", self.admin_view(factor_views.page), name="second_factor"),
            path(
                "second-factor/challenge/",
                self.admin_view(passkey_views.challenge),
                name="passkey_challenge",
            ),
            path("second-factor/passkeys/", self.admin_view(passkey_views.add), name="passkey_add"),
            path("second-factor/passkeys/made/", self.admin_view(passkey_views.made), name="passkey_made"),
            path(
                "second-factor/passkeys/<int:passkey_id>/remove/",
                self.admin_view(passkey_views.remove),
                name="passkey_remove",
            ),
        ]
        return [*own, *urls]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        order = ("trials", "patients", "diary", "outcomes", "accounts", "audit")
        apps = super().get_app_list(request, app_label)
        access = self.access(request)
        if app_label is None and access.clinics("view", resource=RESOURCE):
            apps = with_people(apps)
        listed = sorted(apps, key=lambda app: order.index(app["app_label"]))
        if app_label is not None:
            return listed
        if access.may("view", resource=REVIEW):
            listed[-1]["models"].append(_leads_to("Review of the trail", "admin:trail_review"))
        if access.may("add", resource=trail_views.EXPORT):
            listed[-1]["models"].append(_leads_to("Export of the trail", "admin:trail_export"))
        if listed and emergency_views.may_open_page(access):
            listed[-1]["models"].append(_leads_to("Emergency access", "admin:emergency"))
        return [*listed, cohort_pages()] if access.may("view", resource="cohorts.snapshot") else listed


def with_people(apps: list[Any]) -> list[Any]:
    """First among the lists of people and clinics, of which a colleague has no other."""
    leads = _leads_to("People of the clinic", "admin:people")
    rest = [app for app in apps if app["app_label"] != "accounts"]
    own = next((app for app in apps if app["app_label"] == "accounts"), None)
    head = own or {"name": "Accounts", "app_label": "accounts", "app_url": leads["admin_url"], "models": []}
    return [*rest, head | {"models": [leads, *head["models"]]}]


def cohort_pages() -> dict[str, Any]:
    """The pages about many trials, listed as an app is, so that the sidebar leads to them too."""
    return {
        "name": "Cohorts",
        "app_label": "cohorts",
        "app_url": reverse("cohorts:report"),
        "models": [_leads_to(name, f"cohorts:{code}") for code, name in COHORT_PAGES.items()],
    }


def _leads_to(name: str, place: str) -> dict[str, Any]:
    """A page of our own in a list of the admin's."""
    code = place.partition(":")[2]
    return {"name": name, "object_name": code, "admin_url": reverse(place), "add_url": None}
