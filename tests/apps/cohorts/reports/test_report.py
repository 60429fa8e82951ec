"""A cohort of twelve trials, figure by figure, inside the clinic and as it may be shared."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from apps.accounts.models import Clinic
from apps.cohorts.question import read_question
from apps.cohorts.reports.figure import FEW, HIDDEN, Figure
from apps.cohorts.reports.gaps import WORDS
from apps.cohorts.reports.report import Report, TooFewToShare, calibration_of, report_of
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from sctrial.missing import Policy
from tests.apps.cohorts.asking import access_to
from tests.factories import make_clinic
from tests.factories.cohort_stories import make_stories, sign_all
from tests.factories.deciding import make_waiting
from tests.factories.diary import make_entries

LATER = datetime(2027, 3, 1, tzinfo=UTC)
EVERYTHING = read_question("")


def report(clinic: Clinic, text: str = "", *, shared: bool = False) -> Report:
    return report_of(read_question(text), access=access_to(clinic), at=LATER, shared=shared)


@dataclass(frozen=True)
class Made:
    """What is told of the cohort; it stays when the cohort is gone."""

    inside: Report
    shared: Report


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Made:
    """One cohort for all who read its report, which nothing changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        clinic = make_clinic("Clinic of the cohort")
        make_stories(clinic)
        found = Made(report(clinic), report(clinic, shared=True))
        transaction.set_rollback(True)
    return found


@pytest.fixture
def inside(made: Made) -> Report:
    return made.inside


@pytest.fixture
def shared(made: Made) -> Report:
    return made.shared


def figure(made: Report, key: str) -> Figure:
    found = made.figure(key)
    assert found is not None
    return found


def test_every_figure_says_whom_it_counts_who_is_missing_and_how_to_read_it(inside: Report) -> None:
    assert [one.key for one in inside.figures if not (one.reading and one.missing and one.columns)] == []
    assert {one.n for one in inside.figures} <= {0, 4, 6, 8, 12}


def test_the_flow_names_every_loss(inside: Report) -> None:
    assert figure(inside, "flow").rows == (
        ("Referred", 12, ""),
        ("Eligible", 12, ""),
        ("Trialled (leads placed)", 12, ""),
        # Pain stays at 8, but under this rule fewer analgesics would do, and nothing is known of them.
        ("", 4, "not evaluable"),
        ("Met the rule", 12 - 4, ""),
        ("", 2, "not decided yet"),
        ("Implanted", 8 - 2, ""),
        ("", 1, "explanted"),
        ("", 1, "less than 50 % relief at the last visit"),
        ("", 1, "no visit with a score yet"),
        ("Still responding at the last visit", 6 - 3, ""),
    )


def test_responders_stand_beside_the_mean_change_and_both_percents(inside: Report) -> None:
    at_50 = [row[2:5] for row in figure(inside, "responders").rows if row[1] == "50 %"]
    (change,) = figure(inside, "mean_change").rows

    # Eight trials fall from 8 to 3 and met; four stay at 8 and could not be judged.
    assert at_50 == [(8, 8, 100.0), (8, 8, 100.0), (8, 8 + 4, round(100 * 8 / 12, 1))]
    assert change[1:5] == (8, "8.00", "3.00", f"{3 - 8:.2f}")
    assert change[6:9] == (8, 100 * 5 / 8, 100 * 5 / 8)
    assert figure(inside, "mean_change").missing == "4 not evaluable under their rule"


def test_conversion_has_both_denominators_and_waits_for_the_window(inside: Report) -> None:
    rows = {row[:3]: row[3:6] for row in figure(inside, "conversion").rows}

    assert rows["All trials", 90, "trials followed"] == (6, 12, 50.0)
    assert rows["All trials", 90, "those that met"] == (6, 8, 75.0)
    # 12 October and 180 days lie after 1 March.
    assert rows["All trials", 180, "trials followed"][:2] == (0, 0)


def test_an_explant_lowers_the_curve_on_its_day(inside: Report) -> None:
    # 1 to 11 November; one of six has no visit, so it was seen on the day of the implant only.
    assert figure(inside, "explants").rows[0][:4] == (10, 5, 1, round(100 * 4 / 5, 1))


def test_adverse_events_are_told_per_hundred_trials(inside: Report) -> None:
    assert figure(inside, "adverse_events").rows[0][:4] == ("Any", 1, 1, round(100 / 12, 1))


def test_what_the_verdicts_were_worth_is_told_per_rule_set_with_small_numbers_marked(clinic: Clinic) -> None:
    sign_all(make_stories(clinic)[:4])
    found = figure(calibration_of(EVERYTHING, access=access_to(clinic), at=LATER), "calibration")

    # Pain of 2, 4, 3 and 7 from 8: three of four have at least half of the relief left.
    assert found.rows[0][:2] == ("MAC_NORIDIAN", "Verdict: met")
    assert found.rows[0][3:6] == (3, 4, 75.0)
    assert str(found.rows[0][-1]).startswith("too few to read")


