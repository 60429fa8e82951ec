"""manage.py recompute: columns give what one trial at a time gives, and never touch what stands."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Clinic
from apps.diary.models import OpioidUse, QuestionnaireResponse
from apps.outcomes import services
from apps.outcomes.models import Assessment, TrialOutcome
from apps.outcomes.recomputing import recompute_block
from apps.trials.models import StimulationTrial
from sctrial.criteria import rule_sets
from tests.apps.outcomes.test_assess_command import make_varied_trials
from tests.factories import NOW, make_entries, make_own_rule, make_review, make_therapy, make_trial

pytestmark = pytest.mark.django_db
FELL = {"2026-10-05": 8, "2026-10-06": 8, "2026-10-08": 3, "2026-10-09": 3}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("recompute", *arguments, stdout=out, verbosity=0)
    return out.getvalue()


def require_as_assessed(trials: list[StimulationTrial]) -> None:
    """The outcome of each is what its assessments say."""
    for trial in trials:
        rows = services.assess(trial.pk, at=NOW)
        outcome = TrialOutcome.objects.get(trial=trial)
        own = rows[0]
        assert outcome.answers == {row.rule_set_id: row.answer for row in rows}
        assert outcome.percent == (own.verdict["reduction"]["exact"] or "")
        for found, sealed, places in zip(certainty_of(outcome), written(own), (2, 2, 4), strict=True):
            assert found == (None if sealed is None else pytest.approx(sealed, abs=0.51 * 10**-places))
        trial.refresh_from_db()
        assert (outcome.evidence_version, outcome.basis) == (
            trial.evidence_version,
            trial.currency.basis,
        )


def certainty_of(outcome: TrialOutcome) -> list[float | None]:
    return [outcome.low, outcome.high, outcome.probability]


def written(assessment: Assessment) -> list[float | None]:
    """Interval and probability as they are sealed: text of fixed places."""
    found: dict[str, Any] = assessment.certainty
    ends = found["interval_90"] or (None, None)
    return [None if figure is None else float(figure) for figure in (*ends, found["probability"])]


def test_columns_say_what_one_trial_at_a_time_says(clinic: Clinic) -> None:
    trials = make_varied_trials(clinic, count=12)

    assert recompute_block([trial.pk for trial in trials], at=NOW) == {}

    require_as_assessed(trials)


def test_doses_answers_and_the_record_count_as_in_an_assessment(clinic: Clinic) -> None:
    trials = [make_trial(clinic=clinic) for _ in range(3)]
    for trial in trials:
        make_entries(trial, FELL)
    for day in range(8):
        OpioidUse.objects.create(
            trial=trials[0], day=date(2026, 10, 3) + timedelta(days=day), mme=60 - 5 * day, table_version="t"
        )
    for trial, satisfied in zip(trials[:2], (True, False), strict=True):
        QuestionnaireResponse.objects.create(
            trial=trial,
            instrument="trial_satisfaction",
            version="1",
            answered_on=date(2026, 10, 9),
            answers={"satisfied": satisfied},
        )
    make_therapy(trials[2].patient)
    make_review(trials[2].patient)

    recompute_block([trial.pk for trial in trials], at=NOW)

    require_as_assessed(trials)


def test_a_clinics_own_rule_judges_its_trials_and_nobody_elses(clinic: Clinic, other_clinic: Clinic) -> None:
    own = make_own_rule(clinic)
    trials = [make_trial(clinic=clinic, rule_set_id=own.rule_id), make_trial(clinic=other_clinic)]
    for trial in trials:
        make_entries(trial, FELL)

    recompute_block([trial.pk for trial in trials], at=NOW)

    require_as_assessed(trials)
    assert own.rule_id not in TrialOutcome.objects.get(trial=trials[1]).answers


def test_it_writes_no_assessment_and_a_second_run_replaces_the_first(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    make_entries(trial, {"2026-10-06": 8, "2026-10-08": 6})
    recompute_block([trial.pk], at=NOW)
    make_entries(trial, {"2026-10-09": 0, "2026-10-10": 0})
    recompute_block([trial.pk], at=NOW + timedelta(hours=1))

    # From 8 to (6 + 0 + 0) / 3 = 2.
    assert TrialOutcome.objects.get().percent == "75/1"
    assert not Assessment.objects.exists()


def test_an_older_reading_does_not_replace_a_newer_one(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    recompute_block([trial.pk], at=NOW)
    TrialOutcome.objects.update(evidence_version=trial.evidence_version + 1, basis="newer")

    recompute_block([trial.pk], at=NOW)

    assert TrialOutcome.objects.get().basis == "newer"


def test_a_trial_that_cannot_be_judged_is_named_and_keeps_nobody_waiting(clinic: Clinic) -> None:
    good, bad, late = (make_trial(clinic=clinic) for _ in range(3))
    for trial in (good, bad, late):
        make_entries(trial, FELL)
    StimulationTrial.objects.filter(pk=bad.pk).update(trial_window="best-day")

    failed = recompute_block([good.pk, bad.pk, late.pk], at=NOW)

    assert failed == {bad.pk: "ReportOnlyWindow"}
    require_as_assessed([good, late])


def test_the_command_counts_by_rule_and_tells_what_would_change(clinic: Clinic) -> None:
    trials = [make_trial(clinic=clinic), make_trial(clinic=clinic)]
    for trial in trials:
        make_entries(trial, {"2026-10-06": 8, "2026-10-08": 6})
        services.assess(trial.pk, at=NOW)
    # 8 to (6 + 0 + 0) / 3 is 75 %; before, 25 %.
    make_entries(trials[0], {"2026-10-09": 0, "2026-10-10": 0})

    lines = dict(line.split(": ", 1) for line in run().splitlines())

    assert sorted(lines) == sorted(rule.id for rule in rule_sets().values() if rule.id in lines)
    assert lines["IMMPACT_50"] == "met 1, not met 1, not evaluable 0; other than the assessment 1"


@pytest.mark.parametrize("block", ["0", "50001"])
def test_a_block_that_cannot_be_is_refused(block: str) -> None:
    with pytest.raises(CommandError, match="--block must be from 1 to 50000"):
        run("--block", block)
