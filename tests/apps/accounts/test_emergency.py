"""Reading another clinic in an emergency: who may open it, each way in which it ends, who judges it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction

from apps.accounts.emergency import (
    End,
    NoEmergency,
    assess_emergency,
    end_emergency,
    open_emergency,
    open_to,
    still_open,
)
from apps.accounts.ending import Why, end_access
from apps.accounts.models import EMERGENCY_FOR, Clinic, EmergencyAccess, Role, StaffMembership, User
from apps.audit.models import AuditEvent, ValueChange
from tests.factories import NOW, make_staff

A_MINUTE = timedelta(minutes=1)
BY_THE_READER = """
    ended_at = until, ended_why = 'time',
    assessed_at = until, assessment = 'justified', assessed_by_id = user_id
"""


@pytest.fixture(autouse=True)
def switched_on(clinic: Clinic) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(emergency_access=True)


def opened_by(user: User, clinic: Clinic, **changes: Any) -> EmergencyAccess:
    said: dict[str, Any] = {"reason_code": "patient_here", "reason": "in our emergency room", "at": NOW}
    return open_emergency(user, clinic.pk, **said | changes)


def end(row: EmergencyAccess, *, at: Any = NOW) -> bool:
    return end_emergency(row, why=End.READER, by=f"staff:{row.user_id}", at=at)


def test_it_lasts_an_hour_and_not_a_moment_longer(clinic: Clinic, stranger: User) -> None:
    row = opened_by(stranger, clinic)

    assert row.until == NOW + timedelta(minutes=60)
    assert still_open(stranger, row.pk, at=NOW + EMERGENCY_FOR - timedelta(microseconds=1))
    assert not still_open(stranger, row.pk, at=NOW + EMERGENCY_FOR)
    assert not still_open(stranger, row.pk, at=NOW - A_MINUTE), "a clock that was set back opens nothing"


def lose_role(user: User) -> None:
    StaffMembership.objects.filter(user=user).update(role=Role.ANALYST)


def disable(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def lose_staff(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=False)


def run_the_system(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_superuser=True)


def switch_off(user: User) -> None:
    Clinic.objects.update(emergency_access=False)


def end_by_hand(user: User) -> None:
    end(EmergencyAccess.objects.get(user=user))


def end_everything(user: User) -> None:
    end_access(user, why=Why.BY_AN_ADMIN, by="staff:1", at=NOW)


@pytest.mark.parametrize(
    "what", [lose_role, disable, lose_staff, run_the_system, switch_off, end_by_hand, end_everything]
)
def test_each_of_these_ends_it_with_the_next_request(
    clinic: Clinic, stranger: User, what: Callable[[User], None]
) -> None:
    row = opened_by(stranger, clinic)
    assert still_open(stranger, row.pk, at=NOW + A_MINUTE)

    what(stranger)

    assert not still_open(stranger, row.pk, at=NOW + A_MINUTE)


def test_it_is_nobody_elses(clinic: Clinic, stranger: User, other_clinic: Clinic) -> None:
    colleague = make_staff("colleague", clinic=other_clinic, role=Role.CLINICIAN)

    assert not still_open(colleague, opened_by(stranger, clinic).pk, at=NOW)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SITE_ADMIN, Role.ANALYST])
def test_who_is_no_clinician_opens_nothing(clinic: Clinic, other_clinic: Clinic, role: Role) -> None:
    user = make_staff("somebody", clinic=other_clinic, role=role)

    assert list(open_to(user)) == []
    with pytest.raises(NoEmergency, match="choose a clinic"):
        opened_by(user, clinic)


def test_who_runs_the_system_opens_nothing_though_a_clinician(clinic: Clinic, stranger: User) -> None:
    run_the_system(stranger)
    stranger.refresh_from_db()

    assert list(open_to(stranger)) == []
    with pytest.raises(NoEmergency, match="choose a clinic"):
        opened_by(stranger, clinic)


def test_only_what_is_switched_on_and_not_the_own_clinic_can_be_opened(
    clinic: Clinic, other_clinic: Clinic, stranger: User
) -> None:
    Clinic.objects.filter(pk=other_clinic.pk).update(emergency_access=True)
    assert list(open_to(stranger)) == [clinic]
    with pytest.raises(NoEmergency, match="choose a clinic"):
        opened_by(stranger, other_clinic)

    switch_off(stranger)

    assert list(open_to(stranger)) == []
    with pytest.raises(NoEmergency, match="choose a clinic"):
        opened_by(stranger, clinic)


@pytest.mark.parametrize(
    ("code", "words", "field"),
    [
        ("", "in our emergency room", "reason_code"),
        ("curious", "in our emergency room", "reason_code"),
        ("other", "", "reason"),
        ("other", "x", "reason"),
        ("other", "          ", "reason"),
        ("other", "a    b", "reason"),
        ("other", "x" * 201, "reason"),
    ],
)
def test_without_a_code_and_words_nothing_is_opened(
    clinic: Clinic, stranger: User, code: str, words: str, field: str
) -> None:
    with pytest.raises(NoEmergency) as refused:
        opened_by(stranger, clinic, reason_code=code, reason=words)

    assert refused.value.field == field
    assert not EmergencyAccess.objects.exists()


def test_one_at_a_time(clinic: Clinic, stranger: User) -> None:
    first = opened_by(stranger, clinic)

    with pytest.raises(NoEmergency, match="are open already: end that first"):
        opened_by(stranger, clinic, at=NOW + A_MINUTE)
    later = opened_by(stranger, clinic, at=NOW + EMERGENCY_FOR)

    first.refresh_from_db()
    assert (first.ended_at, first.ended_why) == (NOW + EMERGENCY_FOR, "time")
    assert still_open(stranger, later.pk, at=NOW + EMERGENCY_FOR)


def events(clinic: Clinic) -> list[tuple[str, str, str]]:
    found = AuditEvent.objects.filter(clinic_id=clinic.pk, object_type="emergencyaccess").order_by("id")
    return [(one.action, one.actor, one.reason) for one in found]


def test_opening_ending_and_assessing_stand_in_the_trail_of_both_clinics(
    clinic: Clinic, other_clinic: Clinic, stranger: User, site_admin: User
) -> None:
    row = opened_by(stranger, clinic)
    end(row, at=NOW + A_MINUTE)
    assess_emergency(row, by=site_admin, assessment="justified", words="rang them up", at=NOW + 2 * A_MINUTE)

    reader, judge = f"staff:{stranger.pk}", f"staff:{site_admin.pk}"
    told = [
        ("open_emergency", reader, "in our emergency room"),
        ("end_emergency", reader, ""),
        ("assess_emergency", judge, "rang them up"),
    ]
    assert (events(clinic), events(other_clinic)) == (told, told)
    opening = AuditEvent.objects.get(action="open_emergency", clinic_id=clinic.pk)
    assert opening.detail["until"] == (NOW + EMERGENCY_FOR).isoformat()


def test_what_ends_twice_ends_once(clinic: Clinic, stranger: User) -> None:
    row = opened_by(stranger, clinic)

    assert (end(row, at=NOW + A_MINUTE), end(row, at=NOW + 2 * A_MINUTE)) == (True, False)
    assert [action for action, *_ in events(clinic)] == ["open_emergency", "end_emergency"]


def test_access_that_is_ended_for_somebody_says_so_in_the_row(clinic: Clinic, stranger: User) -> None:
    row = opened_by(stranger, clinic)

    end_everything(stranger)

    row.refresh_from_db()
    assert (row.ended_at, row.ended_why) == (NOW, "access_ended")


def assessed(row: EmergencyAccess, *, by: User, at: Any = NOW + EMERGENCY_FOR, **changes: str) -> None:
    said = {"assessment": "not_justified", "words": "no patient of theirs"} | changes
    assess_emergency(row, by=by, at=at, **said)


def test_what_ran_out_is_assessed_and_has_its_end_by_then(
    clinic: Clinic, stranger: User, site_admin: User
) -> None:
    row = opened_by(stranger, clinic)

    assessed(row, by=site_admin, at=NOW + 2 * EMERGENCY_FOR)

    row.refresh_from_db()
    assert (row.ended_at, row.ended_why, row.assessed_by) == (row.until, "time", site_admin)


def test_it_is_assessed_once_and_not_while_it_is_open(
    clinic: Clinic, stranger: User, site_admin: User
) -> None:
    row = opened_by(stranger, clinic)
    with pytest.raises(NoEmergency, match="still open"):
        assessed(row, by=site_admin, at=NOW + A_MINUTE)
    assessed(row, by=site_admin)

    with pytest.raises(NoEmergency, match="assessed before"):
        assessed(row, by=site_admin, assessment="justified")

    row.refresh_from_db()
    assert row.assessment == "not_justified"


def test_who_has_read_does_not_assess_even_as_a_site_admin_since(clinic: Clinic, stranger: User) -> None:
    row = opened_by(stranger, clinic)
    StaffMembership.objects.create(user=stranger, clinic=clinic, role=Role.SITE_ADMIN)

    with pytest.raises(NoEmergency, match="another site admin"):
        assessed(row, by=stranger)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"assessment": ""}, "assessment"), ({"words": " x "}, "assessment_words")],
)
def test_an_assessment_has_its_words(
    clinic: Clinic, stranger: User, site_admin: User, changes: dict[str, str], field: str
) -> None:
    row = opened_by(stranger, clinic)

    with pytest.raises(NoEmergency) as refused:
        assessed(row, by=site_admin, **changes)

    assert refused.value.field == field


@pytest.mark.parametrize(
    "changes",
    [
        "until = until + interval '1 minute'",
        "opened_at = opened_at + interval '1 minute'",
        "clinic_id = clinic_id + 1",
        "user_id = user_id + 1",
        "reason = 'another'",
        "ended_at = until + interval '1 second', ended_why = 'reader'",
        "ended_why = 'reader'",
        "ended_at = opened_at",
        "ended_at = until, ended_why = 'time', assessed_at = until, assessment = 'justified'",
        BY_THE_READER,
    ],
)
def test_the_database_refuses_a_row_that_says_otherwise(clinic: Clinic, stranger: User, changes: str) -> None:
    opened_by(stranger, clinic)

    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_emergencyaccess SET {changes}")


def test_the_database_deletes_none_and_changes_none_that_is_assessed(
    clinic: Clinic, stranger: User, site_admin: User
) -> None:
    row = opened_by(stranger, clinic)
    with pytest.raises(Error, match="Cannot delete"), transaction.atomic():
        EmergencyAccess.objects.all().delete()
    assessed(row, by=site_admin)

    with pytest.raises(Error, match="Cannot update"), transaction.atomic():
        EmergencyAccess.objects.update(assessment="justified")


def test_the_database_holds_a_person_to_one_that_is_open(clinic: Clinic, stranger: User) -> None:
    row = opened_by(stranger, clinic)
    row.pk = None

    with pytest.raises(IntegrityError, match="one_open_emergency_access"), transaction.atomic():
        row.save()


def test_old_and_new_values_are_kept(clinic: Clinic, stranger: User) -> None:
    end(opened_by(stranger, clinic), at=NOW + A_MINUTE)

    kept = ValueChange.objects.filter(table="accounts_emergencyaccess", clinic_id=clinic.pk).order_by("id")
    told = list(kept.values_list("operation", "new__ended_why"))
    assert told == [("INSERT", ""), ("UPDATE", "reader")]
