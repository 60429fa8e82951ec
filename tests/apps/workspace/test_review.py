"""The four lists as a page tells them: words, the clinic's clock, and the way to each record."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import resolve
from django.utils.translation import override

from apps.accounts.models import Clinic, User
from apps.audit.models import TAKEN
from apps.audit.reviewing import Limits
from apps.audit.services import record, record_each
from apps.outcomes.flips import Flip
from apps.trials.models import StimulationTrial
from apps.workspace.review import KINDS, TAKEN_WORDS, Listed, count_of, days_of, limits, lists_of
from tests.factories import NOW, make_entries, make_trial

DAY = NOW.date()


def listed(clinic: Clinic, *, first: date = DAY, last: date = DAY) -> dict[str, Listed]:
    found = lists_of(days_of(clinic, first, last), limits=Limits())
    return {one.kind.code: one for one in found}


def look_and_take(clinic: Clinic, *, by: User) -> None:
    """At 23:30 on the clock of Berlin: 51 records read, and a packet taken."""
    at = datetime(DAY.year, DAY.month, DAY.day, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    who = f"staff:{by.pk}"
    looks = [(clinic.pk, n) for n in range(51)]
    record_each(looks, action="look", object_type="patient", by=who, at=at)
    record(action="export", object_type="trial", object_id="T-1", by=who, at=at, clinic_id=clinic.pk)


def test_a_day_is_that_of_the_clinics_calendar(clinic: Clinic) -> None:
    """Berlin is two hours ahead of UTC in October: its day ends at 22:00 UTC."""
    period = days_of(clinic, DAY, DAY)

    assert (period.since, period.until) == (
        datetime(2026, 10, 11, 22, tzinfo=UTC),
        datetime(2026, 10, 12, 22, tzinfo=UTC),
    )


def test_a_file_and_a_burst_name_the_person_and_the_clinics_clock(clinic: Clinic, site_admin: User) -> None:
    look_and_take(clinic, by=site_admin)

    found = listed(clinic)

    who = found["reads"].rows[0].cells[0]
    assert who.startswith("site_admin")
    assert found["reads"].rows[0].cells == (who, "2026-10-12 23:30", "2026-10-12 23:30", "51")
    assert found["night"].rows[0].cells == ("2026-10-12 23:30", "made and taken away", "trial T-1", who)


def test_each_row_leads_to_its_record(clinic: Clinic, site_admin: User) -> None:
    look_and_take(clinic, by=site_admin)
    trial = make_trial(clinic=clinic)
    make_entries(trial, {str((NOW - timedelta(days=3)).date()): 5})

    places = {
        code: resolve(row.url.partition("?")[0]).url_name
        for code, one in listed(clinic).items()
        for row in one.rows
    }

    assert places == {
        "backdated": "trials_stimulationtrial_change",
        "night": "audit_auditevent_change",
        "reads": "audit_auditevent_changelist",
    }


def test_what_is_not_known_is_shown_and_not_counted(clinic: Clinic) -> None:
    trial: StimulationTrial = make_trial(clinic=clinic)
    (kind,) = (kind for kind in KINDS if kind.code == "flips")
    told = [("Met", "Not met"), ("", "")]
    rows = [Flip(NOW, "staff:1", "Average pain", trial.pk, "P-1", *pair) for pair in told]
    shown = tuple(kind.show(row, "somebody", ZoneInfo("UTC")) for row in rows)
    one = Listed(kind, shown, rule="", empty="")

    assert (one.count, one.unknown) == (1, 1)
    assert [row.cells[2:4] for row in shown] == [("Met", "Not met"), ("not known", "not known")]


def test_the_counts_are_those_of_the_lists(clinic: Clinic, site_admin: User) -> None:
    look_and_take(clinic, by=site_admin)
    period = days_of(clinic, DAY, DAY)

    assert count_of(period, limits=limits()) == {code: one.count for code, one in listed(clinic).items()}
    assert count_of(period, limits=limits()) == {"backdated": 0, "flips": 0, "night": 1, "reads": 1}


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_the_rules_name_the_limits_in_force(clinic: Clinic, language: str) -> None:
    asked = Limits(
        night_from=20, night_until=7, reads=33, reads_within=timedelta(minutes=4), backdated=timedelta(days=3)
    )
    with override(language):
        found = {one.kind.code: one for one in lists_of(days_of(clinic, DAY, DAY), limits=asked)}

    assert "72" in found["backdated"].rule
    assert "20:00" in found["night"].rule
    assert "07:00" in found["night"].empty
    assert {"33", "4"} <= set(found["reads"].rule.split())


def test_every_way_to_take_a_file_has_words() -> None:
    assert set(TAKEN_WORDS) == set(TAKEN)
