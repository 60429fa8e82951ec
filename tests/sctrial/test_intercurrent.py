"""Intercurrent events: every event is listed with its strategy, and what each strategy does to the days."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.intercurrent import (
    Event,
    EventKind,
    Strategy,
    days_that_count,
    list_events,
    settle_events,
    undeclared,
)
from sctrial.kleene import Answer
from sctrial.seal import canonical_json

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
START = date(2026, 3, 10)
DAYS = {START + timedelta(days=n): F(n) for n in range(6)}


def event(kind: EventKind, first: int, last: int | None = None) -> Event:
    return Event(kind, START + timedelta(days=first), None if last is None else START + timedelta(days=last))


RESCUE = event(EventKind.RESCUE_ANALGESIC, 2, 3)

# fmt: off
#   strategy for rescue on days 2 and 3      days that count      a verdict of "met" becomes
STRATEGIES = {
    Strategy.TREATMENT_POLICY:   ([0, 1, 2, 3, 4, 5],   Answer.MET),
    Strategy.COMPOSITE:          ([0, 1, 2, 3, 4, 5],   Answer.NOT_MET),
    Strategy.WHILE_ON_TREATMENT: ([0, 1],               Answer.MET),
    Strategy.HYPOTHETICAL:       ([0, 1, 4, 5],         Answer.MET),
    Strategy.PRINCIPAL_STRATUM:  ([0, 1, 2, 3, 4, 5],   Answer.MET),
}
# fmt: on


@pytest.mark.parametrize("strategy", Strategy)
def test_each_strategy_does_to_days_and_answer_what_it_says(strategy: Strategy) -> None:
    kept, answer = STRATEGIES[strategy]

    rows = list_events([RESCUE], strategies={RESCUE.kind: strategy}, days=DAYS)

    assert list(days_that_count(DAYS, rows=rows).values()) == kept
    assert settle_events(Answer.MET, rows=rows) is answer
    assert strategy.meaning.endswith(".")


def test_an_event_still_going_on_has_no_last_day() -> None:
    off = event(EventKind.STIMULATION_OFF, 4)

    (row,) = list_events([off], strategies={off.kind: Strategy.HYPOTHETICAL}, days=DAYS)

    assert row.days_out == (START + timedelta(days=4), START + timedelta(days=5))


def test_every_event_is_listed_also_those_nobody_declared_anything_for() -> None:
    change = event(EventKind.PROGRAM_CHANGE, 1)

    rows = list_events(
        [RESCUE, change], strategies={EventKind.PROGRAM_CHANGE: Strategy.TREATMENT_POLICY}, days=DAYS
    )

    assert [(row.event, row.strategy) for row in rows] == [
        (change, Strategy.TREATMENT_POLICY),
        (RESCUE, None),
    ]
    assert undeclared(rows) == (RESCUE,)
    assert days_that_count(DAYS, rows=rows) == DAYS


def test_a_composite_event_decides_where_the_scores_cannot() -> None:
    rows = list_events([RESCUE], strategies={RESCUE.kind: Strategy.COMPOSITE}, days=())

    assert settle_events(Answer.NOT_EVALUABLE, rows=rows) is Answer.NOT_MET


def test_a_strategy_for_an_event_that_did_not_happen_does_nothing() -> None:
    rows = list_events([], strategies=dict.fromkeys(EventKind, Strategy.COMPOSITE), days=DAYS)

    assert rows == ()
    assert settle_events(Answer.MET, rows=rows) is Answer.MET


events = st.lists(
    st.builds(event, st.sampled_from(EventKind), st.integers(0, 6), st.none() | st.integers(0, 8)), max_size=6
)
mappings = st.dictionaries(st.sampled_from(EventKind), st.sampled_from(Strategy))


@unhurried
@given(events, mappings, st.randoms(use_true_random=False))
def test_no_event_is_lost_and_their_order_is_no_matter(
    given_events: list[Event], mapping: dict[EventKind, Strategy], random: Random
) -> None:
    rows = list_events(given_events, strategies=mapping, days=DAYS)

    shuffled = random.sample(given_events, len(given_events))
    assert sorted(map(repr, (row.event for row in rows))) == sorted(map(repr, given_events))
    assert list_events(shuffled, strategies=mapping, days=DAYS) == rows


@unhurried
@given(events, mappings)
def test_a_day_that_counts_keeps_its_score(
    given_events: list[Event], mapping: dict[EventKind, Strategy]
) -> None:
    rows = list_events(given_events, strategies=mapping, days=DAYS)

    assert days_that_count(DAYS, rows=rows).items() <= DAYS.items()


def test_the_table_is_plain_enough_to_be_sealed() -> None:
    (row,) = list_events([RESCUE], strategies={}, days=DAYS)

    assert json.loads(canonical_json(asdict(row)))
