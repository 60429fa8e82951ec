"""One trial at a time and whole columns at once: the same figures, the same verdicts, to the last digit."""

from datetime import date
from fractions import Fraction
from random import Random

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from sctrial.columns import PHASES
from sctrial.criteria import RuleSet, parse_rule_set, rule_sets
from sctrial.diary import compute_figures, compute_phase_codes, derive_answer, derive_window_figures
from sctrial.evaluate import PairFigures
from sctrial.kleene import Answer
from sctrial.phases import diary_phase_of
from sctrial.reduction import is_reduced_by
from sctrial.scales import TARGET, ScoreKind
from sctrial.verdict import conclude, figures_of, judge
from tests.sctrial.made_trials import REGIONS, MadeTrial, frame_of, trials

ALL_PAIRS = [(region, kind) for region in REGIONS for kind in ScoreKind]


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
