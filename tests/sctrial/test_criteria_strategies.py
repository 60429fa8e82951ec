"""A rule set may declare what an intercurrent event does to the scores. Source: ICH E9(R1), 2019."""

from datetime import date

import pytest

from sctrial.criteria import read_rule_set, shipped_rule_sets
from sctrial.intercurrent import Event, EventKind, Strategy, list_events, undeclared
from sctrial.strict import DocumentError

RULE = """
id = "CLINIC_RULE"
version = "2026.1"
title = "Half the pain, leads left in"
holder = "A clinic"
in_force_from = 2026-01-01
score_kind = "average"

[strategies]
early_removal = "composite"
program_change = "treatment_policy"
procedure_pain = "hypothetical"

[[source]]
text = "Agreed at the clinic's meeting"
mark = "D"

[root]
criterion = "pain_reduction"
id = "target_pain"
label = "Target pain"
threshold = "50%"
"""


def test_the_strategies_of_a_rule_are_applied_to_the_events_of_a_trial() -> None:
    rule = read_rule_set(RULE, origin="clinic.toml")
    days = [date(2026, 10, day) for day in (8, 9, 10, 11)]
    events = [
        Event(EventKind.PROCEDURE_PAIN, date(2026, 10, 8), date(2026, 10, 9)),
        Event(EventKind.EARLY_REMOVAL, date(2026, 10, 11)),
        Event(EventKind.ZONE_SHIFT, date(2026, 10, 10)),
    ]

    rows = list_events(events, strategies=rule.strategies, days=days)

    assert [(row.event.kind, row.strategy, len(row.days_out)) for row in rows] == [
        (EventKind.PROCEDURE_PAIN, Strategy.HYPOTHETICAL, 2),
        (EventKind.ZONE_SHIFT, None, 0),
        (EventKind.EARLY_REMOVAL, Strategy.COMPOSITE, 0),
    ]
    assert [event.kind for event in undeclared(rows)] == [EventKind.ZONE_SHIFT]


def test_a_rule_that_declares_nothing_leaves_every_event_undeclared() -> None:
    without = RULE[: RULE.index("[strategies]")] + RULE[RULE.index("[[source]]") :]

    assert read_rule_set(without, origin="clinic.toml").strategies == {}


def test_no_shipped_rule_declares_what_its_source_does_not() -> None:
    assert [rule.id for rule in shipped_rule_sets() if rule.strategies] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            'earthquake = "composite"',
            "strategies.earthquake: is not a kind of event; use one of: rescue_analgesic",
        ),
        ('crossover = "ignore"', "strategies.crossover: must be one of: treatment_policy, composite"),
        ("crossover = 1", "strategies.crossover: must be one of: treatment_policy"),
    ],
)
def test_an_unknown_event_or_strategy_is_named_with_the_known_ones(line: str, told: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_rule_set(RULE.replace("[strategies]", f"[strategies]\n{line}"), origin="clinic.toml")

    assert told in str(refused.value)


def test_a_rule_with_strategies_can_still_be_kept_in_a_set() -> None:
    once, again = (read_rule_set(RULE, origin="clinic.toml") for _ in range(2))

    assert len({once, again}) == 1
