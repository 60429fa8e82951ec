"""Leads go in past an active infection, or an anticoagulant without a plan, when somebody says why."""

from datetime import date, timedelta
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.patients.models import PainRegions
from apps.patients.services import Act, keep
from apps.trials.cautions import ANTICOAGULANT, INFECTION, TARGET, cautions_of, notes_of
from apps.trials.models import StimulationTrial
from apps.trials.services import move_trial
from sctrial.phases import CannotMove, Phase
from tests.factories import NOW, make_review, make_trial

pytestmark = pytest.mark.django_db
ON = date(2026, 10, 8)
# fmt: off
REVIEWS: list[tuple[dict[str, Any], list[str]]] = [
    # the review says                                              warned of
    ({},                                                           []),
    ({"active_infection": False, "anticoagulant": "none"},         []),
    ({"active_infection": True},                                   [INFECTION]),
    ({"anticoagulant": "no_plan"},                                 [ANTICOAGULANT]),
    ({"active_infection": True, "anticoagulant": "no_plan"},       [INFECTION, ANTICOAGULANT]),
]
# fmt: on


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, phase=Phase.BASELINE_DIARY.value, lead_placed_on=None)


def place(trial: StimulationTrial, *, reason: str = "") -> None:
    move_trial(trial, to=Phase.LEAD_PLACED, by="job:test", at=NOW, on=ON, reason=reason)


@pytest.mark.parametrize(("says", "warned"), REVIEWS)
def test_what_the_newest_review_warns_of_is_told_before_the_leads_go_in(
    trial: StimulationTrial, says: dict[str, Any], warned: list[str]
) -> None:
    make_review(trial.patient, **says)

    assert cautions_of(trial) == warned
    if not warned:
        place(trial)
        return
    with pytest.raises(CannotMove, match="Say why the leads go in all the same"):
        place(trial)
    place(trial, reason="emergency use, agreed with the surgeon")
    assert AuditEvent.objects.get(action="move").reason == "emergency use, agreed with the surgeon"


def test_a_review_that_was_made_anew_is_the_one_that_counts(trial: StimulationTrial) -> None:
    make_review(trial.patient, active_infection=True)
    make_review(trial.patient, active_infection=False)

    assert cautions_of(trial) == []


# fmt: off
TARGETS: list[tuple[list[str], list[str], list[str]]] = [
    # target                   marked on the body map     warned of
    (["low_back"],             ["low_back", "head"],      []),
    (["low_back", "head"],     ["low_back"],              [TARGET]),
    (["low_back"],             [],                        [TARGET]),
    # Written in words alone, as older trials are.
    ([],                       ["low_back"],              []),
]
# fmt: on


@pytest.mark.parametrize(("target", "marked", "warned"), TARGETS)
def test_leads_go_in_for_a_target_that_nobody_marked_when_somebody_says_why(
    trial: StimulationTrial, target: list[str], marked: list[str], warned: list[str]
) -> None:
    make_review(trial.patient)
    trial.target_regions = ", ".join(target)
    trial.save()
    if marked:
        keep(PainRegions, trial.patient, values={"regions": marked}, act=Act("staff:1", NOW))

    assert cautions_of(trial) == warned
    if warned:
        with pytest.raises(CannotMove, match="not marked on the body map"):
            place(trial)
    place(trial, reason="marked on paper only" if warned else "")


TODAY = date(2026, 10, 1)


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


# fmt: off
NOTES = [
    # leads   screened  valid until  told
    (None,    None,     None,        []),
    (None,    -27,      0,           ["27 days old"]),
    (None,    -28,      -1,          ["28 days old", "less than 4 weeks before", "had run out"]),
    # Once the leads are in, their day decides.
    (-7,      -28,      -7,          ["21 days old"]),
    (-7,      -28,      -8,          ["21 days old", "had run out"]),
    (-7,      -6,       None,        []),
]
# fmt: on


@pytest.mark.parametrize(("placed", "screened", "expires", "told"), NOTES)
def test_where_leads_go_in_the_age_of_a_screen_is_shown_and_a_past_authorisation_named(
    placed: int | None, screened: int | None, expires: int | None, told: list[str]
) -> None:
    trial = StimulationTrial(lead_placed_on=None if placed is None else on(placed))
    days = {"mrsa_on": screened, "expires_on": expires}
    found = {name: None if day is None else on(day) for name, day in days.items()}

    notes = notes_of(trial, found=found, today=TODAY)

    assert len(notes) == len(told)
    assert all(words in note for words, note in zip(told, notes, strict=True))
