"""Missing days of made-up diaries: what a report tells of them inside the clinic, and what outside."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from apps.cohorts.reports.figure import FEW, HIDDEN, Figure, kept_in
from apps.cohorts.reports.gaps import IMPUTED, WORDS, Gaps, missing_days, missing_days_responders
from apps.cohorts.reports.material import Material
from apps.cohorts.reports.model import DayModel, mixed_model, residuals
from sctrial.columns import PHASE_DTYPE
from sctrial.missing import Policy

LEADS = date(2026, 10, 8)
NONE = pd.DataFrame()
Told = tuple[str, str]


def material_of(*trials: Told) -> Material:
    """Two days of baseline and four of the trial each; a dot is a missing day."""
    names = [f"P{n:03}-1" for n in range(len(trials))]
    days = [
        (trial, LEADS.toordinal() + number, int(value))
        for trial, (before, after) in enumerate(trials)
        for number, value in enumerate(f"{before} {after}".split(), start=-2)
        if value != "."
    ]
    trial, day, value = np.array(days, np.int64).reshape(-1, 3).T
    after = day - LEADS.toordinal()
    frame = pd.DataFrame({
        "trial_id": pd.Categorical.from_codes(trial, categories=pd.Index(names)),
        "diary_on": day,
        "diary_day": np.where(after >= 0, after + 1, after),
        "phase": pd.Categorical.from_codes((after >= 0).astype(int), dtype=PHASE_DTYPE),
        "numerator": value,
        "denominator": np.ones_like(value),
        "value": value.astype(float),
    })  # fmt: skip
    rows = [
        {
            "trial_id": name,
            "study_id": name[:4],
            "scale": "nrs_11",
            "diary_from": LEADS - timedelta(2),
            "lead_placed_on": LEADS,
            "ended_on": LEADS + timedelta(4),
            "end_reason": "success",
        }
        for name in names
    ]
    return Material(date(2027, 1, 1), rows, NONE, frame, NONE, NONE, {})


def figures_of(material: Material, *, shared: bool) -> dict[str, Figure]:
    gaps, model = Gaps.read(material), DayModel(material)
    made = (
        mixed_model(model, shared=shared),
        residuals(model),
        missing_days(gaps, shared=shared),
        missing_days_responders(gaps, shared=shared),
    )
    return {figure.key: figure for figure in kept_in(made, shared=shared)}


def row(figure: Figure, words: str) -> tuple[object, ...]:
    return next(row for row in figure.rows if row[0] == words)


def whole(n: int) -> Told:
    """Who answered every evening: half of them fall from 8 to 3, half stay."""
    return (f"{7 + n % 3} 8", "3 2 4 3" if n % 2 else "8 7 8 8")


WHOLE = [whole(n) for n in range(12)]
GAPPED = [("8 8", "4 2 . ."), ("8 7", "3 . 4 ."), ("9 8", ". . . ."), (". .", "4 4 5 4"), ("7 8", ". 8 8 .")]


def test_each_way_says_how_many_trials_and_days_it_filled() -> None:
    found = figures_of(material_of(*WHOLE, *GAPPED), shared=False)["missing_days"]

    # The third has no trial day and the fourth no baseline: neither has a change as observed.
    assert row(found, WORDS[Policy.OBSERVED])[1] == 12 + 3
    assert row(found, WORDS[Policy.OBSERVED])[-2:] == (0, 0)
    # 2 after 4 2; 1 and 1 after 3 . 4 .; of . 8 8 . only the last.
    assert row(found, WORDS[Policy.LOCF])[1:2] + row(found, WORDS[Policy.LOCF])[-2:] == (15, 3, 2 + 2 + 1)
    assert row(found, WORDS[Policy.BOCF])[1:2] + row(found, WORDS[Policy.BOCF])[-2:] == (16, 4, 2 + 2 + 4 + 2)
    assert row(found, IMPUTED)[1:2] + row(found, IMPUTED)[-2:] == (17, 5, 2 + 2 + 4 + 2 + 2)


def test_multiple_imputation_counts_every_trial_with_a_day_at_every_cut_off() -> None:
    found = figures_of(material_of(*WHOLE, *GAPPED), shared=False)["missing_days_responders"]
    at = {row[1]: row[2:5] for row in found.rows if row[0] == IMPUTED}

    assert {cells[1] for cells in at.values()} == {17}
    # Six of the whole ones fall by half, and the two of the gapped that answered 4 and less.
    assert 8 <= float(str(at["50 %"][0])) <= 11
    assert at["50 %"][2] == pytest.approx(100 * float(str(at["50 %"][0])) / 17, abs=0.4)


def test_the_same_cohort_gives_the_same_figures() -> None:
    once, again = (figures_of(material_of(*WHOLE, *GAPPED), shared=False) for _ in range(2))

    assert [figure.rows for figure in once.values()] == [figure.rows for figure in again.values()]


def test_too_few_to_learn_from_is_said_in_a_note() -> None:
    found = figures_of(material_of(*GAPPED), shared=False)

    assert found["missing_days"].notes[0].startswith("No imputation: 5 trials with days of baseline")
    assert IMPUTED not in [row[0] for row in found["missing_days_responders"].rows]


@pytest.mark.parametrize("cohort", [WHOLE[:4], GAPPED[:4], [*WHOLE[:4], *[(". .", ". . . .")] * 3]])
def test_of_four_patients_with_a_diary_a_shared_report_tells_no_number(cohort: Sequence[Told]) -> None:
    for figure in figures_of(material_of(*cohort), shared=True).values():
        cells = {cell for row in figure.rows for cell in row[1:]}

        assert figure.plot is None
        assert cells <= {HIDDEN, FEW, "30 %", "50 %", "70 %", "80 %"} | ({5} if len(cohort) > 4 else set())
        assert not re.search(r"\d+ % of", " ".join(figure.notes))


def test_a_way_that_fills_the_days_of_few_is_not_told_outside() -> None:
    # Of twelve, two miss days: the difference of two means would tell of them.
    few = figures_of(material_of(*WHOLE[:10], *GAPPED[:2]), shared=True)["missing_days"]
    # Ten of thirty do.
    many = figures_of(material_of(*WHOLE, *WHOLE, *(5 * GAPPED[:2])), shared=True)["missing_days"]

    assert row(few, WORDS[Policy.OBSERVED])[1] == 10
    assert [row(few, words)[2] for words in (WORDS[Policy.LOCF], WORDS[Policy.BOCF], IMPUTED)] == [HIDDEN] * 3
    assert [row(many, words)[-2] for words in (WORDS[Policy.BOCF], IMPUTED)] == [10, 10]
    assert HIDDEN not in row(many, IMPUTED)


def test_a_mixed_model_of_a_phase_of_few_is_not_told_outside() -> None:
    # Everybody has a baseline, four have days of the trial.
    lonely = material_of(*WHOLE[:4], *[("8 7", ". . . .")] * 8)

    assert figures_of(lonely, shared=False)["mixed_model"].rows
    assert figures_of(lonely, shared=True)["mixed_model"].rows == ()
