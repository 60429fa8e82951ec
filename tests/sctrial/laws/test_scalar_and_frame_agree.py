"""One trial at a time and whole columns at once: the same figures, the same verdicts, to the last digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import numpy as np
import pandas as pd
from hypothesis import example, given
from hypothesis import strategies as st

from sctrial.columns import KINDS, PHASES, diary_frame
from sctrial.criteria import RuleSet, parse_rule_set, rule_sets
from sctrial.diary import compute_figures, compute_phase_codes, derive_answer, derive_window_figures
from sctrial.evaluate import PairFigures
from sctrial.evidence import Analgesics, Entry, Evidence, Protocol
from sctrial.kleene import Answer
from sctrial.phases import DiaryPhase, diary_phase_of
from sctrial.reduction import is_reduced_by
from sctrial.scales import SCALES, TARGET, ScaleCode, ScoreKind
from sctrial.verdict import conclude, figures_of, judge
from sctrial.windows import Several, Window, WindowKind

REGIONS = (TARGET, "wound", "left leg")
FIRST_DAY = date(2026, 2, 25)
ALL_PAIRS = [(region, kind) for region in REGIONS for kind in ScoreKind]

counted = st.builds(
    Window,
    kind=st.sampled_from([WindowKind.LAST_N_DAYS, WindowKind.EXCLUDE_FIRST_N_DAYS]),
    n=st.integers(1, 9) | st.just(366),
)
windows = st.just(Window(kind=WindowKind.WHOLE_PHASE)) | counted
doses = st.none() | st.fractions(0, 200, max_denominator=4)


@dataclass(frozen=True)
class MadeTrial:
    """The same trial twice: as evidence, and as the rows a frame is made of."""

    evidence: Evidence
    rows: Sequence[tuple[date, DiaryPhase, str, ScoreKind, int]]


@st.composite
def trials(draw: st.DrawFn) -> MadeTrial:
    protocol = draw(
        st.builds(
            Protocol,
            baseline_window=windows,
            trial_window=windows,
            several=st.sampled_from(Several),
            scale=st.sampled_from(ScaleCode),
        )
    )
    rows = draw(st.lists(diary_rows(protocol.scale), max_size=40))
    evidence = Evidence(
        protocol=protocol,
        entries=tuple(
            Entry(day, phase, region, kind, Fraction(units, SCALES[protocol.scale].per_point))
            for day, phase, region, kind, units in rows
        ),
        analgesics=draw(st.builds(Analgesics, baseline=doses, trial=doses)),
        satisfied=draw(st.sampled_from([None, True, False])),
    )
    return MadeTrial(evidence, rows)


def diary_rows(code: ScaleCode) -> st.SearchStrategy[tuple[date, DiaryPhase, str, ScoreKind, int]]:
    scale = SCALES[code]
    # Few days, mostly the target and average, so that days with several entries are common.
    return st.tuples(
        st.integers(0, 11).map(lambda n: FIRST_DAY + timedelta(days=n)),
        st.sampled_from(DiaryPhase),
        st.sampled_from([TARGET, TARGET, TARGET, *REGIONS]),
        st.sampled_from([ScoreKind.AVERAGE, ScoreKind.AVERAGE, *ScoreKind]),
        st.integers(scale.to_units(scale.minimum), scale.to_units(scale.maximum)),
    )


def frame_of(made: Sequence[MadeTrial]) -> pd.DataFrame:
    rows = [(number, place, *row) for number, each in enumerate(made) for place, row in enumerate(each.rows)]
    return diary_frame(
        trial=np.array([row[0] for row in rows], np.int64),
        day=np.array([row[2].toordinal() for row in rows], np.int64),
        phase=np.array([PHASES.index(row[3]) for row in rows], np.int64),
        region=pd.Categorical([row[4] for row in rows]),
        kind=np.array([KINDS.index(row[5]) for row in rows], np.int64),
        value=np.array([row[6] for row in rows], np.int64),
        sequence=np.array([row[1] for row in rows], np.int64),
    )


def every_kind_of_rule() -> list[RuleSet]:
    """The shipped rules, and one that looks at several regions and thresholds."""
    leaves = [
        {"criterion": "pain_reduction", "id": f"c{n}", "label": f"c{n}", "region": region, "threshold": share}
        for n, (region, share) in enumerate([(TARGET, "30%"), ("wound", "50%"), ("left leg", "80%")])
    ]
    content = {
        "id": "MADE_UP",
        "version": "2026.1",
        "title": "Two of three regions",
        "holder": "tests",
        "in_force_from": date(2026, 1, 1),
        "score_kind": "worst",
        "source": [{"text": "made up for this test", "mark": "D"}],
        "cautions": [],
        "root": {"criterion": "at_least", "id": "root", "label": "Two of three", "n": 2, "of": leaves},
    }
    return [*rule_sets().values(), parse_rule_set(content, origin="test")]


RULES = every_kind_of_rule()


@given(st.lists(trials(), max_size=4), st.randoms(use_true_random=False))
def test_every_figure_of_every_pair_is_the_same_in_any_order_of_rows(
    made: list[MadeTrial], random: Random
) -> None:
    frame = frame_of(made)
    shuffled = frame.iloc[random.sample(range(len(frame)), len(frame))]

    found = compute_figures(
        shuffled,
        protocols=[each.evidence.protocol for each in made],
        pairs=ALL_PAIRS,
        analgesics=[each.evidence.analgesics for each in made],
        satisfied=[each.evidence.satisfied for each in made],
        facts=[each.evidence.facts for each in made],
    )

    assert found == [figures_of(each.evidence, pairs=ALL_PAIRS) for each in made]


@given(st.lists(trials(), min_size=1, max_size=3))
def test_every_verdict_is_the_same(made: list[MadeTrial]) -> None:
    found = compute_figures(
        frame_of(made),
        protocols=[each.evidence.protocol for each in made],
        pairs=sorted({pair for rule in RULES for pair in rule.pairs}),
        analgesics=[each.evidence.analgesics for each in made],
        satisfied=[each.evidence.satisfied for each in made],
        facts=[each.evidence.facts for each in made],
    )

    for figures, each in zip(found, made, strict=True):
        for rule in RULES:
            expected = judge(each.evidence, rule_set=rule).canonical()
            assert conclude(figures, rule_set=rule).canonical() == expected


@given(st.lists(trials(), min_size=1, max_size=4), st.sampled_from(ALL_PAIRS))
def test_the_columns_say_what_the_figures_say(made: list[MadeTrial], pair: tuple[str, ScoreKind]) -> None:
    protocols = [each.evidence.protocol for each in made]
    table = derive_window_figures(frame_of(made), protocols=protocols, pair=pair)

    expected = []
    for number, each in enumerate(made):
        of_pair = figures_of(each.evidence, pairs=[pair]).by_pair[pair]
        for phase, window in zip(PHASES, (of_pair.baseline, of_pair.trial), strict=True):
            ends = [day.toordinal() if day else 0 for day in (window.first_day, window.last_day)]
            expected.append((number, phase.value, *ends, window.days, window.missing_days, window.total))
    places = table[["trial", "phase", "first_day", "last_day", "days", "missing_days"]]
    totals = map(Fraction, map(int, table["numerator"]), map(int, table["denominator"]))
    found = [
        (*place, total)
        for place, total in zip(places.itertuples(index=False, name=None), totals, strict=True)
    ]
    assert found == expected


@given(
    st.lists(trials(), min_size=1, max_size=4),
    st.fractions(0, 1, max_denominator=10_000) | st.just(Fraction(1, 10**30)),
)
def test_the_column_of_answers_is_the_scalar_answer(made: list[MadeTrial], threshold: Fraction) -> None:
    pair = (TARGET, ScoreKind.AVERAGE)
    answers = derive_answer(
        frame_of(made),
        protocols=[each.evidence.protocol for each in made],
        pair=pair,
        threshold=threshold,
    )

    expected = [figures_of(each.evidence, pairs=[pair]).by_pair[pair] for each in made]
    assert list(answers) == [scalar_answer(each, threshold=threshold).value for each in expected]


def scalar_answer(figures: PairFigures, *, threshold: Fraction) -> Answer:
    baseline, trial = figures.baseline, figures.trial
    if baseline.mean is None or trial.mean is None or baseline.mean == 0:
        return Answer.NOT_EVALUABLE
    reached = is_reduced_by(
        threshold,
        baseline_total=baseline.total,
        baseline_days=baseline.days,
        trial_total=trial.total,
        trial_days=trial.days,
    )
    return Answer.MET if reached else Answer.NOT_MET


@given(
    st.lists(st.dates(max_value=date(9999, 12, 31)), min_size=1),
    st.none() | st.dates(),
)
@example([date(2026, 3, 1), date(2026, 3, 2)], date(2026, 3, 2))
def test_the_phase_of_a_day_is_the_same(days: list[date], placed: date | None) -> None:
    codes = compute_phase_codes(
        np.array([day.toordinal() for day in days], np.int64),
        lead_placed_on=np.full(len(days), placed.toordinal() if placed else 0, np.int64),
    )

    assert [PHASES[code] for code in codes] == [diary_phase_of(day, lead_placed_on=placed) for day in days]
