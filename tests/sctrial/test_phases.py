"""The road of a trial, and where a diary day belongs."""

from datetime import date
from itertools import pairwise

import pytest

from sctrial.phases import (
    TRANSITIONS,
    CannotMove,
    DiaryPhase,
    EndReason,
    Phase,
    can_move,
    check_can_move,
    diary_phase_of,
)

USUAL_ROAD = [
    Phase.REFERRED, Phase.ELIGIBILITY, Phase.AUTHORISED, Phase.BASELINE_DIARY, Phase.LEAD_PLACED,
    Phase.TRIAL_ACTIVE, Phase.ENDED, Phase.DECISION_PENDING, Phase.DECIDED, Phase.IMPLANTED, Phase.FOLLOW_UP,
]  # fmt: skip


def test_every_phase_stands_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Phase)


@pytest.mark.parametrize(("current", "following"), list(pairwise(USUAL_ROAD)))
def test_the_usual_road_is_open(current: Phase, following: Phase) -> None:
    assert can_move(current, to=following)
    check_can_move(current, to=following)


def test_no_phase_follows_itself() -> None:
    assert not any(can_move(phase, to=phase) for phase in Phase)


def test_every_phase_can_be_reached_from_the_referral() -> None:
    reached, edge = {Phase.REFERRED}, {Phase.REFERRED}
    while edge:
        edge = {after for phase in edge for after in TRANSITIONS[phase]} - reached
        reached |= edge

    assert reached == set(Phase)


def test_nothing_is_cancelled_once_a_lead_is_in() -> None:
    after_the_lead = set(Phase) - set(USUAL_ROAD[:4])

    assert not any(can_move(phase, to=Phase.CANCELLED) for phase in after_the_lead)


def test_a_closed_road_is_refused_with_the_open_ones() -> None:
    with pytest.raises(
        CannotMove, match="'referred' cannot become 'implanted'; it can become: eligibility, cancelled"
    ):
        check_can_move(Phase.REFERRED, to=Phase.IMPLANTED)


def test_a_final_state_says_that_it_is_final() -> None:
    with pytest.raises(CannotMove, match="this is a final state"):
        check_can_move(Phase.EXPLANTED, to=Phase.FOLLOW_UP)


# fmt: off
DIARY_DAYS = [
    (date(2026, 3, 9),  date(2026, 3, 10), DiaryPhase.BASELINE),
    (date(2026, 3, 10), date(2026, 3, 10), DiaryPhase.TRIAL),
    (date(2026, 3, 11), date(2026, 3, 10), DiaryPhase.TRIAL),
    (date(2026, 3, 11), None,              DiaryPhase.BASELINE),
]
# fmt: on


@pytest.mark.parametrize(("day", "placed", "phase"), DIARY_DAYS)
def test_the_day_of_lead_placement_is_the_first_day_of_the_trial(
    day: date, placed: date | None, phase: DiaryPhase
) -> None:
    assert diary_phase_of(day, lead_placed_on=placed) is phase


def test_end_reasons_are_written_as_their_names() -> None:
    assert all(reason.value == reason.name.lower() for reason in EndReason)
