"""Lists of work: read together, yet each as its own query has it; and what a trial window still lacks."""

from datetime import date, timedelta
from typing import Any

from apps.accounts.models import Clinic
from apps.outcomes.selectors import Bases
from apps.outcomes.services import assess
from apps.trials.models import FollowUp, StimulationTrial
from apps.trials.rules import read_rulebook
from apps.trials.services import touch_evidence
from apps.workspace import selectors
from apps.workspace.placing import BEFORE, RUNNING
from apps.workspace.work import WORK, Found, find_work
from sctrial.choices import Choice
from sctrial.phases import Phase
from tests.factories import NOW, make_device, make_entries, make_implant, make_patient, make_trial
from tests.factories.deciding import SIGNING, make_decision, make_waiting

TODAY = NOW.date()
OVER = {"ended_on": TODAY, "end_reason": "success"}
AFTER_LEADS = frozenset(Phase) - BEFORE - RUNNING - {Phase.CANCELLED}


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


def bases() -> Bases:
    return selectors.bases_at(NOW, rulebook=read_rulebook())


def find(clinic: Clinic, *, most: int = 2) -> dict[str, Found]:
    return find_work(trials(clinic), bases=bases(), at=NOW, most=most)


def at_phase(clinic: Clinic, phase: Phase, **facts: Any) -> StimulationTrial:
    return make_trial(clinic=clinic, phase=phase.value, **OVER if phase in AFTER_LEADS else {}, **facts)


def decided(clinic: Clinic, choice: Choice) -> StimulationTrial:
    """Signed on a verdict that still stands."""
    trial = at_phase(clinic, Phase.DECIDED)
    make_decision(trial, choice=choice)
    return trial


def followed(clinic: Clinic, *, months_ago: int, seen: tuple[int, ...] = ()) -> StimulationTrial:
    trial = at_phase(clinic, Phase.FOLLOW_UP)
    implant = make_implant(trial, implanted_on=NOW.date() - timedelta(days=31 * months_ago))
    for month in seen:
        FollowUp.objects.create(implant=implant, month=month, seen_on=NOW.date())
    return trial


def lists_with(clinic: Clinic, trial: StimulationTrial) -> set[str]:
    return {code for code, found in find(clinic).items() if trial.pk in {row.trial.pk for row in found.rows}}


def test_every_list_is_what_its_filter_gives(clinic: Clinic) -> None:
    for n in range(4):
        one = running(clinic, planned_end_on=day(2 * n))
        if n % 2:
            make_device(one, at=NOW)
            make_entries(one, {str(TODAY): 5})
    for n in range(3):
        ended = at_phase(clinic, Phase.DECISION_PENDING)
        if n:
            assess(ended.pk, at=NOW)
        make_outdated(clinic)
        at_phase(clinic, Phase.ENDED)
        at_phase(clinic, Phase.REFERRED, lead_placed_on=None)
        decided(clinic, Choice.DEFER)
        followed(clinic, months_ago=2)

    found = find(clinic)

    assert set(found) == set(WORK)
    for code, query in WORK.items():
        rows = list(query(trials(clinic), at=NOW))
        assert rows, f"no trial is in the list {code}: it says nothing"
        assert ([row.trial for row in found[code].rows], found[code].count) == (rows[:2], len(rows)), code


def test_a_list_without_a_trial_is_empty(clinic: Clinic) -> None:
    assert {(one.rows, one.count) for one in find(clinic).values()} == {((), 0)}
