"""A patient's day, from the code on paper to the receipt."""

import re

import pytest
from playwright.sync_api import Route, expect

from apps.accounts.models import Clinic
from apps.diary.models import ConsentEvent, CorrectionRequest, DiaryAnswer, DiaryEntry, StaffTask
from apps.trials.models import StimulationTrial
from tests.browser.app.conftest import MakePhone, Phone, invite, join, running_trial, today_in


class TestJoining:
    def test_by_a_code_typed_in_small_letters_without_its_dash(
        self, make_phone: MakePhone, trial: StimulationTrial
    ) -> None:
        phone = make_phone()
        phone.open()

        phone.page.fill("#code", invite(trial)[0].replace("-", "").lower())
        phone.tap("Join")

        expect(phone.heading).to_have_text("Before you start")
        assert trial.devices.get().holder == "patient"

    def test_by_a_link_whose_secret_leaves_the_address_at_once(
        self, make_phone: MakePhone, trial: StimulationTrial
    ) -> None:
        phone = make_phone()

        phone.open(invite(trial)[1])

        expect(phone.page).not_to_have_url(re.compile("#"))
        phone.tap("Join")
        expect(phone.heading).to_have_text("Before you start")

    def test_a_lost_reply_is_no_lost_phone(self, make_phone: MakePhone, trial: StimulationTrial) -> None:
        phone = make_phone()
        phone.open(invite(trial)[1])
        lose_replies(phone, "**/api/v1/pairing", times=1)

        phone.tap("Join")
        phone.sees("There is no network now.")
        phone.tap("Join")

        expect(phone.heading).to_have_text("Before you start")
        assert trial.devices.count() == 1

    @pytest.mark.parametrize(
        ("code", "said"),
        [("ABC", "The code has 8 letters and numbers."), ("K7QM-2WXD", "This code does not work.")],
    )
    def test_a_wrong_code_says_what_to_do(
        self, make_phone: MakePhone, trial: StimulationTrial, code: str, said: str
    ) -> None:
        phone = make_phone()
        phone.open()

        phone.page.fill("#code", code)
        phone.tap("Join")

        phone.sees(said)
        expect(phone.page.locator("#code")).to_be_focused()


class TestConsent:
    def test_comes_before_the_first_question_and_is_recorded_with_its_text(self, phone: Phone) -> None:
        phone.all_sent()

        event = ConsentEvent.objects.get()
        assert (event.decision, event.text_version, event.language) == ("given", "diary-consent/1", "en")

    def test_not_now_asks_nothing_and_stores_nothing(
        self, make_phone: MakePhone, trial: StimulationTrial
    ) -> None:
        phone = join(make_phone(), trial, agree=False)

        phone.tap("Not now")

        phone.sees("Please read this first")
        assert phone.page.locator("[data-do=start]").count() == 0
        assert ConsentEvent.objects.count() == 0

    def test_can_be_withdrawn_and_given_again(self, phone: Phone) -> None:
        phone.menu("Stop taking part")
        phone.tap("Stop")
        phone.sees("You have stopped the diary")
        phone.tap("Read and decide")
        phone.tap("I agree")

        phone.page.wait_for_selector("[data-do=start]")
        phone.all_sent()
        said = ConsentEvent.objects.order_by("received_at").values_list("decision", flat=True)
        assert list(said) == ["given", "withdrawn", "given"]


