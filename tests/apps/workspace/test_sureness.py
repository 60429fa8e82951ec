"""Beside the verdict: how many ways to analyse agree, what missing days could do, programs, what is new."""

from datetime import date, datetime, timedelta

import pytest

from apps.accounts.models import User
from apps.outcomes.models import Assessment
from apps.outcomes.services import assess
from apps.trials.models import ProgramInterval, StimulationTrial
from apps.trials.rules import read_rulebook
from apps.workspace.selectors import own_assessments, rules_by_digest, verdicts_of
from apps.workspace.sureness import Sureness, news_of, sureness_of
from apps.workspace.verdicts import Reading, read_assessment
from tests.apps.workspace.conftest import Visit, first_day, today
from tests.factories import make_entries

pytestmark = pytest.mark.django_db(transaction=True)


def leads() -> date:
    return first_day() + timedelta(days=7)


def reading_of(trial: StimulationTrial) -> Reading:
    row = own_assessments([trial.pk])[trial.pk]
    return read_assessment(row, rules=rules_by_digest(read_rulebook()))


def sureness(trial: StimulationTrial) -> Sureness:
    found = sureness_of(reading_of(trial), programs=list(trial.programs.all()))
    assert found is not None
    return found


def judged_at(trial: StimulationTrial, at: datetime) -> Reading:
    assess(trial.pk, at=at)
    return reading_of(trial)


def test_every_analysis_of_the_grid_is_a_field_and_a_line(trial: StimulationTrial) -> None:
    """3 trial windows, 2 baseline windows, 2 kinds, 4 policies; of worst pain nothing is known.

    Where pain falls by less than half the rule asks for analgesics, of which nothing is known.
    """
    found = sureness(trial)

    assert len(found.cells) == 3 * 2 * 2 * 4
    assert [cell.answer for cell in found.cells].count("met") == 2 * 2 * 4
    assert found.summary.startswith(f"Met in {2 * 2 * 4} of 48 ways")
    assert f"not evaluable in {48 // 2 + 2 * 4}" in found.summary
    # Trial 19/5 against 53/7, all of both phases: 100 * (1 - (19/5) / (53/7)) = 49.81.
    whole = [cell for cell in found.cells if cell.trial_window == "whole phase" and cell.kind == "average"]
    assert {(cell.answer, cell.percent) for cell in whole} == {("not_evaluable", "49.81 %")}
    # The last three days are 3, 4, 4: 100 * (1 - (11/3) / (53/7)) = 51.57.
    three = [cell for cell in found.cells if cell.trial_window == "last 3 days" and cell.kind == "average"]
    assert {(cell.answer, cell.percent) for cell in three} == {("met", "51.57 %")}


def test_a_day_that_is_missing_may_decide(trial: StimulationTrial) -> None:
    """Days 4 4 3 4 4, then one without a score, then another 4."""
    assert sureness(trial).bounds == "No day of the trial window is missing."
    make_entries(trial, {str(today() + timedelta(days=1)): 4})
    StimulationTrial.objects.filter(pk=trial.pk).update(evidence_version=trial.evidence_version + 1)

    found = sureness_of(judged_at(trial, datetime.now().astimezone()), programs=[])

    # As good as the best day, 3: (23 + 3) / 7 = 3.71, less than half of 53/7. As bad as the baseline: 4.37.
    assert found is not None
    assert (
        found.bounds == "1 day of the trial window missing: met in the best case, not evaluable in the worst."
    )


def test_silence_before_the_end_is_missing_in_the_analyses(trial: StimulationTrial) -> None:
    """Five days of scores, then two without: of the last 3 days one is known."""
    reading, last_scored = reading_of(trial), leads() + timedelta(days=4)

    def of_the_last_three(ended_on: date) -> set[str]:
        found = sureness_of(reading, programs=[], ended_on=ended_on)
        assert found is not None
        return {
            cell.percent
            for cell in found.cells
            if (cell.trial_window, cell.kind, cell.policy) == ("last 3 days", "average", "as observed")
        }

    # 3, 4, 4 against 53/7; two days on 4 alone: 100 * (1 - 4 / (53/7)) = 47.17.
    assert of_the_last_three(last_scored) == {"51.57 %"}
    assert of_the_last_three(last_scored + timedelta(days=2)) == {"47.17 %"}


def test_programs_are_compared_without_the_day_of_the_change(trial: StimulationTrial) -> None:
    """Trial days 4 4 3 4 4. Program A from the first: 4 3; B from the fourth: 4."""
    for name, day in (("A", 0), ("B", 3)):
        ProgramInterval.objects.create(
            trial=trial, name=name, waveform="tonic", started_on=leads() + timedelta(days=day)
        )

    rows = sureness(trial).programs

    assert [(row.name, row.days, row.mean) for row in rows] == [("A", 2, "3.50"), ("B", 1, "4.00")]
    assert [row.note for row in rows] == ["rank 1", "fewer than 2 days"]


def test_what_is_new_is_said_against_the_verdict_of_a_day_ago(trial: StimulationTrial) -> None:
    now = Assessment.objects.latest("id").assessed_at
    assert news_of(reading_of(trial), before=verdicts_of(trial, at=now)[1]) is None
    later = now + timedelta(hours=25)
    assert news_of(reading_of(trial), before=verdicts_of(trial, at=later)[1]) == ()

    make_entries(trial, {str(today()): 3}, captured_at=f"{today()}T00:00:00+00:00")
    StimulationTrial.objects.filter(pk=trial.pk).update(evidence_version=trial.evidence_version + 1)
    reading = judged_at(trial, later)

    # 22/6 instead of 19/5: 100 * (1 - (22/6) / (53/7)) = 51.57.
    assert news_of(reading, before=verdicts_of(trial, at=later)[1]) == (
        "Not evaluable became met",
        "reduction 49.81 %, now 51.57 %",
        "trial window 5 days with a score, now 6",
    )


def test_the_page_shows_it(trial: StimulationTrial, coordinator: User, as_staff: Visit) -> None:
    page = as_staff(coordinator).get(f"/staff/trials/stimulationtrial/{trial.pk}/change/").content.decode()

    assert "How sure is it" in page
    assert page.count('<li class="cell-') == 48
    assert "The 48 analyses as a table" in page
