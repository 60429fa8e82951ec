"""Relief by stimulation program: epochs, wash-in, ranks, differences."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.programs import ProgramChange, Programs, compute_program_reliefs
from sctrial.reduction import compute_percent_reduction
from sctrial.regions import procedure_span
from sctrial.seal import canonical_json

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
START = date(2026, 3, 10)
EIGHT = F(8)


def day(n: int) -> date:
    return START + timedelta(days=n)


def days(scores: str) -> dict[date, Fraction]:
    return {day(n): F(score) for n, score in enumerate(scores.split()) if score != "-"}


def log(text: str) -> tuple[ProgramChange, ...]:
    """ "0 tonic, 4 burst" is tonic from day 0 and burst from day 4."""
    words = [change.split() for change in text.split(", ")]
    return tuple(ProgramChange(day(int(number)), program) for number, program in words)


def reliefs(scores: str, changes: str, *, baseline: F | None = EIGHT, wash_in: int = 1) -> Programs:
    last = day(len(scores.split()) - 1)
    return compute_program_reliefs(
        days(scores), changes=log(changes), last_day=last, baseline_mean=baseline, wash_in_days=wash_in
    )


def test_two_programs_worked_by_hand() -> None:
    """Baseline 8; tonic on days 0 to 3, burst on days 4 to 7; the day of each change is wash-in.

    tonic   (7) 6 6 6     mean 6, 25 %           burst   (5) 4 - 2     mean 3, 62.5 %
    """
    found = reliefs("7 6 6 6 5 4 - 2", "0 tonic, 4 burst")

    burst, tonic = found.programs
    assert (tonic.program, tonic.days, tonic.mean, tonic.rank) == ("tonic", 3, F(6), 2)
    assert tonic.reduction.exact == F(8 - 6, 8) * 100
    assert (burst.program, burst.days, burst.mean, burst.rank) == ("burst", 2, F(3), 1)
    assert burst.reduction.exact == F(8 - 3, 8) * 100
    assert found.leading == ("burst",)
    (difference,) = found.differences
    assert (difference.program, difference.other) == ("burst", "tonic")
    assert (difference.days, difference.other_days, difference.too_few_days) == (2, 3, False)
    assert difference.points == F(6 - 3)
    assert difference.percent == F(5, 8) * 100 - F(2, 8) * 100


def test_an_epoch_shows_its_wash_in_and_its_missing_days() -> None:
    first, second = reliefs("7 6 6 6 5 4 - 2", "0 tonic, 4 burst").epochs

    assert (first.first_day, first.last_day, first.wash_in) == (day(0), day(3), (day(0),))
    assert (second.first_day, second.last_day, second.wash_in) == (day(4), day(7), (day(4),))
    assert second.values == ((day(5), F(4)), (day(7), F(2)))
    assert second.missing == (day(6),)


# fmt: off
#   the log                          epochs                                        why
LOGS = {
    "0 a, 3 b":                      [("a", 0, 2), ("b", 3, 5)],
    "3 b, 0 a":                      [("a", 0, 2), ("b", 3, 5)],                 # in any order
    "0 a, 2 b, 4 a":                 [("a", 0, 1), ("b", 2, 3), ("a", 4, 5)],    # a returns
    "0 a, 3 a":                      [("a", 0, 5)],                              # no change at all
    "0 a, 3 b, 3 c":                 [("a", 0, 2), ("c", 3, 5)],                 # the last counts
    "0 a, 3 b, 3 a":                 [("a", 0, 5)],                              # tried and put back
    "2 a":                           [("a", 2, 5)],                              # days 0, 1: no program
    "0 a, 9 b":                      [("a", 0, 5)],                              # after the diary
    "8 a":                           [],
}
# fmt: on


@pytest.mark.parametrize("changes", LOGS)
def test_epochs_follow_the_log(changes: str) -> None:
    found = reliefs("5 5 5 5 5 5", changes)

    spans = [(epoch.program, epoch.first_day, epoch.last_day) for epoch in found.epochs]
    assert spans == [(program, day(first), day(last)) for program, first, last in LOGS[changes]]


def test_a_program_used_twice_is_one_program_over_both_epochs() -> None:
    found = reliefs("9 2 9 6 9 4", "0 a, 2 b, 4 a")

    assert [(each.program, each.epochs, each.days, each.mean) for each in found.programs] == [
        ("a", 2, 2, F(2 + 4, 2)),
        ("b", 1, 1, F(6)),
    ]


def test_equal_programs_share_a_rank_and_the_next_one_comes_after_both() -> None:
    found = reliefs("9 3 3 9 3 3 9 5 5", "0 b, 3 a, 6 c")

    assert [(each.program, each.rank) for each in found.programs] == [("a", 1), ("b", 1), ("c", 3)]
    assert found.leading == ("a", "b")


def test_a_program_with_too_few_days_is_shown_but_not_ranked() -> None:
    found = reliefs("9 0 9 5 5", "0 short, 2 long")

    assert [(each.program, each.rank, each.too_few_days) for each in found.programs] == [
        ("long", 1, False),
        ("short", None, True),
    ]
    assert found.differences[0].too_few_days


def test_a_program_without_a_day_has_no_figure() -> None:
    found = reliefs("9 5 5 9", "0 long, 3 never")

    (_, never) = found.programs
    assert (never.mean, never.reduction.exact, never.rank) == (None, None, None)
    assert found.differences[0].points is None


@pytest.mark.parametrize("baseline", [None, F(0)])
def test_without_a_baseline_above_zero_there_are_points_and_no_percent(baseline: F | None) -> None:
    found = reliefs("9 4 4 9 2 2", "0 a, 3 b", baseline=baseline)

    assert abs(found.differences[0].points or 0) == 2
    assert found.differences[0].percent is None
    assert found.leading == ()


def test_procedure_days_count_in_no_program() -> None:
    found = compute_program_reliefs(
        days("9 9 9 3 3"),
        changes=log("0 a"),
        last_day=day(4),
        baseline_mean=F(8),
        wash_in_days=0,
        left_out=[day(n) for n in range(5) if day(n) in procedure_span(START)],
    )

    assert found.programs[0].values == ((day(3), F(3)), (day(4), F(3)))
    assert found.epochs[0].missing == ()


@pytest.mark.parametrize(("wash_in", "fewest"), [(-1, 2), (1, 0)])
def test_senseless_limits_are_refused(wash_in: int, fewest: int) -> None:
    with pytest.raises(ValueError, match="wash-in is 0 days or more"):
        compute_program_reliefs(
            {}, changes=(), last_day=START, baseline_mean=None, wash_in_days=wash_in, fewest_days=fewest
        )


def test_the_answer_is_plain_enough_to_be_sealed() -> None:
    assert json.loads(canonical_json(asdict(reliefs("7 6 6 6 5 4 - 2", "0 tonic, 4 burst"))))


diaries = st.lists(st.sampled_from(["-", "0", "3", "5", "10"]), min_size=1, max_size=12).map(" ".join)
logs = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from("abc")), max_size=5, unique_by=lambda change: change[0]
)


@unhurried
@given(diaries, logs, st.integers(0, 3))
def test_every_day_from_the_first_change_is_in_exactly_one_epoch(
    scores: str, changes: list[tuple[int, str]], wash_in: int
) -> None:
    last = day(len(scores.split()) - 1)
    found = compute_program_reliefs(
        days(scores),
        changes=[ProgramChange(day(n), name) for n, name in changes],
        last_day=last,
        baseline_mean=F(8),
        wash_in_days=wash_in,
    )

    parts = [
        one
        for epoch in found.epochs
        for one in (*epoch.wash_in, *(when for when, _ in epoch.values), *epoch.missing)
    ]
    begun = min((day(n) for n, _ in changes), default=last + timedelta(days=1))
    assert sorted(parts) == [begun + timedelta(days=n) for n in range((last - begun).days + 1)]


@unhurried
@given(diaries, logs, st.randoms(use_true_random=False))
def test_the_order_of_log_and_diary_is_no_matter(
    scores: str, changes: list[tuple[int, str]], random: Random
) -> None:
    noted = [ProgramChange(day(n), name) for n, name in changes]
    values = list(days(scores).items())
    last = day(len(scores.split()) - 1)
    usual = compute_program_reliefs(dict(values), changes=noted, last_day=last, baseline_mean=F(8))
    random.shuffle(noted)
    random.shuffle(values)

    assert usual == compute_program_reliefs(dict(values), changes=noted, last_day=last, baseline_mean=F(8))


@unhurried
@given(diaries, logs)
def test_a_difference_in_percent_is_the_difference_of_the_reductions(
    scores: str, changes: list[tuple[int, str]]
) -> None:
    found = compute_program_reliefs(
        days(scores),
        changes=[ProgramChange(day(n), name) for n, name in changes],
        last_day=day(12),
        baseline_mean=F(7),
    )
    percent = {each.program: each.reduction.exact for each in found.programs}

    for each in found.differences:
        one, other = percent[each.program], percent[each.other]
        assert each.percent == (None if one is None or other is None else one - other)


def test_a_whole_trial_on_one_program_is_the_plain_reduction() -> None:
    found = reliefs("6 5 4 4", "0 a", wash_in=0)

    assert found.programs[0].reduction == compute_percent_reduction(F(8), trial_mean=F(6 + 5 + 4 + 4, 4))
