"""A new version of an answer stands in the place of the old one, whoever writes it."""

import uuid
from datetime import UTC, datetime

import pytest

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry
from apps.diary.replacing import place_of
from apps.diary.staff_acts import Act
from apps.diary.versions import Said, new_version, offset_minutes
from apps.problems import Problem
from tests.factories import NOW, make_entries, make_trial

pytestmark = pytest.mark.django_db
ACT = Act("staff:7", NOW)


def test_it_has_the_place_of_the_old_one_and_names_it(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    (old,) = make_entries(trial, {"2026-10-05": 9})

    new = new_version(old, 3, when=Said(uuid.uuid4(), NOW, "Europe/Berlin"), trial=trial, act=ACT)

    assert (place_of(new), new.supersedes_id, new.originator) == (place_of(old), old.id, "staff")
    assert isinstance(new, DiaryEntry)
    # 18:00 UTC is 20:00 in Berlin on 12 October.
    assert (new.value, new.captured_at, new.utc_offset_minutes) == (3, NOW, 2 * 60)


def test_the_scale_is_the_one_for_phones(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    (old,) = make_entries(trial, {"2026-10-05": 9})

    with pytest.raises(Problem):
        new_version(old, 11, when=Said(uuid.uuid4(), NOW, "Europe/Berlin"), trial=trial, act=ACT)


@pytest.mark.parametrize(
    ("month", "zone", "minutes"),
    [(7, "Europe/Berlin", 2 * 60), (12, "Europe/Berlin", 1 * 60), (12, "Asia/Kolkata", 5 * 60 + 30)],
)
def test_the_offset_is_the_one_of_that_day(month: int, zone: str, minutes: int) -> None:
    assert offset_minutes(datetime(2026, month, 1, 12, tzinfo=UTC), zone=zone) == minutes
