"""Lists of work: read together, yet each as its own query has it; and what a trial window still lacks."""

from datetime import date, timedelta

import pytest

from apps.accounts.models import Clinic
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from apps.trials.rules import read_rulebook
from apps.trials.services import touch_evidence
from apps.workspace import selectors
from apps.workspace.work import Evenings, evenings_of, find_work
from sctrial.phases import Phase
from tests.factories import NOW, make_device, make_entries, make_patient, make_trial
from tests.factories.deciding import SIGNING, make_decision, make_waiting

TODAY = NOW.date()


def day(n: int) -> date:
    """``n`` days from today."""
    return TODAY + timedelta(days=n)


def running(clinic: Clinic, **facts: object) -> StimulationTrial:
    patient = make_patient(clinic=clinic, zone="UTC")
    return make_trial(clinic=clinic, patient=patient, diary_from=day(-12), lead_placed_on=day(-5), **facts)


def make_outdated(clinic: Clinic) -> StimulationTrial:
    """Decided when half of the pain was gone; then only one evening turns out to be under stimulation."""
    trial = make_waiting(clinic)
    make_decision(trial)
    StimulationTrial.objects.filter(pk=trial.pk).update(
        phase=Phase.DECIDED.value, lead_placed_on=date(2026, 10, 11)
    )
    touch_evidence(trial.pk)
    assess(trial.pk, at=SIGNING)
    return trial


def trials(clinic: Clinic) -> selectors.Trials:
    return selectors.trials_in([clinic.pk])


def test_read_together_every_list_is_what_its_own_query_gives(clinic: Clinic) -> None:
    for n in range(4):
        one = running(clinic, planned_end_on=day(2 * n))
        if n % 2:
            make_device(one, at=NOW)
            make_entries(one, {str(TODAY): 5})
    for n in range(3):
        ended = make_trial(
            clinic=clinic, phase=Phase.DECISION_PENDING.value, ended_on=day(-n), end_reason="success"
        )
        if n:
            assess(ended.pk, at=NOW)
        make_outdated(clinic)

    found = find_work(trials(clinic), rulebook=read_rulebook(), at=NOW, most=2)

    assert set(found) == set(selectors.WORK)
    for code, query in selectors.WORK.items():
        rows = list(query(trials(clinic), at=NOW))
        assert rows, f"no trial is in the list {code}: it says nothing"
        assert (list(found[code].trials), found[code].count) == (rows[:2], len(rows)), code


def test_a_list_without_a_trial_is_empty(clinic: Clinic) -> None:
    found = find_work(trials(clinic), rulebook=read_rulebook(), at=NOW, most=2)

    assert {(one.trials, one.count) for one in found.values()} == {((), 0)}


@pytest.mark.parametrize(
    ("planned_end", "is_ending"),
    [(day(4), False), (day(3), True), (day(0), True), (day(-1), True), (None, False)],
)
def test_a_trial_ends_soon_when_its_planned_end_is_at_most_three_days_away(
    clinic: Clinic, planned_end: date | None, is_ending: bool
) -> None:
    running(clinic, planned_end_on=planned_end)

    assert selectors.ending(trials(clinic), at=NOW).exists() is is_ending


def test_before_the_leads_are_in_nothing_ends(clinic: Clinic) -> None:
    running(clinic, planned_end_on=day(1), phase=Phase.BASELINE_DIARY.value)

    assert not selectors.ending(trials(clinic), at=NOW).exists()


def test_a_phone_that_was_revoked_is_none(clinic: Clinic) -> None:
    trial = running(clinic)
    device, _ = make_device(trial, at=NOW)
    assert not selectors.unpaired(trials(clinic), at=NOW).exists()

    type(device).objects.update(revoked_at=NOW)

    assert selectors.unpaired(trials(clinic), at=NOW).get().pk == trial.pk


# Leads five days ago, the planned end tomorrow: days -5 to +1.
@pytest.mark.parametrize(
    ("window", "answered", "expected"),
    [
        ("last-n-days:3", [], (0, 1, 2)),
        ("last-n-days:3", [-1], (1, 0, 2)),
        ("last-n-days:3", [-1, 0], (2, 0, 1)),
        ("last-n-days:3", [-1, 0, 1], (3, 0, 0)),
        # A baseline day, and one before the window, answer nothing in it.
        ("last-n-days:3", [-6, -2], (0, 1, 2)),
        ("last-n-days:30", [], (0, 5, 2)),
        ("whole-phase", [-5, -4], (2, 3, 2)),
        ("exclude-first-n-days:2", [-5, -4], (0, 3, 2)),
    ],
)
def test_the_window_of_the_planned_end_says_which_evenings_are_needed(
    clinic: Clinic, window: str, answered: list[int], expected: tuple[int, int, int]
) -> None:
    trial = running(clinic, planned_end_on=day(1), trial_window=window)

    found = evenings_of(trial, answered={day(n) for n in answered}, today=TODAY)

    assert found is not None
    assert (found.answered, found.missed, found.left) == expected


@pytest.mark.parametrize("missing", ["planned_end_on", "lead_placed_on"])
def test_without_leads_or_a_planned_end_there_is_no_such_window(clinic: Clinic, missing: str) -> None:
    trial = running(clinic, planned_end_on=day(1))
    setattr(trial, missing, None)

    assert evenings_of(trial, answered=set(), today=TODAY) is None


@pytest.mark.parametrize(
    ("answered", "missed", "left", "words"),
    [
        (1, 0, 2, "2 more evenings needed by Thursday 15 October"),
        (2, 0, 1, "1 more evening needed by Thursday 15 October"),
        (1, 1, 1, "1 more evening needed by Thursday 15 October; 1 missed"),
        (2, 1, 0, "1 missed"),
        (3, 0, 0, "every evening is in"),
    ],
)
def test_it_is_said_as_one_says_it_on_the_phone(answered: int, missed: int, left: int, words: str) -> None:
    assert str(Evenings(answered=answered, missed=missed, left=left, by=date(2026, 10, 15))) == words
