"""Whole cohorts at once: worked examples, and numbers too large for a column."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sctrial.columns import LARGEST_VALUE, WrongColumns, diary_frame
from sctrial.diary import compute_figures, derive_answer, derive_window_figures
from sctrial.evidence import Analgesics, Protocol
from sctrial.facts import NO_FACTS
from sctrial.scales import TARGET, ScaleCode, ScoreKind
from sctrial.totals import FULLEST_DAY
from sctrial.verdict import ReportOnlyWindow
from sctrial.windows import Several, parse_window

STARTS = date(2026, 3, 2).toordinal()
PAIR = (TARGET, ScoreKind.AVERAGE)
HALF = Fraction(1, 2)

#: Scores of the target by phase, then by day: {"trial": [[7], [], [6, 5]]} leaves the second day out.
Scores = Mapping[str, Sequence[Sequence[int]]]


def protocol(
    *,
    baseline: str = "whole-phase",
    trial: str = "whole-phase",
    several: Several = Several.MEAN,
    scale: ScaleCode = ScaleCode.NRS_11,
) -> Protocol:
    return Protocol(parse_window(baseline), parse_window(trial), several, scale)


def frame(*trials: Scores) -> pd.DataFrame:
    rows = [
        (number, STARTS + 20 * place + day, place, value)
        for number, scores in enumerate(trials)
        for place, phase in enumerate(("baseline", "trial"))
        for day, values in enumerate(scores.get(phase, []))
        for value in values
    ]
    count = len(rows)
    return diary_frame(
        trial=np.array([row[0] for row in rows], np.int64),
        day=np.array([row[1] for row in rows], np.int64),
        phase=np.array([row[2] for row in rows], np.int64),
        region=pd.Categorical([TARGET] * count),
        kind=np.zeros(count, np.int64),
        value=np.array([row[3] for row in rows], np.int64),
        sequence=np.arange(count, dtype=np.int64),
    )


def answers(diaries: pd.DataFrame, *protocols: Protocol, threshold: Fraction = HALF) -> list[Any]:
    return list(derive_answer(diaries, protocols=protocols, pair=PAIR, threshold=threshold))


def test_the_mean_of_day_means_stays_a_fraction() -> None:
    diaries = frame({"baseline": [[7], [6, 5], [], [8, 8, 9]]})

    table = derive_window_figures(diaries, protocols=[protocol()], pair=PAIR)

    baseline = table.iloc[0]
    assert (baseline.days, baseline.missing_days) == (3, 1)
    assert (baseline.first_day, baseline.last_day) == (STARTS, STARTS + 3)
    total = Fraction(int(baseline.numerator), int(baseline.denominator))
    assert total == 7 + Fraction(6 + 5, 2) + Fraction(8 + 8 + 9, 3)


def test_units_of_a_scale_become_scale_points() -> None:
    diaries = frame({"baseline": [[32], [95]]})
    symptom = protocol(scale=ScaleCode.MYAIGUIDE_SYMPTOM)

    table = derive_window_figures(diaries, protocols=[symptom], pair=PAIR)

    total = Fraction(int(table.numerator[0]), int(table.denominator[0]))
    assert total == Fraction("3.2") + Fraction("9.5")


def test_each_trial_is_read_by_its_own_protocol() -> None:
    scores: Scores = {"baseline": [[8, 2]], "trial": [[4], [9]]}
    under = [
        protocol(several=Several.FIRST, trial="exclude-first-n-days:1"),
        protocol(several=Several.LAST, trial="last-n-days:2"),
    ]

    table = derive_window_figures(frame(scores, scores), protocols=under, pair=PAIR)

    assert list(table.numerator) == [8, 9, 2, 4 + 9]


def test_the_three_answers_stand_apart() -> None:
    diaries = frame(
        {"baseline": [[8]], "trial": [[4]]},
        {"baseline": [[8]], "trial": [[5]]},
        {"baseline": [[8]]},
        {"trial": [[4]]},
        {"baseline": [[0]], "trial": [[0]]},
        {},
    )

    found = answers(diaries, *[protocol()] * 6)

    assert found == ["met", "not_met", *["not_evaluable"] * 4]


def test_a_hair_below_half_is_not_half() -> None:
    # domain.md 0.4 in whole numbers: 53 to 26.6 is 49.81 %, shown as 50 %, and fails.
    decimals = protocol(scale=ScaleCode.NUMERIC_0_10)
    diaries = frame(
        {"baseline": [[5300]], "trial": [[2660]]},
        {"baseline": [[5300]], "trial": [[2650]]},
    )

    assert answers(diaries, decimals, decimals) == ["not_met", "met"]


def test_no_trial_at_all_is_an_empty_answer() -> None:
    assert answers(frame()) == []
    assert compute_figures(frame(), protocols=[], pairs=[PAIR], analgesics=[], satisfied=[], facts=[]) == []


def test_the_best_day_is_never_judged() -> None:
    with pytest.raises(ReportOnlyWindow):
        answers(frame({"baseline": [[8]]}), protocol(trial="best-day"))


def test_it_refuses_a_row_of_a_trial_without_a_protocol() -> None:
    with pytest.raises(IndexError, match="trial 1 has no protocol; 1 are given"):
        answers(frame({"baseline": [[8]]}, {"baseline": [[8]]}), protocol())


def test_it_refuses_a_frame_that_breaks_the_contract() -> None:
    with pytest.raises(WrongColumns):
        answers(frame({"baseline": [[8]]}).astype({"value": float}), protocol())


# --- numbers too large for a column -----------------------------------------------------------


def test_the_common_multiple_of_the_fullest_days_fits_into_a_column_and_of_fuller_ones_does_not() -> None:
    assert lcm(*range(1, FULLEST_DAY + 1)) < 2**62
    assert lcm(*range(1, FULLEST_DAY + 2)) > 2**63


# Days with 32, 27, 25, 7, 11, ... entries have the largest common multiple, lcm(1..42).
LARGEST_MULTIPLE = [32, 27, 25, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41]
counts = st.lists(st.sampled_from([1, 2, 3, *LARGEST_MULTIPLE, 42, 43, 47]), min_size=1, max_size=14)
units = st.sampled_from([0, 1, 10, 10_000, LARGEST_VALUE])


@given(st.lists(st.tuples(counts, units, counts, units), min_size=1, max_size=3), st.sampled_from(ScaleCode))
@example([(LARGEST_MULTIPLE, LARGEST_VALUE, LARGEST_MULTIPLE, LARGEST_VALUE)], ScaleCode.NUMERIC_0_10)
@example([(LARGEST_MULTIPLE, 1, [1], 1)], ScaleCode.NUMERIC_0_10)
@example([([FULLEST_DAY], 10, [FULLEST_DAY + 1], 5), ([2], 10, [3], 5)], ScaleCode.NRS_11)
def test_no_number_is_ever_wrong_however_large(
    made: list[tuple[list[int], int, list[int], int]], scale: ScaleCode
) -> None:
    diaries = frame(*({"baseline": day_by_day(a, x), "trial": day_by_day(b, y)} for a, x, b, y in made))
    protocols = [protocol(scale=scale)] * len(made)

    table = derive_window_figures(diaries, protocols=protocols, pair=PAIR)
    figures = compute_figures(
        diaries,
        protocols=protocols,
        pairs=[PAIR],
        analgesics=[Analgesics()] * len(made),
        satisfied=[None] * len(made),
        facts=[NO_FACTS] * len(made),
    )

    sides = [side for each in figures for side in (each.by_pair[PAIR].baseline, each.by_pair[PAIR].trial)]
    per_point = {ScaleCode.NUMERIC_0_10: 1000, ScaleCode.MYAIGUIDE_SYMPTOM: 10}.get(scale, 1)
    expected = [Fraction(total_of(n, x), per_point) for a, x, b, y in made for n, x in ((a, x), (b, y))]
    assert [side.total for side in sides] == expected
    for over, under, total in zip(table.numerator, table.denominator, expected, strict=True):
        if over is not pd.NA:
            assert Fraction(int(over), int(under)) == total


@given(st.lists(st.tuples(counts, units, counts, units), min_size=1, max_size=3), st.fractions(0, 1))
def test_no_answer_is_ever_wrong_however_large_the_numbers(
    made: list[tuple[list[int], int, list[int], int]], threshold: Fraction
) -> None:
    diaries = frame(*({"baseline": day_by_day(a, x), "trial": day_by_day(b, y)} for a, x, b, y in made))

    found = answers(diaries, *[protocol()] * len(made), threshold=threshold)

    means = [(total_of(a, x) / len(a), total_of(b, y) / len(b)) for a, x, b, y in made]
    assert found == [answer_to(before, after, threshold=threshold) for before, after in means]


def test_a_window_that_may_not_fit_says_so_instead_of_a_number() -> None:
    diaries = frame({"baseline": day_by_day([FULLEST_DAY + 1], 10), "trial": [[5]]})

    table = derive_window_figures(diaries, protocols=[protocol()], pair=PAIR)

    assert list(table.numerator.isna()) == [True, False]
    assert list(table.days) == [1, 1]


def test_an_ordinary_diary_never_leaves_the_columns() -> None:
    # Twice the days and eight times the entries of a usual diary, on the finest scale.
    busy = day_by_day([(n % 24) + 1 for n in range(14)], 10_000)
    decimals = protocol(scale=ScaleCode.NUMERIC_0_10)

    table = derive_window_figures(frame({"trial": busy}), protocols=[decimals], pair=PAIR)

    assert not table.numerator.isna().any()


def day_by_day(counts: list[int], first: int) -> list[list[int]]:
    """Days of so many entries; the first entry of a day is ``first``, so that no day mean is whole."""
    return [[first] + [max(first - 1, 0)] * (count - 1) for count in counts]


def total_of(counts: list[int], first: int) -> Fraction:
    return sum((Fraction(sum(day), len(day)) for day in day_by_day(counts, first)), Fraction(0))


def answer_to(before: Fraction, after: Fraction, *, threshold: Fraction) -> str:
    if before == 0:
        return "not_evaluable"
    return "met" if before - after >= threshold * before else "not_met"
