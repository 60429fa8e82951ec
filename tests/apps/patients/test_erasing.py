"""Who a patient is can be erased for good: the record stays, and the trail can say nothing of the person."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent, ValueChange
from apps.patients.erasing import CannotErase, erase_identity, tombstone_of
from apps.patients.models import PatientIdentity
from tests.factories import NOW, make_patient

NAME = "Made-up Madeleine Sample"
WORDS = "letter of 9 October, agreed by the head of the clinic"


@pytest.fixture
def identity(clinic: Clinic) -> PatientIdentity:
    made = PatientIdentity.objects.create(
        patient=make_patient(clinic=clinic),
        full_name=NAME,
        born_on=date(1961, 4, 9),
        phone="+49 171 5550123",
        email="madeleine@example.org",
    )
    made.refresh_from_db()
    return made


def erase(identity: PatientIdentity, **changes: str) -> bool:
    said = {"by": "staff:7", "reason_code": "asked", "words": WORDS} | changes
    return erase_identity(identity.patient, at=NOW, **said)


def seals() -> list[str]:
    rows = ValueChange.objects.filter(table="patients_patientidentity").order_by("id")
    kept = [one["full_name"] for row in rows for one in (row.old, row.new) if one and "full_name" in one]
    return [value for value in kept if value]


def test_of_the_person_a_tombstone_is_left(identity: PatientIdentity) -> None:
    assert erase(identity)

    left = tombstone_of(identity.patient)
    assert left is not None
    assert (left.full_name, left.born_on, left.phone, left.email, left.trail_key) == ("", None, "", "", None)
    assert (left.erased_at, left.erased_by, left.erased_because) == (NOW, "staff:7", "asked")


def test_the_event_says_who_when_and_why_in_a_code_and_words(identity: PatientIdentity) -> None:
    erase(identity)

    event = AuditEvent.objects.get(action="erase")
    assert (event.object_type, event.object_id) == ("patient", str(identity.patient_id))
    assert (event.actor, event.at, event.clinic_id) == ("staff:7", NOW, identity.patient.clinic_id)
    assert (event.reason, event.detail) == (WORDS, {"why": "asked"})


def test_no_name_can_be_held_against_the_trail_any_more(identity: PatientIdentity) -> None:
    """Before, the seal in the trail is made again from the row and the name; after, the row has no key."""
    sealed = f"{identity.trail_key}:full_name:{NAME}"
    added = "sealed:" + hashlib.sha256(sealed.encode()).hexdigest()
    assert seals() == [added]

    erase(identity)

    assert seals() == [added, added], "once as added, once as the old value beside nothing"
    keys = PatientIdentity.objects.values_list("trail_key", flat=True)
    assert [key for key in keys if key is not None] == []
    trail = str(list(ValueChange.objects.values_list("old", "new"))) + str(list(AuditEvent.objects.values()))
    assert [text for text in (str(identity.trail_key), "adeleine", "5550123", "1961") if text in trail] == []


@pytest.mark.django_db(transaction=True)
def test_the_chain_stays_valid(identity: PatientIdentity, capsys: pytest.CaptureFixture[str]) -> None:
    erase(identity)

    call_command("verify_trail")

    assert AuditEvent.objects.filter(action="erase").exists()


def test_a_second_time_says_that_it_was_done_and_changes_nothing(identity: PatientIdentity) -> None:
    erase(identity)
    before = list(PatientIdentity.objects.values()), ValueChange.objects.count(), AuditEvent.objects.count()

    assert not erase(identity, reason_code="other", words="once more")
    assert not erase(identity, reason_code="", words="")
    assert before == (
        list(PatientIdentity.objects.values()),
        ValueChange.objects.count(),
        AuditEvent.objects.count(),
    )


def test_a_patient_whose_identity_was_never_recorded_has_a_tombstone_too(clinic: Clinic) -> None:
    patient = make_patient(clinic=clinic)

    assert erase_identity(patient, by="staff:7", reason_code="other", words=WORDS, at=NOW)
    assert tombstone_of(patient) is not None


# fmt: off
REFUSED = [
    # code       words          names         says
    ("",         WORDS,         "reason_code", "choose why"),
    ("mistyped", WORDS,         "reason_code", "choose why"),
    ("asked",    "",            "words",       "at least 3 characters"),
    ("asked",    " a \n b ",    "words",       "at least 3 characters"),
    ("asked",    "x" * 201,     "words",       "at most 200 characters"),
]
# fmt: on


@pytest.mark.parametrize(("code", "words", "field", "says"), REFUSED)
def test_without_a_reason_nothing_is_erased(
    identity: PatientIdentity, code: str, words: str, field: str, says: str
) -> None:
    with pytest.raises(CannotErase, match=says) as refused:
        erase(identity, reason_code=code, words=words)

    assert refused.value.field == field
    assert PatientIdentity.objects.get().full_name == NAME


# fmt: off
LATER: list[tuple[str, Callable[[], object]]] = [
    ("write a name",        lambda: PatientIdentity.objects.update(full_name=NAME)),
    ("take it back",        lambda: PatientIdentity.objects.update(erased_at=None)),
    ("say another day",     lambda: PatientIdentity.objects.update(erased_at=NOW + timedelta(days=1))),
    ("delete the tombstone", lambda: PatientIdentity.objects.all().delete()),
]
# fmt: on


@pytest.mark.parametrize(("what", "act"), LATER, ids=[what for what, _ in LATER])
def test_the_database_lets_nobody(identity: PatientIdentity, what: str, act: Callable[[], object]) -> None:
    erase(identity)

    with pytest.raises(DatabaseError), transaction.atomic():
        act()

    assert PatientIdentity.objects.get().is_erased


def test_half_a_tombstone_is_refused(identity: PatientIdentity) -> None:
    """A name beside a day of erasing, or an emptied name whose seals can still be read."""
    for half in ({"erased_at": NOW, "erased_by": "staff:7", "erased_because": "asked"}, {"trail_key": None}):
        with pytest.raises(DatabaseError, match="identity_is_known_or_erased"), transaction.atomic():
            PatientIdentity.objects.update(**half)
