"""Which trial stands in which list: by its phase, by what was decided, by the days that are near."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from apps.accounts.models import Clinic
from apps.workspace.placing import place, statement_of
from apps.workspace.work import WORK
from sctrial.choices import Choice
from sctrial.phases import Phase
from tests.apps.workspace.test_work import (
    at_phase,
    bases,
    day,
    decided,
    followed,
    lists_with,
    running,
    trials,
)
from tests.factories import NOW, make_device, make_entries, make_trial


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (Phase.REFERRED, "before"),
        (Phase.ELIGIBILITY, "before"),
        (Phase.AUTHORISED, "before"),
        (Phase.BASELINE_DIARY, "running"),
        (Phase.LEAD_PLACED, "running"),
        (Phase.TRIAL_ACTIVE, "running"),
        (Phase.ENDED, "hand_over"),
        (Phase.DECISION_PENDING, "waiting"),
        (Phase.CANCELLED, ""),
        (Phase.WITHDRAWN, ""),
        (Phase.EXPLANTED, ""),
    ],
)
def test_every_open_trial_stands_in_a_list_by_its_phase(clinic: Clinic, phase: Phase, expected: str) -> None:
    """DECIDED hangs on what was decided, IMPLANTED and FOLLOW_UP on the next visit: the two tests below."""
    found = lists_with(clinic, at_phase(clinic, phase))

    assert expected in found if expected else not found


@pytest.mark.parametrize("choice", list(Choice))
def test_what_was_decided_is_listed_until_it_is_done(clinic: Clinic, choice: Choice) -> None:
    """Without an implant nothing is left to do; every other decision asks for a next step."""
    expected = set() if choice is Choice.NO_IMPLANT else {"deferred"}

    assert lists_with(clinic, decided(clinic, choice)) == expected


def test_a_repeat_is_done_when_the_next_trial_is_there(clinic: Clinic) -> None:
    trial = decided(clinic, Choice.REPEAT_TRIAL)

    make_trial(clinic=clinic, patient=trial.patient, repeat_number=2)

    assert lists_with(clinic, trial) == set()


@pytest.mark.parametrize(
    ("months_ago", "seen", "is_due"),
    [
        (0, (), False),
        (1, (), True),
        (1, (1,), False),
        (4, (1,), True),
        (4, (1, 3), False),
        (25, (1, 3, 6, 12), True),
        (25, (1, 3, 6, 12, 24), False),
    ],
)
def test_a_visit_is_due_from_its_day_until_it_is_recorded(
    clinic: Clinic, months_ago: int, seen: tuple[int, ...], is_due: bool
) -> None:
    trial = followed(clinic, months_ago=months_ago, seen=seen)

    assert lists_with(clinic, trial) == ({"due"} if is_due else set())


def test_a_trial_whose_evenings_are_all_in_asks_for_nothing_at_its_end(clinic: Clinic) -> None:
    """Planned to end today; the window is its last three days."""
    trial = running(clinic, planned_end_on=day(0), trial_window="last-n-days:3")
    make_entries(trial, {str(day(-2)): 3, str(day(-1)): 3})
    assert lists_with(clinic, trial) >= {"ending"}

    make_entries(trial, {str(day(0)): 3})

    assert "ending" not in lists_with(clinic, trial)


@pytest.mark.parametrize(
    ("planned_end", "is_ending"),
    [(day(4), False), (day(3), True), (day(0), True), (day(-1), True), (None, False)],
)
def test_a_trial_ends_soon_when_its_planned_end_is_at_most_three_days_away(
    clinic: Clinic, planned_end: date | None, is_ending: bool
) -> None:
    running(clinic, planned_end_on=planned_end)

    assert WORK["ending"](trials(clinic), at=NOW).exists() is is_ending


def test_before_the_leads_are_in_nothing_ends(clinic: Clinic) -> None:
    running(clinic, planned_end_on=day(1), phase=Phase.BASELINE_DIARY.value)

    assert not WORK["ending"](trials(clinic), at=NOW).exists()


def test_a_phone_that_was_revoked_is_none(clinic: Clinic) -> None:
    trial = running(clinic)
    device, _ = make_device(trial, at=NOW)
    assert not WORK["unpaired"](trials(clinic), at=NOW).exists()

    type(device).objects.update(revoked_at=NOW)

    assert WORK["unpaired"](trials(clinic), at=NOW).get().pk == trial.pk


# --- the statement that is kept ---


def test_a_statement_that_is_kept_answers_its_own_question_alone(
    clinic: Clinic, other_clinic: Clinic
) -> None:
    """Of another clinic, and of another day: a visit is due once a month has passed."""
    own, strange = followed(clinic, months_ago=0), running(other_clinic)
    statement_of.cache_clear()

    def listed(one: Clinic, *, days: int) -> dict[str, list[UUID]]:
        placed = place(trials(one), bases=bases(), at=NOW + timedelta(days=days))
        return {code: ids for code, ids in placed.lists.items() if ids}

    for _ in range(2):
        assert listed(clinic, days=0) == {}
        assert listed(clinic, days=40) == {"due": [own.pk]}
        running_out = ("silent", "unpaired", "running", "ending")
        assert listed(other_clinic, days=0) == {code: [strange.pk] for code in running_out}
    assert (statement_of.cache_info().misses, statement_of.cache_info().hits) == (3, 3)
