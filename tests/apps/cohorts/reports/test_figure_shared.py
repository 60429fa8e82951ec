"""What a shared report shows, of any cohort: no small count, and none to be worked out by adding up."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.cohorts.reports.crowd import crowd_of
from apps.cohorts.reports.effect import curve, mean_change
from apps.cohorts.reports.explants import at_risk, explants
from apps.cohorts.reports.figure import Figure, kept_in
from apps.cohorts.reports.flow import flow
from apps.cohorts.reports.funnel import funnel
from apps.cohorts.reports.later import adverse_events, calibration
from apps.cohorts.reports.material import Material, Signed
from apps.cohorts.reports.people import conversion, repeats
from apps.cohorts.reports.responders import responders
from sctrial.mishaps import EVENTS

DAY = date(2026, 10, 8)
NONE = pd.DataFrame()
CLINICS = ("Clinic of Anna", "Clinic of Berta", "Clinic of Cora")
#: Columns of the tables that hold counts of trials, patients or events; others are days, percents and words.
COUNTS = frozenset(
    {
        "Trials", "Met", "Of", "Implanted", "Of so many", "Too recent", "Implanted later", "Of evaluable",
        "At risk", "Explants", "Events", "Trials with at least one", "Patients", "n", "Came true",
    }
)  # fmt: skip
FACTS = st.fixed_dictionaries(
    {
        "clinic": st.sampled_from(CLINICS),
        "answer": st.sampled_from(["met", "met", "not_met", ""]),
        "scale": st.sampled_from(["nrs_11", "nrs_11", "vas_100"]),
        "phase": st.sampled_from(["decided", "decided", "decided", "trial_active"]),
        "end_reason": st.sampled_from(["success", "success", "technical_failure"]),
        "repeat_number": st.sampled_from([1, 1, 1, 2, 3]),
        "implanted_after": st.sampled_from([None, 20, 40, 120]),
        "explanted_after": st.sampled_from([None, None, 30, 60]),
        "trial_mean": st.sampled_from([0.0, 2.0, 4.0, 7.0, None]),
        "event": st.sampled_from([None, *list(EVENTS)[:3]]),
    }
)


COPIED = ("clinic", "answer", "scale", "phase", "end_reason", "repeat_number", "trial_mean")


def trial(number: int, facts: dict[str, Any]) -> dict[str, Any]:
    implanted = facts["implanted_after"] and DAY + timedelta(facts["implanted_after"])
    explanted = implanted and facts["explanted_after"] and implanted + timedelta(facts["explanted_after"])
    return {
        **{name: facts[name] for name in COPIED},
        "trial_id": str(number),
        "lead_placed_on": DAY - timedelta(7),
        "ended_on": DAY,
        "decision": "implant" if implanted else "",
        "implanted_on": implanted or None,
        "explanted_on": explanted or None,
        "last_seen_on": implanted and implanted + timedelta(60),
        "baseline_mean": 8.0,
    }


def shared_figures(cohort: list[dict[str, Any]]) -> list[Figure]:
    trials = [trial(number, facts) for number, facts in enumerate(cohort)]
    events = [(str(n), facts["event"]) for n, facts in enumerate(cohort) if facts["event"]]
    signed = {row["trial_id"]: Signed("NORTH_PP", row["answer"] or "not_evaluable", 0.7) for row in trials}
    material = Material(
        date(2027, 10, 8),
        trials,
        NONE,
        NONE,
        pd.DataFrame(events, columns=["trial_id", "code"]),
        NONE,
        {},
        signed,
    )
    crowd = crowd_of(material)
    figures = [
        make(material, shared=True)
        for make in (flow, funnel, conversion, repeats, explants, at_risk, adverse_events, calibration)
    ]
    effect = [make(crowd, shared=True) for make in (responders, mean_change, curve)]
    return kept_in([*figures, *effect], shared=True)


def counts_in(figure: Figure) -> Iterator[int]:
    """Every count that the figure shows as a number."""
    if isinstance(figure.n, int):
        yield figure.n
    yield from (int(word) for word in str(figure.missing).split() if word.isdigit() and word != "5")
    for row in figure.rows:
        for name, cell in zip(figure.columns, row, strict=True):
            if name in COUNTS and isinstance(cell, int):
                yield cell


@settings(max_examples=40, deadline=None)
@given(st.lists(FACTS, min_size=5, max_size=60))
def test_every_count_is_a_multiple_of_five_so_none_below_comes_of_adding_and_taking_away(
    cohort: list[dict[str, Any]],
) -> None:
    figures = shared_figures(cohort)

    assert {count % 5 for figure in figures for count in counts_in(figure)} <= {0}
    assert 0 not in {count for figure in figures for count in counts_in(figure)}


@settings(max_examples=40, deadline=None)
@given(st.lists(FACTS, min_size=5, max_size=60))
def test_a_percent_beside_counts_is_made_of_the_counts_shown(cohort: list[dict[str, Any]]) -> None:
    for figure in shared_figures(cohort):
        columns = list(figure.columns)
        if "Percent" not in columns:
            continue
        at = columns.index("Percent")
        for row in figure.rows:
            met, of, share = row[at - 2], row[at - 1], row[at]
            if isinstance(share, float) and isinstance(met, int) and isinstance(of, int):
                assert share == round(100 * met / of, 1)


@settings(max_examples=20, deadline=None)
@given(st.lists(FACTS, min_size=5, max_size=60))
def test_no_clinic_is_named(cohort: list[dict[str, Any]]) -> None:
    told = [figure.as_json() for figure in shared_figures(cohort)]
    drawn = [sketch for figure in shared_figures(cohort) for sketch in figure.sketches]

    assert not any(name in str(told) + str(drawn) for name in CLINICS)


def test_a_cohort_of_many_still_has_something_to_show() -> None:
    many = [
        {
            "clinic": CLINICS[number % 3],
            "answer": "met" if number % 2 else "not_met",
            "repeat_number": 1,
            "scale": "nrs_11",
            "phase": "decided",
            "end_reason": "success",
            "implanted_after": 20 if number % 2 else None,
            "explanted_after": 30 if number % 4 == 1 else None,
            "trial_mean": 2.0 if number % 2 else 7.0,
            "event": "infection" if number % 4 == 0 else None,
        }
        for number in range(60)
    ]
    shown = {figure.key: figure for figure in shared_figures(many)}

    assert [row[:3] for row in shown["funnel"].rows] == [(f"Clinic {n}", 10, 20) for n in (1, 2, 3)]
    # 15 explants on one day, of 30 systems.
    assert shown["explants"].rows[0][:4] == (30, 30, 15, 50.0)
    assert shown["adverse_events"].rows[0][:4] == ("Any", 15, 15, 25.0)