class TestQuestions:
    def test_a_whole_day_is_one_row_an_answer(self, phone: Phone, trial: StimulationTrial) -> None:
        phone.start()
        phone.answer_all(3)
        phone.save()

        phone.sees("The clinic has received your answers.")
        entry = DiaryEntry.objects.get()
        assert (entry.value, entry.region, entry.kind, entry.window_no) == (3, "target", "average", 1)
        assert (entry.language, entry.originator, entry.timeliness) == ("en", "patient", "on_time")
        answers = {answer.question: answer.answer for answer in DiaryAnswer.objects.all()}
        assert answers == {
            "sleep": {"number": 3},
            "goal_activity": {"choice": "mostly"},
            "analgesics": {"choice": "more_than_usual"},
            "stimulation_use": {"choice": "all_day"},
            "sensation": {"choice": "unpleasant"},
            "stated_relief": {"number": 30},
            "go_ahead": {"choice": "no"},
            "red_flags": {"choices": []},
        }

    def test_nothing_is_chosen_beforehand_and_nothing_moves_on_by_itself(self, phone: Phone) -> None:
        phone.start()
        question = phone.heading.inner_text()

        assert phone.page.locator("input:checked").count() == 0
        phone.page.click("[data-do=next]")
        phone.sees("Choose an answer first.")
        phone.choose(0)
        phone.does_not_see("Choose an answer first.")

        assert phone.page.locator("input:checked").count() == 1
        assert phone.heading.inner_text() == question

    def test_target_pain_cannot_be_skipped_and_everything_else_can(self, phone: Phone) -> None:
        phone.start()
        assert phone.page.locator("[data-do=skip]").count() == 0

        phone.answer_pain_only(0)
        phone.save()

        phone.sees("The clinic has received your answers.")
        assert DiaryEntry.objects.get().value == 0
        assert DiaryAnswer.objects.count() == 0

    def test_back_keeps_what_was_chosen(self, phone: Phone) -> None:
        phone.start()
        phone.answer(7)

        phone.tap("Back")

        expect(phone.page.locator("input:checked")).to_have_value("7")

    def test_the_phones_own_back_leads_to_the_question_before(self, phone: Phone) -> None:
        phone.start()
        first = phone.heading.inner_text()
        phone.answer(7)

        phone.page.go_back()

        expect(phone.heading).to_have_text(first)

    def test_review_changes_one_answer_before_it_counts(self, phone: Phone) -> None:
        phone.start()
        phone.answer_pain_only(8)
        phone.page.click("dd button >> nth=0")
        phone.choose(2)
        phone.page.click("[data-do=next]")
        expect(phone.heading).to_have_text("Check your answers")
        phone.save()

        phone.sees("The clinic has received your answers.")
        assert DiaryEntry.objects.get().value == 2

    def test_the_words_after_saving_are_the_same_for_no_pain_and_the_worst(
        self, make_phone: MakePhone, clinic: Clinic, zone: str, trial: StimulationTrial
    ) -> None:
        said = []
        for score, one in ((0, trial), (10, running_trial(clinic, zone=zone))):
            phone = join(make_phone(), one)
            phone.start()
            phone.answer_pain_only(score)
            phone.save()
            phone.sees("The clinic has received your answers.")
            phone.sees("1 of 4 days answered")
            receipt = phone.page.locator("#screen").inner_text()
            phone.done()
            said.append((without_ids(receipt), phone.page.locator("#screen").inner_text()))

        assert said[0] == said[1]

    def test_earlier_scores_are_nowhere_to_be_seen(self, phone: Phone, zone: str) -> None:
        # Receipts name their day: on the ninth of a month that 9 is no score.
        score = 8 if today_in(zone).day == 9 else 9
        phone.start()
        phone.answer_pain_only(score)
        phone.save()
        phone.sees("The clinic has received your answers.")
        for place in ("Change an answer", "My receipts"):
            phone.menu(place)
            assert phone.page.locator(f"#screen >> text=/\\b{score}\\b(?!:)/").count() == 0
        phone.menu("Change an answer")
        phone.follow("How strong was your pain")
        phone.page.wait_for_selector("[data-do=next]")

        assert phone.page.locator("input:checked").count() == 0
        # Nor does the phone keep the score once the clinic has it.
        assert [row for row in phone.kept("receipts") if "body" in row and row["resource"] != "consent"] == []


class TestChanging:
    @pytest.fixture
    def saved(self, phone: Phone) -> Phone:
        phone.start()
        phone.answer_pain_only(8)
        phone.save()
        phone.sees("The clinic has received your answers.")
        phone.done()
        return phone

    def test_before_the_window_closes_a_new_answer_replaces_the_old(self, saved: Phone) -> None:
        for value in (3, 5):
            saved.menu("Change an answer")
            saved.follow("How strong was your pain")
            saved.answer(value)
            saved.save()
            saved.sees("The clinic has received your answers.")
            saved.done()

        rows = {entry.value: entry for entry in DiaryEntry.objects.all()}
        assert rows[8].supersedes_id is None
        assert rows[3].supersedes_id == rows[8].pk
        assert rows[5].supersedes_id == rows[3].pk

    def test_a_skipped_question_can_still_be_answered(self, saved: Phone) -> None:
        saved.menu("Change an answer")
        saved.follow("How well did you sleep")
        saved.answer(6)
        saved.save()

        saved.sees("The clinic has received your answers.")
        sleep = DiaryAnswer.objects.get()
        assert (sleep.question, sleep.answer, sleep.supersedes_id) == ("sleep", {"number": 6}, None)

    def test_a_late_answer_is_marked_and_only_the_clinic_corrects_it(
        self, phone: Phone, trial: StimulationTrial
    ) -> None:
        phone.page.click("[data-do=late]")
        phone.sees("These answers are for")
        phone.answer_pain_only(8)
        phone.save()
        phone.sees("The clinic has received your answers.")
        phone.menu("Tell the clinic an answer was wrong")
        phone.follow("How strong was your pain")
        phone.choose(0)
        phone.page.select_option("#proposed", "3")
        phone.page.fill("#correct-text", "I meant 3, not 8.")
        phone.tap("Send")

        expect(phone.heading).to_have_text("Your answers are saved")
        phone.sees("The clinic has received your answers.")
        entry = DiaryEntry.objects.get()
        assert entry.timeliness == "late"
        request = CorrectionRequest.objects.get()
        assert (request.entry_id, request.reason) == (entry.pk, "wrong_number")
        assert (request.text, request.proposed_value) == ("I meant 3, not 8.", 3)

    def test_a_correction_asks_for_a_reason_and_words(self, phone: Phone) -> None:
        phone.page.click("[data-do=late]")
        phone.answer_pain_only(8)
        phone.save()
        phone.menu("Tell the clinic an answer was wrong")
        phone.follow("How strong was your pain")

        phone.tap("Send")
        phone.sees("Choose a reason first.")
        phone.choose(3)
        phone.tap("Send")

        phone.sees("Write a few words first.")
        assert CorrectionRequest.objects.count() == 0


