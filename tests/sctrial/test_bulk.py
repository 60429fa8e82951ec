"""A block of two made-up trials, worked by hand."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from sctrial.bulk import ANSWERS, Block, judge_block
from sctrial.columns import diary_frame
from sctrial.criteria import RuleSet, parse_rule_set, rule_set
from sctrial.evidence import Analgesics, Protocol
from sctrial.facts import NO_FACTS
from sctrial.kleene import Answer
from sctrial.reduction import NoPercent, Reduction
from sctrial.scales import TARGET, ScaleCode
from sctrial.verdict import ReportOnlyWindow
from sctrial.windows import Several, parse_window

WHOLE = Protocol(parse_window("whole-phase"), parse_window("whole-phase"), Several.MEAN, ScaleCode.NRS_11)
HALF, THIRTY = rule_set("IMMPACT_50"), rule_set("IMMPACT_30")
#: Ten points on one baseline day, then 6, 5, 4 a day; the second trial has no trial day.
ROWS = [(0, 1, 0, 10), (0, 11, 1, 6), (0, 12, 1, 5), (0, 13, 1, 4), (1, 1, 0, 8)]


def frame() -> pd.DataFrame:
    trial, day, phase, value = (np.array(column, np.int64) for column in zip(*ROWS, strict=True))
    return diary_frame(
        trial=trial,
        day=day + 739_000,
        phase=phase,
        region=pd.Categorical([TARGET] * len(ROWS)),
        kind=np.zeros(len(ROWS), np.int64),
        value=value,
        sequence=np.arange(len(ROWS)),
    )


def block(*rules: RuleSet, protocol: Protocol = WHOLE) -> Block:
    return judge_block(
        frame(),
        protocols=[protocol] * 2,
        rules=rules,
        analgesics=[Analgesics()] * 2,
        satisfied=[None] * 2,
        facts=[NO_FACTS] * 2,
    )


def test_the_boundary_is_met_and_a_missing_side_is_not_evaluable() -> None:
    found = block(HALF, THIRTY)

    # 100 * (10 - (6 + 5 + 4) / 3) / 10 is 50 %.
    assert found.answers_of(HALF) == (Answer.MET, Answer.NOT_EVALUABLE)
    assert found.answers_of(THIRTY) == (Answer.MET, Answer.NOT_EVALUABLE)
    assert found.reductions_of(HALF) == (
        Reduction(Fraction(50)),
        Reduction(None, reason=NoPercent.TRIAL_MISSING),
    )


def test_a_low_threshold_is_reached_more_surely_than_a_high_one() -> None:
    found = block(HALF, THIRTY)

    assert found.certainty_of(HALF).probability[0] < found.certainty_of(THIRTY).probability[0]
    assert found.certainty_of(HALF).low[0] == found.certainty_of(THIRTY).low[0]
    assert np.isnan([column[1] for column in found.certainty_of(HALF)]).all()


def test_a_rule_with_its_own_windows_is_asked_in_them() -> None:
    leaf = {"criterion": "pain_reduction", "id": "last_day", "label": "Last day", "region": TARGET}
    content = {
        "id": "LAST_DAY",
        "version": "2026.1",
        "title": "60 % on the last day",
        "holder": "tests",
        "in_force_from": date(2026, 1, 1),
        "score_kind": "average",
        "source": [{"text": "made up for this test", "mark": "D"}],
        "cautions": [],
        "root": leaf | {"threshold": "60%", "trial_window": "last-n-days:1"},
    }
    rule = parse_rule_set(content, origin="test")

    # 10 to 4 on the last day is 60 %; over the whole phase it is 50 %.
    assert block(rule).answers_of(rule)[0] is Answer.MET


def test_a_rule_given_twice_is_judged_once() -> None:
    found = block(HALF, THIRTY, HALF)

    assert found.rules == (HALF, THIRTY)
    assert [ANSWERS[code] for code in found.answers[0]] == [Answer.MET, Answer.MET]


def test_no_rules_give_no_answers() -> None:
    assert block().answers.shape == (2, 0)


def test_it_refuses_a_window_that_picks_its_days_by_their_result() -> None:
    best = Protocol(parse_window("best-day"), parse_window("whole-phase"), Several.MEAN, ScaleCode.NRS_11)

    with pytest.raises(ReportOnlyWindow):
        block(HALF, protocol=best)
