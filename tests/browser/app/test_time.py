"""The phone's own wall clock, far from the clinic and in nights that are an hour longer or shorter."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry
from tests.browser.app.conftest import MakePhone, join, running_trial


@pytest.mark.parametrize("name", ["Pacific/Honolulu", "Pacific/Auckland", "Europe/Berlin"])
def test_the_diary_day_is_the_one_on_the_phones_wall(
    make_phone: MakePhone, clinic: Clinic, transactional_db: None, name: str
) -> None:
    """The window is the whole day; it is another one in Honolulu than in Auckland."""
    trial = running_trial(clinic, zone="Europe/Berlin", diary_windows="00:00-24:00")
    phone = join(make_phone(timezone_id=name), trial)
    begun = datetime.now(UTC)
    phone.start()
    phone.answer_pain_only(4)
    phone.save()

    phone.sees("The clinic has received your answers.")
    entry = DiaryEntry.objects.get()
    walls = [instant.astimezone(ZoneInfo(name)) for instant in (begun, datetime.now(UTC))]
    # One day, and one offset, unless midnight or a change of the clocks came between.
    assert entry.zone == name
    assert entry.diary_day in {wall.date() for wall in walls}
    assert timedelta(minutes=entry.utc_offset_minutes or 0) in {wall.utcoffset() for wall in walls}


# Europe/Berlin, 25 October 2026: at 03:00 summer time it is 02:00 again. 29 March: 02:00 is 03:00.
FOLD = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
GAP = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "instant", "text"),
    [
        ("Europe/Berlin", FOLD, "2026-10-25T02:30:00+02:00"),
        ("Europe/Berlin", FOLD + timedelta(hours=1), "2026-10-25T02:30:00+01:00"),
        ("Europe/Berlin", GAP, "2026-03-29T01:59:59+01:00"),
        ("Europe/Berlin", GAP + timedelta(seconds=1), "2026-03-29T03:00:00+02:00"),
        ("Pacific/Auckland", FOLD, "2026-10-25T13:30:00+13:00"),
        ("Pacific/Honolulu", FOLD, "2026-10-24T14:30:00-10:00"),
        ("Asia/Kathmandu", FOLD, "2026-10-25T06:15:00+05:45"),
        ("America/St_Johns", FOLD, "2026-10-24T22:00:00-02:30"),
        ("Pacific/Kiritimati", FOLD, "2026-10-25T14:30:00+14:00"),
    ],
)
def test_times_are_written_with_the_offset_that_the_zone_has_then(
    make_phone: MakePhone, transactional_db: None, name: str, instant: datetime, text: str
) -> None:
    phone = make_phone(timezone_id=name)
    phone.open()

    written = phone.page.evaluate(
        "instant => import('/static/patient_app/clock.js').then(clock => clock.rfc3339(instant))",
        instant.timestamp() * 1000,
    )

    assert written == text
    assert datetime.fromisoformat(text) == instant


HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("ahead", "passed", "put_right_by"),
    [
        # A day behind, and not heard of since the evening before last: still a day behind.
        (-DAY, 0, -DAY),
        (-DAY, 30 * HOUR, -DAY),
        (3 * HOUR, 13 * DAY, 3 * HOUR),
        # The kept plan is over by then, and nobody knows.
        (-DAY, 14 * DAY, 0),
        # It shows an earlier time than when it was measured: somebody has set it.
        (DAY, -22 * HOUR, 0),
        # Under a minute is nobody's business.
        (59_000, 0, 0),
    ],
)
def test_a_clock_known_to_be_wrong_is_put_right_until_it_is_heard_of_again(
    scripts: Page, ahead: int, passed: int, put_right_by: int
) -> None:
    """``passed`` on the phone's own clock since the service was last heard."""
    # An address of its own is a module of its own, which has heard nothing yet.
    address = f"/static/patient_app/clock.js?{ahead}{passed}"

    error = scripts.evaluate(
        """([address, error, passed]) => import(address).then(clock => {
            clock.recall({ error, at: Date.now() - passed });
            return clock.clockError();
        })""",
        [address, ahead, passed],
    )

    assert error == put_right_by


def window(opens: str, closes: str, grace: str, **more: Any) -> dict[str, Any]:
    usual = {"number": 1, "asks": ["target.average", "sleep", "red_flags"], "answered": {}}
    return usual | {"opens": opens, "closes": closes, "grace_until": grace} | more


def plan_of(*days: tuple[str, list[dict[str, Any]]], phase: str = "trial", **trial: Any) -> dict[str, Any]:
    facts = {"day_starts_at_hour": 0, "lead_placed_on": None, **trial}
    return {
        "trial": facts,
        "days": [{"diary_day": day, "phase": phase, "windows": windows} for day, windows in days],
    }


EVENINGS = plan_of(
    *(
        (
            f"2026-10-{day}",
            [window(f"2026-10-{day}T18:00", f"2026-10-{day + 1}T00:00", f"2026-10-{day + 1}T00:15")],
        )
        for day in (10, 11, 12)
    )
)
# From 18:00 to 02:00, where the diary day begins at three.
NIGHTS = plan_of(
    *(
        (
            f"2026-10-{day}",
            [window(f"2026-10-{day}T18:00", f"2026-10-{day + 1}T02:00", f"2026-10-{day + 1}T02:15")],
        )
        for day in (10, 11, 12)
    ),
    day_starts_at_hour=3,
)


