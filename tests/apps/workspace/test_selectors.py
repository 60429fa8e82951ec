"""The worklist's lists: who is running, who is silent in whose time zone, who is ready."""

from datetime import UTC, date, datetime

import pytest

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.trials.services import touch_evidence
from apps.workspace import selectors
from apps.workspace.selectors import Trials, diary_today
from apps.workspace.work import WORK
from sctrial.phases import Phase
from tests.factories import NOW, make_entries, make_patient, make_trial

RUNNING = {Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE}
ENDED = {"phase": Phase.DECISION_PENDING.value, "ended_on": date(2026, 10, 11), "end_reason": "success"}


def visible(clinic: Clinic) -> Trials:
    return selectors.trials_in([clinic.pk])


def silent_ids(clinic: Clinic, *, at: datetime) -> set[object]:
    return set(WORK["silent"](visible(clinic), at=at).values_list("pk", flat=True))


@pytest.mark.parametrize("phase", list(Phase))
def test_a_trial_runs_from_the_first_diary_day_until_the_leads_are_out(clinic: Clinic, phase: Phase) -> None:
    make_trial(clinic=clinic, phase=phase.value)

    assert WORK["running"](visible(clinic), at=NOW).exists() is (phase in RUNNING)


@pytest.mark.parametrize(
    ("last_entry", "is_silent"), [("2026-10-12", False), ("2026-10-11", True), ("2026-10-09", True)]
)
def test_silent_means_that_the_last_entry_is_from_yesterday_or_before(
    clinic: Clinic, last_entry: str, is_silent: bool
) -> None:
    """NOW is 12 October, 18:00 UTC."""
    trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic, zone="UTC"))
    make_entries(trial, {last_entry: 5})

    assert (trial.pk in silent_ids(clinic, at=NOW)) is is_silent


@pytest.mark.parametrize(
    ("zone", "is_silent"),
    [
        ("Pacific/Kiritimati", True),  # UTC+14: at 18:00 UTC it is 13 October there
        ("Europe/Berlin", False),
        ("Pacific/Pago_Pago", False),  # UTC-11: still 12 October
    ],
)
def test_the_day_is_the_patients_own(clinic: Clinic, zone: str, is_silent: bool) -> None:
    trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic, zone=zone))
    make_entries(trial, {"2026-10-12": 5})

    assert (trial.pk in silent_ids(clinic, at=NOW)) is is_silent


def test_a_patient_whose_day_starts_at_four_is_not_silent_at_three(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic, zone="UTC"), day_starts_at_hour=4)
    make_entries(trial, {"2026-10-12": 5})

    assert silent_ids(clinic, at=datetime(2026, 10, 13, 3, tzinfo=UTC)) == set()
    assert silent_ids(clinic, at=datetime(2026, 10, 13, 4, tzinfo=UTC)) == {trial.pk}


def test_a_diary_that_begins_today_is_not_silent_but_one_that_began_yesterday_is(clinic: Clinic) -> None:
    begins = {"phase": Phase.BASELINE_DIARY.value, "lead_placed_on": None}
    make_trial(clinic=clinic, diary_from=date(2026, 10, 12), **begins)
    before = make_trial(clinic=clinic, diary_from=date(2026, 10, 11), **begins)

    assert silent_ids(clinic, at=NOW) == {before.pk}


def test_a_trial_that_ended_is_never_silent(clinic: Clinic) -> None:
    make_trial(clinic=clinic, **ENDED)

    assert silent_ids(clinic, at=NOW) == set()


def test_a_zone_that_nobody_knows_does_not_hide_its_patient(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic, zone="Mars/Olympus"))

    assert silent_ids(clinic, at=NOW) == {trial.pk}
    assert diary_today(zone="Mars/Olympus", starts_at_hour=0, at=NOW) == date(2026, 10, 12)


def test_the_longest_silence_stands_first(clinic: Clinic) -> None:
    short, long = make_trial(clinic=clinic), make_trial(clinic=clinic)
    make_entries(short, {"2026-10-10": 5})
    make_entries(long, {"2026-10-03": 5})

    assert [trial.pk for trial in WORK["silent"](visible(clinic), at=NOW)] == [long.pk, short.pk]


def test_ready_needs_a_verdict_on_everything_that_is_known(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, **ENDED)
    assert not WORK["ready"](visible(clinic), at=NOW).exists()

    assess(trial.pk, at=NOW)
    assert WORK["ready"](visible(clinic), at=NOW).get().pk == trial.pk

    touch_evidence(trial.pk)
    assert not WORK["ready"](visible(clinic), at=NOW).exists()
    assert WORK["waiting"](visible(clinic), at=NOW).get().pk == trial.pk


def test_a_running_trial_is_never_ready(clinic: Clinic) -> None:
    assess(make_trial(clinic=clinic).pk, at=NOW)

    assert not WORK["ready"](visible(clinic), at=NOW).exists()


def test_no_clinic_means_no_trial(clinic: Clinic) -> None:
    make_trial(clinic=clinic)

    assert not selectors.trials_in([]).exists()


def test_the_verdict_listed_is_the_one_on_the_newest_evidence_under_the_trials_own_rule(
    clinic: Clinic,
) -> None:
    trial = make_trial(clinic=clinic)
    make_entries(trial, {"2026-10-07": 8})
    assess(trial.pk, at=NOW)
    make_entries(trial, {"2026-10-08": 4})
    assess(trial.pk, at=NOW)

    found = selectors.own_assessments([trial.pk])[trial.pk]

    trial.refresh_from_db()
    assert found.evidence_id == trial.currency.evidence_id
    assert found.rule_set_id == trial.rule_set_id


def test_entries_that_were_replaced_are_marked(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    first, second = make_entries(trial, {"2026-10-07": [8, 6]})
    DiaryEntry.objects.create(
        **{
            field.attname: getattr(second, field.attname)
            for field in DiaryEntry._meta.concrete_fields
            if field.attname not in ("id", "supersedes_id")
        },
        supersedes_id=first.pk,
    )

    replaced = {row.pk: row.is_replaced for row in selectors.entries_of(trial)}  # type: ignore[attr-defined]

    assert replaced[first.pk] is True
    assert replaced[second.pk] is False
    assert StimulationTrial.objects.count() == 1
