"""judge(): figures, trees of criteria, reasons, and laws that every verdict keeps."""

import json
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.criteria import RuleSet, rule_set, rule_sets
from sctrial.evidence import Evidence
from sctrial.nodes import AllOf, AnyOf, AtLeast, Criterion, Not, PainReduction, Satisfied
from sctrial.phases import DiaryPhase
from sctrial.scales import TARGET, ScoreKind
from sctrial.seal import canonical_json
from sctrial.verdict import Answer, ReportOnlyWindow, conclude, figures_of, judge
from tests.sctrial.diaries import diary, evidence_of, protocol

F = Fraction

NORTH = rule_set("NORTH_PP")
MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE

scores = st.lists(st.integers(0, 10), max_size=10).map(lambda values: " ".join(map(str, values)))
doses = st.none() | st.integers(0, 200)


def ruled_by(root: Criterion) -> RuleSet:
    return replace(NORTH, root=root)


def pain(threshold: F, *, region: str = TARGET, kind: ScoreKind = ScoreKind.AVERAGE) -> PainReduction:
    return PainReduction("pain", "Pain", region, kind, threshold)


def test_thirty_percent_is_thirty_percent() -> None:
    """100 * (7 - 4.9) / 7 is exactly 30; in binary floating point it falls short."""
    verdict = judge(evidence_of("7", "4.9"), rule_set=ruled_by(pain(F(3, 10))))

    assert verdict.answer is MET
    assert verdict.reduction.exact == 30


def test_the_reasons_are_those_of_the_leaves_in_the_order_of_the_rule() -> None:
    reasons = judge(evidence_of("8 8", "4 4", mme=(60, 60), satisfied=False), rule_set=NORTH).reasons

    assert [(reason.criterion, reason.code) for reason in reasons] == [
        ("target_pain", "threshold_reached"),
        ("analgesics", "analgesics_not_increased"),
        ("satisfaction", "not_satisfied"),
    ]


ASKED = "; the rule asks for a fall of at least 50 %."

# fmt: off
SENTENCES_READ = [
    ("4", "Average target pain fell by 50.00 %, from 8.00 to 4.00" + ASKED),
    ("9", "Average target pain rose by 12.50 %, from 8.00 to 9.00" + ASKED),
    ("8", "Average target pain did not change, from 8.00 to 8.00" + ASKED),
    ("-", "There is no score for average target pain in the trial window."),
]
# fmt: on


@pytest.mark.parametrize(("trial", "sentence"), SENTENCES_READ)
def test_a_sentence_can_be_read_aloud(trial: str, sentence: str) -> None:
    assert judge(evidence_of("8", trial), rule_set=NORTH).reasons[0].text == sentence


def test_a_missing_baseline_is_named() -> None:
    verdict = judge(evidence_of("-", "4"), rule_set=NORTH)

    assert verdict.reasons[0].code == "no_baseline_entries"
    assert verdict.reduction.reason == "baseline_missing"


def test_doses_are_compared_in_a_sentence_of_their_own() -> None:
    reasons = judge(evidence_of("8", "6", mme=(60, 30)), rule_set=rule_set("MAC_NORIDIAN")).reasons

    assert reasons[1].text == (
        "The daily analgesic dose fell by 50.00 %, from 60.00 MME a day to 30.00 MME a day; "
        "the rule asks for a fall of at least 50 %."
    )


def test_each_criterion_shows_value_threshold_and_exact_figure() -> None:
    result = judge(evidence_of("8 7 8 7 8 7 8", "4 4 3 4 4"), rule_set=NORTH).criteria.children[0]

    assert (result.value, result.threshold, result.exact) == ("49.81 %", ">= 50 %", "2640/53")


def test_other_regions_and_kinds_never_enter_the_decision() -> None:
    plain = evidence_of("8 8", "4 4")
    noise = diary("1 1", phase=DiaryPhase.BASELINE, region="leg") + diary(
        "9 9", phase=DiaryPhase.TRIAL, kind=ScoreKind.WORST
    )

    noisy = replace(plain, entries=plain.entries + noise)

    assert judge(noisy, rule_set=NORTH) == judge(plain, rule_set=NORTH)


