"""The page, its worker and its manifest: what they allow, and that they hang together."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import Settings

PAGES = ("/app/", "/app/sw.js", "/app/manifest.webmanifest")


def policy_of(client: Client, address: str) -> dict[str, str]:
    header = client.get(address)["Content-Security-Policy"]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


def release_of(client: Client) -> dict[str, Any]:
    first = client.get("/app/sw.js").content.decode().splitlines()[0]
    kept: dict[str, Any] = json.loads(first.removeprefix("const RELEASE = ").removesuffix(";"))
    return kept


@pytest.mark.parametrize("address", PAGES)
class TestEveryPage:
    def test_the_policy_is_the_strictest_that_works(self, client: Client, address: str) -> None:
        assert policy_of(client, address) == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self'",
            "connect-src": "'self'",
            "manifest-src": "'self'",
            "worker-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "diary",
        }

    def test_it_needs_no_login_sets_no_cookie_and_is_asked_for_each_time(
        self, client: Client, address: str
    ) -> None:
        response = client.get(address)

        assert response.status_code == 200
        assert dict(response.cookies) == {}
        assert response["Cache-Control"] == "no-cache"

    def test_it_only_answers_reading(self, client: Client, address: str) -> None:
        assert client.post(address).status_code == 405


def test_nothing_on_the_page_is_inline(client: Client) -> None:
    page = client.get("/app/").content.decode()

    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page) == []


class TestRelease:
    def test_every_file_of_it_is_served_with_the_digest_that_the_worker_expects(self, client: Client) -> None:
        files = release_of(client)["files"]
        page = files.pop("/app/")

        assert page == hashlib.sha256(client.get("/app/").content).hexdigest()
        assert len(files) > 40
        for address, digest in files.items():
            found = finders.find(address.removeprefix("/static/"))
            assert isinstance(found, str), address
            assert hashlib.sha256(Path(found).read_bytes()).hexdigest() == digest

    def test_it_holds_every_language_of_the_questions(self, client: Client) -> None:
        files = release_of(client)["files"]

        assert {f"/static/diary/wording/{code}.json" for code in ("en", "es", "de")} <= set(files)

    def test_every_module_that_is_imported_is_part_of_it(self, client: Client) -> None:
        files = release_of(client)["files"]
        missing = []
        for address in files:
            if address.endswith(".js"):
                source = Path(str(finders.find(address.removeprefix("/static/")))).read_text("utf-8")
                for name in re.findall(r'from "(\./|\.\./)([\w./-]+)"', source):
                    folder = address.rpartition("/")[0]
                    base = folder if name[0] == "./" else folder.rpartition("/")[0]
                    missing += [f"{address}: {name}"] if f"{base}/{name[1]}" not in files else []

        assert missing == []

    def test_another_page_is_another_release(self, client: Client, settings: Settings) -> None:
        stamps = set()
        for demo in (True, False):
            settings.DEMO = demo
            stamps.add(release_of(client)["stamp"])

        assert len(stamps) == 2


class TestManifest:
    def test_the_app_can_be_installed(self, client: Client) -> None:
        manifest = client.get("/app/manifest.webmanifest").json()

        assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
            "/app/",
            "/app/",
            "standalone",
        )
        assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
        for icon in manifest["icons"]:
            assert finders.find(icon["src"].removeprefix("/static/"))

    def test_its_name_on_the_home_screen_tells_a_stranger_nothing(self, client: Client) -> None:
        manifest = client.get("/app/manifest.webmanifest").json()

        assert (manifest["name"], manifest["short_name"]) == ("Diary", "Diary")
