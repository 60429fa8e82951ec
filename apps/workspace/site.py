"""The staff site: Django's admin whose index is the worklist."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.http import require_POST

from apps.workspace import factor_views, key_views, passkey_views, views
from apps.workspace.asking import ask_silent
from apps.workspace.looks import looked_at
from apps.workspace.permissions import Access, access_of
from apps.workspace.verdicts import NOTICE

COHORT_PAGES = {
    "report": "Report of a cohort",
    "verdicts": "What verdicts were worth",
    "snapshots": "Snapshots of cohorts",
    "exports": "Files made in the background",
}


class WorkspaceSite(AdminSite):
    site_header = "SCS/DRG trials"
    site_title = "SCS/DRG trials"
    index_title = "Worklist"
    site_url = None
    empty_value_display = "–"
    index_template = "workspace/index.html"

    def access(self, request: HttpRequest) -> Access:
        return access_of(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {
            "notice": NOTICE,
            "may_have_keys": self.access(request).may("view", resource=key_views.KEY),
        }

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(looked_at(view, site=self), cacheable)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = views.worklist_page(self.access(request))
        return super().index(request, {"title": self.index_title} | context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # "View on site" looks rows up without our scope, and no model here has a public page.
        urls = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        own = [
            path("ask/", self.admin_view(require_POST(ask_silent)), name="ask_silent"),
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
        listed = sorted(apps, key=lambda app: order.index(app["app_label"]))
        may_see = self.access(request).may("view", resource="cohorts.snapshot")
        return [*listed, cohort_pages()] if may_see and app_label is None else listed


def cohort_pages() -> dict[str, Any]:
    """The pages about many trials, listed as an app is, so that the sidebar leads to them too."""
    return {
        "name": "Cohorts",
        "app_label": "cohorts",
        "app_url": reverse("cohorts:report"),
        "models": [
            {"name": name, "object_name": code, "admin_url": reverse(f"cohorts:{code}"), "add_url": None}
            for code, name in COHORT_PAGES.items()
        ],
    }
