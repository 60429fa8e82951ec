"""A row of a trial says what the trial says of what it is judged by."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.trials.judged import JudgedRow
from apps.trials.models import StimulationTrial
from tests.factories import make_trial

pytestmark = pytest.mark.django_db


def test_a_row_has_what_the_object_has(clinic: Clinic) -> None:
    for _ in range(3):
        make_trial(clinic=clinic)

    with CaptureQueriesContext(connection) as said:
        rows = JudgedRow.read(StimulationTrial.objects.all())

    assert len(said) == 1
    assert rows == [
        JudgedRow(*(getattr(trial, name) for name in JudgedRow._fields))
        for trial in StimulationTrial.objects.order_by("pk")
    ]
