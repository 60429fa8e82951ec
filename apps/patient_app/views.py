"""The app's page, its service worker and its manifest. Everything else of it is a static file."""

import hashlib
import json
from pathlib import Path

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.patient_app import release

WORKER = Path(__file__).parent / "worker.js"
#: Nothing from elsewhere, nothing inline, and no text that becomes markup or the address of a script.
POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "worker-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["diary"],
}
HEADERS = {
    # The browser asks each time; a phone without network has the copy of the service worker.
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("maskable-512.png", "512x512", "maskable"),
)


@require_safe
@csp(POLICY)
def index(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_safe
@csp(POLICY)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker's code below the release that it keeps: another release is other bytes, hence an update."""
    files, shell = release.files(), _page(request).content
    kept = {
        "stamp": release.stamp(of=files, shell=shell),
        "home": request.path.removesuffix("sw.js"),
        "files": files | {request.path.removesuffix("sw.js"): hashlib.sha256(shell).hexdigest()},
    }
    code = f"const RELEASE = {json.dumps(kept)};\n{WORKER.read_text(encoding='utf-8')}"
    return _with_headers(HttpResponse(code, content_type="text/javascript; charset=utf-8"))


@require_safe
@csp(POLICY)
def manifest(request: HttpRequest) -> HttpResponse:
    home = request.path.removesuffix("manifest.webmanifest")
    icons = f"{settings.STATIC_URL}patient_app/icons/"
    # The name stands on the home screen and in notices, where anyone may read it.
    content = {
        "id": home,
        "name": "Diary",
        "short_name": "Diary",
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": "#f3f6f8",
        "theme_color": "#f3f6f8",
        "icons": [
            {"src": icons + name, "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
    }
    return _with_headers(JsonResponse(content, content_type="application/manifest+json"))


def _page(request: HttpRequest) -> HttpResponse:
    context = {"version": release.version(), "is_demo": settings.DEMO}
    return _with_headers(render(request, "patient_app/app.html", context))


def _with_headers(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response[name] = value
    return response
