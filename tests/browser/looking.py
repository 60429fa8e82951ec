"""What is looked for on every staff page: policy, width, size of targets, accessibility."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = frozenset({"serious", "critical"})
WIDTHS = (390, 1366)
SCHEMES = ("light", "dark")
LOOKS = tuple((width, scheme) for width in WIDTHS for scheme in SCHEMES)
OpenPage = Callable[..., Page]
Scheme = Literal["light", "dark"]
#: Seconds: enough for a machine that has other work; nothing waits longer than it must.
PATIENCE = 60.0
# Targets inside a sentence are exempt (WCAG 2.2, 2.5.8), so only what stands alone is measured.
SMALL_TARGETS = """() => [...document.querySelectorAll(
  "button, select, input:not([type=hidden]), summary, .card > a, td a.addlink")]
  .filter(e => e.checkVisibility())
  .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24))
  .map(([html]) => html)"""


def until(page: Page, condition: Callable[[], Any]) -> None:
    """Looks again and again, and lets the browser go on meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s"
        page.wait_for_timeout(50)


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def breaches(page: Page) -> list[str]:
    """Rules broken, with the first element of each: enough to find and mend it."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in SERIOUS]


def faults(page: Page, *, violations: list[str]) -> list[str]:
    """What is wrong with the page as it stands, everything unfolded."""
    page.wait_for_load_state("networkidle")
    for details in page.query_selector_all("details"):
        details.evaluate("e => e.open = true")
    wrong = {
        # Asked before axe is injected: its own style sheet would break the policy.
        "policy": list(violations),
        "sideways": scrolls_sideways(page),
        "small": page.evaluate(SMALL_TARGETS),
        "axe": breaches(page),
    }
    violations.clear()
    return [f"{check}: {what}" for check, what in wrong.items() if what]


def faults_of(page: Page, addresses: Mapping[str, str], *, server: str, violations: list[str]) -> list[str]:
    """The faults of each page, by its name."""
    found = []
    for name, address in addresses.items():
        page.goto(server + address)
        found += [f"{name}, {fault}" for fault in faults(page, violations=violations)]
    return found
