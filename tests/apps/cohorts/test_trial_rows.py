"""The tables of patients and trials, cell by cell and by the number of statements."""

from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic, Role, User
from apps.cohorts.frames import tables_of
from apps.cohorts.question import read_question
from apps.cohorts.trial_rows import StatedRelief, number_of
from apps.outcomes.deciding import sign_decision
from apps.outcomes.models import Evidence
from apps.patients.models import PatientIdentity
from apps.trials.models import Explant, ProgramInterval, StimulationTrial
from apps.workspace.permissions import Access
from sctrial.choices import Choice
from sctrial.dictionary import read_dictionary
from sctrial.evidence import Analgesics, Protocol
from sctrial.evidence import Evidence as CoreEvidence
from sctrial.facts import Facts
from sctrial.scales import ScaleCode
from sctrial.seal import canonical_json
from sctrial.windows import Several, parse_window
from tests.factories import make_entries, make_trial
from tests.factories.deciding import SIGNING, hand_of, make_waiting
from tests.factories.stimulation import make_event, make_implant, make_stimulator

TABLES = ("subjects", "trials")


def tables(clinic: Clinic, text: str = "") -> dict[str, pd.DataFrame]:
    access = Access({clinic.pk: Role.ANALYST})
    return tables_of(read_question(text), access=access, at=SIGNING, names=TABLES)


def trial_row(clinic: Clinic, text: str = "") -> dict[str, Any]:
    (row,) = tables(clinic, text)["trials"].to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_a_judged_trial_is_one_row_with_its_figures(clinic: Clinic) -> None:
    trial = make_waiting(clinic)
    make_event(trial)
    make_stimulator(trial)
    for n, waveform in enumerate(("hf10", "tonic", "hf10")):
        ProgramInterval.objects.create(
            trial=trial, name=str(n), waveform=waveform, started_on=date(2026, 10, 8 + n)
        )

    row = trial_row(clinic)

    assert {
        "trial_uuid": str(trial.pk),
        "clinic": clinic.name,
        "modality": "SCS",
        "repeat_number": 1,
        "rule_set": "MAC_NORIDIAN",
        "phase": "decision_pending",
        "lead_placed_on": pd.Timestamp(2026, 10, 8),
        # 1 October is seven days before the leads; 12 October is day 12 - 8 + 1.
        "diary_from_day": -7,
        "ended_day": 5,
        "lead_days": 12 - 8,
        "end_reason": "success",
        "baseline_mean": 8.0,
        "baseline_days": 7,
        "trial_mean": 3.0,
        "trial_days": 3,
        "percent_reduction": 100 * (8 - 3) / 8,
        "no_percent": "",
        "answer": "met",
        "decision": "",
        "waveform": "hf10+tonic",
        "device": "Invented One",
        "events": 1,
    }.items() <= row.items()
    assert 0 < row["probability"] <= 1
    assert row["low_90"] < row["percent_reduction"] < row["high_90"]
    assert row["trial_id"] == row["study_id"] + "-1"


def test_a_trial_that_nobody_has_judged_has_no_figures(clinic: Clinic) -> None:
    make_trial(clinic=clinic)

    row = trial_row(clinic)

    assert (row["answer"], row["rule_set_version"], row["no_percent"]) == ("", "", "")
    assert pd.isna([row["baseline_mean"], row["percent_reduction"], row["probability"]]).all()
    assert pd.isna(row["baseline_days"])


def test_a_percent_of_a_zero_baseline_is_missing_with_its_reason(clinic: Clinic) -> None:
    make_waiting(clinic, scores={f"2026-10-{day:02}": 0 for day in range(1, 12)})

    row = trial_row(clinic)

    assert (row["baseline_mean"], row["no_percent"]) == (0.0, "baseline_zero")
    assert pd.isna(row["percent_reduction"])


def test_another_rule_set_tells_every_trial_in_its_own_words(clinic: Clinic) -> None:
    trial = make_waiting(clinic)

    row = trial_row(clinic, "rule_set=NICE_TA159")

    assert row["rule_set"] == "NICE_TA159"
    assert row["answer"] == trial.assessments.get(rule_set_id="NICE_TA159").answer