def test_a_rule_may_look_at_another_region_while_the_target_is_still_reported() -> None:
    legs = diary("8 8", phase=DiaryPhase.BASELINE, region="leg") + diary(
        "2 2", phase=DiaryPhase.TRIAL, region="leg"
    )
    evidence = evidence_of("8 8", "7 7")

    verdict = judge(
        replace(evidence, entries=evidence.entries + legs), rule_set=ruled_by(pain(F(1, 2), region="leg"))
    )

    assert verdict.answer is MET
    assert verdict.trial.mean == 7


def test_a_row_of_another_kind_moves_the_end_of_the_diary() -> None:
    evidence = evidence_of("8", "4 4 4", under=protocol(trial="last-n-days:3"))
    later = diary("- - - - 9", phase=DiaryPhase.TRIAL, kind=ScoreKind.WORST)

    verdict = judge(replace(evidence, entries=evidence.entries + later), rule_set=NORTH)

    assert (verdict.trial.days, verdict.trial.missing_days) == (1, 2)


PROTOCOLS = {"baseline": protocol(baseline="best-day"), "trial": protocol(trial="best-day")}


@pytest.mark.parametrize("side", PROTOCOLS)
def test_the_best_day_is_never_judged(side: str) -> None:
    evidence = evidence_of("8", "4", under=PROTOCOLS[side])

    with pytest.raises(ReportOnlyWindow, match="may be reported but not judged"):
        judge(evidence, rule_set=NORTH)


# fmt: off
TREES = [
    (lambda a, b: AllOf("r", "R", (a, b)),      True,  MET),
    (lambda a, b: AllOf("r", "R", (a, b)),      None,  UNKNOWN),
    (lambda a, b: AnyOf("r", "R", (a, b)),      False, MET),
    (lambda a, b: AtLeast("r", "R", 2, (a, b)), False, NOT_MET),
    (lambda a, b: AtLeast("r", "R", 1, (a, b)), None,  MET),
    (lambda _, b: Not("r", "R", (b,)),          False, MET),
    (lambda _, b: Not("r", "R", (b,)),          True,  NOT_MET),
    (lambda _, b: Not("r", "R", (b,)),          None,  UNKNOWN),
]
# fmt: on


@pytest.mark.parametrize(("root", "satisfied", "answer"), TREES)
def test_trees_are_answered_from_the_leaves(root: object, satisfied: bool | None, answer: Answer) -> None:
    tree = root(pain(F(1, 2)), Satisfied("satisfied", "Satisfied"))  # type: ignore[operator]

    assert judge(evidence_of("8", "4", satisfied=satisfied), rule_set=ruled_by(tree)).answer is answer


def test_a_combination_counts_its_answers_in_words() -> None:
    text = judge(evidence_of("8", "4", mme=(60, 61)), rule_set=NORTH).criteria.text

    assert text == "All must be met: 1 met, 1 not met, 1 not evaluable."


# fmt: off
COMBINED = [
    (lambda a, b: AllOf("r", "R", (a, b)),      "All must be met: 1 met, 1 not met, 0 not evaluable."),
    (lambda a, b: AnyOf("r", "R", (a, b)),      "One must be met: 1 met, 1 not met, 0 not evaluable."),
    (lambda a, b: AtLeast("r", "R", 2, (a, b)), "At least 2 must be met: 1 met, 1 not met, 0 not evaluable."),
    (lambda _, b: Not("r", "R", (b,)),          "This must not be met: 0 met, 1 not met, 0 not evaluable."),
]
# fmt: on


@pytest.mark.parametrize(("root", "text"), COMBINED)
def test_each_combination_says_what_it_asks_before_it_counts(root: object, text: str) -> None:
    tree = root(pain(F(1, 2)), Satisfied("satisfied", "Satisfied"))  # type: ignore[operator]

    assert judge(evidence_of("8", "4", satisfied=False), rule_set=ruled_by(tree)).criteria.text == text


def test_figures_that_lack_a_pair_of_the_rule_are_refused() -> None:
    figures = figures_of(evidence_of("8", "4"), pairs=[(TARGET, ScoreKind.WORST)])

    with pytest.raises(KeyError):
        conclude(figures, rule_set=NORTH)


