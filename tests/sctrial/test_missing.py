"""Missing-day policies: one diary with gaps, every policy worked by hand, and what none of them may do."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.kleene import Answer
from sctrial.missing import NON_RESPONDER_ENDS, Filled, Policy, fill_days, settle
from sctrial.phases import EndReason

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
START = date(2026, 3, 10)


def days(scores: str) -> dict[date, Fraction]:
    """ "6 - 4" is 6 on the first day, nothing on the second, 4 on the third."""
    return {START + timedelta(days=n): F(score) for n, score in enumerate(scores.split()) if score != "-"}


BASELINE = days("7 8 9 6")
TRIAL = "- 6 - - 3 4 -"
MEAN = F(7 + 8 + 9 + 6, 4)

# fmt: off
#   policy                            day 1   2   3      4      5   6   7        why
WORKED: dict[Policy, list[Fraction | int | None]] = {
    Policy.OBSERVED:               [None,  6,  None,  None,  3,  4,  None],   # nothing is filled
    Policy.LOCF:                   [None,  6,  6,     6,     3,  4,  4],      # nothing stands before day 1
    Policy.BOCF:                   [MEAN,  6,  MEAN,  MEAN,  3,  4,  MEAN],   # no change
    Policy.WOCF_TRIAL:             [6,     6,  6,     6,     3,  4,  6],      # the worst of 6, 3, 4
    Policy.WOCF_WITH_BASELINE:     [9,     6,  9,     9,     3,  4,  9],      # 9 was at baseline
    Policy.COMPOSITE_NON_RESPONDER: [None, 6,  None,  None,  3,  4,  None],   # looks at the end
}
# fmt: on


def fill(
    values: Mapping[date, Fraction],
    policy: Policy,
    *,
    last: int = 6,
    baseline: Mapping[date, Fraction] = BASELINE,
) -> Filled:
    return fill_days(
        values, policy=policy, first_day=START, last_day=START + timedelta(days=last), baseline=baseline
    )


def test_every_policy_has_a_worked_example_and_a_sentence() -> None:
    assert set(WORKED) == set(Policy)
    assert all(policy.meaning.endswith(".") for policy in Policy)


@pytest.mark.parametrize("policy", Policy)
def test_each_policy_fills_the_diary_as_worked_by_hand(policy: Policy) -> None:
    filled = fill(days(TRIAL), policy)

    expected = {START + timedelta(days=n): value for n, value in enumerate(WORKED[policy])}
    assert filled.values == {day: value for day, value in expected.items() if value is not None}
    assert filled.missing == tuple(day for day, value in expected.items() if value is None)
    assert set(filled.filled) == set(filled.values) - set(days(TRIAL))
    assert filled.policy is policy


@pytest.mark.parametrize("policy", Policy)
def test_a_diary_without_a_gap_is_left_alone(policy: Policy) -> None:
    full = days("6 5 4 4 3 4 3")

    assert fill(full, policy).values == full
    assert fill(full, policy).filled == ()


@pytest.mark.parametrize("policy", Policy)
def test_with_nothing_to_go_by_a_day_stays_missing(policy: Policy) -> None:
    filled = fill({}, policy, last=1, baseline={})

    assert filled.values == {}
    assert filled.missing == (START, START + timedelta(days=1))


def test_the_span_reaches_past_the_last_answer_of_a_patient_who_stopped() -> None:
    filled = fill(days("6 3"), Policy.BOCF, last=3)

    assert list(filled.values.values()) == [6, 3, MEAN, MEAN]


gappy = st.dictionaries(
    st.integers(-2, 12).map(lambda n: START + timedelta(days=n)), st.fractions(0, 10, max_denominator=10)
)


@unhurried
@given(gappy, gappy, st.sampled_from(Policy), st.integers(0, 9))
def test_a_policy_keeps_every_reported_day_and_fills_only_inside_the_span(
    values: dict[date, Fraction], baseline: dict[date, Fraction], policy: Policy, last: int
) -> None:
    filled = fill(values, policy, last=last, baseline=baseline)

    span = {START + timedelta(days=n) for n in range(last + 1)}
    assert {day: filled.values[day] for day in values} == values
    assert set(filled.filled) | set(filled.missing) == span - set(values)
    assert not set(filled.filled) & set(filled.missing)
    assert list(filled.values) == sorted(filled.values)


@unhurried
@given(gappy, gappy, st.sampled_from(Policy))
def test_filling_twice_fills_nothing_more(
    values: dict[date, Fraction], baseline: dict[date, Fraction], policy: Policy
) -> None:
    once = fill(values, policy, baseline=baseline)

    assert fill(once.values, policy, baseline=baseline).values == once.values


@unhurried
@given(gappy, gappy, st.randoms(use_true_random=False))
def test_the_order_of_the_days_is_no_matter(
    values: dict[date, Fraction], baseline: dict[date, Fraction], random: object
) -> None:
    shuffled = list(values.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    for policy in Policy:
        assert fill(dict(shuffled), policy, baseline=baseline) == fill(values, policy, baseline=baseline)


@unhurried
@given(gappy.filter(bool), gappy.filter(bool))
def test_no_policy_is_kinder_than_carrying_the_best_or_harsher_than_carrying_the_worst(
    values: dict[date, Fraction], baseline: dict[date, Fraction]
) -> None:
    lowest = min([*values.values(), *baseline.values()])
    harshest = fill(values, Policy.WOCF_WITH_BASELINE, baseline=baseline)

    for policy in Policy:
        filled = fill(values, policy, baseline=baseline)
        assert all(lowest <= filled.values[day] <= harshest.values[day] for day in filled.filled)


# fmt: off
#   how the trial ended                          what the composite policy makes of "met"
ENDS = [
    (EndReason.FAILURE_INADEQUATE_RELIEF,        Answer.NOT_MET),
    (EndReason.FAILURE_NO_FUNCTIONAL_GAIN,       Answer.NOT_MET),
    (EndReason.FAILURE_SIDE_EFFECT,              Answer.NOT_MET),
    (EndReason.ENDED_EARLY_INFECTION,            Answer.NOT_MET),
    (EndReason.ENDED_EARLY_HEMATOMA,             Answer.NOT_MET),
    (EndReason.ENDED_EARLY_NEURO_DEFICIT,        Answer.NOT_MET),
    (EndReason.ENDED_EARLY_DURAL_PUNCTURE,       Answer.NOT_MET),
    (EndReason.TECHNICAL_FAILURE,                Answer.MET),   # says nothing about relief
    (EndReason.ENDED_EARLY_ANTICOAGULANT_NEED,   Answer.MET),   # outside the treatment
    (EndReason.DECLINED_AFTER_SUCCESS,           Answer.MET),
    (EndReason.SUCCESS,                          Answer.MET),
    (None,                                       Answer.MET),   # still running
]
# fmt: on


@pytest.mark.parametrize(("end", "answer"), ENDS)
def test_the_composite_policy_makes_a_non_responder_of_who_stopped_for_no_effect_or_harm(
    end: EndReason | None, answer: Answer
) -> None:
    assert settle(Answer.MET, policy=Policy.COMPOSITE_NON_RESPONDER, end_reason=end) is answer


def test_the_composite_policy_answers_where_the_days_cannot() -> None:
    end = EndReason.ENDED_EARLY_INFECTION

    assert (
        settle(Answer.NOT_EVALUABLE, policy=Policy.COMPOSITE_NON_RESPONDER, end_reason=end) is Answer.NOT_MET
    )


@unhurried
@given(st.sampled_from(Answer), st.none() | st.sampled_from(EndReason))
def test_every_other_policy_leaves_the_answer_alone(answer: Answer, end: EndReason | None) -> None:
    for policy in set(Policy) - {Policy.COMPOSITE_NON_RESPONDER}:
        assert settle(answer, policy=policy, end_reason=end) is answer


def test_which_ends_count_can_be_declared_otherwise() -> None:
    end = EndReason.ENDED_EARLY_PATIENT_REQUEST
    policy = Policy.COMPOSITE_NON_RESPONDER

    assert end not in NON_RESPONDER_ENDS
    assert settle(Answer.MET, policy=policy, end_reason=end, ends=frozenset({end})) is Answer.NOT_MET


def test_the_name_of_a_policy_is_stored_with_its_result_and_never_changed() -> None:
    assert [policy.value for policy in Policy] == [
        "observed", "locf", "bocf", "wocf_trial", "wocf_with_baseline", "composite_non_responder",
    ]  # fmt: skip