def test_the_decision_that_stands_and_what_came_after_it(clinic: Clinic, clinician: User) -> None:
    trial = make_waiting(clinic)
    sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))
    implant = make_implant(trial, implanted_on=date(2026, 11, 8))
    Explant.objects.create(implant=implant, explanted_on=date(2027, 10, 8), reason="infection")

    row = trial_row(clinic)

    assert (row["decision"], row["decision_reason"], row["explant_reason"]) == ("implant", "", "infection")
    assert row["decided_on"] == pd.Timestamp(2026, 10, 14)
    # Of 8 October: a month is 31 days on, a year 365; the first day is 1.
    assert (row["implanted_day"], row["explanted_day"]) == (31 + 1, 365 + 1)


def test_a_patient_is_one_row_however_many_trials_they_have(clinic: Clinic) -> None:
    first = make_trial(clinic=clinic)
    make_trial(clinic=clinic, patient=first.patient, repeat_number=2)
    PatientIdentity.objects.create(patient=first.patient, full_name="Ada Invented", born_on=date(1966, 10, 9))

    (row,) = tables(clinic)["subjects"].to_dict("records")

    # A day before the sixtieth birthday.
    assert (row["trials"], row["age_band"], row["pseudonym"]) == (2, "50-59", first.patient.pseudonym)
    assert list(tables(clinic)["trials"]["trial_id"]) == [f"{row['study_id']}-1", f"{row['study_id']}-2"]


def test_a_hundred_trials_need_no_more_statements_than_one(clinic: Clinic) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            tables(clinic)
        return len(seen)

    make_entries(make_trial(clinic=clinic), {"2026-10-07": 8})
    of_one = statements()
    for _ in range(5):
        make_trial(clinic=clinic)

    # Eleven reads, between the beginning, the limits and the end of their one transaction.
    assert statements() == of_one <= 11 + 3


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_cohort_has_the_columns_of_the_dictionary(name: str, clinic: Clinic) -> None:
    frame = tables(clinic)[name]

    assert list(frame.columns) == [column.name for column in read_dictionary()[name].columns]
    assert frame.empty


def test_free_text_is_in_no_table(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, target_area="told by Ada Invented", goal="walk to Ada's bakery")
    make_event(trial, description="Ada fell")

    text = "".join(frame.to_csv() for frame in tables(clinic).values())

    assert StimulationTrial.objects.count() == 1
    assert "Ada" not in text


@pytest.mark.parametrize(
    ("facts", "table", "expected"),
    [
        pytest.param(Facts(stated_relief=Fraction(125, 2)), None, "125/2", id="stated"),
        pytest.param(Facts(stated_relief=Fraction(-5)), None, "-5/1", id="worse"),
        pytest.param(Facts(lead_days=4), None, "", id="other facts"),
        pytest.param(Facts(), None, "", id="no facts at all"),
        pytest.param(Facts(attested={"stated_relief": True}), None, "", id="a statement of that name"),
        pytest.param(Facts(lead_days=4), '"stated_relief":"9/1"', "", id="the same words inside a text"),
    ],
)
def test_the_stated_relief_is_found_in_the_frozen_text_and_nothing_else(
    clinic: Clinic, facts: Facts, table: str | None, expected: str
) -> None:
    whole = parse_window("whole-phase")
    protocol = Protocol(whole, whole, several=Several.MEAN, scale=ScaleCode.NRS_11)
    evidence = CoreEvidence(protocol, (), Analgesics(Fraction(1), Fraction(1), table), facts=facts)
    content = canonical_json(evidence.canonical()).decode()
    Evidence.objects.create(
        trial=make_trial(clinic=clinic), digest=evidence.digest, content=content, frozen_at=SIGNING
    )

    assert Evidence.objects.values_list(StatedRelief("content"), flat=True).get() == expected


@pytest.mark.parametrize("text", ["0/1", "47/15", "-100/3", "9007199254740993/2", "0.8576", "45.69", "1"])
def test_a_stored_number_is_read_as_the_nearest_float(text: str) -> None:
    assert number_of(text) == float(Fraction(text))
