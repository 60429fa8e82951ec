"""States with plain words: what the phone, the clock, the trial or a new version may be in."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Route, expect
from pytest_django import Settings

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry, PatientDevice
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial
from tests.browser.app.conftest import (
    ENTRIES,
    Gate,
    MakePhone,
    Phone,
    end_trial,
    invite,
    join,
    revoke,
    running_trial,
    today_in,
)


def set_clock(phone: Phone, *, ahead: timedelta) -> None:
    """The page's clock, as a phone's that was set wrongly; it goes on from there."""
    phone.page.clock.set_system_time(datetime.now(UTC) + ahead)


def until_registration(holds: str) -> str:
    """A promise to wait for; what Playwright itself waits with would need the policy's unsafe-eval."""
    return f"""async () => {{
        for (;;) {{
            const one = await navigator.serviceWorker.getRegistration();
            if ({holds}) return;
            await new Promise(resolve => setTimeout(resolve, 50));
        }}
    }}"""


def minutes_of(begun: datetime, ended: datetime) -> list[str]:
    """Every minute that a clock on the wall may show from one instant to the other."""
    passed = range(int((ended - begun).total_seconds()) + 1)
    return sorted({f"{begun + timedelta(seconds=n):%H:%M}" for n in passed} | {f"{ended:%H:%M}"})


class TestWrongClock:
    def test_an_answer_from_the_future_is_put_right_and_sent_under_the_same_id(self, phone: Phone) -> None:
        phone.context.set_offline(True)
        phone.start()
        # Three hours ahead, since the app last heard from the service.
        set_clock(phone, ahead=timedelta(hours=3))
        phone.answer_pain_only(4)
        phone.save()
        (item,) = phone.kept("outbox")
        before = datetime.now(UTC)

        phone.context.set_offline(False)
        phone.sees("The clinic has received your answers.")

        entry = DiaryEntry.objects.get()
        assert str(entry.pk) == item["id"]
        assert entry.captured_at is not None
        assert abs(entry.captured_at - before) < timedelta(minutes=5)
        assert entry.clock_error_seconds == pytest.approx(3 * 3600, abs=60)

    def test_more_than_ten_minutes_are_told_with_the_time_that_it_is(self, phone: Phone, zone: str) -> None:
        set_clock(phone, ahead=timedelta(minutes=-40))
        # The service tells its time in whole seconds.
        begun = datetime.now(ZoneInfo(zone)) - timedelta(seconds=2)
        phone.page.evaluate("dispatchEvent(new Event('online'))")

        phone.sees("Your phone's clock is wrong")
        minutes = minutes_of(begun, datetime.now(ZoneInfo(zone)))
        phone.sees(re.compile(f"We think it is ({'|'.join(minutes)}) now\\."))
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.sees("The clinic has received your answers.")
        entry = DiaryEntry.objects.get()
        assert entry.captured_at is not None
        assert abs(entry.captured_at - datetime.now(UTC)) < timedelta(minutes=5)
        assert entry.clock_error_seconds == pytest.approx(-40 * 60, abs=60)

    def test_joining_tells_the_time_and_a_restart_without_network_still_knows_it(
        self, make_phone: MakePhone, trial: StimulationTrial
    ) -> None:
        phone = make_phone()
        # The reply to the code is all that this phone ever hears.
        phone.context.route("**/api/v1/diary/**", lambda route: route.abort())
        phone.open()
        phone.waits_for_worker()
        set_clock(phone, ahead=timedelta(days=-1))
        phone.page.fill("#code", invite(trial)[0])
        phone.tap("Join")
        expect(phone.heading).not_to_have_text("Join your diary")
        phone.kill()
        phone.context.set_offline(True)

        phone.new_tab()

        phone.sees("Your phone's clock is wrong")
        before = datetime.now(UTC)
        phone.follow("Something is wrong")
        phone.choose(0)
        phone.until(lambda: phone.kept("outbox"))
        (item,) = phone.kept("outbox")
        told = datetime.fromisoformat(item["body"]["captured_at"])
        assert abs(told - before) < timedelta(minutes=5)
        assert item["body"]["clock_error_seconds"] == pytest.approx(-86_400, abs=60)

    def test_set_right_between_two_changes_the_last_one_stands(self, phone: Phone) -> None:
        set_clock(phone, ahead=timedelta(days=1))
        phone.page.evaluate("dispatchEvent(new Event('online'))")
        phone.sees("Your phone's clock is wrong")
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.done()
        set_clock(phone, ahead=timedelta())
        phone.page.evaluate("dispatchEvent(new Event('online'))")
        phone.does_not_see("Your phone's clock is wrong")

        for score in (6, 2):
            phone.menu("Change an answer")
            phone.follow("How strong was your pain")
            phone.answer(score)
            phone.save()
            phone.sees("The clinic has received your answers.")
            phone.done()

        first, second, third = DiaryEntry.objects.order_by("received_at")
        assert [entry.value for entry in (first, second, third)] == [4, 6, 2]
        assert (second.supersedes_id, third.supersedes_id) == (first.pk, second.pk)

    def test_set_back_while_a_call_is_under_way_it_is_not_measured_by_that_call(self, phone: Phone) -> None:
        set_clock(phone, ahead=timedelta(days=1))
        # Its reply would tell the time again.
        phone.page.route("**/api/v1/device", lambda route: route.abort())
        gate = Gate(phone, "**/api/v1/diary/today*")
        phone.page.evaluate("dispatchEvent(new Event('online'))")
        phone.until(lambda: gate.held)
        set_clock(phone, ahead=timedelta())

        # What came half a day early, by the mean of before and after, would open the windows of another day.
        with phone.page.expect_response("**/api/v1/diary/today*"):
            gate.open()
        # Drawn by the clock as it is now, should the minute have turned before.
        phone.page.evaluate("dispatchEvent(new Event('offline'))")
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.sees("The clinic has received your answers.")

        assert DiaryEntry.objects.get().clock_error_seconds is None

    def test_set_back_while_the_service_asked_to_wait_the_wait_is_no_day_longer(self, phone: Phone) -> None:
        asked: list[str] = []

        def busy(route: Route) -> None:
            asked.append(route.request.method)
            route.fulfill(status=503, headers={"Retry-After": "1"})

        set_clock(phone, ahead=timedelta(days=1))
        phone.page.evaluate("dispatchEvent(new Event('online'))")
        phone.sees("Your phone's clock is wrong")
        phone.page.route(ENTRIES, busy)
        phone.start()
        phone.answer_pain_only(4)
        phone.save()
        phone.until(lambda: asked)
        set_clock(phone, ahead=timedelta())
        phone.page.unroute(ENTRIES)
        phone.page.evaluate("dispatchEvent(new Event('online'))")

        phone.sees("The clinic has received your answers.")

    def test_a_small_error_is_nobodys_business(self, phone: Phone) -> None:
        set_clock(phone, ahead=timedelta(seconds=30))
        phone.page.evaluate("dispatchEvent(new Event('online'))")
        phone.start()
        phone.answer_pain_only(4)
        phone.save()

        phone.sees("The clinic has received your answers.")
        assert DiaryEntry.objects.get().clock_error_seconds is None


