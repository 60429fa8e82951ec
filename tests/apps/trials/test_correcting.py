"""A saved value of a trial is changed with a reason; what it said before stays beside what it says now."""

from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from apps.accounts.models import Clinic, Role
from apps.audit.models import AuditEvent
from apps.audit.reasons import Why
from apps.outcomes.deciding import Hand, reopen, sign_decision
from apps.outcomes.services import assess
from apps.outcomes.standing import changed_since, standing_decision
from apps.trials.correcting import Act, add_event, correct_row
from apps.trials.models import AdverseEvent, Correction, Lead, StimulationTrial
from apps.trials.policies import FIXED_BY_SIGNATURE, CannotChange
from apps.trials.services import change_trial
from sctrial.choices import Choice
from tests.factories import CORRECTS, NOW, make_event, make_lead, make_staff, make_trial
from tests.factories.deciding import SIGNING, hand_of, make_waiting

pytestmark = pytest.mark.django_db
PLACED, ENDED = date(2026, 10, 7), date(2026, 10, 13)
FACTORS = ("password", "totp")
SAYS_NOTHING = Act("staff:1", NOW)


# fmt: off
CHANGES: list[tuple[str, Any]] = [
    ("lead_placed_on",  PLACED),
    ("diary_from",      date(2026, 9, 30)),
    ("planned_end_on",  date(2026, 10, 12)),
    ("ended_on",        ENDED),
    ("end_reason",      "failure_inadequate_relief"),
    ("goal",            "walk to the lake"),
]
# fmt: on


@pytest.mark.parametrize(("field", "value"), CHANGES)
def test_a_saved_value_of_a_trial_is_changed_with_a_reason_alone(
    clinic: Clinic, field: str, value: Any
) -> None:
    trial = make_waiting(clinic)
    StimulationTrial.objects.filter(pk=trial.pk).update(planned_end_on=date(2026, 10, 11), goal="walk")
    trial.refresh_from_db()
    before = getattr(trial, field)

    with pytest.raises(CannotChange, match=f"{field}: choose why"):
        change_trial(trial.pk, changes={field: value}, act=SAYS_NOTHING)
    changed = change_trial(trial.pk, changes={field: value}, act=CORRECTS)

    kept = Correction.objects.get()
    assert getattr(changed, field) == value
    assert (kept.model, kept.code, kept.reason) == (
        "trials.stimulationtrial",
        "source_differs",
        "as the chart has it",
    )
    assert (kept.old, kept.new) == ({field: str(before)}, {field: str(value)})
    event = AuditEvent.objects.get(action="change", object_type="trial")
    assert (event.reason, event.detail) == (
        "as the chart has it",
        {"fields": [field], "why": "source_differs"},
    )


def test_filling_in_what_was_empty_needs_no_reason_and_corrects_nothing(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, goal="")

    change_trial(trial.pk, changes={"goal": "walk to the bakery"}, act=SAYS_NOTHING)

    assert not Correction.objects.exists()
    assert AuditEvent.objects.get(action="change").detail == {"fields": ["goal"]}


# fmt: off
ROWS: list[tuple[Any, str, Any]] = [
    # a row               field          other value
    (make_event,          "severity",    "severe"),
    (make_event,          "code",        "other"),
    (make_lead,           "level",       "T9"),
]
# fmt: on


@pytest.mark.parametrize(("make", "field", "value"), ROWS)
def test_a_saved_value_below_a_trial_is_changed_with_a_reason_alone(
    clinic: Clinic, make: Any, field: str, value: Any
) -> None:
    trial = make_trial(clinic=clinic)
    row = make(trial)
    before = getattr(row, field)
    setattr(row, field, value)

    with pytest.raises(CannotChange, match=field):
        correct_row(row, trial=trial, fields=[field], act=SAYS_NOTHING)
    assert getattr(type(row).objects.get(), field) == before
    correct_row(row, trial=trial, fields=[field], act=CORRECTS)

    kept = Correction.objects.get()
    assert (kept.model, kept.row) == (row._meta.label_lower, str(row.pk))
    assert (kept.old, kept.new) == ({field: before}, {field: value})


