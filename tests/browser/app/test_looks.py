"""Every screen for every eye and hand: accessibility, widths, languages, directions, light and dark."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from apps.diary.models import DiaryEntry
from apps.trials.models import StimulationTrial
from tests.browser.app.conftest import MakePhone, Phone, end_trial, invite, join, revoke
from tests.browser.looking import STILL, Scheme

SMALL = """() => [...document.querySelectorAll("button, a, select, input[type=text], textarea, .option")]
  .filter(one => one.checkVisibility())
  .map(one => [one.outerHTML.slice(0, 100), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.99 || box.width < 43.99).map(([html]) => html)"""
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"

Look = Callable[[str], None]
PRIMARY, ROWS, MENU = ".actions .primary", "nav .row", "#bar button"
#: The version of the app stands there and nowhere else.
ON_MENU = "p.quiet.id"


@dataclass
class Walk:
    """Through every screen, calling ``look`` on each; by marks, not by words, for it speaks any language."""

    phone: Phone
    trial: StimulationTrial
    look: Look

    @property
    def page(self) -> Page:
        return self.phone.page

    def shown(self, name: str, selector: str = "h1") -> None:
        self.page.wait_for_selector(selector)
        self.page.evaluate(STILL)
        self.look(name)

    def by_menu(self, at: int, name: str, selector: str = "h1") -> None:
        if not self.page.locator(ON_MENU).is_visible():
            self.page.click(MENU)
        self.page.wait_for_selector(ON_MENU)
        self.page.click(f"{ROWS} >> nth={at}")
        self.page.wait_for_selector(ON_MENU, state="detached")
        self.shown(name, selector)

    def join(self) -> None:
        self.phone.open()
        self.shown("join", "#code")
        self.page.fill("#code", invite(self.trial)[0])
        self.page.click(PRIMARY)
        self.page.wait_for_selector("#code", state="detached")
        self.shown("consent", PRIMARY)
        self.page.click(PRIMARY)
        self.shown("home", "[data-do=start]")

    def answer(self) -> None:
        self.page.click("[data-do=start]")
        self.shown("question", ".option")
        self.page.click("[data-do=next]")
        self.shown("nothing chosen", ".error:not(:empty)")
        while not self.page.locator("[data-do=save]").is_visible():
            self.page.locator(".option").nth(0).click()
            before = self.phone.heading.inner_text()
            if self.page.locator("input[type=checkbox]").count():
                self.shown("sign in the day", ".safety .call")
            self.page.click("[data-do=next]")
            expect(self.phone.heading).not_to_have_text(before)
            self.shown("next question", "[data-do]")
        self.look("review")
        self.page.click("[data-do=save]")
        self.shown("saved", ".receipts")
        self.page.click(PRIMARY)
        self.shown("done", ".card.calm")

    def open_the_menu(self) -> None:
        self.page.click(MENU)
        self.shown("menu", ON_MENU)
        self.by_menu(1, "signs", "input[type=checkbox]")
        self.page.locator(".option").nth(0).click()
        self.shown("sign", ".safety .call")
        self.by_menu(2, "note", "textarea")
        self.by_menu(3, "change", ".rows .row")
        self.by_menu(4, "correct", "h1")
        self.by_menu(5, "receipts", ".receipts")
        self.by_menu(6, "settings", "#label")
        self.page.click("#screen .row")
        self.shown("leave", ".danger")
        self.by_menu(7, "withdraw", ".danger")
        self.page.go_back()

    def end(self) -> None:
        end_trial(self.trial)
        self.phone.restart()
        # First comes what the phone last knew of: answered for today, and to be changed.
        self.shown("ended", ".card.calm:not(:has(button))")
        revoke(self.trial)
        self.phone.restart()
        self.page.wait_for_selector("#code")
        self.shown("revoked", ".card.notice")


def walk(phone: Phone, trial: StimulationTrial, look: Look) -> None:
    way = Walk(phone, trial, look)
    way.join()
    way.answer()
    way.open_the_menu()
    way.end()


@dataclass(frozen=True)
class Scene:
    """How a screen is looked at."""

    name: str
    width: int = 390
    height: int = 844
    scheme: Scheme = "light"
    text: str = "100%"
    media: Mapping[str, Any] = field(default_factory=dict)

    def set(self, page: Page) -> None:
        page.set_viewport_size({"width": self.width, "height": self.height})
        page.evaluate(
            "size => (document.documentElement.style.fontSize = size)", f"calc(1.125 * {self.text})"
        )
        page.emulate_media(color_scheme=self.scheme, **{**PLAIN, **self.media})
        page.evaluate(STILL)


PLAIN: dict[str, Any] = {"reduced_motion": "no-preference", "forced_colors": "none"}
PHONE, NARROW = Scene("phone, light"), Scene("narrow", 320, 568)
TWICE_THE_TEXT = Scene("narrow, twice the text", 320, 568, text="200%")
#: Each screen is left as the last one shows it.
SCENES = (
    Scene("phone, dark", scheme="dark"),
    NARROW,
    Scene("desktop", 1280, 800),
    Scene("reduced motion, high contrast", media={"reduced_motion": "reduce", "forced_colors": "active"}),
    PHONE,
)


@pytest.mark.parametrize(
    ("locale", "scenes"),
    [("en-GB", SCENES), ("es-ES", [NARROW]), ("de-DE", [TWICE_THE_TEXT, NARROW])],
    ids=["en", "es", "de"],
)
def test_every_screen_is_accessible_fits_and_keeps_the_policy(
    make_phone: MakePhone, trial: StimulationTrial, locale: str, scenes: Sequence[Scene]
) -> None:
    phone = make_phone(locale=locale, width=scenes[-1].width, height=scenes[-1].height)
    found: list[str] = []

    def look(name: str) -> None:
        for scene in scenes:
            scene.set(phone.page)
            wrong = [f"sideways {name}"] * bool(phone.page.evaluate(SIDEWAYS))
            wrong += [f"small: {one}" for one in phone.page.evaluate(SMALL)]
            # In forced colours the browser paints, and axe cannot tell what.
            wrong += [] if "forced_colors" in scene.media else phone.faults(scheme=scene.scheme)
            found.extend(f"{scene.name}, {name}: {one}" for one in wrong)

    walk(phone, trial, look)

    assert not found, "\n".join(found)


@pytest.fixture
def question(phone: Phone) -> Phone:
    phone.start()
    return phone


class TestQuestionScreen:
    def test_eleven_equal_choices_fit_a_usual_phone_without_scrolling(self, question: Phone) -> None:
        boxes = question.page.locator(".option").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect())"
        )
        bar = question.page.locator(".actions").bounding_box()

        assert bar is not None
        assert len(boxes) == 11
        assert {round(box["height"]) for box in boxes} <= {44, 45}
        assert boxes[-1]["bottom"] <= bar["y"]

    def test_on_a_low_phone_next_stays_in_reach(self, question: Phone) -> None:
        question.page.set_viewport_size({"width": 375, "height": 667})

        expect(question.page.locator("[data-do=next]")).to_be_in_viewport(ratio=1)

    def test_the_keyboard_alone_answers(self, question: Phone) -> None:
        question.page.keyboard.press("Tab")
        question.page.keyboard.press("Space")
        for _ in range(3):
            question.page.keyboard.press("ArrowDown")
        expect(question.page.locator("input:checked")).to_have_value("3")
        first = question.heading.inner_text()
        while question.page.evaluate("document.activeElement.dataset.do") != "next":
            question.page.keyboard.press("Tab")
        question.page.keyboard.press("Enter")

        expect(question.heading).not_to_have_text(first)
        expect(question.heading).to_be_focused()

    def test_a_screen_reader_hears_question_help_and_ends(self, question: Phone) -> None:
        group = question.page.get_by_role("group", name="How strong was your pain")
        expect(group).to_have_accessible_description(re.compile("Think of the whole time, day and night."))
        expect(group.get_by_role("radio").first).to_have_accessible_name("0 no pain")
        expect(group.get_by_role("radio").last).to_have_accessible_name("10 worst pain imaginable")

    def test_at_400_percent_zoom_nothing_sticks_over_the_choices(self, question: Phone) -> None:
        """1280 by 1024 at 400 % is 320 by 256 (WCAG 2.2, 1.4.10)."""
        question.page.set_viewport_size({"width": 320, "height": 256})

        assert not question.page.evaluate(SIDEWAYS)
        assert question.page.locator(".actions").evaluate("one => getComputedStyle(one).position") == "static"


class TestLanguage:
    @pytest.mark.parametrize(
        ("locale", "code", "heading"),
        [
            ("en-GB", "en", "Join your diary"),
            ("es-MX", "es", "Entre en su diario"),
            ("de-AT", "de", "Zu Ihrem Tagebuch"),
            ("fr-FR", "en", "Join your diary"),
        ],
    )
    def test_the_phones_own_is_taken_where_there_is_one(
        self, make_phone: MakePhone, trial: StimulationTrial, locale: str, code: str, heading: str
    ) -> None:
        phone = make_phone(locale=locale)
        phone.open()

        expect(phone.heading).to_have_text(heading)
        expect(phone.page.locator("html")).to_have_attribute("lang", code)

    def test_a_switch_without_network_keeps_the_choice_and_is_told_later(
        self, phone: Phone, trial: StimulationTrial
    ) -> None:
        phone.waits_for_worker()
        phone.restart()
        phone.start()
        phone.choose(6)
        phone.context.set_offline(True)
        phone.menu("Settings")
        phone.page.select_option("#language", "de")
        expect(phone.heading).to_have_text("Einstellen")
        phone.tap("Menü")
        phone.follow("Heute")
        phone.tap("Weiter")

        expect(phone.heading).to_contain_text("Wie stark")
        expect(phone.page.locator("input:checked")).to_have_value("6")
        phone.answer_pain_only(6)
        phone.page.click("[data-do=save]")
        phone.context.set_offline(False)
        phone.sees("Die Klinik hat Ihre Antworten bekommen.")
        assert DiaryEntry.objects.get().language == "de"
        device = trial.devices.get()

        def is_told() -> bool:
            phone.page.evaluate("dispatchEvent(new Event('online'))")
            device.refresh_from_db()
            return device.language == "de"

        phone.until(is_told)

    def test_from_right_to_left_everything_turns_round(
        self, make_phone: MakePhone, trial: StimulationTrial
    ) -> None:
        phone = make_phone(width=320)
        phone.open()
        phone.page.select_option("#language", "ar-XB")
        expect(phone.page.locator("html")).to_have_attribute("dir", "rtl")
        found: list[str] = []

        def look(name: str) -> None:
            sideways = [f"sideways {name}"] * bool(phone.page.evaluate(SIDEWAYS))
            found.extend(f"{name}: {one}" for one in [*sideways, *phone.faults()])

        walk(phone, trial, look)

        assert not found, "\n".join(found)

    def test_in_real_use_there_is_no_pseudo_language(
        self, make_phone: MakePhone, trial: StimulationTrial, settings: Settings
    ) -> None:
        settings.DEMO = False
        phone = make_phone()
        phone.open()

        options = phone.page.locator("#language option").evaluate_all("all => all.map(one => one.value)")
        assert options == ["en", "es", "de"]


def test_the_receipt_is_said_to_a_screen_reader(phone: Phone) -> None:
    phone.start()
    phone.answer_pain_only(4)
    phone.save()

    expect(phone.page.get_by_role("status").first).to_have_text("The clinic has received your answers.")


def test_joining_leaves_no_error_on_the_console(make_phone: MakePhone, trial: StimulationTrial) -> None:
    phone = make_phone()
    said: list[str] = []
    phone.page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    join(phone, trial)
    phone.page.wait_for_selector("[data-do=start]")

    assert said == []
