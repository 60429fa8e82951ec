"""A headless Chromium in front of the real service. Without one these tests skip themselves and say so."""

import os
import shutil
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Clinic, User
from apps.outcomes.services import assess
from apps.trials.models import AdverseEvent, ProgramInterval, StimulationTrial
from sctrial.phases import Phase
from tests.browser.looking import HEIGHT, OpenPage, Scheme
from tests.factories import make_entries, make_patient, make_trial
from tests.factories.staff import PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# On a machine that has other work; what is there at once is seen at once.
expect.set_options(timeout=30_000)
# Playwright's synchronous API runs an event loop in this thread, which Django takes for an async caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(600))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(autouse=True)
def short_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of the test server that outlives its request must not hold the database open."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture
def story(transactional_db: None, clinic: Clinic) -> StimulationTrial:
    """A trial with a gap, a program change and an adverse event, beside a silent and a running one."""
    today = timezone.now().date()
    first = today - timedelta(days=14)
    trial = _ended(clinic, first)
    running = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        target_area="left foot",
        modality="DRG",
        diary_from=first,
        lead_placed_on=first + timedelta(days=7),
        planned_end_on=today + timedelta(days=2),
    )
    make_entries(running, {str(first + timedelta(days=n)): 7 if n < 7 else 3 for n in range(12)})
    make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        phase=Phase.BASELINE_DIARY.value,
        diary_from=today - timedelta(days=3),
        lead_placed_on=None,
        planned_end_on=None,
    )
    for one in (trial, running):
        assess(one.pk, at=timezone.now())
    return trial


def _ended(clinic: Clinic, first: date) -> StimulationTrial:
    """Baseline 8 7 8 7 8 7 8 (mean 53/7), trial window 4 3 4: below half, and one day without an entry."""
    trial = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        rule_set_id="NORTH_PP",
        diary_from=first,
        lead_placed_on=first + timedelta(days=7),
        planned_end_on=first + timedelta(days=13),
    )
    scores = [8, 7, 8, 7, 8, 7, 8, 6, 5, None, 4, 4, 3, 4]
    days = {str(first + timedelta(days=n)): score for n, score in enumerate(scores) if score is not None}
    make_entries(trial, days)
    ProgramInterval.objects.create(
        trial=trial,
        name="Program B",
        waveform="burst",
        frequency_hz=40,
        started_on=first + timedelta(days=10),
    )
    AdverseEvent.objects.create(
        trial=trial, onset_on=first + timedelta(days=8), code="lead_site_pain", severity="mild"
    )
    StimulationTrial.objects.filter(pk=trial.pk).update(
        phase=Phase.DECISION_PENDING.value, ended_on=first + timedelta(days=13), end_reason="success"
    )
    trial.refresh_from_db()
    return trial


def watch(page: Page, violations: list[str]) -> None:
    """Listen before the first script runs; what the listener finds comes back through the binding."""

    def tell(text: str) -> None:
        violations.append(text)

    page.expose_function("tellViolation", tell)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', event => "
        "window.tellViolation(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`))"
    )


def log_in(page: Page, server: LiveServer, user: User) -> None:
    page.goto(f"{server.url}/staff/login/")
    page.fill("#id_username", user.username)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_url(f"{server.url}/staff/")


@pytest.fixture
def blank_page(browser: Browser) -> Iterator[OpenPage]:
    """A page of a given width and colour scheme that tells its breaches of the policy; closed at the end."""
    contexts: list[BrowserContext] = []

    def opened(*, width: int = 1366, scheme: Scheme = "light", violations: list[str] | None = None) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme))
        page = contexts[-1].new_page()
        watch(page, [] if violations is None else violations)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(blank_page: OpenPage, live_server: LiveServer, coordinator: User) -> OpenPage:
    """The same, logged in, on the worklist."""

    def opened(**kind: object) -> Page:
        page = blank_page(**kind)
        log_in(page, live_server, coordinator)
        return page

    return opened