class TestUpdate:
    def test_a_new_version_waits_for_a_tap_and_never_comes_in_mid_answer(
        self, phone: Phone, settings: Settings
    ) -> None:
        phone.waits_for_worker()
        phone.restart()
        # The page says whether it is a demo: another page is another release.
        settings.DEMO = False
        phone.start()
        phone.choose(4)
        phone.page.evaluate("navigator.serviceWorker.getRegistration().then(one => one.update())")
        phone.page.evaluate(until_registration("one.waiting"))
        phone.does_not_see("A new version is ready")
        phone.tap("Back")

        phone.sees("A new version is ready")
        assert phone.page.evaluate("'demo' in document.documentElement.dataset") is True
        phone.tap("Update now")

        expect(phone.page.locator("html:not([data-demo])")).to_have_count(1)
        phone.tap("Go on")
        expect(phone.page.locator("input:checked")).to_have_value("4")

    def test_a_release_of_mixed_files_does_not_come_into_use(
        self, make_phone: MakePhone, trial: StimulationTrial
    ) -> None:
        """Half-way through a deployment one file may be older than the page."""
        phone = make_phone()
        older = {"body": "export const planAt = 0;", "content_type": "text/javascript"}

        def spoil(route: Route) -> None:
            route.fulfill(**older) if route.request.service_worker else route.continue_()  # type: ignore[arg-type]

        phone.context.route("**/patient_app/plan.js", spoil)
        phone.open()

        phone.page.evaluate(until_registration("!one"))
        expect(phone.heading).to_have_text("Join your diary")