def test_of_two_changes_at_once_the_second_is_measured_by_what_the_first_wrote(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    event = make_event(trial, outcome="")
    stale = AdverseEvent.objects.get(pk=event.pk)
    event.outcome = "recovering"
    correct_row(event, trial=trial, fields=["outcome"], act=SAYS_NOTHING)

    stale.outcome = "recovered"
    with pytest.raises(CannotChange, match="outcome: choose why"):
        correct_row(stale, trial=trial, fields=["outcome"], act=SAYS_NOTHING)


def test_a_box_that_was_ticked_says_something(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    lead = make_lead(trial)
    lead.is_kept = True
    correct_row(lead, trial=trial, fields=["is_kept"], act=SAYS_NOTHING)

    lead.is_kept = False
    with pytest.raises(CannotChange, match="is_kept: choose why"):
        correct_row(lead, trial=trial, fields=["is_kept"], act=SAYS_NOTHING)
    assert Lead.objects.get().is_kept


@pytest.mark.parametrize("field", sorted(FIXED_BY_SIGNATURE))
def test_what_a_signature_rests_on_is_fixed_until_the_decision_is_opened_again(
    clinic: Clinic, field: str
) -> None:
    trial = make_waiting(clinic)
    signer = make_staff("signer", clinic=clinic, role=Role.CLINICIAN)
    signed = sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(signer, trial=trial))
    changes = {field: CORRECTED[field]} | (TECHNICAL if field == "technical_cause" else {})

    with pytest.raises(CannotChange, match=f"fixed by the signature .*{field}.* [Oo]pen the decision again"):
        change_trial(trial.pk, changes=changes, act=CORRECTS)
    reopen(trial, reason="the chart has another date", hand=Hand(signer, FACTORS, SIGNING, signed.digest))
    change_trial(trial.pk, changes=changes, act=CORRECTS)

    # What was blank before is filled in, not corrected.
    assert any(field in kept.old for kept in Correction.objects.all()) or field in BLANK


BLANK = {"technical_cause", "referred_by", "referred_on"}
TECHNICAL = {"end_reason": "technical_failure"}
CORRECTED: dict[str, Any] = {
    "diary_from": date(2026, 9, 30),
    "lead_placed_on": PLACED,
    "ended_on": ENDED,
    "end_reason": "failure_inadequate_relief",
    "technical_cause": "migration",
    "referred_by": "Dr Demo, Pain practice",
    "referred_on": date(2026, 9, 1),
}


def test_what_was_reported_stays_open_to_correction_and_the_record_says_what_changed(clinic: Clinic) -> None:
    """An adverse event is a fact of its own: correcting it touches no decision."""
    trial = make_waiting(clinic)
    event = make_event(trial)
    signer = make_staff("signer", clinic=clinic, role=Role.CLINICIAN)
    sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(signer, trial=trial))
    event.severity = "severe"

    correct_row(event, trial=trial, fields=["severity"], act=CORRECTS)

    decision = standing_decision(trial)
    assert decision is not None
    assess(trial.pk, at=SIGNING)
    assert changed_since(decision, trial=trial, at=SIGNING) == ""
    assert Correction.objects.get().new == {"severity": "severe"}


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_correction_is_never_changed_nor_deleted(clinic: Clinic, change: str) -> None:
    trial = make_trial(clinic=clinic, goal="walk")
    change_trial(trial.pk, changes={"goal": "run"}, act=CORRECTS)
    kept = Correction.objects.filter(trial=trial)

    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        kept.update(reason="another") if change == "update" else kept.delete()


def test_a_reason_without_words_is_refused_and_nothing_is_written(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, goal="walk")

    with pytest.raises(CannotChange, match="in at least 3 characters"):
        change_trial(trial.pk, changes={"goal": "run"}, act=Act("staff:1", NOW, Why("other", " . ")))

    trial.refresh_from_db()
    assert (trial.goal, trial.evidence_version) == ("walk", 0)


# fmt: off
ONSETS = [
    # leads placed        began on                  refused because
    (date(2026, 10, 8),   date(2026, 10, 7),        "before the leads were placed on 2026-10-08"),
    (date(2026, 10, 8),   date(2026, 10, 8),        ""),
    (date(2026, 10, 8),   NOW.date(),               ""),
    (date(2026, 10, 8),   NOW.date() + timedelta(1), "still to come"),
    (None,                date(2026, 9, 1),         ""),
]
# fmt: on


@pytest.mark.parametrize(("placed", "onset", "refused"), ONSETS)
def test_an_adverse_event_begins_with_the_leads_and_not_tomorrow_by_whatever_way_it_comes(
    clinic: Clinic, placed: date | None, onset: date, refused: str
) -> None:
    trial = make_trial(clinic=clinic, lead_placed_on=placed, diary_from=date(2026, 10, 1))
    saved = make_event(trial, onset_on=placed or date(2026, 9, 2))
    new = AdverseEvent(trial=trial, onset_on=onset, code="infection", severity="mild")
    says = CORRECTS

    with pytest.raises(CannotChange, match=refused) if refused else nullcontext():
        add_event(new, act=says)
    saved.onset_on = onset
    with pytest.raises(CannotChange, match=refused) if refused else nullcontext():
        correct_row(saved, trial=trial, fields=["onset_on"], act=says)

    kept = set(AdverseEvent.objects.filter(onset_on=onset).values_list("pk", flat=True))
    assert (new.pk in kept and saved.pk in kept) is not bool(refused)
