"""Nothing new is written about a patient whose identity was erased, and the refusal says what to do."""

import pytest

from apps.accounts.models import Clinic
from apps.patients.erased import Erased, check_known, hold_known
from apps.patients.erasing import erase_identity
from tests.factories import NOW, make_patient


def test_of_a_known_patient_nothing_is_refused(clinic: Clinic) -> None:
    patient = make_patient(clinic=clinic)

    hold_known(patient.pk, so="no trial is added")
    check_known(patient.pk, so="no trial is added")


def test_of_an_erased_one_the_refusal_names_what_is_not_done_and_the_remedy(clinic: Clinic) -> None:
    patient = make_patient(clinic=clinic)
    erase_identity(patient, by="staff:7", reason_code="asked", words="letter of 9 October", at=NOW)

    for ask in (hold_known, check_known):
        with pytest.raises(Erased) as refused:
            ask(patient.pk, so="no trial is added")
        assert str(refused.value) == (
            "The identity of this patient was erased, so no trial is added. Add the person as a new patient."
        )