@given(scores, scores, doses, doses, st.none() | st.booleans())
def test_a_verdict_is_plain_stable_text_under_every_rule(
    before: str, after: str, dose: int | None, later: int | None, satisfied: bool | None
) -> None:
    evidence = evidence_of(before, after, mme=(dose, later), satisfied=satisfied)

    for rules in rule_sets().values():
        verdict = judge(evidence, rule_set=rules)
        written = canonical_json(verdict.canonical())

        assert json.loads(written) == verdict.canonical()
        assert written == canonical_json(judge(evidence, rule_set=rules).canonical())
        assert verdict == conclude(figures_of(evidence, pairs=rules.pairs), rule_set=rules)


@given(scores, scores)
def test_not_evaluable_always_has_a_reason_and_never_a_percent(before: str, after: str) -> None:
    verdict = judge(evidence_of(before, after), rule_set=ruled_by(pain(F(1, 2))))

    assert (verdict.answer is UNKNOWN) is (verdict.reduction.exact is None)
    assert (verdict.reduction.exact is None) is (verdict.reduction.reason is not None)


@given(scores, scores, st.integers(-400, 400))
def test_the_calendar_does_not_matter_only_the_days_between(before: str, after: str, shift: int) -> None:
    evidence = evidence_of(before, after, under=protocol(baseline="last-n-days:7", trial="last-n-days:3"))
    moved = replace(
        evidence,
        entries=tuple(replace(entry, day=entry.day + timedelta(days=shift)) for entry in evidence.entries),
    )

    one, other = judge(evidence, rule_set=NORTH), judge(moved, rule_set=NORTH)

    assert one.criteria == other.criteria
    assert one.reduction == other.reduction


@given(scores, scores, st.integers(2, 5))
def test_half_the_scale_gives_the_same_percent(before: str, after: str, by: int) -> None:
    evidence = evidence_of(before, after)
    scaled = replace(
        evidence, entries=tuple(replace(entry, value=entry.value / by) for entry in evidence.entries)
    )

    assert judge(scaled, rule_set=NORTH).reduction == judge(evidence, rule_set=NORTH).reduction


@given(scores, scores, st.none() | st.booleans(), doses, doses)
def test_filling_a_gap_never_turns_met_into_not_met_or_back(
    before: str, after: str, satisfied: bool | None, dose: int | None, later: int | None
) -> None:
    """Kleene's promise: what is decided without a fact stays decided whatever the fact turns out to be."""
    for rules in rule_sets().values():
        without = judge(evidence_of(before, after), rule_set=rules).answer
        full = Evidence(
            protocol(),
            evidence_of(before, after).entries,
            evidence_of("", "", mme=(dose, later)).analgesics,
            satisfied,
        )

        assert without is UNKNOWN or judge(full, rule_set=rules).answer is without


def test_a_verdict_is_sealed_under_these_names() -> None:
    """Documents years old are compared word by word, so no name may change without a new format."""
    verdict = judge(evidence_of("8 8", "3"), rule_set=ruled_by(pain(F(1, 2))))
    sentence = f"Average target pain fell by 62.50 %, from 8.00 to 3.00{ASKED}"

    assert verdict.canonical() == {
        "answer": "met",
        "criteria": verdict.criteria.canonical(),
        "reasons": [{"code": "threshold_reached", "text": sentence, "criterion": "pain"}],
        "reduction": {"exact": "125/2", "reason": None},
        "baseline": {
            "first_day": "2026-03-02",
            "last_day": "2026-03-03",
            "days": 2,
            "missing_days": 0,
            "missing_dates": [],
            "mean": "8/1",
        },
        "trial": {
            "first_day": "2026-03-10",
            "last_day": "2026-03-10",
            "days": 1,
            "missing_days": 0,
            "missing_dates": [],
            "mean": "3/1",
        },
    }


def test_a_verdict_without_a_percent_is_sealed_with_the_reason() -> None:
    verdict = judge(evidence_of("0 0", "3"), rule_set=NORTH)

    assert verdict.canonical()["reduction"] == {"exact": None, "reason": "baseline_zero"}
