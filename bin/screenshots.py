"""Makes every picture in docs/images from a running demo: bin/screenshots [--address ADDRESS]."""

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
# The demo prints a login a role at its start; they exist nowhere else.
CLINIC = "north"
TRIAL_LIST = "/staff/trials/stimulationtrial/"
# Its percent stands just below the threshold: the page that needs most explaining.
PATIENT = "N-02"
SIZES = {"desktop": (1366, 900), "phone": (390, 844)}


@dataclass(frozen=True)
class Picture:
    """``page`` is an address, or a patient's trial and what follows it: "N-02", "N-02/before/".

    ``selector`` cuts the picture to one part of the page; empty takes what fits the window.
    """

    name: str
    page: str
    size: str = "desktop"
    scheme: str = "light"
    selector: str = ""
    role: str = "coordinator"

    @property
    def file(self) -> Path:
        return IMAGES / f"{self.name}-{self.size}-{self.scheme}.png"


PICTURES = (
    Picture("worklist", "/staff/"),
    Picture("worklist", "/staff/", scheme="dark"),
    Picture("worklist", "/staff/", size="phone"),
    Picture("trial", PATIENT),
    Picture("trial", PATIENT, scheme="dark"),
    Picture("trial", PATIENT, size="phone"),
    Picture("criteria", PATIENT, selector=".evidence"),
    Picture("sureness", PATIENT, selector=".sureness"),
    Picture("kept", PATIENT, selector=".kept"),
    Picture("decide", PATIENT, selector=".decide", role="clinician"),
    Picture("before", f"{PATIENT}/before/"),
    Picture("snapshots", "/staff/cohorts/snapshots/", role="analyst"),
    Picture("list", TRIAL_LIST),
    Picture("login", "/staff/login/"),
)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/screenshots", description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="default: %(default)s")
    address = parser.parse_args(arguments).address.rstrip("/")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("There is no chromium on the PATH. On Debian: apt-get install chromium", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    try:
        take_all(address, chromium=chromium)
    except Error as error:
        print(f"{address}: {error.message.splitlines()[0]}\nIs bin/demo running there?", file=sys.stderr)
        return 1
    return 0


def take_all(address: str, *, chromium: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for picture in PICTURES:
            for page in opened(browser, picture, address=address):
                take(page, picture)
            print(picture.file.relative_to(IMAGES.parents[1]))
        browser.close()


def opened(browser: Browser, picture: Picture, *, address: str) -> Iterator[Page]:
    width, height = SIZES[picture.size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{address}/staff/login/")
    if not picture.page.endswith("/login/"):
        login = f"{CLINIC}-{picture.role}"
        page.fill("#id_username", login)
        page.fill("#id_password", f"only-a-demo-{login}")
        page.click("input[type=submit]")
        page.wait_for_selector(".worklist")
        go(page, picture.page, address=address)
    yield page
    context.close()


def go(page: Page, where: str, *, address: str) -> None:
    if where.startswith("/"):
        page.goto(address + where)
        return
    patient, _, below = where.partition("/")
    page.goto(f"{address}{TRIAL_LIST}?q={patient}")
    page.click("#result_list tbody th a >> nth=0")
    page.wait_for_selector(".evidence")
    if below:
        page.goto(page.url.replace("change/", below))


def take(page: Page, picture: Picture) -> None:
    page.wait_for_load_state("networkidle")
    if picture.selector:
        page.locator(picture.selector).screenshot(path=picture.file)
    else:
        page.screenshot(path=picture.file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
