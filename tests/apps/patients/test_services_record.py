"""A patient's record before the trial: rows are added and struck through, never edited, each with a trace."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.audit.reasons import NO_REASON, Why
from apps.patients.models import (
    ConservativeTherapy,
    Diagnosis,
    EligibilityReview,
    PainRegions,
    Patient,
    PriorAuthorisation,
)
from apps.patients.selectors import read_before, standing
from apps.patients.services import NONE_YET, Act, CannotKeep, Changed, keep, restore, void
from tests.factories import NOW, make_patient, make_review, make_therapy, make_trial
from tests.factories.before import ACT

LETTER = Why("learned_later", "letter came")
TWICE = Why("mistyped", "entered twice")
FOREIGN = Why("wrong_place", "another patient's")
LATER = Act(by="staff:2", at=NOW + timedelta(hours=1))


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return make_patient(clinic=clinic)


def test_a_row_is_kept_with_who_and_when_and_the_trail_has_names_of_fields_only(patient: Patient) -> None:
    row = keep(Diagnosis, patient, values={"code": "M96.1", "body_region": "low_back"}, act=ACT)

    event = AuditEvent.objects.get(object_type="diagnosis")
    assert (row.recorded_by, row.recorded_at) == ("staff:test", NOW)
    assert (event.action, event.object_id, event.clinic_id) == ("create", str(row.pk), patient.clinic_id)
    assert event.detail == {"patient": patient.pk, "fields": ["body_region", "code"]}


def test_a_change_is_a_new_row_with_a_reason_and_the_old_one_stays(patient: Patient) -> None:
    old = make_therapy(patient, outcome="")
    values = {"kind": "physical_therapy", "started_on": old.started_on, "outcome": "no_effect"}

    new = keep(ConservativeTherapy, patient, values=values, act=LATER, instead_of=old.pk, why=LETTER)

    assert list(standing(ConservativeTherapy, patient)) == [new]
    assert (new.supersedes, new.reason) == (old, "letter came")
    assert ConservativeTherapy.objects.count() == 2
    assert AuditEvent.objects.get(object_id=str(new.pk), action="change").reason == "letter came"


def test_a_change_without_a_reason_is_refused(patient: Patient) -> None:
    old = make_therapy(patient)
    values = {"kind": "nsaid", "started_on": old.started_on}

    with pytest.raises(CannotKeep, match="choose why"):
        keep(ConservativeTherapy, patient, values=values, act=LATER, instead_of=old.pk)


def test_of_two_changes_of_one_row_the_second_is_refused(patient: Patient) -> None:
    old = make_therapy(patient)
    void(old, act=ACT, why=TWICE)

    with pytest.raises(CannotKeep, match="somebody else"):
        void(old, act=LATER, why=TWICE)


def test_a_row_of_another_patient_cannot_be_replaced(patient: Patient, clinic: Clinic) -> None:
    foreign = make_therapy(make_patient(clinic=clinic))
    values = {"kind": "nsaid", "started_on": foreign.started_on}

    with pytest.raises(CannotKeep):
        keep(ConservativeTherapy, patient, values=values, act=ACT, instead_of=foreign.pk, why=TWICE)


def test_a_struck_out_row_no_longer_stands_and_stays_on_record(patient: Patient) -> None:
    row = make_therapy(patient)

    voided = void(row, act=LATER, why=FOREIGN)

    assert not standing(ConservativeTherapy, patient).exists()
    assert (voided.is_void, voided.supersedes, voided.agent) == (True, row, "walking")
    assert AuditEvent.objects.get(action="void").reason == "another patient's"


@pytest.mark.parametrize("why", [NO_REASON, Why("mistyped", "  "), Why("", "wrong"), Why("magic", "wrong")])
def test_striking_out_and_restoring_need_a_coded_reason_and_words(patient: Patient, why: Why) -> None:
    struck = void(make_therapy(patient), act=ACT, why=TWICE)

    for deed, row in ((void, make_therapy(patient)), (restore, struck)):
        with pytest.raises(CannotKeep, match="why"):
            deed(row, act=ACT, why=why)


def test_what_was_struck_out_is_restored_as_it_was_and_all_of_it_stays_on_record(patient: Patient) -> None:
    row = make_therapy(patient)
    struck = void(row, act=ACT, why=FOREIGN)

    again = restore(struck, act=LATER, why=Why("mistyped", "it was the right one"))

    assert list(standing(ConservativeTherapy, patient)) == [again]
    assert (again.agent, again.supersedes, again.why) == ("walking", struck, "mistyped")
    assert ConservativeTherapy.objects.count() == 3
    event = AuditEvent.objects.get(action="restore")
    assert (event.reason, event.detail["why"]) == ("it was the right one", "mistyped")


@pytest.mark.parametrize("again", [void, restore])
def test_nothing_is_struck_out_or_restored_twice(patient: Patient, again: Any) -> None:
    struck = void(make_therapy(patient), act=ACT, why=TWICE)
    stands = restore(struck, act=ACT, why=TWICE)

    with pytest.raises(Changed):
        again(struck if again is restore else stands.supersedes, act=LATER, why=TWICE)


def test_a_struck_out_review_counts_for_nothing_until_it_is_restored_or_written_anew(
    patient: Patient,
) -> None:
    """The version before does not come back by itself: it was replaced for a reason."""
    make_review(patient, adult=True)
    struck = void(make_review(patient, adult=False), act=ACT, why=FOREIGN)

    assert read_before([patient.pk])[patient.pk].review_at(None) is None
    again = restore(struck, act=LATER, why=FOREIGN)
    assert read_before([patient.pk])[patient.pk].review_at(None) == again
    struck = void(again, act=LATER, why=FOREIGN)
    anew = make_review(patient, adult=True)
    assert anew.supersedes == struck
    assert list(standing(EligibilityReview, patient)) == [anew]


def test_of_two_reviews_written_from_one_version_the_second_is_refused(patient: Patient) -> None:
    seen = make_review(patient)
    values = {"reviewed_on": seen.reviewed_on}
    keep(EligibilityReview, patient, values=values, act=ACT, instead_of=seen.pk)

    for stale in (seen.pk, NONE_YET):
        with pytest.raises(Changed, match="somebody else"):
            keep(EligibilityReview, patient, values=values, act=LATER, instead_of=stale)


def test_a_review_and_the_pain_regions_have_one_version_that_stands(patient: Patient) -> None:
    first = make_review(patient)
    second = make_review(patient, adult=True)
    keep(PainRegions, patient, values={"regions": ["low_back"]}, act=ACT)
    regions = keep(PainRegions, patient, values={"regions": ["low_back", "foot_left"]}, act=LATER)

    assert list(standing(EligibilityReview, patient)) == [second]
    assert second.supersedes == first
    assert list(standing(PainRegions, patient)) == [regions]
    assert str(regions) == "Low back, Foot, left"


def test_what_is_kept_cannot_be_edited_or_deleted(patient: Patient) -> None:
    row = make_therapy(patient)

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        ConservativeTherapy.objects.filter(pk=row.pk).update(agent="other")
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        row.delete()


START = date(2026, 1, 1)
UNSOUND: list[tuple[Any, dict[str, Any]]] = [
    (Diagnosis, {"code": "m96.1", "body_region": "low_back"}),
    (Diagnosis, {"code": "M96.1", "body_region": "moon"}),
    (PainRegions, {"regions": ["moon"]}),
    (ConservativeTherapy, {"kind": "magic", "started_on": START}),
    (ConservativeTherapy, {"kind": "nsaid", "started_on": START, "outcome": "magic"}),
    (ConservativeTherapy, {"kind": "nsaid", "started_on": START, "ended_on": START - timedelta(days=1)}),
    (ConservativeTherapy, {"kind": "nsaid", "outcome": "no_effect"}),
    (ConservativeTherapy, {"kind": "nsaid", "started_on": START, "relief": 101}),
    (ConservativeTherapy, {"kind": "nsaid", "started_on": START, "dose_mg": -1}),
    (PriorAuthorisation, {"number": "", "payer": "Demo", "expires_on": START}),
    (
        PriorAuthorisation,
        {"number": "1", "payer": "Demo", "granted_on": START, "expires_on": START - timedelta(days=1)},
    ),
    (EligibilityReview, {"reviewed_on": START, "psych_result": "cleared"}),
    (EligibilityReview, {"reviewed_on": START, "psych_result": "magic", "psych_on": START}),
    (EligibilityReview, {"reviewed_on": START, "anticoagulant": "plan_agreed"}),
    (EligibilityReview, {"reviewed_on": START, "mrsa_result": "negative"}),
]


@pytest.mark.parametrize(("model", "values"), UNSOUND)
def test_what_cannot_be_is_refused_by_the_service_and_by_the_database(
    patient: Patient, model: Any, values: dict[str, Any]
) -> None:
    with pytest.raises(CannotKeep):
        keep(model, patient, values=values, act=ACT)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(patient=patient, recorded_by="staff:test", recorded_at=NOW, **values)


@pytest.mark.parametrize(
    "values",
    [
        {"contraindications": {"magic": True}},
        {"contraindications": {"pregnancy": "maybe"}},
        {"attested": {"no_level_asked": None}},
    ],
)
def test_an_answer_of_the_checklist_is_yes_or_no(patient: Patient, values: dict[str, Any]) -> None:
    with pytest.raises(CannotKeep):
        make_review(patient, **values)


@pytest.mark.parametrize("outcome", ["contraindicated", "declined", "no_access"])
def test_a_treatment_that_never_began_has_no_dates(patient: Patient, outcome: str) -> None:
    assert make_therapy(patient, started_on=None, ended_on=None, outcome=outcome).pk


def test_a_change_of_the_record_is_evidence_of_each_trial_of_the_patient(
    patient: Patient, clinic: Clinic
) -> None:
    first = make_trial(clinic=clinic, patient=patient)
    repeat = make_trial(clinic=clinic, patient=patient, repeat_number=2)
    foreign = make_trial(clinic=clinic)

    void(make_therapy(patient), act=ACT, why=TWICE)

    for trial, rose_by in ((first, 2), (repeat, 2), (foreign, 0)):
        before = trial.evidence_version
        trial.refresh_from_db()
        assert trial.evidence_version == before + rose_by
