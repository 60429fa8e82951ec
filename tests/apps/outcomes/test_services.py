"""Frozen evidence and assessments: same inputs, same row; every other input, a new one."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import ProgrammingError, connection, transaction

from apps.accounts.models import Clinic
from apps.diary.models import OpioidUse, QuestionnaireResponse
from apps.outcomes import selectors, services
from apps.outcomes.models import Assessment, Evidence, TrialCurrency
from apps.trials.models import StimulationTrial
from apps.trials.services import change_trial
from sctrial.criteria import rule_sets
from tests.factories import CORRECTS, NOW, make_entries, make_trial

pytestmark = pytest.mark.django_db(transaction=True)

BASELINE = {f"2026-10-0{day}": score for day, score in zip(range(1, 8), (8, 7, 8, 7, 8, 7, 8), strict=True)}
TRIAL = {"2026-10-08": 4, "2026-10-09": 4, "2026-10-10": 3, "2026-10-11": 4, "2026-10-12": 4}
RULES = len(rule_sets())


def fresh(trial: StimulationTrial) -> StimulationTrial:
    return StimulationTrial.objects.get(pk=trial.pk)


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    """Case B of the worked cases: it rounds to 50 % and fails a 50 % rule."""
    trial = make_trial(clinic=clinic, trial_window="last-n-days:5")
    make_entries(trial, BASELINE | TRIAL)
    return fresh(trial)


def test_it_judges_the_trial_under_its_own_rule_and_all_others_in_force(trial: StimulationTrial) -> None:
    services.assess(trial.pk, at=NOW)

    own, *others = selectors.current_assessments(fresh(trial))
    assert own.rule_set_id == trial.rule_set_id
    assert 1 + len(others) == RULES
    baseline, after = Fraction(8 + 7 + 8 + 7 + 8 + 7 + 8, 7), Fraction(4 + 4 + 3 + 4 + 4, 5)
    expected = (baseline - after) / baseline * 100
    assert own.verdict["reduction"]["exact"] == f"{expected.numerator}/{expected.denominator}" == "2640/53"


def test_the_analgesic_dose_is_evidence_too(trial: StimulationTrial) -> None:
    for day in BASELINE:
        OpioidUse.objects.create(trial=trial, day=day, mme=Decimal("60"), table_version="CDC 2022")
    for day in TRIAL:
        OpioidUse.objects.create(trial=trial, day=day, mme=Decimal("30"), table_version="CDC 2022")

    services.assess(trial.pk, at=NOW)

    # Pain fell by 49.8 %, the dose by (60 - 30) / 60 = 50 %: pain OR analgesics is met.
    own = selectors.current_assessments(fresh(trial))[0]
    assert (own.rule_set_id, own.answer) == ("MAC_NORIDIAN", "met")


def test_satisfaction_not_asked_is_not_a_no(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, rule_set_id="NORTH_PP")
    make_entries(trial, {"2026-10-07": 8, "2026-10-09": 2})
    OpioidUse.objects.create(trial=trial, day=date(2026, 10, 7), mme=0, table_version="CDC 2022")
    OpioidUse.objects.create(trial=trial, day=date(2026, 10, 9), mme=0, table_version="CDC 2022")
    services.assess(trial.pk, at=NOW)
    assert selectors.current_assessments(fresh(trial))[0].answer == "not_evaluable"

    QuestionnaireResponse.objects.create(
        trial=trial,
        instrument=selectors.SATISFACTION,
        version="1",
        answered_on=date(2026, 10, 12),
        answers={"satisfied": True},
    )
    services.assess(trial.pk, at=NOW)

    assert selectors.current_assessments(fresh(trial))[0].answer == "met"


def test_assessing_again_adds_no_row(trial: StimulationTrial) -> None:
    services.assess(trial.pk, at=NOW)
    services.assess(trial.pk, at=NOW)

    assert Evidence.objects.count() == 1
    assert Assessment.objects.count() == RULES


def test_jobs_at_once_make_one_row(trial: StimulationTrial) -> None:
    def job(_: int) -> None:
        try:
            services.assess(trial.pk, at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(job, range(24)))

    assert Evidence.objects.count() == 1
    assert Assessment.objects.count() == RULES


def test_a_new_answer_makes_the_trial_stale_until_it_is_assessed(trial: StimulationTrial) -> None:
    services.assess(trial.pk, at=NOW)
    assert list(selectors.stale_trials(on=NOW.date())) == []

    make_entries(trial, {"2026-10-12": 1})

    assert list(selectors.stale_trials(on=NOW.date())) == [trial.pk]
    services.assess(trial.pk, at=NOW)
    assert list(selectors.stale_trials(on=NOW.date())) == []
    assert Evidence.objects.count() == 2
    assert Assessment.objects.count() == 2 * RULES


def test_evidence_that_returns_to_an_earlier_state_is_current_without_a_new_row(
    trial: StimulationTrial,
) -> None:
    services.assess(trial.pk, at=NOW)
    before = fresh(trial).currency.evidence_id
    for planned_end in (date(2026, 10, 16), date(2026, 10, 15)):
        change_trial(trial.pk, changes={"planned_end_on": planned_end}, act=CORRECTS)

    services.assess(trial.pk, at=NOW)

    assert fresh(trial).currency.evidence_id == before
    assert Assessment.objects.count() == RULES
    assert list(selectors.stale_trials(on=NOW.date())) == []


def test_the_frozen_text_is_what_the_digest_was_taken_over(trial: StimulationTrial) -> None:
    services.assess(trial.pk, at=NOW)

    frozen = Evidence.objects.get()
    assert frozen.digest == "sha256:" + hashlib.sha256(frozen.content.encode()).hexdigest()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outcomes_assessment SET answer = 'met'",
        "DELETE FROM outcomes_assessment",
        "UPDATE outcomes_evidence SET content = '{}'",
        "DELETE FROM outcomes_evidence",
        "UPDATE diary_diaryentry SET value = 0",
        "DELETE FROM diary_diaryentry",
        "UPDATE audit_auditevent SET actor = 'nobody'",
        "DELETE FROM audit_auditevent",
    ],
)
def test_the_database_refuses_to_change_what_was_recorded(trial: StimulationTrial, statement: str) -> None:
    services.assess(trial.pk, at=NOW)

    with (
        pytest.raises(ProgrammingError, match=r"pgtrigger: Cannot (update|delete)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_trial_that_cannot_be_judged_does_not_stop_the_others(clinic: Clinic) -> None:
    broken = make_trial(clinic=clinic, rule_set_id="NO_SUCH_RULE")
    sound = make_trial(clinic=clinic)

    for trial_id in selectors.stale_trials(on=NOW.date()):
        services.assess_or_report(trial_id, at=NOW)

    assert list(TrialCurrency.objects.values_list("trial_id", flat=True)) == [sound.pk]
    assert list(selectors.stale_trials(on=NOW.date())) == [broken.pk]
