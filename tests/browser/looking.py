"""What is looked for on every staff page: policy, width, size of targets, accessibility."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

#: Axe's own by default; its stricter one is level AAA.
OF_COLOURS = ("color-contrast", "link-in-text-block")
SERIOUS = frozenset({"serious", "critical"})
OpenPage = Callable[..., Page]
Scheme = Literal["light", "dark"]
WIDTHS = (390, 1366)
SCHEMES: tuple[Scheme, ...] = ("dark", "light")
#: The last is how a page is opened, and how it is left.
LOOKS = tuple((width, scheme) for width in WIDTHS for scheme in SCHEMES)
HEIGHT = 900
#: A colour that is still changing has no contrast yet.
STILL = "Promise.allSettled(document.getAnimations().map(one => one.finished)).then(() => true)"
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


def broken_rules(page: Page, *, scheme: Scheme = "light") -> list[dict[str, Any]]:
    """What axe finds. It stays on the page for the next look: to read half a megabyte takes its time.

    In the dark the parts of a page are what they are in the light; only its colours are looked at.
    """
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE_SCRIPT)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if scheme == "dark":
        options["runOnly"] = {"type": "rule", "values": OF_COLOURS}
    found: list[dict[str, Any]] = page.evaluate("options => axe.run(options)", options)["violations"]
    return found


def told(rule: dict[str, Any]) -> str:
    """With its first element: enough to find and mend it."""
    return f"{rule['id']}: {rule['nodes'][0]['html'][:160]}"


def breaches(page: Page, *, scheme: Scheme) -> list[str]:
    return [told(rule) for rule in broken_rules(page, scheme=scheme) if rule["impact"] in SERIOUS]


def faults(page: Page, *, violations: list[str]) -> list[str]:
    """What is wrong with the page as it stands, everything unfolded, at every width and in both schemes."""
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    # Asked before axe is injected: its own style sheet would break the policy.
    found = [f"policy: {violations}"] * bool(violations)
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)
        page.evaluate(STILL)
        wrong = {
            "sideways": scrolls_sideways(page),
            "small": page.evaluate(SMALL_TARGETS),
            "axe": breaches(page, scheme=scheme),
        }
        found += [f"{width} {scheme} {check}: {what}" for check, what in wrong.items() if what]
    violations.clear()
    return found


def faults_of(page: Page, addresses: Mapping[str, str], *, server: str, violations: list[str]) -> list[str]:
    """The faults of each page, by its name."""
    found = []
    for name, address in addresses.items():
        page.goto(server + address)
        found += [f"{name}, {fault}" for fault in faults(page, violations=violations)]
    return found
