"""The lists of a clinic's trail that are about reading and taking away: exact at their limits."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.audit.models import TAKEN, AuditEvent
from apps.audit.reviewing import Burst, Limits, Period, many_reads, taken_at_night
from apps.audit.services import record, record_each

MIDNIGHT = datetime(2026, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMITS = Limits()


def period(clinic: Clinic, *, zone: str = "UTC", days: int = 1) -> Period:
    return Period(clinic.pk, ZoneInfo(zone), MIDNIGHT, MIDNIGHT + timedelta(days=days))


def look(clinic: Clinic, records: Sequence[object], *, at: datetime, by: str = "staff:1") -> None:
    rows = [(clinic.pk, record) for record in records]
    record_each(rows, action="look", object_type="patient", by=by, at=at)


def _holds(burst: Burst, minute: int) -> bool:
    return burst.first_at <= MIDNIGHT + minute * MINUTE <= burst.at


class TestManyReads:
    """More than 50 records within any ten minutes, by one person."""

    @pytest.mark.parametrize(
        ("case", "looks", "expected"),
        [
            # Each look is (minutes after noon, first record, one behind the last record).
            ("50 at once", [(0, 0, 50)], None),
            ("51 at once", [(0, 0, 51)], 51),
            (
                "26 + 25 across the edge of two windows that begin at full ten minutes",
                [(9, 0, 26), (11, 26, 51)],
                51,
            ),
            ("25 + 26 exactly ten minutes apart", [(0, 0, 25), (10, 25, 51)], 51),
            ("25 + 26 eleven minutes apart", [(0, 0, 25), (11, 25, 51)], None),
            ("51 reads of one record", [(n / 10, 0, 1) for n in range(51)], None),
            ("50 records, one of them twice", [(0, 0, 50), (5, 49, 50)], None),
            ("51 records, each twice", [(0, 0, 51), (5, 0, 51)], 51),
            ("one a minute, all day", [(n, n, n + 1) for n in range(500)], None),
        ],
    )
    def test_the_limit_is_exact_in_every_window(
        self, clinic: Clinic, case: str, looks: list[tuple[float, int, int]], expected: int | None
    ) -> None:
        noon = MIDNIGHT + timedelta(hours=12)
        for minutes, first, behind in looks:
            look(clinic, range(first, behind), at=noon + minutes * MINUTE)

        found = many_reads(period(clinic), limits=LIMITS)

        assert [burst.most for burst in found] == ([] if expected is None else [expected]), case

    def test_windows_that_touch_are_one_burst_and_an_hour_later_is_another(self, clinic: Clinic) -> None:
        noon = MIDNIGHT + timedelta(hours=12)
        for n in range(30):
            look(clinic, range(10 * n, 10 * n + 10), at=noon + n * MINUTE)
        look(clinic, range(60), at=noon + 90 * MINUTE)

        # Eleven looks of ten lie in a window of ten minutes with both of its ends.
        assert many_reads(period(clinic), limits=LIMITS) == [
            Burst(noon + 90 * MINUTE, "staff:1", noon + 90 * MINUTE, 60),
            Burst(noon + 29 * MINUTE, "staff:1", noon, 11 * 10),
        ]

    @pytest.mark.parametrize("seed", range(20))
    def test_the_count_is_that_of_every_window_looked_through_one_by_one(
        self, clinic: Clinic, seed: int
    ) -> None:
        chance = Random(seed)
        looks = sorted((chance.randrange(40), chance.randrange(9)) for _ in range(chance.randrange(60)))
        for minute, about in looks:
            look(clinic, [about], at=MIDNIGHT + minute * MINUTE)

        found = many_reads(period(clinic), limits=Limits(reads=0))

        windows = [{about for minute, about in looks if end - 10 <= minute <= end} for end, _ in looks]
        assert max((burst.most for burst in found), default=0) == max(map(len, windows), default=0)
        hot = [end for (end, _), window in zip(looks, windows, strict=True) if len(window) > 5]
        busy = many_reads(period(clinic), limits=Limits(reads=5))
        assert {end for end in hot if any(_holds(burst, end) for burst in busy)} == set(hot)
        assert {burst.at for burst in busy} <= {MIDNIGHT + end * MINUTE for end in hot}

    def test_what_several_people_read_is_not_added_up(self, clinic: Clinic) -> None:
        for person in range(1, 4):
            look(clinic, range(30 * person, 30 * person + 30), at=MIDNIGHT, by=f"staff:{person}")

        assert many_reads(period(clinic), limits=LIMITS) == []

    def test_another_clinic_is_not_counted(self, clinic: Clinic, other_clinic: Clinic) -> None:
        look(clinic, range(30), at=MIDNIGHT)
        look(other_clinic, range(30, 60), at=MIDNIGHT)
        look(other_clinic, range(60, 90), at=MIDNIGHT)

        assert many_reads(period(clinic), limits=LIMITS) == []
        assert [burst.most for burst in many_reads(period(other_clinic), limits=LIMITS)] == [60]

    def test_a_list_is_no_record(self, clinic: Clinic) -> None:
        look(clinic, [""] * 60, at=MIDNIGHT)

        assert many_reads(period(clinic), limits=LIMITS) == []

    def test_a_burst_belongs_to_the_day_in_which_it_passes_the_limit(self, clinic: Clinic) -> None:
        look(clinic, range(30), at=MIDNIGHT - MINUTE)
        look(clinic, range(30, 60), at=MIDNIGHT + MINUTE)
        before = Period(clinic.pk, ZoneInfo("UTC"), MIDNIGHT - timedelta(days=1), MIDNIGHT)

        assert many_reads(before, limits=LIMITS) == []
        assert [burst.first_at for burst in many_reads(period(clinic), limits=LIMITS)] == [MIDNIGHT - MINUTE]

    def test_ten_times_the_looks_cost_no_statement_more(self, clinic: Clinic) -> None:
        look(clinic, range(500), at=MIDNIGHT)

        with CaptureQueriesContext(connection) as asked:
            many_reads(period(clinic), limits=LIMITS)

        assert len(asked) == 1


def take(clinic: Clinic, *, at: datetime, action: str = "export") -> None:
    record(action=action, object_type="trial", object_id="T-1", by="staff:1", at=at, clinic_id=clinic.pk)


class TestTakenAtNight:
    """From 22:00 to before 06:00 on the clinic's clock."""

    @pytest.mark.parametrize(
        ("clock", "is_listed"),
        [
            ("21:59", False),
            ("22:00", True),
            ("23:59", True),
            ("00:00", True),
            ("05:59", True),
            ("06:00", False),
        ],
    )
    @pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
    def test_the_hours_are_those_of_the_clinic(
        self, clinic: Clinic, zone: str, clock: str, is_listed: bool
    ) -> None:
        at = datetime.fromisoformat(f"2026-10-13T{clock}").replace(tzinfo=ZoneInfo(zone))
        take(clinic, at=at)

        found = taken_at_night(period(clinic, zone=zone, days=3), limits=LIMITS)

        assert [event.at for event in found] == ([at] if is_listed else [])

    @pytest.mark.parametrize("action", TAKEN)
    def test_whatever_leaves_or_is_made_to_leave_is_listed(self, clinic: Clinic, action: str) -> None:
        take(clinic, at=MIDNIGHT, action=action)

        assert [event.action for event in taken_at_night(period(clinic), limits=LIMITS)] == [action]

    def test_to_look_at_night_is_not(self, clinic: Clinic) -> None:
        look(clinic, ["T-1"], at=MIDNIGHT)

        assert list(taken_at_night(period(clinic), limits=LIMITS)) == []

    def test_a_night_that_lies_within_one_day(self, clinic: Clinic) -> None:
        for hour in (0, 1, 4, 5):
            take(clinic, at=MIDNIGHT + timedelta(hours=hour))

        found = taken_at_night(period(clinic), limits=Limits(night_from=1, night_until=5))

        assert sorted(event.at.hour for event in found) == [1, 4]

    def test_another_clinic_and_another_day_are_not_listed(
        self, clinic: Clinic, other_clinic: Clinic
    ) -> None:
        take(other_clinic, at=MIDNIGHT)
        take(clinic, at=MIDNIGHT - timedelta(seconds=1))
        take(clinic, at=MIDNIGHT + timedelta(days=1))

        assert AuditEvent.objects.count() >= 3
        assert list(taken_at_night(period(clinic), limits=LIMITS)) == []
