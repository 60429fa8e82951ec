"""A disability score from before the leads reaches the rule that asks for it, in verdict and page alike."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.diary.models import QuestionnaireResponse
from apps.outcomes.selectors import read_evidence, rules_for
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.trials.rules import read_rulebook
from sctrial.criteria import RuleSet
from sctrial.facts import BeforeAndAfter
from sctrial.lacking import lacking_before_leads
from tests.factories import make_trial

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 20, tzinfo=UTC)
PLACED = date(2026, 10, 8)
BEFORE, LATER, ON_THE_DAY = date(2026, 10, 1), date(2026, 10, 7), PLACED
# At least 21 [S: summaries of Aetna CPB 0194, as in sctrial/rulesets].
# fmt: off
RECORDED: list[tuple[list[dict[str, Any]], str]] = [
    # what is recorded                                                            the criterion
    ([],                                                                          "not_evaluable"),
    ([{"on": BEFORE, "total": "21"}],                                             "met"),
    ([{"on": BEFORE, "total": "20.99"}],                                          "not_met"),
    ([{"on": BEFORE, "total": "0"}],                                              "not_met"),
    ([{"on": ON_THE_DAY, "total": "42"}],                                         "not_evaluable"),
    ([{"on": BEFORE, "total": "10"}, {"on": LATER, "total": "42"}],               "met"),
    ([{"on": BEFORE, "total": "42"}, {"on": ON_THE_DAY, "total": "10"}],          "met"),
    ([{"on": BEFORE, "total": "42", "is_void": True}],                            "not_evaluable"),
    ([{"on": BEFORE, "total": "10"}, {"on": LATER, "total": "42", "is_void": True}], "not_met"),
]
# fmt: on


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, lead_placed_on=PLACED)


def write_down(trial: StimulationTrial, *, on: date, total: str, is_void: bool = False) -> None:
    QuestionnaireResponse.objects.create(
        trial=trial,
        instrument="odi",
        version="2.1a",
        answered_on=on,
        answers={"total": total},
        is_void=is_void,
    )


def aetna(trial: StimulationTrial) -> RuleSet:
    rules = rules_for(trial, on=AT.date(), rulebook=read_rulebook())
    return next(rule for rule in rules if rule.id == "AETNA_0194")


def verdict_of(trial: StimulationTrial) -> str:
    assess(trial.pk, at=AT)
    row = trial.assessments.get(rule_set_id="AETNA_0194")
    criteria = row.verdict["criteria"]["children"]
    return str(next(one["answer"] for one in criteria if one["id"] == "disabled_enough"))


def lacking(trial: StimulationTrial) -> str:
    lacks = lacking_before_leads(read_evidence(trial), rule_set=aetna(trial))
    found = next((lack for lack in lacks if lack.label.startswith("ODI")), None)
    return "met" if found is None else "not_evaluable" if found.is_missing else "not_met"


@pytest.mark.parametrize(("rows", "answer"), RECORDED)
def test_the_newest_standing_score_from_before_the_leads_counts(
    trial: StimulationTrial, rows: list[dict[str, Any]], answer: str
) -> None:
    for row in rows:
        write_down(trial, **row)

    assert lacking(trial) == answer
    assert verdict_of(trial) == answer


def test_the_evidence_names_the_version_of_the_form(trial: StimulationTrial) -> None:
    write_down(trial, on=BEFORE, total="35.5")

    assert read_evidence(trial).facts.scores == {"odi": BeforeAndAfter(Fraction(71, 2), version="2.1a")}
