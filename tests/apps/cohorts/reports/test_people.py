"""Clinics side by side, on counts of one's own."""

from datetime import date
from statistics import mean, stdev

import pandas as pd

from apps.cohorts.reports.material import Material
from apps.cohorts.reports.people import table_one
from sctrial.deidentify import age_band

NONE = pd.DataFrame()


def people(*rows: tuple[str, int]) -> Material:
    """Of waveforms and age each."""
    ids = [f"P{n}" for n in range(len(rows))]
    subjects = pd.DataFrame({"study_id": ids, "age_band": [age_band(age) for _, age in rows],
                             "diagnosis": "M96.1", "language": "de"})  # fmt: skip
    facts = {
        "modality": "DRG",
        "scale": "nrs_11",
        "baseline_mean": 7.0,
        "baseline_days": 5,
        "repeat_number": 1,
    }
    trials_of = [{"study_id": name, "waveform": waveform, **facts}
                 for name, (waveform, _) in zip(ids, rows, strict=True)]  # fmt: skip
    ages = {name: age for name, (_, age) in zip(ids, rows, strict=True)}
    return Material(date(2026, 10, 8), trials_of, subjects, NONE, NONE, NONE, {}, ages=ages)


PEOPLE = people(*[("drg_lf", 58)] * 3, *[("drg_lf+burst", 44)] * 2, *[("burst", 91)] * 5)


def test_table_one_has_the_words_of_staff_and_never_a_code() -> None:
    rows = table_one(PEOPLE, shared=False).rows

    assert [(row[0], row[1]) for row in rows if row[1]] == [
        ("Diagnosis (ICD-10-CM)", "M96.1"),
        ("Modality", "Dorsal root ganglion stimulation"),
        ("Waveform", "Burst"),
        ("", "Dorsal root ganglion, low frequency"),
        ("", "Dorsal root ganglion, low frequency, then Burst"),
        ("Language", "German"),
    ]


def test_inside_the_clinic_an_age_is_a_mean_and_a_median() -> None:
    rows = table_one(PEOPLE, shared=False).rows

    ages = [58] * 3 + [44] * 2 + [91] * 5
    assert rows[0] == ("Age, years: mean (SD)", "", f"{mean(ages):.1f} ({stdev(ages):.1f})", 0)
    # Quartiles of 44 44 58 58 58 | 91 91 91 91 91 between ranks: 58 and 91.
    assert rows[1] == ("Age, years: median [quartiles]", "", "74.5 [58.0,91.0]", 0)


def test_outside_it_is_a_band_and_bands_stand_in_their_order() -> None:
    rows = table_one(PEOPLE, shared=True).rows

    assert [row[1] for row in rows[:3]] == ["40-49", "50-59", "90 and over"]
    assert not [row for row in rows if "mean" in str(row[0]) or "58" in str(row[2])]
