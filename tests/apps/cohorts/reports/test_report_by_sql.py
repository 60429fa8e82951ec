"""A report counts what plain SQL counts over the answers themselves, which knows nothing of verdicts."""

from datetime import UTC, date, datetime
from random import Random

import pytest
from django.db import connection

from apps.accounts.models import Clinic
from apps.cohorts.question import read_question
from apps.cohorts.reports.report import Report, report_of
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.apps.cohorts.asking import access_to
from tests.factories import make_entries, make_trial
from tests.factories.deciding import SIGNING
from tests.factories.stimulation import make_implant

LATER = datetime(2027, 3, 1, tzinfo=UTC)
BEFORE = [f"2026-10-0{day}" for day in range(1, 8)]
AFTER = ["2026-10-08", "2026-10-09", "2026-10-10", "2026-10-11", "2026-10-12"]
#: Both windows are whole phases, and every day has one score: so a mean of scores is a mean of days.
MEANS = """
WITH mean AS (
    SELECT trial.id, trial.end_reason, implant.id AS implant,
           avg(entry.value) FILTER (WHERE entry.diary_day < trial.lead_placed_on) AS before,
           avg(entry.value) FILTER (WHERE entry.diary_day >= trial.lead_placed_on
                                      AND entry.diary_day <= trial.ended_on) AS after
    FROM trials_stimulationtrial trial JOIN diary_diaryentry entry ON entry.trial_id = trial.id
    LEFT JOIN trials_permanentimplant implant ON implant.trial_id = trial.id
    WHERE trial.ended_on IS NOT NULL
    GROUP BY trial.id, implant.id
), told AS (SELECT *, 100 * (before - after) / nullif(before, 0) AS percent FROM mean)
"""


def make_cohort(clinic: Clinic) -> None:
    """Sixty trials by a fixed seed: four failed technically, three have a baseline of nothing."""
    random = Random(20261130)
    for n in range(60):
        scores = {day: 0 if n % 20 == 7 else random.randint(4, 10) for day in BEFORE}
        most = random.choice((1, 3, 6, 10))
        scores |= {day: random.randint(0, most) for day in AFTER}
        reason = "technical_failure" if n % 15 == 4 else "success"
        make_judged(clinic, scores, reason=reason, is_implanted=n % 3 == 0 and reason == "success")


def make_judged(clinic: Clinic, scores: dict[str, int], *, reason: str, is_implanted: bool) -> None:
    trial = make_trial(
        clinic=clinic, rule_set_id="IMMPACT_50", baseline_window="whole-phase", trial_window="whole-phase"
    )
    make_entries(trial, scores)
    facts = {"phase": Phase.DECISION_PENDING.value, "ended_on": date(2026, 10, 12), "end_reason": reason}
    StimulationTrial.objects.filter(pk=trial.pk).update(**facts)
    assess(trial.pk, at=SIGNING)
    if is_implanted:
        make_implant(trial, implanted_on=date(2026, 11, 1))


@pytest.fixture
def made(clinic: Clinic) -> Report:
    make_cohort(clinic)
    return report_of(read_question(""), access=access_to(clinic), at=LATER, shared=False)


def by_sql(what: str) -> tuple[float, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"{MEANS} SELECT {what} FROM told")
        return tuple(float(one) for one in cursor.fetchone())


def rows(report: Report, key: str) -> list[tuple[object, ...]]:
    found = report.figure(key)
    assert found is not None
    return [tuple(row) for row in found.rows]


JUDGED = "percent IS NOT NULL AND end_reason <> 'technical_failure'"


def test_responders_at_each_cut_off_are_those_of_the_answers(made: Report) -> None:
    drawn = [row for row in rows(made, "responders") if row[-1] == "evaluable trials"]
    by_cut_off = {str(row[1]): row[2:4] for row in drawn}

    for cut_off in (30, 50, 70, 80):
        counted = by_sql(
            f"count(*) FILTER (WHERE {JUDGED} AND percent >= {cut_off}), count(*) FILTER (WHERE {JUDGED})"
        )
        assert by_cut_off[f"{cut_off} %"] == counted, cut_off
    assert by_cut_off["30 %"] != by_cut_off["50 %"] != by_cut_off["80 %"], "the cohort tells them apart"


def test_the_flow_is_that_of_the_answers(made: Report) -> None:
    flow = {str(row[0]): row[1] for row in rows(made, "flow") if row[0]}
    lost = {str(row[2]): row[1] for row in rows(made, "flow") if not row[0]}
    over, technical, met, implanted = by_sql(
        f"count(*), count(*) FILTER (WHERE end_reason = 'technical_failure'), "
        f"count(*) FILTER (WHERE {JUDGED} AND percent >= 50), "
        f"count(*) FILTER (WHERE {JUDGED} AND percent >= 50 AND implant IS NOT NULL)"
    )

    assert flow["Trialled (leads placed)"] == over == 60
    assert lost["technical failure"] == technical == 4
    assert flow["Met the rule"] == met
    assert next(count for stage, count in flow.items() if stage.startswith("Implanted")) == implanted > 0


def test_the_mean_change_is_that_of_the_answers(made: Report) -> None:
    found = made.figure("mean_change")
    assert found is not None
    row = dict(zip(found.columns, found.rows[0], strict=True))
    n, before, after, of_percents, of_means = by_sql(
        ", ".join(
            f"{one} FILTER (WHERE {JUDGED})"
            for one in ("count(*)", "avg(before)", "avg(after)", "avg(percent)", "100 * avg(before - after)")
        )
    )

    expected = {
        "n": n,
        "n with a percent": n,
        "Mean before": f"{before:.2f}",
        "Mean after": f"{after:.2f}",
        "Mean change": f"{after - before:.2f}",
        "Mean of percents": round(of_percents, 1),
        "Percent of means": round(of_means / before, 1),
    }
    assert {name: row[name] for name in expected} == expected