class TestHelp:
    def test_a_touched_sign_shows_whom_to_call_at_once_and_tells_staff(
        self, phone: Phone, trial: StimulationTrial
    ) -> None:
        phone.follow("Something is wrong")
        phone.choose(0)

        box = phone.page.locator(".safety")
        expect(box.locator("a >> nth=0")).to_have_attribute("href", "tel:+49300000000")
        expect(box.locator("a >> nth=1")).to_have_attribute("href", "tel:112")
        expect(box).to_contain_text("Nobody watches this diary all the time.")
        phone.sees("Saved. It goes to your clinic now.")
        phone.done()
        phone.all_sent()
        assert DiaryAnswer.objects.get().answer == {"choices": ["fever"]}
        assert StaffTask.objects.get(kind="red_flag").trial == trial

    def test_two_signs_in_one_go_are_one_answer(self, phone: Phone) -> None:
        phone.follow("Something is wrong")
        phone.page.wait_for_selector(".option")
        # Within the moment in which the app waits for a second one, on a slow machine as well.
        phone.page.evaluate("for (const n of [0, 1]) document.querySelectorAll('.option input')[n].click()")
        phone.done()

        phone.page.wait_for_selector("[data-do=start]")
        phone.all_sent()
        assert DiaryAnswer.objects.get().answer == {"choices": ["fever", "wound"]}

    def test_a_sign_touched_in_the_moment_before_a_kill_is_told_at_the_next_start(self, phone: Phone) -> None:
        phone.follow("Something is wrong")
        phone.context.set_offline(True)
        phone.choose(2)
        expect(phone.page.locator(".safety a").first).to_be_visible()
        phone.until(lambda: phone.kept("runs") or phone.kept("outbox"))
        phone.kill()
        phone.context.set_offline(False)
        phone.new_tab()

        phone.page.wait_for_selector("[data-do=start]")
        phone.all_sent()
        assert DiaryAnswer.objects.get().answer == {"choices": ["weakness"]}

    def test_within_the_day_a_sign_does_not_wait_for_the_review(self, phone: Phone) -> None:
        phone.start()
        phone.answer(4)
        while not phone.page.locator("input[type=checkbox]").count():
            phone.answer(0)
        phone.choose(5)

        expect(phone.page.locator(".safety")).to_contain_text("Nobody watches this diary all the time.")
        phone.next()
        phone.save()
        phone.sees("The clinic has received your answers.")
        flags = DiaryAnswer.objects.filter(question="red_flags")
        assert [flag.answer for flag in flags] == [{"choices": ["shocks"]}]

    def test_a_note_reaches_the_clinic(self, phone: Phone) -> None:
        phone.follow("Write to the clinic")
        phone.tap("Send")
        phone.sees("Write a few words first.")
        phone.page.fill("#note-text", "The belt rubs. \U0001f642")
        phone.tap("Send")

        phone.sees("The clinic has received your answers.")
        assert DiaryAnswer.objects.get().answer == {"text": "The belt rubs. \U0001f642"}

    def test_the_clinics_number_is_on_every_screen(self, phone: Phone) -> None:
        for row in ("Today", "Something is wrong", "Write to the clinic", "My receipts", "Settings"):
            phone.menu(row)
            expect(phone.page.locator("#bar a")).to_have_attribute("href", "tel:+49300000000")


def test_a_caregivers_phone_says_whose_answers_these_are(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    phone = join(make_phone(), trial, holder="proxy")
    phone.sees("You answer for the person in your care.")
    phone.start()
    phone.sees("You answer for the person in your care.")
    phone.answer_pain_only(4)
    phone.save()

    phone.sees("The clinic has received your answers.")
    assert DiaryEntry.objects.get().originator == "proxy"


def lose_replies(phone: Phone, pattern: str, *, times: int) -> None:
    """The service hears and answers; the answer does not arrive."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    phone.page.route(pattern, lose, times=times)


def without_ids(text: str) -> list[str]:
    """Ids and times differ between any two answers."""
    return [line for line in text.splitlines() if not line.startswith(("Number", "Received", "Saved on"))]
