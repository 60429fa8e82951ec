"""Laws of robustness, tipping point and influence that hold under every rule set that is shipped."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sctrial.criteria import RuleSet, rule_sets
from sctrial.evidence import Entry, Evidence
from sctrial.grids import TRIAL_48
from sctrial.kleene import Answer
from sctrial.missing import Policy
from sctrial.nodes import OwnWindows, PainReduction
from sctrial.phases import DiaryPhase
from sctrial.refigure import OpenTrial, asks_days
from sctrial.robustness import assess_robustness
from sctrial.scales import TARGET, ScaleCode, ScoreKind
from sctrial.tipping import assess_bounds, assess_evenings, assess_influence, find_tipping_point
from sctrial.verdict import judge
from sctrial.windows import parse_window
from tests.sctrial.diaries import evidence_of, protocol

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction


def with_windows_of_its_own() -> RuleSet:
    """A rule whose holder fixes the trial window, whatever the trial agreed on."""
    own = OwnWindows(None, parse_window("last-n-days:2"))
    root = PainReduction("own", "Own windows", TARGET, ScoreKind.AVERAGE, F(1, 2), own)
    return replace(rule_sets()["NORTH_PP"], root=root)


RULES = {**rule_sets(), "with windows of its own": with_windows_of_its_own()}

cells = st.sampled_from(["-", "0", "2", "3", "4", "6", "8", "10"])
diaries = st.lists(cells, max_size=9).map(" ".join)
#: Days were missed, and both ends of the diary were not.
gappy = st.builds(
    lambda first, inner, last: f"{first} - {inner} - {last}",
    cells.filter("-".__ne__),
    diaries,
    cells.filter("-".__ne__),
)


def trials(after: st.SearchStrategy[str]) -> st.SearchStrategy[Evidence]:
    return st.builds(
        lambda baseline, scores, dose, satisfied, window: evidence_of(
            baseline,
            scores,
            mme=(60, dose),
            satisfied=satisfied,
            under=protocol(baseline="last-n-days:7", trial=window, scale=ScaleCode.NUMERIC_0_10),
        ),
        diaries,
        after,
        st.sampled_from([None, 30, 60, 70]),
        st.sampled_from([None, True, False]),
        st.sampled_from(["last-n-days:3", "whole-phase", "exclude-first-n-days:2"]),
    )


evidences = trials(diaries)
names = st.sampled_from(sorted(RULES))


@unhurried
@given(names, evidences)
def test_an_opened_trial_is_judged_as_it_was(name: str, evidence: Evidence) -> None:
    trial = OpenTrial.of(evidence, rule_set=RULES[name])

    reread = {view: trial.figured(view, trial.sides[view[0]]) for view in trial.observed}

    assert reread == trial.observed
    assert trial.judged(reread) == judge(evidence, rule_set=RULES[name])


@unhurried
@given(names, evidences)
def test_an_analysis_of_the_observed_days_is_the_verdict_in_its_windows(
    name: str, evidence: Evidence
) -> None:
    rules = RULES[name]
    found = assess_robustness(evidence, rule_set=rules)

    assert found.declared is judge(evidence, rule_set=rules).answer
    assert sum(found.count(answer) for answer in Answer) == TRIAL_48.size
    for each in found.analyses:
        if each.policy is Policy.OBSERVED and each.kind is rules.score_kind:
            under = replace(
                evidence.protocol, baseline_window=each.baseline_window, trial_window=each.trial_window
            )
            verdict = judge(replace(evidence, protocol=under), rule_set=rules)
            assert (each.answer, each.exact) == (verdict.answer, verdict.reduction.exact)


@unhurried
@given(names, trials(gappy), st.integers(0, 10))
def test_the_tipping_point_says_what_judging_the_filled_diary_says(
    name: str, evidence: Evidence, value: int
) -> None:
    rules = RULES[name]
    missing = judge(evidence, rule_set=rules).trial.missing_dates
    # Filled days never complete a diary, days that were really reported do: there the two must differ.
    assume(not asks_days(rules))
    point = find_tipping_point(evidence, rule_set=rules)
    added = tuple(Entry(day, DiaryPhase.TRIAL, TARGET, rules.score_kind, F(value)) for day in missing)

    brute = judge(replace(evidence, entries=evidence.entries + added), rule_set=rules).answer

    expected = point.observed
    for turn in point.turns:
        expected = turn.below if value < turn.mean else turn.at if value == turn.mean else turn.above
    assert brute is expected


@unhurried
@given(names, evidences)
def test_the_observed_answer_is_the_same_wherever_it_is_told(name: str, evidence: Evidence) -> None:
    rules = RULES[name]
    answer = judge(evidence, rule_set=rules).answer

    assert assess_bounds(evidence, rule_set=rules).observed.answer is answer
    assert find_tipping_point(evidence, rule_set=rules).observed is answer
    assert assess_evenings(evidence, rule_set=rules, at_most=3).observed is answer
    assert all(
        each.flips is (each.answer is not answer) for each in assess_influence(evidence, rule_set=rules)
    )
