"""A block and one trial at a time: the same answers and reductions, certainty within 1e-12."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.assurance import certainty_of
from sctrial.bulk import Block, judge_block
from sctrial.criteria import RuleSet, parse_rule_set, shipped_rule_sets
from sctrial.evidence import Evidence
from sctrial.verdict import Verdict, judge
from tests.sctrial.made_trials import MadeTrial, frame_of, trials

LEAVES: list[dict[str, object]] = [
    {"criterion": "pain_reduction", "region": "target", "threshold": "30%", "trial_window": "last-n-days:3"},
    {"criterion": "pain_reduction", "region": "back", "threshold": "50%", "baseline_window": "whole-phase"},
    {"criterion": "diary_completeness", "region": "target", "when": "trial", "at_least": "60%"},
    {"criterion": "stated_relief", "threshold": "50%"},
]


def made_up_rule() -> RuleSet:
    """What no shipped rule has: another kind of score, windows of its own, "not", "at least"."""
    leaves = [{"id": f"c{n}", "label": f"c{n}"} | leaf for n, leaf in enumerate(LEAVES)]
    negated = {"criterion": "not", "id": "negated", "label": "negated", "of": leaves[:1]}
    content = {
        "id": "MADE_UP",
        "version": "2026.1",
        "title": "Two of four",
        "holder": "tests",
        "in_force_from": date(2026, 1, 1),
        "score_kind": "worst",
        "source": [{"text": "made up for this test", "mark": "D"}],
        "cautions": [],
        "root": {
            "criterion": "at_least",
            "id": "root",
            "label": "Two of four",
            "n": 2,
            "of": [negated, *leaves[1:]],
        },
    }
    return parse_rule_set(content, origin="test")


RULES = [*shipped_rule_sets(), made_up_rule()]


#: The same trial more than once, too: trials alike are asked about together.
LISTS = st.lists(trials(), max_size=4).flatmap(
    lambda made: (
        st.lists(st.sampled_from(made), max_size=6).map(lambda again: made + again) if made else st.just(made)
    )
)


def block_of(made: list[MadeTrial]) -> Block:
    return judge_block(
        frame_of(made),
        protocols=[each.evidence.protocol for each in made],
        rules=RULES,
        analgesics=[each.evidence.analgesics for each in made],
        satisfied=[each.evidence.satisfied for each in made],
        facts=[each.evidence.facts for each in made],
    )


def written_percent(verdict: Verdict) -> object:
    reduction = verdict.canonical()["reduction"]
    assert isinstance(reduction, dict)
    return reduction["exact"]


def certainty_alone(evidence: Evidence, *, rule: RuleSet) -> list[float]:
    alone = certainty_of(evidence, verdict=judge(evidence, rule_set=rule), rule_set=rule)
    figures = [*(alone.interval_90 or (None, None)), alone.probability]
    return [np.nan if figure is None else figure for figure in figures]


@given(LISTS)
def test_answers_and_reductions_are_the_same_under_every_rule(made: list[MadeTrial]) -> None:
    block = block_of(made)

    for rule in RULES:
        expected = [judge(each.evidence, rule_set=rule) for each in made]
        assert block.answers_of(rule) == tuple(verdict.answer for verdict in expected)
        assert block.reductions_of(rule) == tuple(verdict.reduction for verdict in expected)
        assert block.percents_of(rule) == [written_percent(verdict) for verdict in expected]


@given(st.lists(trials(), max_size=4))
def test_certainty_is_within_a_millionth_of_a_millionth(made: list[MadeTrial]) -> None:
    block = block_of(made)

    for rule in RULES:
        columns = block.certainty_of(rule)
        for n, each in enumerate(made):
            expected = certainty_alone(each.evidence, rule=rule)
            found = [float(column[n]) for column in columns]
            # The absolute part is for a figure at 0, beside which no share of it is small.
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)
