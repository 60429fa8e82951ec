"""Each day of a clinic is counted once; who runs the clinic finds it on the worklist and in the mail."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import DailyReview
from apps.audit.services import record
from apps.workspace.cards import cards_of
from apps.workspace.daily_review import DAYS, review_days
from apps.workspace.permissions import Access
from apps.workspace.tasks import review_trail
from tests.apps.workspace.conftest import Visit

#: Noon of a Tuesday in Berlin; its yesterday ended at 22:00 UTC.
TUESDAY = datetime(2026, 10, 13, 10, tzinfo=UTC)
NIGHT = datetime(2026, 10, 12, 21, 30, tzinfo=UTC)
NOTHING = {"backdated": 0, "flips": 0, "night": 0, "reads": 0}


def take(clinic: Clinic, *, at: datetime = NIGHT) -> None:
    record(action="export", object_type="trial", object_id="T-1", by="staff:1", at=at, clinic_id=clinic.pk)


def counted(clinic: Clinic) -> dict[str, dict[str, int]]:
    return {str(row.day): row.counts for row in DailyReview.objects.filter(clinic_id=clinic.pk)}


@pytest.fixture
def messages(settings: Settings, tmp_path: Path) -> Path:
    file = tmp_path / "messages"
    settings.NOTIFY_CONSOLE = str(file)
    return file


def told(messages: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in messages.read_text().splitlines()] if messages.exists() else []


def test_yesterday_is_counted_for_each_clinic_by_its_own_rows(clinic: Clinic, other_clinic: Clinic) -> None:
    take(clinic)

    review_days(at=TUESDAY)

    assert counted(clinic)["2026-10-12"] == NOTHING | {"night": 1}
    assert counted(other_clinic)["2026-10-12"] == NOTHING


def test_a_day_is_counted_once_however_often_the_clock_rings(clinic: Clinic, messages: Path) -> None:
    clinic.alert_email = "desk@clinic.example"
    clinic.save()
    take(clinic)

    for hours in range(3):
        review_days(at=TUESDAY + timedelta(hours=hours))
    take(clinic)
    review_days(at=TUESDAY + timedelta(hours=4))

    assert counted(clinic)["2026-10-12"]["night"] == 1
    assert DailyReview.objects.filter(clinic_id=clinic.pk).count() == DAYS
    assert [one["to"] for one in told(messages)] == ["desk@clinic.example"]


def test_days_that_nothing_counted_are_counted_later_and_not_mailed(clinic: Clinic, messages: Path) -> None:
    clinic.alert_email = "desk@clinic.example"
    clinic.save()
    take(clinic, at=NIGHT - timedelta(days=3))

    review_days(at=TUESDAY)

    assert counted(clinic)["2026-10-09"] == NOTHING | {"night": 1}
    assert told(messages) == []


def test_the_site_admins_and_the_alert_address_are_told_without_health_content(
    clinic: Clinic, site_admin: User, messages: Path
) -> None:
    clinic.alert_email = "desk@clinic.example"
    clinic.save()
    site_admin.email = "runs@clinic.example"
    site_admin.save()
    take(clinic)

    review_days(at=TUESDAY)

    found = told(messages)
    assert sorted(one["to"] for one in found) == ["desk@clinic.example", "runs@clinic.example"]
    assert f"of {clinic.name} of 2026-10-12: 1." in found[0]["body"]
    assert f"/staff/trail/review/?clinic={clinic.pk}&since=2026-10-12&until=2026-10-12" in found[0]["body"]
    assert "T-1" not in found[0]["body"]


def test_a_count_is_never_changed(clinic: Clinic) -> None:
    review_days(at=TUESDAY)

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        DailyReview.objects.update(counts={})


def test_the_worklist_shows_the_days_of_the_week_with_something_to_look_at(
    clinic: Clinic, other_clinic: Clinic, site_admin: User
) -> None:
    for days in (0, 2, 20):
        take(clinic, at=NIGHT - timedelta(days=days))
        take(other_clinic, at=NIGHT - timedelta(days=days))
    review_days(at=TUESDAY - timedelta(days=20))
    review_days(at=TUESDAY)
    admin = Access({clinic.pk: Role.SITE_ADMIN, other_clinic.pk: Role.CLINICIAN})

    found = cards_of(admin, site_admin, at=TUESDAY)["reviews"]

    assert [(one.clinic, str(one.day), one.lists) for one in found] == [
        (clinic, "2026-10-12", (("Taken at night", 1),)),
        (clinic, "2026-10-10", (("Taken at night", 1),)),
    ]
    assert cards_of(Access({clinic.pk: Role.CLINICIAN}), site_admin, at=TUESDAY)["reviews"] == []


def test_the_task_by_the_clock_brings_it_to_the_worklist_of_the_site_admin(
    clinic: Clinic, site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    yesterday = datetime.now(UTC).replace(hour=2) - timedelta(days=1)
    take(clinic, at=yesterday)

    review_trail()

    assert "Taken at night (1)" in as_staff(site_admin).get("/staff/").content.decode()
    assert "Taken at night" not in as_staff(coordinator).get("/staff/").content.decode()


def test_the_database_shows_a_count_to_its_clinic_alone(clinic: Clinic, other_clinic: Clinic) -> None:
    review_days(at=TUESDAY)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE sctrial_app")
        cursor.execute("SELECT set_config('sctrial.clinics', %s, true)", [f"{{{clinic.pk}}}"])
        cursor.execute("SELECT DISTINCT clinic_id FROM audit_dailyreview")
        seen = cursor.fetchall()
        cursor.execute("RESET ROLE")

    assert seen == [(clinic.pk,)]
