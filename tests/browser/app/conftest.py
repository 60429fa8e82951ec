"""A phone in a patient's hand: a real Chromium on the real app, in front of the real service."""

import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Clinic
from apps.diary.models import PatientDevice
from apps.diary.pairing import issue_invitation, revoke_device
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.browser.conftest import watch
from tests.browser.looking import PATIENCE, Scheme, broken_rules, told, until
from tests.factories import make_patient, make_trial

#: Each is a twentieth of a second after the last.
RESTING_LOOKS = 8
#: Where one answer goes.
ENTRIES = "**/api/v1/diary/entries/**"


def midday_zone(now: datetime) -> str:
    """A zone in which it is past noon now, so that the windows of the day stand where tests expect them."""
    ahead = 12 - now.hour
    # POSIX counts westward: Etc/GMT-9 is nine hours ahead.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@pytest.fixture
def zone() -> str:
    return midday_zone(datetime.now(UTC))


@pytest.fixture
def trial(transactional_db: None, clinic: Clinic, zone: str) -> StimulationTrial:
    """The trial's fourth day, at noon; the window of the day is 06:00 to 18:00."""
    return running_trial(clinic, zone=zone)


def today_in(zone: str) -> date:
    """It is about noon there: the day stays the same while a test runs, whatever UTC's midnight does."""
    return datetime.now(ZoneInfo(zone)).date()


def running_trial(clinic: Clinic, *, zone: str, **overrides: Any) -> StimulationTrial:
    today = today_in(zone)
    clinic.emergency_phone = "112"
    clinic.save()
    facts = {
        "diary_windows": "06:00-18:00",
        "diary_from": today - timedelta(days=10),
        "lead_placed_on": today - timedelta(days=3),
        "planned_end_on": today + timedelta(days=4),
        "goal": "walk to the bakery",
    }
    return make_trial(clinic=clinic, patient=make_patient(clinic=clinic, zone=zone), **facts | overrides)