def test_a_forecast_is_the_one_that_was_signed_whatever_came_to_light_since(clinic: Clinic) -> None:
    trials = make_stories(clinic)
    sign_all(trials[:4])
    before = figure(calibration_of(EVERYTHING, access=access_to(clinic), at=LATER), "calibration")
    # Six more evenings of 8 that reach the record after the signature: today the rule is not met.
    rows = StimulationTrial.objects.filter(pk=trials[0].pk)
    rows.update(phase="trial_active", ended_on=None, end_reason="")
    make_entries(rows.get(), {f"2026-10-{day}": 8 for day in ("12", "13", "14", "15", "16", "17")})
    rows.update(phase="decided", ended_on=date(2026, 10, 18), end_reason="success")
    (now,) = {row.answer for row in assess(trials[0].pk, at=LATER) if row.rule_set_id == "MAC_NORIDIAN"}
    after = figure(calibration_of(EVERYTHING, access=access_to(clinic), at=LATER), "calibration")

    assert now != "met"
    assert after.rows == before.rows
    assert after.missing == "6 without an implant, 2 implanted, without a signed decision"


def test_missing_days_are_filled_in_every_way_beside_each_other(inside: Report) -> None:
    found = figure(inside, "missing_days")
    assert [row[0] for row in found.rows[: len(Policy)]] == [WORDS[one] for one in Policy]
    # Eight of twelve fall from 8 to 3, four stay at 8, and no day is missing: every way gives the same.
    assert {row[:3] for row in found.rows} == {(row[0], 12, f"{-5 * 8 / 12:.2f}") for row in found.rows}
    assert {row[4:] for row in found.rows} == {(0, 0)}
    assert "0 % of the mean change" in found.notes[-1]


def test_responders_are_told_at_each_cut_off_however_missing_days_are_taken(inside: Report) -> None:
    rows = figure(inside, "missing_days_responders").rows

    assert {row[1:5] for row in rows} == {
        (f"{cut_off} %", met, 12, round(100 * met / 12, 1))
        for cut_off, met in ((30, 8), (50, 8), (70, 0), (80, 0))
    }


def test_the_mixed_model_agrees_with_the_mean_change_of_a_balanced_cohort(inside: Report) -> None:
    rows = {row[0]: row[1] for row in figure(inside, "mixed_model").rows}
    assert rows["Change from baseline to trial, points"] == f"{-5 * 8 / 12:.2f}"
    assert rows["Trials"] == 12


def test_what_is_shared_hides_small_counts_and_rounds_the_others(shared: Report) -> None:
    told = [row[:2] for row in figure(shared, "flow").rows if row[0]]
    # 12, 12, 12, 8, 6 and 3.
    assert [n for _, n in told] == [10, 10, 10, 10, 5, FEW]
    assert figure(shared, "adverse_events").rows[0][:3] == ("Any", FEW, HIDDEN)
    # None of 8 did not: the other side is small.
    assert figure(shared, "responders").rows[0][2:6] == (HIDDEN, 10, HIDDEN, HIDDEN)


def test_what_is_shared_says_who_is_missing_without_a_small_count(shared: Report) -> None:
    assert (figure(shared, "conversion").n, figure(shared, "explants").n) == (10, 5)
    assert figure(shared, "explants").missing == "5 not implanted"
    assert str(figure(shared, "responders").missing).startswith(f"{FEW} not evaluable")


def test_what_is_shared_has_no_line_of_a_patient(shared: Report) -> None:
    gone = [one for one in shared.figures if one.key in {"waterfall", "courses", "answers_by_day"}]

    assert [(one.rows, one.plot) for one in gone] == [((), None)] * 3
    assert {one.empty for one in gone} == {
        "It has one line a patient, so it is shown inside the clinic only."
    }


def test_fewer_than_five_patients_cannot_be_shared(clinic: Clinic) -> None:
    make_waiting(clinic)
    with pytest.raises(TooFewToShare, match="Fewer than 5 patients"):
        report(clinic, shared=True)


@pytest.mark.django_db
@pytest.mark.parametrize("shared", [True, False])
def test_a_question_without_trials_has_every_figure_empty(clinic: Clinic, shared: bool) -> None:
    ask = partial(report, clinic, "modality=DRG", shared=shared)
    if shared:
        with pytest.raises(TooFewToShare):
            ask()
    else:
        assert [one.key for one in ask().figures if one.plot] == []
        assert [one.key for one in ask().figures if not one.empty] == []
