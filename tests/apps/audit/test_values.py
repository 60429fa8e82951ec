"""Old and new values are kept by the database: whoever writes, and however."""

from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import Clinic
from apps.audit.models import ValueChange
from apps.audit.verifying import Verifier
from apps.trials.models import AdverseEvent, StimulationTrial
from tests.factories import make_event, make_lead, make_trial


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic)


def changes(table: str = "trials_adverseevent") -> list[tuple[str, Any, Any]]:
    rows = ValueChange.objects.filter(table=table).order_by("id")
    return list(rows.values_list("operation", "old", "new"))


def test_a_bulk_update_keeps_what_each_row_said(trial: StimulationTrial) -> None:
    for severity in ("mild", "moderate"):
        make_event(trial, severity=severity)

    AdverseEvent.objects.update(severity="severe")

    assert changes()[2:] == [
        ("UPDATE", {"severity": "mild"}, {"severity": "severe"}),
        ("UPDATE", {"severity": "moderate"}, {"severity": "severe"}),
    ]


def test_raw_sql_keeps_null_to_a_value_and_back(trial: StimulationTrial) -> None:
    lead = make_lead(trial)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trials_lead SET removed_on = '2026-10-12' WHERE id = %s", [lead.pk])
        cursor.execute("UPDATE trials_lead SET removed_on = NULL WHERE id = %s", [lead.pk])

    assert changes("trials_lead")[1:] == [
        ("UPDATE", {"removed_on": None}, {"removed_on": "2026-10-12"}),
        ("UPDATE", {"removed_on": "2026-10-12"}, {"removed_on": None}),
    ]


def test_a_row_is_kept_whole_when_it_comes_and_when_it_goes(trial: StimulationTrial) -> None:
    event = make_event(trial)
    event.delete()

    (came, nothing, new), (went, old, gone) = changes()
    assert (came, nothing, went, gone) == ("INSERT", None, "DELETE", None)
    assert new == old
    assert new["severity"] == "mild"


def test_an_update_that_changes_nothing_keeps_nothing(trial: StimulationTrial) -> None:
    make_event(trial)

    AdverseEvent.objects.update(severity="mild")

    assert len(changes()) == 1


def test_an_answer_of_a_phone_adds_no_row(trial: StimulationTrial) -> None:
    """It counts the trial's evidence on, which is no value of the trial."""
    before = ValueChange.objects.count()

    StimulationTrial.objects.filter(pk=trial.pk).update(evidence_version=99)

    assert ValueChange.objects.count() == before


def test_a_change_names_its_clinic_its_transaction_and_who_did_it(trial: StimulationTrial) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sctrial.actor', 'staff:7', true)")
    event = make_event(trial)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sctrial.actor', '', true)")
    AdverseEvent.objects.update(severity="severe")

    added, changed = ValueChange.objects.filter(table="trials_adverseevent").order_by("id")
    assert (added.actor, changed.actor) == ("staff:7", "system")
    assert (added.clinic_id, added.row_id) == (trial.clinic_id, str(event.pk))
    assert added.transaction == changed.transaction


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("tamper", "what"),
    [
        (
            'UPDATE audit_valuechange SET old = \'{"severity": "severe"}\' WHERE id = %s',
            "is not what was written",
        ),
        ("UPDATE audit_valuechange SET new = NULL WHERE id = %s", "is not what was written"),
        ("UPDATE audit_valuechange SET clinic_id = clinic_id + 1 WHERE id = %s", "is not what was written"),
        ("DELETE FROM audit_valuechange WHERE id = %s", "is in the chain and gone from the trail"),
    ],
)
def test_a_value_that_was_tampered_with_is_named(clinic: Clinic, tamper: str, what: str) -> None:
    trial = make_trial(clinic=clinic)
    make_event(trial)
    AdverseEvent.objects.update(severity="severe")
    assert list(Verifier().flaws()) == []
    victim = ValueChange.objects.latest("id").pk

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(tamper, [victim])
        cursor.execute("SET session_replication_role = origin")

    (flaw,) = Verifier().flaws()
    assert (flaw.event_id, flaw.what) == (victim, what)
    assert str(flaw).startswith(f"values of clinic {clinic.pk}, place ")
