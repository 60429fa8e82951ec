"""One diary, five windows, both sides of 50 %: why the window is fixed before the trial.

Baseline mean 50/7, trial 6 5 4 4 3 4 3: the worked example of the project's domain notes (section 2.3).
"""

from fractions import Fraction

import pytest

from sctrial.criteria import rule_set
from sctrial.phases import DiaryPhase
from sctrial.reduction import compute_percent_reduction
from sctrial.verdict import Answer, judge
from sctrial.windows import Several, compute_day_values, parse_window, summarise_window
from tests.sctrial.diaries import diary, evidence_of, protocol

F = Fraction

BASELINE, TRIAL = "7 7 7 7 7 7 8", "6 5 4 4 3 4 3"
B = F(7 * 6 + 8, 7)

# fmt: off
#   window                   mean of the trial days               in the notes   50 % reached?
SWING = [
    ("last-n-days:1",          F(3),                                "58.0",        Answer.MET),
    ("last-n-days:3",          F(3 + 4 + 3, 3),                     "53.3",        Answer.MET),
    ("last-n-days:5",          F(4 + 4 + 3 + 4 + 3, 5),             "49.6",        Answer.NOT_MET),
    ("whole-phase",            F(6 + 5 + 4 + 4 + 3 + 4 + 3, 7),     "42.0",        Answer.NOT_MET),
    ("exclude-first-n-days:2", F(4 + 4 + 3 + 4 + 3, 5),             "49.6",        Answer.NOT_MET),
]
# fmt: on


@pytest.mark.parametrize(("window", "mean", "noted", "answer"), SWING)
def test_the_window_decides_the_answer(window: str, mean: F, noted: str, answer: Answer) -> None:
    evidence = evidence_of(
        BASELINE, TRIAL, under=protocol(baseline="last-n-days:7", trial=window), mme=(0, 0), satisfied=True
    )

    verdict = judge(evidence, rule_set=rule_set("NORTH_PP"))

    assert verdict.baseline.mean == B
    assert verdict.trial.mean == mean
    assert verdict.reduction.exact == (B - mean) / B * 100
    assert verdict.reduction.exact is not None
    assert f"{float(verdict.reduction.exact):.1f}" == noted
    assert verdict.answer is answer


def test_the_best_day_flatters_and_is_only_reported() -> None:
    days = compute_day_values(diary(TRIAL, phase=DiaryPhase.TRIAL), several=Several.MEAN)
    window = parse_window("best-day")

    best = summarise_window(days, window=window, first_day=min(days), last_day=max(days))

    assert best.mean == 3
    assert compute_percent_reduction(B, trial_mean=best.mean).exact == F(58)
    assert window.report_only
