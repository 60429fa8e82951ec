"""Between tests every row is gone that a test wrote, rows that nothing may delete among them."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import TransactionTestCase

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent, AuditLink
from apps.diary.models import DiaryEntry
from apps.trials.models import StimulationTrial
from tests.emptying import empty
from tests.factories import make_entries, make_patient, make_trial

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_test_wrote_is_gone_and_the_protection_is_back(clinic: Clinic) -> None:
    make_entries(make_trial(clinic=clinic, patient=make_patient(clinic=clinic)), {"2026-10-01": 5})
    kinds = ContentType.objects.count()
    written = (Clinic, StimulationTrial, DiaryEntry, AuditEvent, AuditLink)
    assert all(model._default_manager.exists() for model in written)

    empty(TransactionTestCase("run"))

    assert not any(model._default_manager.exists() for model in written)
    assert ContentType.objects.count() == kinds > 0
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
