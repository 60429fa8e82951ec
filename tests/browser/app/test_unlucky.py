"""What happens to an unlucky patient in the middle of an answer: nothing is lost, and each state is said."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from apps.diary.models import DiaryAnswer, DiaryEntry
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.browser.app.conftest import MakePhone, Phone, end_trial, invite, join, revoke, today_in
from tests.browser.app.test_states import set_clock
from tests.browser.app.test_storage import FULL_ON_DEMAND

LOOK_AGAIN = "dispatchEvent(new Event('online'))"
#: Taps the same Next once more when the app has begun to leave the question and not yet drawn the next.
TAP_TWICE = """() => {
    const next = document.querySelector("[data-do=next]");
    const push = history.pushState.bind(history);
    history.pushState = (...what) => {
        push(...what);
        history.pushState = push;
        setTimeout(() => next.click());
    };
    next.click();
}"""
#: A second sign may still come: the first waits for it, here for a minute.
SLOW_HAND = """() => {
    const real = setTimeout;
    globalThis.setTimeout = (work, wait, ...more) => real(work, wait === 1500 ? 60000 : wait, ...more);
}"""


def kept_run(phone: Phone) -> dict[str, object]:
    (run,) = phone.kept("runs")
    return run


def rejoin(phone: Phone, trial: StimulationTrial) -> None:
    expect(phone.heading).to_have_text("Join your diary")
    phone.page.fill("#code", invite(trial)[0])
    phone.tap("Join")
    phone.page.wait_for_selector(".card")
    expect(phone.heading).not_to_have_text("Join your diary")


def test_a_second_tap_on_next_while_the_phone_is_slow_skips_no_question(phone: Phone) -> None:
    phone.start()
    first = phone.heading.inner_text()
    phone.choose(4)

    phone.page.evaluate(TAP_TWICE)

    expect(phone.heading).not_to_have_text(first)
    phone.until(lambda: kept_run(phone)["at"] == 1)
    expect(phone.page.locator(".place")).to_contain_text("2 of")


class TestTwoTabs:
    def test_each_keeps_what_the_other_touched_and_one_saves_for_both(self, phone: Phone) -> None:
        first = phone.page
        phone.start()
        second = phone.new_tab()
        phone.tap("Go on")
        phone.answer(7)
        phone.choose(2)
        phone.until(lambda: len(kept_run(phone)["answers"]) == 2)  # type: ignore[arg-type]

        first.locator(".option").nth(5).click()
        phone.until(lambda: list(kept_run(phone)["answers"].values()) == [5, 2])  # type: ignore[attr-defined]
        while not second.locator("[data-do=save]").is_visible():
            before = phone.heading.inner_text()
            second.click("[data-do=next]" if second.locator("input:checked").count() else "[data-do=skip]")
            expect(phone.heading).not_to_have_text(before)
        phone.save()

        # What it was about is over in the other tab too: it cannot save it a second time.
        expect(first.locator(".option")).to_have_count(0)
        expect(first.locator(".card.calm")).to_contain_text("Today's questions are answered")
        phone.all_sent()
        assert (DiaryEntry.objects.get().value, DiaryAnswer.objects.get().answer) == (5, {"number": 2})


class TestRevokedWhileAnswering:
    def test_what_was_touched_is_there_when_the_phone_has_joined_again(
        self, phone: Phone, trial: StimulationTrial
    ) -> None:
        phone.start()
        phone.choose(6)
        phone.until(lambda: kept_run(phone)["answers"])
        revoke(trial)
        phone.page.evaluate(LOOK_AGAIN)

        rejoin(phone, trial)
        phone.tap("Go on")

        expect(phone.page.locator("input:checked")).to_have_value("6")

    def test_a_sign_touched_in_that_moment_is_told_once_it_has(
        self, phone: Phone, trial: StimulationTrial
    ) -> None:
        phone.page.evaluate(SLOW_HAND)
        phone.follow("Something is wrong")
        phone.choose(0)
        expect(phone.page.locator(".safety a").first).to_be_visible()
        phone.until(lambda: phone.kept("runs"))
        revoke(trial)
        phone.page.evaluate(LOOK_AGAIN)
        expect(phone.heading).to_have_text("Join your diary")
        phone.sees("1 answer is still on this phone.")

        rejoin(phone, trial)

        phone.all_sent()
        assert DiaryAnswer.objects.get().answer == {"choices": ["fever"]}


def test_a_trial_that_is_closed_in_mid_answer_says_so_and_keeps_the_answer(
    phone: Phone, trial: StimulationTrial
) -> None:
    phone.start()
    phone.choose(4)
    end_trial(trial)
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=Phase.DECIDED.value)
    phone.page.evaluate(LOOK_AGAIN)
    phone.until(lambda: phone.page.evaluate(KEPT_STATE) == "closed")

    phone.answer_pain_only(4)
    phone.save()

    phone.follow("The clinic could not take 1 answer")
    phone.sees("Your answer is still on this phone.")
    assert DiaryEntry.objects.count() == 0


KEPT_STATE = """() => new Promise(resolve => {
    const request = indexedDB.open("diary");
    request.onsuccess = () => {
        const today = request.result.transaction("state").objectStore("state").get("today");
        today.onsuccess = () => { request.result.close(); resolve(today.result.trial.state); };
    };
})"""


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_wrong_by_a_day_is_told_and_the_answer_is_todays(phone: Phone, zone: str, days: int) -> None:
    set_clock(phone, ahead=timedelta(days=days))
    phone.page.evaluate(LOOK_AGAIN)
    phone.sees("Your phone's clock is wrong")

    phone.start()
    phone.answer_pain_only(4)
    phone.save()

    phone.sees("The clinic has received your answers.")
    entry = DiaryEntry.objects.get()
    assert (entry.diary_day, entry.timeliness) == (today_in(zone), "on_time")
    assert entry.clock_error_seconds == pytest.approx(days * 86_400, abs=60)


def test_a_full_phone_hides_a_touched_sign_only_until_there_is_space(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    phone = make_phone(width=320, height=568)
    phone.page.add_init_script(FULL_ON_DEMAND)
    join(phone, trial)
    phone.follow("Something is wrong")
    phone.page.wait_for_selector(".option")
    phone.page.evaluate("globalThis.isFull = true")
    phone.choose(0)
    expect(phone.heading).to_have_text("This phone cannot keep your answers")
    phone.page.evaluate("globalThis.isFull = false")

    phone.tap("Try again")

    expect(phone.page.locator("input:checked")).to_have_count(1)
    expect(phone.page.locator(".safety a").first).to_be_visible()
    phone.done()
    phone.all_sent()
    assert DiaryAnswer.objects.get().answer == {"choices": ["fever"]}


def test_the_phones_own_back_after_saving_opens_no_saved_answer_again(phone: Phone) -> None:
    phone.start()
    phone.answer_pain_only(4)
    phone.save()
    phone.all_sent()

    phone.page.go_back()

    phone.sees("Today's questions are answered")
    expect(phone.page.locator("[data-do=save], .option")).to_have_count(0)
