"""Every kind of criterion as it is written in a rule, and what is refused, with the key and the remedy."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from sctrial import nodes
from sctrial.criteria import RuleSet, parse_rule_set
from sctrial.limits import Amount, Duration, Limit, Place, Relation, TimeUnit, Unit
from sctrial.nodes import Criterion, OwnWindows
from sctrial.phases import DiaryPhase
from sctrial.scales import TARGET, ScoreKind
from sctrial.strict import DocumentError
from sctrial.windows import parse_window

F = Fraction
WORST = ScoreKind.WORST
BASELINE, TRIAL = DiaryPhase.BASELINE, DiaryPhase.TRIAL
AT_LEAST, AT_MOST = Relation.AT_LEAST, Relation.AT_MOST
LAST_THREE = OwnWindows(None, parse_window("last-n-days:3"))


def rule_of(root: dict[str, Any]) -> RuleSet:
    """A clinic's own rule set with that root, read as a shipped file is."""
    return parse_rule_set(
        {
            "id": "CLINIC_RULE",
            "version": "2026.1",
            "title": "A clinic's own",
            "holder": "A clinic",
            "in_force_from": date(2026, 1, 1),
            "score_kind": "worst",
            "cautions": ["An example."],
            "source": [{"text": "Agreed at the clinic's meeting", "mark": "D"}],
            "root": root,
        },
        origin="clinic.toml",
    )


def node_of(**keys: Any) -> Criterion:
    return rule_of({"id": "c", "label": "C", **keys}).root


# fmt: off
READ: list[tuple[dict[str, Any], Criterion]] = [
    ({"criterion": "pain_reduction", "threshold": "50%"},
        nodes.PainReduction("c", "C", TARGET, WORST, F(1, 2))),
    ({"criterion": "pain_reduction", "threshold": "30%", "region": "leg", "trial_window": "last-n-days:3"},
        nodes.PainReduction("c", "C", "leg", WORST, F(3, 10), LAST_THREE)),
    ({"criterion": "pain_level", "at_most": "2.5 of 10"},
        nodes.PainLevel("c", "C", TARGET, WORST, TRIAL, AT_MOST, Place(F(5, 2), F(10)))),
    ({"criterion": "pain_level", "at_least": "60 of 100", "when": "baseline", "kind": "average"},
        nodes.PainLevel("c", "C", TARGET, ScoreKind.AVERAGE, BASELINE, AT_LEAST, Place(F(60), F(100)))),
    ({"criterion": "minimum_baseline", "at_least": "5 of 10"},
        nodes.PainLevel("c", "C", TARGET, WORST, BASELINE, AT_LEAST, Place(F(5), F(10)))),
    ({"criterion": "diary_completeness", "at_least": "70%"},
        nodes.DiaryCompleteness("c", "C", TARGET, WORST, TRIAL, F(7, 10), None)),
    ({"criterion": "diary_completeness", "days": 4, "when": "baseline"},
        nodes.DiaryCompleteness("c", "C", TARGET, WORST, BASELINE, None, 4)),
    ({"criterion": "stated_relief", "threshold": "50%"}, nodes.StatedRelief("c", "C", F(1, 2))),
    ({"criterion": "analgesic_reduction", "threshold": "50%"}, nodes.AnalgesicReduction("c", "C", F(1, 2))),
    ({"criterion": "analgesic_not_increased"}, nodes.AnalgesicNotIncreased("c", "C")),
    ({"criterion": "score_change", "score": "odi", "at_least": "10 points"},
        nodes.ScoreChange("c", "C", "odi", Amount(F(10), Unit.POINTS))),
    ({"criterion": "score_change", "score": "rmdq", "at_least": "30%"},
        nodes.ScoreChange("c", "C", "rmdq", Amount(F(30), Unit.PERCENT))),
    ({"criterion": "score_level", "score": "odi", "when": "baseline", "at_least": "21 points"},
        nodes.ScoreLevel("c", "C", "odi", BASELINE, Limit(AT_LEAST, F(21)))),
    ({"criterion": "satisfied"}, nodes.Satisfied("c", "C")),
    ({"criterion": "global_change", "at_least": "much"}, nodes.GlobalChanged("c", "C", 2)),
    ({"criterion": "minimum_trial_duration", "at_least": "3 days"},
        nodes.TrialDuration("c", "C", AT_LEAST, Duration(F(3), TimeUnit.DAYS))),
    ({"criterion": "minimum_trial_duration", "more_than": "48 hours"},
        nodes.TrialDuration("c", "C", Relation.MORE_THAN, Duration(F(48), TimeUnit.HOURS))),
    ({"criterion": "no_stimulation_deficit"}, nodes.NoStimulationDeficit("c", "C")),
    ({"criterion": "eligibility", "fact": "psych_clearance"},
        nodes.Eligibility("c", "C", "psych_clearance", True)),
    ({"criterion": "eligibility", "fact": "untreated_substance_use", "expected": False},
        nodes.Eligibility("c", "C", "untreated_substance_use", False)),
    ({"criterion": "eligibility", "fact": "conservative_care_months", "at_least": "6"},
        nodes.Eligibility("c", "C", "conservative_care_months", Limit(AT_LEAST, F(6)))),
    ({"criterion": "attested", "statement": "relief_shown", "asks": "relief was shown"},
        nodes.Attested("c", "C", "relief_shown", "relief was shown", "the clinician")),
    ({"criterion": "attested", "statement": "team_agrees", "asks": "the team agrees", "who": "the team"},
        nodes.Attested("c", "C", "team_agrees", "the team agrees", "the team")),
]

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"criterion": "pain_reduction", "threshold": "50%", "trial_window": "best-day"},
        "root.trial_window: 'best-day' picks the day by its result; use last-n-days"),
    ({"criterion": "pain_reduction", "threshold": "50%", "baseline_window": "last-3"},
        "root.baseline_window: 'last-3' is not a window; write one of"),
    ({"criterion": "pain_level"},
        "root.at_least: is needed once; give at_least or at_most, and only one"),
    ({"criterion": "pain_level", "at_least": "1 of 10", "at_most": "2 of 10"},
        "root.at_least: is needed once; give at_least or at_most, and only one"),
    ({"criterion": "pain_level", "at_most": "2.5"},
        "root.at_most: '2.5' is not a place on a scale; write it as \"5 of 10\""),
    ({"criterion": "pain_level", "at_most": 2.5},
        "root.at_most: must be text"),
    ({"criterion": "pain_level", "at_most": "2 of 10", "when": "later"},
        "root.when: must be one of: baseline, trial"),
    ({"criterion": "minimum_baseline"},
        "root.at_least: is missing; give text"),
    ({"criterion": "minimum_baseline", "at_least": "5 of 10", "when": "trial"},
        "root.when: is not known here; remove it"),
    ({"criterion": "diary_completeness"},
        "root.at_least: is needed once; give at_least such as \"70%\", or days, and not both"),
    ({"criterion": "diary_completeness", "at_least": "70%", "days": 3},
        "root.at_least: is needed once"),
    ({"criterion": "diary_completeness", "days": 0},
        "root.days: must be a whole number from 1"),
    ({"criterion": "stated_relief", "threshold": "0%"},
        "root.threshold: '0%' is not a threshold"),
    ({"criterion": "score_change", "score": "mood", "at_least": "10 points"},
        "root.score: 'mood' is not a score; known are: nrs"),
    ({"criterion": "score_change", "score": "odi", "at_least": "10"},
        "root.at_least: '10' is not a size of change; write it as"),
    ({"criterion": "score_change", "score": "pain_detect", "at_least": "30%"},
        "root.at_least: pain_detect does not begin at 0; write points"),
    ({"criterion": "score_change", "score": "eq_5d_5l_index", "at_least": "30%"},
        "root.at_least: eq_5d_5l_index does not begin at 0; write points"),
    ({"criterion": "score_level", "score": "odi", "at_least": "21 points"},
        "root.when: must be one of: baseline, trial"),
    ({"criterion": "score_level", "score": "odi", "when": "trial", "at_most": "21%"},
        "root.at_most: '21%' is not a score; write it as \"21 points\""),
    ({"criterion": "global_change", "at_least": "a_bit"},
        "root.at_least: must be one of: minimally, much, very_much"),
    ({"criterion": "minimum_trial_duration", "more_than": "2 days"},
        "root.more_than: counts in hours; write \"48 hours\""),
    ({"criterion": "minimum_trial_duration", "at_most": "3 days"},
        "root.at_least: is needed once; give at_least or more_than"),
    ({"criterion": "minimum_trial_duration", "at_least": "a week"},
        "root.at_least: 'a week' is not a length of time; write it as"),
    ({"criterion": "eligibility", "fact": "mood"},
        "root.fact: 'mood' is not a known fact; use one of: adult"),
    ({"criterion": "eligibility", "fact": "psych_clearance", "at_least": "1"},
        "root.at_least: is not known here; remove it"),
    ({"criterion": "eligibility", "fact": "psych_clearance", "expected": "no"},
        "root.expected: must be true or false"),
    ({"criterion": "eligibility", "fact": "pain_duration_months"},
        "root.at_least: is needed once; give at_least or at_most"),
    ({"criterion": "eligibility", "fact": "pain_duration_months", "at_least": "half a year"},
        "root.at_least: 'half a year' is not a number"),
    ({"criterion": "attested", "statement": "not a name", "asks": "x"},
        "root.statement: 'not a name' must be letters"),
    ({"criterion": "attested", "statement": "relief_shown"},
        "root.asks: is missing; give text"),
]
# fmt: on


