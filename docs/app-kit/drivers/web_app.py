"""The driver of our own app at /app/: a Chromium in the patient's hand.

Needs `playwright` and a Chromium. It looks for headings, buttons and choices as a person does; it reads the
browser's storage in one place only, for `what_is_waiting`, because the app shows how many answers wait but
never again what they were.
"""

import re
import shutil
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drivers.serving import Json, serve

PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
#: So many looks in a row without a call under way: the app has nothing more to say for now.
QUIET_LOOKS = 6
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
#: Everything that the app keeps, by store; `state` by name.
READ_STORAGE = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open("diary");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
        const base = request.result, found = {};
        const work = base.transaction(["state", "outbox", "refused"]);
        for (const name of ["outbox", "refused"]) {
            work.objectStore(name).getAll().onsuccess = (event) => { found[name] = event.target.result; };
        }
        const state = work.objectStore("state"), keys = state.getAllKeys(), values = state.getAll();
        work.oncomplete = () => {
            found.state = Object.fromEntries(keys.result.map((key, n) => [key, values.result[n]]));
            base.close();
            resolve(found);
        };
    };
})"""
DAY_BUTTONS = {"today": "start", "yesterday": "late"}


class Device:
    """What is around the app: its clock, its zone, its network, and the browser that the system may kill."""

    page: Page
    context: BrowserContext

    def __init__(self, playwright: Playwright, *, storage: str, now: str, zone: str, language: str) -> None:
        self._playwright, self._storage = playwright, storage
        self.zone, self.language, self.offline = zone, language, False
        self._under_way: set[Any] = set()
        self._clock = datetime.fromisoformat(now), time.monotonic()
        self.boot()

    def now(self) -> datetime:
        set_to, at = self._clock
        return set_to + timedelta(seconds=time.monotonic() - at)

    def boot(self) -> None:
        self.context = self._playwright.chromium.launch_persistent_context(
            self._storage,
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=ARGUMENTS,
            viewport={"width": 390, "height": 844},
            has_touch=True,
            timezone_id=self.zone,
            locale=self.language,
            offline=self.offline,
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.clock.install(time=self.now())
        self._under_way.clear()
        self.page = self.context.pages[0]
        self.page.on("pageerror", lambda error: print(f"page error: {error}", file=sys.stderr))
        self.page.on("request", self._begun)
        for ended in ("requestfinished", "requestfailed"):
            self.page.on(ended, self._ended)
        self.is_on = True

    def kill(self) -> None:
        """No page gets to say goodbye."""
        self.page.close(run_before_unload=False)
        self.context.close()
        self.is_on = False

    def set_clock(self, now: datetime) -> None:
        """The time in between passes too: what the app wanted to do later falls due."""
        passed = now - self.now()
        self._clock = now, time.monotonic()
        if self.is_on:
            self.context.clock.fast_forward(max(0, round(passed.total_seconds() * 1000)))
            self.quiet()

    def set_zone(self, zone: str) -> None:
        """A browser learns its zone when it starts."""
        self.zone = zone
        if self.is_on:
            self.kill()
            self.boot()

    def set_network(self, *, on: bool) -> None:
        self.offline = not on
        if self.is_on:
            self.context.set_offline(self.offline)
            self.quiet()

    def quiet(self) -> None:
        """Wait until the app has made its calls and has had its replies."""
        deadline, looks = time.monotonic() + PATIENCE / 1000, 0
        while looks < QUIET_LOOKS and time.monotonic() < deadline:
            self.page.wait_for_timeout(30)
            # Goes through the page, so that a page that has had no time yet is not taken for a quiet one.
            self.page.evaluate("1")
            looks = 0 if self._under_way else looks + 1

    def _begun(self, request: Any) -> None:
        self._under_way.add(request)

    def _ended(self, request: Any) -> None:
        self._under_way.discard(request)


class WebApp:
    """The kit's words, turned into what a thumb does."""

    device: Device

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._seen: list[str] = []

    # --- the kit's words -------------------------------------------------------------------

    def hello(self, **_: Any) -> Json:
        return {"name": "sctrial web app", "version": "1"}

    def install(self, server: str, **where: str) -> None:
        self._home = f"{server}/app/"
        self.device = Device(self._playwright, **where)
        self._open()

    def pair(self, code: str = "", link: str = "") -> Json:
        if link:
            self._open(link)
        elif not self._page.locator("#code").is_visible():
            self._open()
        if code and self._page.locator("#code").is_visible():
            self._page.fill("#code", code)
        if not self._is_joined():
            self._join()
        return {"paired": self._is_joined()}

    def set_clock(self, now: str) -> None:
        self.device.set_clock(datetime.fromisoformat(now))

    def set_zone(self, zone: str) -> None:
        self.device.set_zone(zone)
        if self.device.is_on:
            self._open()

    def network(self, state: str) -> None:
        self.device.set_network(on=state == "on")

    def open(self) -> None:
        self._open()
        self._tap_day("today")

    def answer(self, answers: Json, day: str = "today") -> None:
        self._seen.clear()
        if not self._is_asking():
            self._open()
            self._tap_day(day)
        self._answer_each(answers)

    def amend(self, answers: Json) -> None:
        self._seen.clear()
        for question, value in answers.items():
            self._menu("Change an answer")
            words = self._questions()[question]
            self._page.get_by_role("button", name=re.compile(re.escape(words))).click()
            self._answer_each({question: value})

    def withdraw(self) -> None:
        self._menu("Stop taking part")
        self._page.get_by_role("button", name="Stop", exact=True).click()
        self.device.quiet()

    def kill(self) -> None:
        self.device.kill()

    def start(self) -> None:
        self.device.boot()
        self._open()

    def sync(self) -> None:
        """The patient looks at the app again, and touches "send now" where it is offered."""
        self._page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        self.device.quiet()
        now = self._page.get_by_role("button", name="Send now")
        if now.is_visible():
            now.click()
            self.device.quiet()

    def what_is_waiting(self) -> Json:
        kept = self._page.evaluate(READ_STORAGE)
        waiting = [self._told(item, "waiting") for item in kept["outbox"] if "question" in item]
        refused = [self._told(item, "refused") for item in kept["refused"] if "question" in item]
        return {"state": self._state(kept["state"]), "waiting": waiting + refused}

    def what_is_shown(self) -> Json:
        self._see()
        return {"text": "\n".join(self._seen)}

    def stop(self) -> None:
        if self.device.is_on:
            self.device.kill()

    # --- the screen ------------------------------------------------------------------------

    @property
    def _page(self) -> Page:
        return self.device.page

    def _open(self, address: str = "") -> None:
        # From a fragment alone the browser would not load anything.
        self._page.goto("about:blank")
        self._page.goto(address or self._home)
        self._page.wait_for_selector("h1")
        if not self.device.offline:
            self._page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.device.quiet()

    def _heading(self) -> str:
        return self._page.locator("h1").inner_text()

    def _see(self) -> None:
        self._seen.append(self._page.locator("body").inner_text())

    def _primary(self) -> None:
        self._page.locator(".actions button").last.click()

    def _menu(self, row: str) -> None:
        before = self._heading()
        self._page.get_by_role("button", name="Menu", exact=True).click()
        # The screen before it may have a button of the same words.
        expect(self._page.locator("h1")).not_to_have_text(before)
        self._page.get_by_role("button", name=row).click()

    def _is_joined(self) -> bool:
        return "session" in self._page.evaluate(READ_STORAGE)["state"]

    def _join(self) -> None:
        """One touch; then the next screen, or a word on why not."""
        before = self._heading()
        self._primary()
        # Busy from the touch on, until it has worked or not.
        self._page.wait_for_selector("#screen:not([aria-busy])")
        if self._is_joined():
            expect(self._page.locator("h1")).not_to_have_text(before)
            self._agree()
        self.device.quiet()

    def _agree(self) -> None:
        """The consent text opens by itself; every other screen after joining shows a card."""
        if self._page.locator(".card").count() == 0:
            before = self._heading()
            self._primary()
            expect(self._page.locator("h1")).not_to_have_text(before)

    # --- questions -------------------------------------------------------------------------

    def _questions(self) -> dict[str, str]:
        today = self._page.evaluate(READ_STORAGE)["state"]["today"]
        return {key: question["wording"]["text"] for key, question in today["questions"].items()}

    def _is_asking(self) -> bool:
        return self._has("next")

    def _has(self, do: str) -> bool:
        return self._page.locator(f"[data-do={do}]").is_visible()

    def _tap_day(self, day: str) -> None:
        self._page.locator(f"[data-do={DAY_BUTTONS[day]}]").click()
        self._page.wait_for_selector("[data-do=next]")

    def _answer_each(self, answers: Json) -> None:
        """Question after question up to the review; what the patient does not answer is skipped."""
        keys = {words: key for key, words in self._questions().items()}
        self._page.wait_for_selector("[data-do=next]")
        while not self._has("save"):
            question = keys[self._heading()]
            if question in answers:
                self._choose(answers[question])
                self._onwards("next")
            else:
                self._onwards("skip")
        self._see()
        self._onwards("save")
        self._see()
        self.device.quiet()

    def _choose(self, value: Any) -> None:
        for each in value or ["none"] if isinstance(value, list) else [value]:
            self._page.locator(f'.option:has(input[value="{each}"])').click()
        self._see()

    def _onwards(self, do: str) -> None:
        before = self._heading()
        self._page.locator(f"[data-do={do}]").click()
        expect(self._page.locator("h1")).not_to_have_text(before)

    # --- what is kept ----------------------------------------------------------------------

    @staticmethod
    def _state(state: Json) -> str:
        if "session" not in state:
            return str(state.get("ended") or "not_paired")
        over = state.get("today", {}).get("trial", {}).get("state") in ("ended", "closed")
        return "ended" if over else "ready"

    @staticmethod
    def _told(item: Json, state: str) -> Json:
        body = item["body"]
        value = body["value"] if "value" in body else next(iter(body["answer"].values()))
        return {"id": item["id"], "question": item["question"], "value": value, "state": state}


if __name__ == "__main__":
    with sync_playwright() as running:
        serve(WebApp(running))
