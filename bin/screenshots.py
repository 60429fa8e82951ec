"""Makes every picture in docs/images from a running demo: bin/screenshots [--address ADDRESS]."""

import argparse
import re
import shutil
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
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
    Picture("report", "/staff/cohorts/report/", role="analyst"),
    Picture("review", "/staff/trail/review/", role="site-admin"),
    Picture("people", "/staff/people/", role="site-admin"),
    Picture("list", TRIAL_LIST),
    Picture("login", "/staff/login/"),
)


@dataclass(frozen=True)
class Pages:
    """Pages of a PDF, counted from 1: that which ``link`` leads to on ``page``, or which is below a trial."""

    name: str
    page: str
    link: str
    numbers: tuple[int, ...]
    role: str = "analyst"

    @property
    def start(self) -> str:
        return self.page if self.is_of_a_trial else REPORT

    @property
    def is_of_a_trial(self) -> bool:
        return self.link.endswith(".pdf")

    def file(self, number: int) -> Path:
        return IMAGES / f"{self.name}-page-{number}.png"


REPORT = "/staff/cohorts/report/"
# Decided for an implant.
SIGNED = "N-11"
#: An A4 page is so many pixels wide.
PAGE_WIDTH = 900
PAGES = (
    Pages("report-demo", REPORT, "PDF for the clinic", (1, 2, 3, 4)),
    Pages("report-ashar", "Imported: .*Ashar", "PDF to share", (1, 2, 3)),
    Pages("packet-demo", SIGNED, "decision/packet.pdf", (1, 2), role="clinician"),
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
        for pages in PAGES:
            for page in opened(browser, Picture(pages.name, pages.start, role=pages.role), address=address):
                print_pages(page, pages)
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


def print_pages(page: Page, pages: Pages) -> None:
    document = pypdfium2.PdfDocument(page.request.get(place_of(page, pages)).body())
    for number in pages.numbers:
        file = pages.file(number)
        file.write_bytes(png_of(document[number - 1]))
        print(file.relative_to(IMAGES.parents[1]))


def place_of(page: Page, pages: Pages) -> str:
    if pages.is_of_a_trial:
        return page.url.replace("change/", pages.link)
    if not pages.page.startswith("/"):
        page.get_by_role("link", name=re.compile(pages.page)).click()
    place = page.get_by_role("link", name=pages.link, exact=True).get_attribute("href")
    return f"{page.url.split('/staff/')[0]}{place}"


def png_of(page: pypdfium2.PdfPage) -> bytes:
    """The page as PNG in 8-bit RGB, its lines unfiltered. Source: W3C PNG, third edition, 11.2 and 13.9."""
    bitmap = page.render(scale=PAGE_WIDTH / page.get_width(), rev_byteorder=True, prefer_bgrx=False)
    line = bitmap.width * bitmap.n_channels
    rows = (
        bytes(bitmap.buffer[at : at + line]) for at in range(0, bitmap.height * bitmap.stride, bitmap.stride)
    )
    head = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, 2, 0, 0, 0)
    chunks = {b"IHDR": head, b"IDAT": zlib.compress(b"".join(b"\0" + row for row in rows), 9), b"IEND": b""}
    parts = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def take(page: Page, picture: Picture) -> None:
    page.wait_for_load_state("networkidle")
    if picture.selector:
        page.locator(picture.selector).screenshot(path=picture.file)
    else:
        page.screenshot(path=picture.file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
