"""Made-up diaries: the same seed, the same days; and on many of them the truth shows."""

import csv
import io
from fractions import Fraction
from itertools import pairwise
from random import Random
from statistics import fmean

import pytest

from sctrial.scales import SCALES, Scale, ScaleCode
from sctrial.simulate import Plan, Ranges, Truth, draw_diary, draw_truth, report_score, simulate_rows
from sctrial.tidy import COLUMNS, read_tidy

#: Four baseline days and three trial days of seed 7.
PINNED = ["5", "6", "8", "7", "6", "6", "5"]

NRS, VAS, TENTHS = (
    SCALES[code] for code in (ScaleCode.NRS_11, ScaleCode.VAS_100, ScaleCode.MYAIGUIDE_SYMPTOM)
)

# fmt: off
REPORTED = [
    (7.49,  NRS,    Fraction(7)),
    (7.5,   NRS,    Fraction(8)),
    (-0.7,  NRS,    Fraction(0)),
    (12.0,  NRS,    Fraction(10)),
    (48.6,  VAS,    Fraction(49)),
    (3.14,  TENTHS, Fraction(31, 10)),
    (0.2,   TENTHS, Fraction(1)),
    (9.9,   TENTHS, Fraction(19, 2)),
]
# fmt: on


@pytest.mark.parametrize(("pain", "scale", "score"), REPORTED)
def test_pain_is_reported_on_the_grid_and_between_the_ends(
    pain: float, scale: Scale, score: Fraction
) -> None:
    assert report_score(pain, scale=scale) == score


def test_one_seed_gives_one_diary_on_every_python() -> None:
    rows = list(simulate_rows(Random(7), patients=1, plan=Plan(baseline_days=4, trial_days=3)))

    assert [row[-1] for row in rows] == PINNED
    assert rows[0] == ("SIM-0001", "2026-03-02", "baseline", "target", "average", PINNED[0])
    assert rows[-1][1] == "2026-03-09"


def test_rows_are_a_tidy_file() -> None:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *simulate_rows(Random(1), patients=3, plan=Plan(scale=TENTHS))])

    patients = read_tidy(text.getvalue().encode(), scale=TENTHS)

    assert list(patients) == ["SIM-0001", "SIM-0002", "SIM-0003"]
    assert all(len(entries) == 7 + 7 for entries in patients.values())


def test_a_truth_lies_in_its_ranges() -> None:
    ranges = Ranges(baseline_mean=(6, 7), reduction=(0.2, 0.2), day_sd=(1, 1), lag1=(0.5, 0.5))
    truth = draw_truth(Random(3), ranges=ranges)

    assert 6 <= truth.baseline_mean <= 7
    assert truth.trial_mean == truth.baseline_mean * 0.8


def test_many_days_show_mean_spread_and_correlation() -> None:
    truth = Truth(baseline_mean=5.0, reduction=0.2, day_sd=1.0, lag1=0.5)
    diary = draw_diary(Random(9), truth=truth, plan=Plan(baseline_days=4000, trial_days=4000))
    scores = [float(score) for score in diary.baseline.values()]
    away = [score - fmean(scores) for score in scores]
    squares = fmean(one * one for one in away)
    neighbours = fmean(one * other for one, other in pairwise(away))

    assert fmean(scores) == pytest.approx(5.0, abs=0.1)
    assert fmean(float(score) for score in diary.trial.values()) == pytest.approx(4.0, abs=0.1)
    assert squares == pytest.approx(1 + 1 / 12, abs=0.1)
    assert neighbours == pytest.approx(0.5, abs=0.1)


def test_a_share_of_days_goes_missing() -> None:
    truth = Truth(7.0, 0.5, 1.3, 0.3)
    diary = draw_diary(Random(9), truth=truth, plan=Plan(baseline_days=4000, missing=0.25))

    assert len(diary.baseline) == pytest.approx(3000, abs=100)