class TestTrial:
    def test_a_trial_that_has_ended_says_what_comes_next(self, phone: Phone, trial: StimulationTrial) -> None:
        end_trial(trial, days_ago=2)
        phone.restart()

        phone.sees("The trial is over")
        phone.sees(f"Your next step is with {trial.clinic.name}.")
        assert phone.page.locator("[data-do=start]").count() == 0

    def test_one_that_has_not_begun_says_when(
        self, make_phone: MakePhone, clinic: Clinic, zone: str, transactional_db: None
    ) -> None:
        tomorrow = today_in(zone) + timedelta(days=1)
        trial = running_trial(
            clinic,
            zone=zone,
            diary_from=tomorrow,
            lead_placed_on=None,
            planned_end_on=None,
            phase="baseline_diary",
        )
        phone = join(make_phone(), trial)

        phone.sees("Nothing to answer now")
        phone.sees("Your diary begins on ")
        phone.sees(f"{tomorrow:%A} {tomorrow.day}")

    @pytest.mark.parametrize(
        ("windows", "said"),
        [
            ("18:00-23:00", "The next questions open today at 18:00."),
            ("06:00-09:00", "The next questions open on "),
        ],
    )
    def test_between_windows_it_says_when_the_next_opens(
        self,
        make_phone: MakePhone,
        clinic: Clinic,
        zone: str,
        transactional_db: None,
        windows: str,
        said: str,
    ) -> None:
        phone = join(make_phone(), running_trial(clinic, zone=zone, diary_windows=windows))

        phone.sees("Nothing to answer now")
        phone.sees(said)

    def test_begun_in_time_it_is_finished_after_a_restart_in_the_quarter_of_an_hour_of_grace(
        self, phone: Phone, zone: str
    ) -> None:
        phone.waits_for_worker()
        phone.restart()
        phone.context.set_offline(True)
        phone.start()
        phone.answer(4)
        phone.kill()
        # The window of the day ends at six.
        now = datetime.now(ZoneInfo(zone))
        set_clock(phone, ahead=now.replace(hour=18, minute=5) - now)

        phone.new_tab()

        phone.sees("Open until 18:15.")
        phone.tap("Go on")
        phone.page.wait_for_selector("[data-do=skip]")
        while not phone.page.locator("[data-do=save]").is_visible():
            before = phone.heading.inner_text()
            phone.page.click("[data-do=skip]")
            expect(phone.heading).not_to_have_text(before)
        phone.save()
        (item,) = phone.kept("outbox")
        assert item["slot"] == f"{today_in(zone)}/1/target.average"
        assert "about" not in item["body"]
        begun, ended = (datetime.fromisoformat(item["body"][name]) for name in ("begun_at", "captured_at"))
        assert begun.hour < 18 <= ended.hour

    def test_without_windows_the_day_is_open_and_can_be_changed(
        self, make_phone: MakePhone, clinic: Clinic, zone: str, transactional_db: None
    ) -> None:
        phone = join(make_phone(), running_trial(clinic, zone=zone, diary_windows=""))
        phone.sees("Open until midnight.")
        for value in (4, 6):
            if value == 4:
                phone.start()
                phone.answer_pain_only(value)
            else:
                phone.menu("Change an answer")
                phone.follow("How strong was your pain")
                phone.answer(value)
            phone.save()
            phone.sees("The clinic has received your answers.")
            phone.done()

        first, second = DiaryEntry.objects.order_by("received_at")
        assert (first.window_no, second.supersedes_id) == (None, first.pk)

    def test_a_withdrawn_patient_still_sees_whom_to_call(self, phone: Phone) -> None:
        phone.menu("Stop taking part")
        phone.tap("Stop")
        phone.sees("You have stopped the diary")
        phone.follow("Something is wrong")

        expect(phone.page.locator(".card.danger a").first).to_have_attribute("href", "tel:+49300000000")
        assert phone.page.locator("input[type=checkbox]").count() == 0


class TestSettings:
    def test_a_name_and_reminders_reach_the_clinic(self, phone: Phone, trial: StimulationTrial) -> None:
        # The settings are drawn anew once the clinic has told what they are there.
        phone.until(lambda: "push_public_key" in str(phone.kept("state")))
        phone.menu("Settings")
        phone.page.wait_for_selector("#label")
        phone.page.fill("#label", "The blue one")
        phone.tap("Keep the name")
        expect(phone.page.locator("#status")).to_have_text("Your setting is saved.")
        phone.page.get_by_text("By e-mail").click()

        phone.until(lambda: PatientDevice.objects.filter(trial=trial, remind_by_email=True).exists())
        device = PatientDevice.objects.get(trial=trial)
        assert (device.label, device.remind_by_email, device.remind_by_sms) == ("The blue one", True, False)

    def test_leaving_ends_the_token_and_empties_the_phone(
        self, phone: Phone, trial: StimulationTrial
    ) -> None:
        phone.menu("Settings")
        phone.follow("Leave on this phone")
        phone.tap("Leave")

        expect(phone.heading).to_have_text("Join your diary")
        phone.sees("This phone has left the diary")
        assert PatientDevice.objects.get(trial=trial).revoked_at is not None
        assert phone.kept("receipts") == []

    def test_the_zone_that_the_phone_is_in_becomes_the_patients(
        self, make_phone: MakePhone, trial: StimulationTrial
    ) -> None:
        left = trial.patient.zone
        phone = join(make_phone(timezone_id="Pacific/Auckland"), trial)

        phone.until(lambda: Patient.objects.get(pk=trial.patient_id).zone != left)
        zones = trial.patient.zone_changes.order_by("since", "pk").values_list("zone", flat=True)
        assert list(zones) == [left, "Pacific/Auckland"]


def test_a_revoked_phone_says_so(phone: Phone, trial: StimulationTrial) -> None:
    revoke(trial)

    phone.restart()

    expect(phone.heading).to_have_text("Join your diary")
    phone.sees("Your clinic has closed the diary on this phone")
