"""One statement answers what the trial page asks of other tables."""

from datetime import date

from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic
from apps.diary.pairing import issue_invitation
from apps.patients.services import move_patient
from apps.trials.models import StimulationTrial
from apps.workspace.before_page import counts_asked
from apps.workspace.glance import Move, glance_at
from sctrial.phases import Phase
from tests.factories import NOW, make_implant, make_patient, make_therapy, make_trial


def test_a_trial_with_a_repeat_an_implant_and_a_move_is_told_in_one_statement(
    clinic: Clinic, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    patient = make_patient(clinic=clinic, zone="UTC")
    trial = make_trial(clinic=clinic, patient=patient, phase=Phase.TRIAL_ACTIVE.value)
    make_trial(clinic=clinic, patient=patient, repeat_number=2)
    implant = make_implant(trial, implanted_on=date(2026, 11, 1))
    make_therapy(patient)
    issue_invitation(trial, by="staff:1", at=NOW)
    move_patient(patient, zone="Europe/Berlin", by="staff:1", at=NOW)

    with django_assert_num_queries(1):
        glance = glance_at(trial, at=NOW, also=counts_asked())

    assert glance.next_repeat == 2 + 1
    assert glance.implant == (implant.pk, date(2026, 11, 1))
    assert glance.moves[0] == Move("Europe/Berlin", NOW, "staff:1")
    assert [(one.holder, one.tries, one.created_at) for one in glance.invitations] == [("patient", 0, NOW)]
    assert not glance.found["has_parked"]
    assert glance.found["therapies"] == 1


def test_a_patient_without_any_of_it_has_none(clinic: Clinic) -> None:
    trial: StimulationTrial = make_trial(clinic=clinic)

    glance = glance_at(trial, at=NOW, also=counts_asked())

    assert (glance.next_repeat, glance.implant) == (2, None)
    assert (glance.moves, glance.invitations, glance.responses) == ([], [], [])
    assert glance.found["therapies"] is None
