"""The multiverse: what the grid holds, how it counts, and that it judges with the one verdict there is."""

import json
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.criteria import rule_set
from sctrial.evidence import Entry, Evidence, Protocol
from sctrial.grids import TRIAL_48
from sctrial.kleene import Answer
from sctrial.missing import Policy
from sctrial.phases import DiaryPhase
from sctrial.robustness import NotEvaluable, assess_robustness
from sctrial.scales import ScoreKind
from sctrial.seal import canonical_json
from sctrial.verdict import judge
from sctrial.windows import Several
from tests.sctrial.diaries import LEADS_PLACED, diary, evidence_of, protocol

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE
NORTH, NORIDIAN = rule_set("NORTH_PP"), rule_set("MAC_NORIDIAN")
AS_DECLARED = protocol(baseline="last-n-days:7", trial="last-n-days:3")


def trial(baseline: str, scores: str, *, under: Protocol = AS_DECLARED) -> Evidence:
    return evidence_of(baseline, scores, mme=(60, 60), satisfied=True, under=under)


def with_worst(evidence: Evidence, baseline: str, scores: str) -> Evidence:
    worst = diary(baseline, phase=DiaryPhase.BASELINE, kind=ScoreKind.WORST) + diary(
        scores, phase=DiaryPhase.TRIAL, kind=ScoreKind.WORST
    )
    return replace(evidence, entries=evidence.entries + worst)


def test_one_trial_worked_by_hand() -> None:
    """Baseline 7 on seven days. Trial 6 5 4 - 3 4 3 (day 4 missed); 3.5 and less meets the rule.

    last 3 days      3 4 3                no day missing: 10/3                      met under all four
    from day 3 on    4 - 3 4 3            observed 14/4 = 3.5 met; LOCF adds 4: 18/5 = 3.6 not;
                                          BOCF adds 7: 21/5 = 4.2 not; WOCF adds 6: 20/5 = 4 not
    whole trial      6 5 4 - 3 4 3        observed 25/6 = 4.2 not met, and no policy helps
    Both baselines are the same seven days; worst pain was not asked.
    """
    found = assess_robustness(trial("7 7 7 7 7 7 7", "6 5 4 - 3 4 3"), rule_set=NORTH)

    assert found.summary() == {
        "met": 2 * (4 + 1),
        "not_met": 2 * (3 + 4),
        "not_evaluable": 24,
        "of": 48,
    }
    assert found.declared is MET
    # Sets of figures: the last three days once, each policy once in the two windows with the missed day.
    assert found.distinct == 1 + 4 + 4
    percents = {
        (str(each.trial_window), each.policy): each.exact for each in found.analyses if each.reason is None
    }
    assert percents[("exclude-first-n-days:2", Policy.OBSERVED)] == 50
    assert percents[("exclude-first-n-days:2", Policy.LOCF)] == (7 - F(18, 5)) / 7 * 100
    assert percents[("whole-phase", Policy.WOCF_TRIAL)] == (7 - F(25 + 6, 7)) / 7 * 100


def test_a_kind_that_was_not_asked_is_counted_apart_and_never_as_a_no() -> None:
    found = assess_robustness(trial("7 7 7", "3 3 3"), rule_set=NORTH)

    worst = [each for each in found.analyses if each.kind is ScoreKind.WORST]
    assert {(each.answer, each.reason) for each in worst} == {(UNKNOWN, NotEvaluable.KIND_NOT_ASKED)}
    assert found.summary() == {"met": 24, "not_met": 0, "not_evaluable": 24, "of": 48}


def test_the_other_kind_is_compared_with_itself_on_both_sides() -> None:
    evidence = with_worst(trial("7 7 7", "3 3 3"), "9 9 9", "8 8 8")

    found = assess_robustness(evidence, rule_set=NORTH)

    assert {each.exact for each in found.analyses if each.kind is ScoreKind.WORST} == {F(9 - 8, 9) * 100}
    assert found.summary() == {"met": 24, "not_met": 24, "not_evaluable": 0, "of": 48}


def test_another_kind_on_one_side_only_says_nothing() -> None:
    plain = trial("7 7 7", "3 3 3")
    one_sided = replace(
        plain,
        entries=plain.entries + diary("2 2", phase=DiaryPhase.TRIAL, kind=ScoreKind.WORST),
    )

    assert assess_robustness(one_sided, rule_set=NORTH).count(UNKNOWN) == 24


def test_a_rule_that_cannot_be_answered_says_so_in_every_analysis() -> None:
    found = assess_robustness(evidence_of("7 7 7", "3 3 3", under=AS_DECLARED), rule_set=NORTH)

    average = {each.reason for each in found.analyses if each.kind is ScoreKind.AVERAGE}
    assert average == {NotEvaluable.RULE}
    assert (found.declared, found.distinct) == (UNKNOWN, 0)


def test_an_analgesic_branch_can_meet_the_rule_in_every_analysis_of_its_own_kind() -> None:
    evidence = evidence_of("7 7 7", "6 6 6", mme=(60, 30), under=AS_DECLARED)

    assert assess_robustness(evidence, rule_set=NORIDIAN).summary()["met"] == 24


