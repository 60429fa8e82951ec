"""A patient is erased at the moment at which something new is written: one is done, the other is refused.

A diary that runs stands against an erasure, so of each pair below both are never done.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.diary.erasing import Erasing, erase_patient, open_invitations
from apps.diary.pairing import issue_invitation
from apps.patients.erased import Erased
from apps.patients.erasing import CannotErase, tombstone_of
from apps.patients.models import Patient, PatientIdentity
from apps.trials.models import StimulationTrial
from apps.trials.policies import CannotChange
from apps.trials.services import add_trial, move_trial
from sctrial.phases import CannotMove, Phase
from tests.factories import NOW, make_patient, make_trial
from tests.races.together import at_once, threads

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 25
REFUSALS = (CannotErase, Erased, CannotChange, CannotMove)


def test_no_trial_is_added_to_a_patient_who_is_erased_at_that_moment(clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        patient = known(clinic)
        add = done(partial(add_trial, running_trial(patient)))

        assert sorted(race(add, erasing(patient))) == [False, True]
        assert (tombstone_of(patient) is None) is patient.trials.exists()


def test_no_diary_is_started_of_a_patient_who_is_erased_at_that_moment(clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        patient = known(clinic)
        trial = make_trial(clinic=clinic, patient=patient, phase=Phase.AUTHORISED.value, lead_placed_on=None)
        start = done(partial(move_trial, trial, to=Phase.BASELINE_DIARY, by="job:test", at=NOW))

        assert sorted(race(start, erasing(patient))) == [False, True]
        trial.refresh_from_db()
        assert (tombstone_of(patient) is None) is (trial.phase == Phase.BASELINE_DIARY)


def test_no_invitation_is_open_after_an_erasure(clinic: Clinic) -> None:
    for _ in range(ROUNDS):
        patient = known(clinic)
        trial = make_trial(clinic=clinic, patient=patient, phase=Phase.REFERRED.value, lead_placed_on=None)
        invite = done(partial(issue_invitation, trial, by="staff:1", at=NOW))

        _, is_erased = race(invite, erasing(patient))
        assert is_erased
        assert not open_invitations(patient, at=NOW).exists()


def known(clinic: Clinic) -> Patient:
    patient = make_patient(clinic=clinic)
    PatientIdentity.objects.create(patient=patient, full_name="Made-up Max")
    return patient


def running_trial(patient: Patient) -> StimulationTrial:
    return StimulationTrial(
        clinic_id=patient.clinic_id,
        patient=patient,
        modality="SCS",
        target_area="low back",
        rule_set_id="NORTH_PP",
        phase=Phase.BASELINE_DIARY.value,
        diary_from=NOW.date(),
        created_at=NOW,
    )


def erasing(patient: Patient) -> Callable[[], bool]:
    act = Erasing(patient, by="staff:7", at=NOW, reason_code="asked", words="letter of 9 October")
    return done(partial(erase_patient, act))


def done(act: Callable[[], Any]) -> Callable[[], bool]:
    def go() -> bool:
        try:
            act()
        except REFUSALS:
            return False
        return True

    return go


def race(first: Callable[[], bool], second: Callable[[], bool]) -> list[bool]:
    with threads(2) as pool:
        return at_once(pool, [first, second])
