"""No answer is lost, and none is stored twice: whatever happens to the network, the tab, the phone."""

import json
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from apps.diary.models import DiaryAnswer, DiaryEntry, ParkedAnswer
from apps.diary.schemas import EntryBody, parse
from apps.diary.services import Taken, record_entries
from apps.trials.models import StimulationTrial
from tests.browser.app.conftest import ENTRIES, Phone, end_trial, invite, revoke, running_trial
from tests.factories import make_device, make_entry_body

#: The app sends while it holds this lock; whoever asks for it later gets it later.
SENDING_IS_OVER = "navigator.locks.request('diary-outbox', () => true)"


def saved_offline(phone: Phone, score: int = 4) -> str:
    """An answer that has not left the phone; its id."""
    phone.context.set_offline(True)
    phone.start()
    phone.answer_pain_only(score)
    phone.save()
    phone.sees("They go to the clinic when there is a network.")
    (item,) = phone.kept("outbox")
    return str(item["id"])


def online(phone: Phone) -> None:
    phone.context.set_offline(False)


class TestNoNetwork:
    def test_from_the_second_start_on_the_app_opens_without_one(self, phone: Phone) -> None:
        phone.waits_for_worker()
        phone.restart()
        phone.context.set_offline(True)

        phone.restart()

        phone.start()
        phone.answer_all()
        phone.save()
        phone.sees("Saved on this phone.")
        online(phone)
        phone.sees("The clinic has received your answers.")
        assert (DiaryEntry.objects.count(), DiaryAnswer.objects.count()) == (1, 8)

    def test_killed_with_an_unsent_answer_it_is_sent_at_the_next_start(self, phone: Phone) -> None:
        phone.waits_for_worker()
        sent = saved_offline(phone)
        phone.restart()
        phone.sees("1 answer waits on this phone")
        # The clinic's count of days does not know of it yet.
        phone.does_not_see("days answered")
        phone.kill()
        online(phone)

        phone.new_tab()

        phone.all_sent()
        assert str(DiaryEntry.objects.get().pk) == sent

    def test_killed_in_the_middle_the_touched_answers_are_still_there(self, phone: Phone) -> None:
        phone.start()
        phone.answer(7)
        phone.choose(2)
        phone.until(lambda: len([one for run in phone.kept("runs") for one in run["answers"]]) == 2)

        phone.restart()
        phone.tap("Go on")

        expect(phone.page.locator("input:checked")).to_have_value("2")
        phone.tap("Back")
        expect(phone.page.locator("input:checked")).to_have_value("7")


class TestBadNetwork:
    def test_a_lost_reply_is_one_row(self, phone: Phone) -> None:
        heard = []

        def lose(route: Route) -> None:
            heard.append(route.fetch().status)
            route.abort()

        phone.page.route(ENTRIES, lose, times=1)
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.sees("The clinic has received your answers.")

        assert heard == [201]
        assert DiaryEntry.objects.count() == 1

    def test_a_503_is_tried_again(self, phone: Phone) -> None:
        phone.page.route(ENTRIES, lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}))
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.sees("They are on their way to the clinic.")
        phone.page.unroute(ENTRIES)

        phone.sees("The clinic has received your answers.")
        assert DiaryEntry.objects.count() == 1

    def test_a_page_of_somebody_else_is_no_receipt(self, phone: Phone) -> None:
        """A hotel's network answers 200 to everything until one has paid."""
        hotel = {"status": 200, "content_type": "text/html", "body": "<h1>Welcome to the hotel</h1>"}
        phone.page.route(ENTRIES, lambda route: route.fulfill(**hotel))
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.sees("They are on their way to the clinic.")
        phone.page.unroute(ENTRIES)

        phone.sees("The clinic has received your answers.")
        assert DiaryEntry.objects.count() == 1

    def test_retry_after_is_honoured(self, phone: Phone) -> None:
        asked: list[str] = []

        def busy(route: Route) -> None:
            asked.append(route.request.method)
            route.fulfill(
                status=429, headers={"Retry-After": "60"}, content_type="application/problem+json", body="{}"
            )

        phone.page.route(ENTRIES, busy)
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.done()
        phone.until(lambda: asked)
        for _ in range(3):
            phone.tap("Send now")
            phone.page.evaluate(SENDING_IS_OVER)

        assert asked == ["PUT"]

    def test_a_backlog_goes_in_one_request_and_the_good_are_not_held_by_the_bad(self, phone: Phone) -> None:
        reached: list[str] = []
        # Without a network they do not finish: only what has reached the service counts.
        phone.page.on("requestfinished", lambda one: reached.append(one.url))
        phone.context.set_offline(True)
        phone.start()
        phone.answer_all()
        phone.save()
        spoil_one(phone)

        online(phone)

        phone.page.wait_for_selector("text=The clinic could not take 1 answer")
        phone.until(lambda: sent(reached))
        assert sent(reached) == ["batch"]
        assert (DiaryEntry.objects.count(), DiaryAnswer.objects.count()) == (1, 7)

    def test_two_tabs_that_send_together_make_one_row(self, phone: Phone) -> None:
        first = phone.page
        phone.waits_for_worker()
        saved_offline(phone)
        second = phone.new_tab()

        online(phone)

        for page in (first, second):
            page.bring_to_front()
        phone.all_sent()
        expect(first.locator("#screen")).to_contain_text("The clinic has received your answers.")
        assert DiaryEntry.objects.count() == 1

    def test_what_one_tab_sends_the_other_shows(self, phone: Phone) -> None:
        first = phone.page
        phone.new_tab()
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.sees("The clinic has received your answers.")

        expect(first.locator("#screen")).to_contain_text("Today's questions are answered")