@dataclass
class Phone:
    """One browser profile with one tab of the app, and what a hand does with it."""

    context: BrowserContext
    url: str
    page: Page
    violations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)

    def open(self, fragment: str = "") -> None:
        self.page.goto(f"{self.url}/app/{fragment}")
        self.page.wait_for_selector("h1")

    def watch(self, page: Page) -> Page:
        watch(page, self.violations)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._begins)
        page.on("requestfinished", self._ends)
        page.on("requestfailed", self._ends)
        return page

    def _begins(self, request: Request) -> None:
        self.under_way.add(request)

    def _ends(self, request: Request) -> None:
        self.under_way.discard(request)

    def new_tab(self) -> Page:
        self.page = self.watch(self.context.new_page())
        self.open()
        return self.page

    def kill(self) -> None:
        """The tab is gone at once; what the phone keeps is still there."""
        self.page.close(run_before_unload=False)

    def restart(self) -> None:
        self.kill()
        self.new_tab()

    # --- what one sees and does -----------------------------------------------------------

    @property
    def heading(self) -> Locator:
        return self.page.locator("h1")

    def tap(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        self.page.locator(".row", has_text=words).first.click()

    def menu(self, words: str) -> None:
        """The screen behind that row of the menu; other screens have rows of the same words."""
        self.tap("Menu")
        expect(self.heading).to_have_text("Menu")
        self.follow(words)
        expect(self.heading).not_to_have_text("Menu")

    def done(self) -> None:
        before = self.heading.inner_text()
        self.tap("Done")
        expect(self.heading).not_to_have_text(before)

    def sees(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#screen")).to_contain_text(words)

    def does_not_see(self, words: str) -> None:
        expect(self.page.locator("#screen")).not_to_contain_text(words)

    def choose(self, which: int) -> None:
        self.page.locator(".option").nth(which).click()

    def answer(self, which: int) -> None:
        self.choose(which)
        self.next()

    def next(self) -> None:
        before = self.heading.inner_text()
        self.page.click("[data-do=next]")
        expect(self.heading).not_to_have_text(before)

    def start(self) -> None:
        self.page.click("[data-do=start]")
        self.page.wait_for_selector("[data-do=next]")

    def answer_all(self, which: int = 3) -> None:
        """Every question up to the review: the choice at that place of its list; for signs the last, none."""
        while not self.page.locator("[data-do=save]").is_visible():
            if self.page.locator("input[type=checkbox]").count():
                self.answer(-1)
            else:
                self.answer(min(which, self.page.locator(".option").count() - 1))

    def answer_pain_only(self, score: int) -> None:
        """The score; everything else is skipped."""
        self.answer(score)
        while not self.page.locator("[data-do=save]").is_visible():
            before = self.heading.inner_text()
            self.page.click("[data-do=skip]")
            expect(self.heading).not_to_have_text(before)

    def save(self) -> None:
        self.page.click("[data-do=save]")
        expect(self.heading).to_have_text("Your answers are saved")

    def all_sent(self) -> None:
        """Nothing waits on the phone any more."""
        self.until(lambda: not self.kept("outbox"))

    def until(self, condition: Callable[[], Any]) -> None:
        until(self.page, condition)

    def rests(self) -> None:
        """Waits until the calls that the app makes by itself are over; each follows soon after the last."""
        looks: deque[bool] = deque(maxlen=RESTING_LOOKS)

        def quiet() -> bool:
            looks.append(not self.under_way)
            return len(looks) == RESTING_LOOKS and all(looks)

        self.until(quiet)

    def waits_for_worker(self) -> None:
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def kept(self, store: str) -> list[dict[str, Any]]:
        """What the phone keeps, read past the app."""
        return self.page.evaluate(
            """store => new Promise((resolve, reject) => {
                const request = indexedDB.open("diary");
                request.onerror = () => reject(request.error);
                request.onsuccess = () => {
                    const all = request.result.transaction(store).objectStore(store).getAll();
                    all.onsuccess = () => { request.result.close(); resolve(all.result); };
                };
            })""",
            store,
        )

    def faults(self, *, scheme: Scheme = "light") -> list[str]:
        """Rules of accessibility that this screen breaks; policy first, since axe itself breaks it."""
        found = [*self.violations, *self.errors]
        self.violations.clear()
        rules = broken_rules(self.page, scheme=scheme)
        self.violations.clear()
        return found + [told(rule) for rule in rules]


class Gate:
    """Holds what is sent to an address until it is opened."""

    def __init__(self, phone: Phone, address: str) -> None:
        self.held: list[Route] = []
        self.is_open = False
        phone.page.route(address, self.pass_or_hold)

    def pass_or_hold(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def open(self) -> None:
        self.is_open = True
        for route in self.held:
            route.continue_()


MakePhone = Callable[..., Phone]


@pytest.fixture
def make_phone(
    transactional_db: None, browser: Browser, live_server: LiveServer, zone: str
) -> Iterator[MakePhone]:
    phones: list[Phone] = []
    begun = datetime.now(UTC)
    cache.clear()

    def made(*, width: int = 390, height: int = 844, timezone_id: str = zone, **kind: Any) -> Phone:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            timezone_id=timezone_id,
            locale=kind.pop("locale", "en-GB"),
            has_touch=True,
            **kind,
        )
        phone = Phone(context, live_server.url, context.new_page())
        phone.watch(phone.page)
        phones.append(phone)
        return phone

    yield made
    wrong = [problem for phone in phones for problem in (*phone.violations, *phone.errors)]
    for phone in phones:
        phone.context.close()
    wait_until_served(begun)
    assert wrong == []


OTHERS = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
      AND backend_start > %s"""


def wait_until_served(since: datetime) -> None:
    """A request that the phone no longer waits for is still served: the tables are emptied after it.

    Each has a connection of its own, opened after ``since``; that of the suite itself stays open beside them.
    """
    quiet, deadline = 0, time.monotonic() + PATIENCE
    while quiet < 3:
        assert time.monotonic() < deadline, f"a request is still served {PATIENCE} s after the phone is gone"
        time.sleep(0.05)
        with connection.cursor() as cursor:
            cursor.execute(OTHERS, [since])
            quiet = quiet + 1 if cursor.fetchone() == (0,) else 0


def invite(trial: StimulationTrial, *, holder: str = "patient") -> tuple[str, str]:
    """The typed code, and the part of the link that the app reads."""
    issued = issue_invitation(trial, by="staff:test", at=timezone.now(), holder=holder)
    return issued.code, "#" + issued.link.partition("#")[2]


def join(phone: Phone, trial: StimulationTrial, *, holder: str = "patient", agree: bool = True) -> Phone:
    phone.open()
    phone.page.fill("#code", invite(trial, holder=holder)[0])
    phone.page.click(".primary")
    expect(phone.heading).to_have_text("Before you start")
    if agree:
        phone.tap("I agree")
        phone.page.wait_for_selector(".card")
        expect(phone.heading).not_to_have_text("Before you start")
        # What comes next may be without a network: the consent is no part of it.
        phone.all_sent()
    return phone


@pytest.fixture
def phone(make_phone: MakePhone, trial: StimulationTrial) -> Phone:
    """Joined and agreed, on the first screen, at rest."""
    phone = join(make_phone(), trial)
    phone.rests()
    return phone


def revoke(trial: StimulationTrial) -> None:
    for device in PatientDevice.objects.filter(trial=trial, revoked_at__isnull=True):
        revoke_device(device, by="staff:test", at=timezone.now(), reason="lost")


def end_trial(trial: StimulationTrial, *, days_ago: int = 1) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(
        phase=Phase.ENDED.value,
        ended_on=trial.planned_end_on and trial.planned_end_on - timedelta(days=4 + days_ago),
        end_reason="success",
    )
