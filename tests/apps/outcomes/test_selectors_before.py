"""The record from before the trial as evidence: payers' rules become evaluable, old digests stay."""

from datetime import UTC, date, datetime

import pytest

from apps.accounts.models import Clinic
from apps.outcomes.models import Assessment
from apps.outcomes.selectors import read_evidence
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from sctrial.seal import canonical_json
from tests.factories import make_entries, make_patient, make_review, make_therapy, make_trial

AT = datetime(2026, 10, 20, tzinfo=UTC)
SCORES = {f"2026-10-{day:02}": 8 if day < 8 else 3 for day in range(1, 12)}


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    made = make_trial(clinic=clinic, patient=make_patient(clinic=clinic, zone="UTC"))
    make_entries(made, SCORES)
    made.refresh_from_db()
    return made


def answer_of(trial: StimulationTrial, rule: str) -> str:
    assess(trial.pk, at=AT)
    return str(Assessment.objects.filter(trial=trial, rule_set_id=rule).latest("pk").answer)


def test_a_trial_without_a_record_keeps_its_evidence_byte_for_byte(trial: StimulationTrial) -> None:
    """As it was written before there was such a record: ids differ from run to run, nothing else does."""
    entries = sorted(trial.entries.all(), key=lambda entry: entry.diary_day)
    line = (
        '{{"day":"{0.diary_day}","kind":"average","phase":"{1}","region":"target",'
        '"source":"{0.pk}","value":"{0.value}/1"}}'
    )
    phases = ["baseline"] * 7 + ["trial"] * 4
    lines = ",".join(line.format(entry, phase) for entry, phase in zip(entries, phases, strict=True))
    written = (
        '{"analgesics":{"baseline":null,"table":null,"trial":null},'
        f'"entries":[{lines}],"format":"sctrial.evidence/1",'
        '"protocol":{"baseline_window":"last-n-days:7","scale":"nrs_11","several":"mean",'
        '"trial_window":"last-n-days:3"},"satisfied":null}'
    )

    assert canonical_json(read_evidence(trial).canonical()).decode() == written


def test_a_rule_about_earlier_treatments_becomes_evaluable(trial: StimulationTrial) -> None:
    assert answer_of(trial, "MAC_NGS") == "not_evaluable"

    make_therapy(trial.patient)
    make_review(trial.patient, psych_on=date(2026, 9, 1), psych_result="cleared")

    assert answer_of(trial, "MAC_NGS") == "met"


def test_a_treatment_too_short_shows_no_failure_and_the_rule_is_not_met(trial: StimulationTrial) -> None:
    yes = dict.fromkeys(("facilities_available", "nothing_untried"), True)
    make_review(
        trial.patient,
        **yes,
        untreated_substance_use=False,
        pain_duration_months=24,
        attested={"no_level_asked": True, "indication_covered_bcbs": True},
    )
    make_therapy(trial.patient, kind="nsaid", agent="", stated_adequate=True)
    assert answer_of(trial, "BCBS_TYPE") == "met"

    make_therapy(trial.patient, ended_on=date(2026, 1, 14))

    assert answer_of(trial, "BCBS_TYPE") == "not_met"


def test_the_record_of_one_patient_is_no_evidence_of_another(trial: StimulationTrial, clinic: Clinic) -> None:
    make_therapy(make_patient(clinic=clinic))

    assert read_evidence(trial).facts.is_empty


def test_a_change_of_the_record_makes_the_verdicts_old(trial: StimulationTrial) -> None:
    assess(trial.pk, at=AT)

    make_review(trial.patient, adult=True)

    trial.refresh_from_db()
    assert trial.evidence_version == trial.currency.evidence_version + 1