@pytest.fixture(scope="module")
def scripts(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The app opened by nobody, for its pure functions; one page for all who ask."""
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    page.goto(f"{live_server.url}/app/")
    yield page
    context.close()


class TestPlan:
    """Pure functions, asked in the browser that runs them."""

    @pytest.mark.parametrize(
        ("today", "wall", "current", "late", "opens_next"),
        [
            (EVENINGS, "2026-10-11T17:59", None, "2026-10-10", "2026-10-11T18:00"),
            (EVENINGS, "2026-10-11T18:00", "2026-10-11", "2026-10-10", "2026-10-12T18:00"),
            (EVENINGS, "2026-10-11T23:59", "2026-10-11", "2026-10-10", "2026-10-12T18:00"),
            (EVENINGS, "2026-10-12T00:00", None, "2026-10-11", "2026-10-12T18:00"),
            (NIGHTS, "2026-10-12T01:59", "2026-10-11", "2026-10-10", "2026-10-12T18:00"),
            (NIGHTS, "2026-10-12T02:30", None, "2026-10-10", "2026-10-12T18:00"),
            (NIGHTS, "2026-10-12T03:00", None, "2026-10-11", "2026-10-12T18:00"),
            (EVENINGS, "2026-10-20T20:00", None, None, None),
        ],
    )
    def test_the_open_window_yesterday_and_what_comes_next(
        self,
        scripts: Page,
        today: dict[str, Any],
        wall: str,
        current: str | None,
        late: str | None,
        opens_next: str | None,
    ) -> None:
        plan = ask_plan(scripts, "plan.planAt(today, wall, new Set())", today=today, wall=wall)

        assert [of(plan["current"], "day"), of(plan["late"], "day"), of(plan["next"], "opens")] == [
            current,
            late,
            opens_next,
        ]

    @pytest.mark.parametrize(
        ("begun", "wall", "saved_as"),
        [
            ("2026-10-11T19:00", "2026-10-11T19:05", "today"),
            ("2026-10-11T23:58", "2026-10-12T00:14", "today"),
            ("2026-10-11T23:58", "2026-10-12T00:15", "late"),
            ("2026-10-12T00:05", "2026-10-12T00:10", "late"),
            ("2026-10-11T23:58", "2026-10-13T00:10", None),
        ],
    )
    def test_begun_in_time_it_may_be_finished_a_little_later(
        self, scripts: Page, begun: str, wall: str, saved_as: str | None
    ) -> None:
        answer = ask_plan(
            scripts,
            "plan.savedAs(plan.openings(today)[1], { wall, begunWall: begun, today })",
            today=EVENINGS,
            wall=wall,
            begun=begun,
        )

        assert answer == saved_as

    @pytest.mark.parametrize(
        ("begun", "wall", "grace", "late"),
        [
            ("2026-10-11T23:58", "2026-10-11T23:59", None, "2026-10-10"),
            ("2026-10-11T23:58", "2026-10-12T00:14", "2026-10-11", None),
            ("2026-10-11T23:58", "2026-10-12T00:15", None, "2026-10-11"),
            ("2026-10-12T00:01", "2026-10-12T00:10", None, "2026-10-11"),
        ],
    )
    def test_what_was_begun_in_time_is_offered_to_be_finished_and_not_as_late(
        self, scripts: Page, begun: str, wall: str, grace: str | None, late: str | None
    ) -> None:
        plan = ask_plan(
            scripts,
            "plan.planAt(today, wall, new Set(), new Map([['2026-10-11/1', begun]]))",
            today=EVENINGS,
            wall=wall,
            begun=begun,
        )

        assert [of(plan["grace"], "day"), of(plan["late"], "day")] == [grace, late]

    def test_nothing_left_to_ask_is_not_offered_again(self, scripts: Page) -> None:
        plan = ask_plan(
            scripts,
            "plan.planAt(today, wall, new Set(['2026-10-11/1/target.average']),"
            " new Map([['2026-10-11/1', begun]]))",
            today=EVENINGS,
            wall="2026-10-12T00:10",
            begun="2026-10-11T23:58",
        )

        assert (plan["grace"], plan["late"]) == (None, None)

    @pytest.mark.parametrize(
        ("wall", "saved_as"),
        [("2026-10-11T23:59", "today"), ("2026-10-12T00:14", "today"), ("2026-10-12T00:15", None)],
    )
    def test_a_change_begun_in_time_has_the_same_grace(
        self, scripts: Page, wall: str, saved_as: str | None
    ) -> None:
        answer = ask_plan(
            scripts,
            "plan.savedAs(plan.openings(today)[1], { wall, begunWall: begun, today, isAmendment: true })",
            today=EVENINGS,
            wall=wall,
            begun="2026-10-11T23:58",
        )

        assert answer == saved_as

    def test_the_leads_close_yesterdays_baseline(self, scripts: Page) -> None:
        evening = [window("2026-10-10T18:00", "2026-10-11T00:00", "2026-10-11T00:15")]
        today = plan_of(("2026-10-10", evening), phase="baseline", lead_placed_on="2026-10-11")

        plan = ask_plan(scripts, "plan.planAt(today, wall, new Set())", today=today, wall="2026-10-11T09:00")

        assert plan["late"] is None


def of(found: dict[str, Any] | None, key: str) -> Any:
    return None if found is None else found[key]


def ask_plan(scripts: Page, expression: str, **given: Any) -> Any:
    names = ", ".join(given)
    return scripts.evaluate(
        f"({{ {names} }}) => import('/static/patient_app/plan.js').then(plan => {expression})",
        given,
    )
