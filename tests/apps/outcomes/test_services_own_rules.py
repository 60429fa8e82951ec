"""Verdicts under a clinic's own rule set: first where it is the trial's, and for that clinic alone."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.outcomes import selectors, services
from apps.outcomes.blocks import assess_block
from apps.outcomes.models import Assessment
from apps.trials.models import StimulationTrial
from apps.trials.rules import read_rulebook
from sctrial.criteria import rule_sets
from tests.factories import NOW, make_clinic, make_entries, make_own_rule, make_proposal, make_trial, own_rule

pytestmark = pytest.mark.django_db
ON = NOW.date()
# From 10 to 5.5: 45 % lower, so a rule of 40 % is met and one of 50 % is not.
SCORES = {"2026-10-07": 10, "2026-10-09": 5, "2026-10-10": 6}


def judged(clinic: Clinic, *, rule_set_id: str = "MAC_NORIDIAN") -> StimulationTrial:
    trial = make_trial(clinic=clinic, rule_set_id=rule_set_id)
    make_entries(trial, SCORES)
    services.assess(trial.pk, at=NOW)
    return StimulationTrial.objects.get(pk=trial.pk)


def stale() -> set[object]:
    return set(selectors.stale_trials(on=ON))


@pytest.mark.parametrize("way", ["alone", "in a block"])
def test_an_own_rule_that_is_the_trials_comes_first_and_the_shipped_ones_beside_it(
    clinic: Clinic, way: str
) -> None:
    make_own_rule(clinic)
    trial = make_trial(clinic=clinic, rule_set_id="OUR_RULE")
    make_entries(trial, SCORES)

    if way == "alone":
        services.assess(trial.pk, at=NOW)
    else:
        assert assess_block([trial.pk], at=NOW).failed == {}

    own, *others = selectors.current_assessments(StimulationTrial.objects.get(pk=trial.pk))
    assert (own.rule_set_id, own.rule_set_version, own.answer) == ("OUR_RULE", "2026.1", "met")
    assert {row.rule_set_id for row in others} == set(rule_sets())
    assert stale() == set()


def test_an_own_rule_stands_beside_the_others_of_its_clinic_only(
    clinic: Clinic, other_clinic: Clinic
) -> None:
    make_own_rule(clinic)
    here, there = judged(clinic), judged(other_clinic)

    def ids(trial: StimulationTrial) -> set[str]:
        return {row.rule_set_id for row in selectors.current_assessments(trial)}

    assert ids(here) == rule_sets().keys() | {"OUR_RULE"}
    assert ids(there) == set(rule_sets())


def test_a_rule_not_yet_or_no_longer_in_force_is_not_beside_the_others(clinic: Clinic) -> None:
    for rule_id, dates in (("LATER", "2026-10-13"), ("PAST", "2020-01-01\nin_force_to = 2026-10-11")):
        text = own_rule(rule_id=rule_id).replace("2020-01-01", dates)
        make_own_rule(clinic, text)
    make_own_rule(clinic, own_rule(rule_id="TODAY").replace("2020-01-01", "2026-10-12"))

    shown = {row.rule_set_id for row in selectors.current_assessments(judged(clinic))}

    assert shown == rule_sets().keys() | {"TODAY"}
    # The trial's verdicts lack LATER, which is in force tomorrow.
    assert set(selectors.stale_trials(on=date(2026, 10, 13))) == set(
        StimulationTrial.objects.values_list("pk", flat=True)
    )


@pytest.mark.parametrize("rule_set_id", ["PROPOSED", "FOREIGN"])
def test_a_trial_is_not_judged_under_a_rule_that_its_clinic_does_not_have(
    clinic: Clinic, other_clinic: Clinic, rule_set_id: str
) -> None:
    make_proposal(clinic, own_rule(rule_id="PROPOSED"))
    make_own_rule(other_clinic, own_rule(rule_id="FOREIGN"))
    trial = make_trial(clinic=clinic, rule_set_id=rule_set_id)

    assert assess_block([trial.pk], at=NOW).failed == {trial.pk: "KeyError"}
    assert not Assessment.objects.exists()


def test_approving_makes_the_trials_of_that_clinic_stale_and_no_others(
    clinic: Clinic, other_clinic: Clinic
) -> None:
    here, there = judged(clinic), judged(other_clinic)
    make_proposal(clinic, own_rule(rule_id="PROPOSED"))
    assert stale() == set()

    make_own_rule(clinic)
    assert stale() == {here.pk}

    services.assess(here.pk, at=NOW)
    assert stale() == set()

    make_own_rule(other_clinic)
    assert stale() == {there.pk}
    assert assess_block([here.pk, there.pk], at=NOW).failed == {}
    assert stale() == set()


def test_a_later_version_makes_them_stale_too_and_both_verdicts_stay(clinic: Clinic) -> None:
    make_own_rule(clinic)
    trial = judged(clinic)
    make_own_rule(clinic, own_rule(version="2026.2", threshold="50%"))
    assert stale() == {trial.pk}

    services.assess(trial.pk, at=NOW)

    found = Assessment.objects.filter(rule_set_id="OUR_RULE").order_by("id")
    assert [(row.rule_set_version, row.answer) for row in found] == [("2026.1", "met"), ("2026.2", "not_met")]


def test_a_rule_approved_while_a_trial_is_judged_is_not_taken_for_judged(clinic: Clinic) -> None:
    """What is noted is the rulebook that was judged with, not the one of a moment later."""
    trial = judged(clinic)
    rulebook = read_rulebook([clinic.pk])
    frozen = {trial.pk: trial.currency.evidence}
    make_own_rule(clinic)

    services.mark_current([trial], frozen, at=NOW, rulebook=rulebook)

    assert stale() == {trial.pk}


def test_finding_stale_trials_takes_two_statements_however_many_clinics_have_rules(db: None) -> None:
    for _ in range(3):
        clinic = make_clinic()
        make_own_rule(clinic)
        judged(clinic)

    with CaptureQueriesContext(connection) as captured:
        assert stale() == set()

    # The approved rules, then the trials.
    assert len(captured) == 2


def test_a_trial_follows_its_own_rule_to_a_version_that_is_past_its_end_too(clinic: Clinic) -> None:
    """Neither version is beside the others; only the trial's own verdict tells them apart."""
    for version in ("2026.1", "2026.2"):
        ended = own_rule(version=version).replace("2020-01-01", "2020-01-01\nin_force_to = 2026-10-11")
        make_own_rule(clinic, ended)
        trial = StimulationTrial.objects.first() or make_trial(
            clinic=clinic, rule_set_id="OUR_RULE", lead_placed_on=None
        )
        assert stale() == {trial.pk}

        services.assess(trial.pk, at=NOW)

        assert stale() == set()
        assert Assessment.objects.filter(rule_set_id="OUR_RULE").latest("id").rule_set_version == version