def test_a_tail_of_missed_days_is_seen_once_the_end_of_the_trial_is_known() -> None:
    evidence = trial("7 7 7 7 7 7 7", "3 3 3 3")
    ended = LEADS_PLACED + timedelta(days=6)

    blind = assess_robustness(evidence, rule_set=NORTH)
    seeing = assess_robustness(evidence, rule_set=NORTH, trial_ended=ended)

    assert blind.count(NOT_MET) == 0
    # The last three days were all missed: observed has no day, BOCF says 7, LOCF and WOCF say 3.
    last = [each for each in seeing.analyses[:8] if each.kind is ScoreKind.AVERAGE]
    assert [each.answer for each in last] == [UNKNOWN, MET, NOT_MET, MET]


def test_first_and_last_of_a_day_need_the_order_that_a_mean_forgets() -> None:
    several = "3,4 3 3"
    grid = replace(TRIAL_48, several=(Several.MEAN, Several.LAST))

    frozen_for_mean = assess_robustness(trial("7 7 7", several), rule_set=NORTH, grid=grid)
    kept = trial("7 7 7", several, under=replace(AS_DECLARED, several=Several.LAST))
    frozen_for_last = assess_robustness(kept, rule_set=NORTH, grid=grid)
    one_a_day = assess_robustness(trial("7 7 7", "3 3 3"), rule_set=NORTH, grid=grid)

    assert Counter(each.reason for each in frozen_for_mean.analyses)[NotEvaluable.ORDER_NOT_KEPT] == 24
    assert Counter(each.reason for each in frozen_for_last.analyses)[NotEvaluable.ORDER_NOT_KEPT] == 0
    assert one_a_day.count(MET) == 48


def test_the_counts_and_the_list_are_plain_text_for_sealing() -> None:
    found = assess_robustness(trial("7 7 7", "4 3 -"), rule_set=NORTH)

    written = json.loads(canonical_json(found.canonical()))

    assert written == found.canonical()
    assert written["grid"] == {"name": "TRIAL_48", "version": "2026.1"}
    assert written["met"] + written["not_met"] + written["not_evaluable"] == written["of"] == 48
    assert len(written["analyses"]) == 48
    assert written["analyses"][0] == {
        "trial_window": "last-n-days:3",
        "baseline_window": "last-n-days:7",
        "kind": "average",
        "policy": "observed",
        "several": "mean",
        "answer": "met",
        "exact": "50/1",
        "reason": None,
    }


def test_48_analyses_of_a_17_day_diary_take_well_under_50_milliseconds() -> None:
    evidence = with_worst(
        trial("7 8 - 6 7 7 8 7 7 6", "6 5 4 - 3 4 3"), "9 9 9 8 9 9 9 - 9 9", "8 7 6 5 - 5 5"
    )
    took = []
    for _ in range(5):
        # Of the processor, not of the clock on the wall: other work on the machine does not count.
        begun = time.process_time()
        assess_robustness(evidence, rule_set=NORTH)
        took.append(time.process_time() - begun)

    assert min(took) < 0.05


cells = st.sampled_from(["-", "0", "2", "3", "4", "7", "10"])
scores = st.lists(cells, max_size=9).map(" ".join)


@unhurried
@given(scores, scores)
def test_an_observed_analysis_is_the_verdict_under_a_protocol_with_its_windows(
    baseline: str, after: str
) -> None:
    evidence = trial(baseline, after)

    for each in assess_robustness(evidence, rule_set=NORTH).analyses:
        if each.policy is Policy.OBSERVED and each.kind is ScoreKind.AVERAGE:
            under = replace(AS_DECLARED, baseline_window=each.baseline_window, trial_window=each.trial_window)
            verdict = judge(replace(evidence, protocol=under), rule_set=NORTH)
            assert (each.answer, each.exact) == (verdict.answer, verdict.reduction.exact)


@unhurried
@given(scores, scores)
def test_the_declared_answer_is_the_verdict(baseline: str, after: str) -> None:
    evidence = trial(baseline, after)

    found = assess_robustness(evidence, rule_set=NORTH)

    assert found.declared is judge(evidence, rule_set=NORTH).answer
    assert found.count(MET) + found.count(NOT_MET) + found.count(UNKNOWN) == 48


@unhurried
@given(scores, scores, st.randoms(use_true_random=False))
def test_the_order_of_the_entries_is_no_matter(baseline: str, after: str, random: Random) -> None:
    evidence = trial(baseline, after)
    shuffled: list[Entry] = random.sample(evidence.entries, len(evidence.entries))

    again = assess_robustness(replace(evidence, entries=tuple(shuffled)), rule_set=NORTH)

    assert again == assess_robustness(evidence, rule_set=NORTH)


@unhurried
@given(scores)
def test_without_a_missing_day_every_policy_agrees_with_the_observed_days(after: str) -> None:
    full = after.replace("-", "5")

    found = assess_robustness(trial("7 7 7 7 7 7 7", full), rule_set=NORTH)

    by_window: dict[object, set[object]] = {}
    for each in found.analyses:
        key = each.trial_window, each.baseline_window, each.kind
        by_window.setdefault(key, set()).add((each.answer, each.exact))
    assert all(len(answers) == 1 for answers in by_window.values())