class TestRefused:
    def test_another_phones_answer_stands_and_both_are_seen(
        self, phone: Phone, trial: StimulationTrial
    ) -> None:
        # Without a network: the app must not hear of the other answer before it has sent its own.
        phone.context.set_offline(True)
        other_phone_answers(phone, trial, value=9)
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        online(phone)
        phone.follow("The clinic could not take 1 answer")

        phone.sees("It now sees both and will ask you.")
        phone.sees("Your answer is still on this phone.")
        (parked,) = ParkedAnswer.objects.all()
        assert (parked.why, parked.body["value"], DiaryEntry.objects.get().value) == ("slot_taken", 4, 9)
        (kept,) = phone.kept("refused")
        assert kept["body"]["value"] == 4

    @pytest.mark.parametrize(
        ("status", "code", "said"),
        [
            (400, "window_closed", "The time for this answer was over."),
            (409, "trial_closed", "The trial takes no more answers."),
            (409, "consent_withdrawn", "You had stopped the diary by then."),
            (404, "not_found", "The clinic could not read this answer."),
        ],
    )
    def test_a_refusal_for_ever_keeps_the_answer_and_says_why(
        self, phone: Phone, status: int, code: str, said: str
    ) -> None:
        problem = {"title": "no", "status": status, "code": code, "errors": []}
        phone.page.route(
            ENTRIES,
            lambda route: route.fulfill(
                status=status, content_type="application/problem+json", body=json.dumps(problem)
            ),
        )
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.follow("The clinic could not take 1 answer")

        phone.sees(said)
        phone.tap("Put away")
        phone.sees("There is nothing here.")
        assert DiaryEntry.objects.count() == 0


class TestRevoked:
    def test_the_outbox_is_kept_and_sent_once_the_phone_has_joined_again(
        self, phone: Phone, trial: StimulationTrial
    ) -> None:
        sent = saved_offline(phone)
        revoke(trial)

        online(phone)
        expect(phone.heading).to_have_text("Join your diary")
        phone.sees("Your clinic has closed the diary on this phone")
        phone.sees("1 answer is still on this phone.")
        assert phone.kept("receipts") == []
        phone.page.fill("#code", invite(trial)[0])
        phone.tap("Join")

        phone.page.wait_for_selector(".card")
        phone.all_sent()
        assert str(DiaryEntry.objects.get().pk) == sent

    def test_answers_of_one_trial_never_go_to_another(
        self, phone: Phone, trial: StimulationTrial, zone: str
    ) -> None:
        saved_offline(phone)
        revoke(trial)
        online(phone)
        expect(phone.heading).to_have_text("Join your diary")
        phone.page.fill("#code", invite(running_trial(trial.clinic, zone=zone))[0])
        phone.tap("Join")
        phone.tap("I agree")

        phone.sees("1 answer on this phone is from another trial.")
        assert DiaryEntry.objects.count() == 0
        assert len(phone.kept("outbox")) >= 1


def test_an_ended_trial_still_takes_what_was_answered_in_time(phone: Phone, trial: StimulationTrial) -> None:
    saved_offline(phone)
    end_trial(trial, days_ago=0)

    online(phone)

    phone.sees("The clinic has received your answers.")
    assert DiaryEntry.objects.count() == 1


def sent(urls: list[str]) -> list[str]:
    """The last part of each address to which answers are sent."""
    return [url.rpartition("/")[2] for url in urls if "/diary/" in url and "today" not in url]


def spoil_one(phone: Phone) -> None:
    """As if the app had once written an answer that the service does not know."""
    phone.page.evaluate(
        """() => new Promise(resolve => {
            const request = indexedDB.open("diary");
            request.onsuccess = () => {
                const store = request.result.transaction("outbox", "readwrite").objectStore("outbox");
                store.getAll().onsuccess = event => {
                    const one = event.target.result.find(item => item.question === "sleep");
                    one.body.answer = { number: 99 };
                    store.put(one).onsuccess = () => { request.result.close(); resolve(); };
                };
            };
        })"""
    )


def other_phone_answers(phone: Phone, trial: StimulationTrial, *, value: int) -> None:
    """Between this phone's look at the plan and its answer, another phone of the patient was quicker."""
    device, _ = make_device(trial, at=timezone.now())
    zone = phone.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    local = timezone.now().astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
    body = parse(EntryBody, make_entry_body(value=value, captured_at=local, zone=zone))
    entry_id = "00000000-0000-4000-8000-000000000001"
    (outcome,) = record_entries([(entry_id, body)], by=device, at=timezone.now(), request_id="test")
    assert isinstance(outcome, Taken)