@pytest.mark.parametrize(("keys", "node"), READ, ids=lambda value: str(value)[:60])
def test_each_kind_is_read_into_its_node(keys: dict[str, Any], node: Criterion) -> None:
    assert node_of(**keys) == node


@pytest.mark.parametrize(("keys", "message"), FAULTS)
def test_a_faulty_criterion_is_refused_with_key_and_remedy(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError) as error:
        node_of(**keys)

    assert str(error.value).startswith(f"clinic.toml: {message}")


def test_every_kind_of_criterion_there_is_can_be_written() -> None:
    leaves = {type(node) for _, node in READ}
    combinations = {nodes.AllOf, nodes.AnyOf, nodes.AtLeast, nodes.Not}

    assert leaves | combinations == {
        kind
        for kind in vars(nodes).values()
        if isinstance(kind, type)
        and issubclass(kind, Criterion)
        and kind not in (Criterion, nodes.PainCriterion)
    }


def test_a_rule_names_the_pairs_it_looks_at_in_windows_of_its_own() -> None:
    rule = rule_of(
        {
            "criterion": "any",
            "id": "r",
            "label": "R",
            "of": [
                {"criterion": "pain_reduction", "id": "a", "label": "A", "threshold": "50%"},
                {
                    "criterion": "pain_reduction",
                    "id": "b",
                    "label": "B",
                    "threshold": "50%",
                    "region": "leg",
                    "trial_window": "whole-phase",
                },
                {
                    "criterion": "minimum_baseline",
                    "id": "c",
                    "label": "C",
                    "region": "back",
                    "at_least": "5 of 10",
                },
            ],
        }
    )

    own = OwnWindows(None, parse_window("whole-phase"))
    assert rule.pairs == {(TARGET, WORST), ("leg", WORST), ("back", WORST)}
    assert rule.windowed_pairs == {(("leg", WORST), own)}
