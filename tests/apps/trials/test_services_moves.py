"""A trial moves by the table of steps: by whom it may, from where the page said, and with its trace."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.audit.reasons import Why
from apps.patients.models import Diagnosis
from apps.patients.services import keep, void
from apps.trials.models import Explant, StimulationTrial
from apps.trials.services import move_trial
from apps.trials.steps import StalePhase
from sctrial.choices import Choice
from sctrial.phases import STEPS, CannotMove, EndReason, Need, Phase, Step, Who, can_move
from tests.factories import (
    NOW,
    make_event,
    make_implant,
    make_lead,
    make_review,
    make_staff,
    make_stimulator,
    make_trial,
)
from tests.factories.before import ACT
from tests.factories.deciding import make_decision

pytestmark = pytest.mark.django_db(transaction=True)
LEADS_ON, LAST = date(2026, 10, 8), date(2026, 10, 12)
BEFORE_LEADS = {Phase.REFERRED, Phase.ELIGIBILITY, Phase.AUTHORISED, Phase.BASELINE_DIARY, Phase.CANCELLED}
RUNNING = {Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE}
ENDED = {"ended_on": LAST, "end_reason": EndReason.SUCCESS.value}


def standing_at(phase: Phase, *, clinic: Clinic, **facts: Any) -> StimulationTrial:
    """A trial with all that its phase says of dates."""
    placed = None if phase in BEFORE_LEADS else LEADS_ON
    ended = {} if phase in BEFORE_LEADS | RUNNING else ENDED
    return make_trial(clinic=clinic, phase=phase.value, lead_placed_on=placed, **ended, **facts)


def given_with(step: Step) -> dict[str, Any]:
    """What the table asks to be given with this step, and nothing else."""
    day = LEADS_ON if step.to is Phase.LEAD_PLACED else LAST
    given: dict[str, Any] = {"on": day} if step.sets else {}
    if Need.END_REASON in step.sets:
        given["end_reason"] = EndReason.SUCCESS
    return given | ({"reason": "told by phone"} if step.wants_reason else {})


def nothing(trial: StimulationTrial) -> None:
    pass


def a_lead_and_its_stimulator(trial: StimulationTrial) -> None:
    make_lead(trial)
    make_stimulator(trial)


def an_implant_seen_once(trial: StimulationTrial) -> None:
    make_implant(trial).follow_ups.create(month=1, seen_on=LAST)


def an_implant_taken_out(trial: StimulationTrial) -> None:
    Explant.objects.create(implant=make_implant(trial), explanted_on=LAST, reason="infection")


def an_implant_that_was_decided(trial: StimulationTrial) -> None:
    make_decision(trial)
    make_implant(trial)


def a_diagnosis(trial: StimulationTrial) -> None:
    keep(Diagnosis, trial.patient, values={"code": "M96.1", "body_region": "low_back"}, act=ACT)


def a_review(trial: StimulationTrial) -> None:
    make_review(trial.patient)


# fmt: off
FIRST_RECORDED: dict[tuple[Phase, Phase], Callable[[StimulationTrial], object]] = {
    (Phase.REFERRED,    Phase.ELIGIBILITY):  a_diagnosis,
    (Phase.ELIGIBILITY, Phase.AUTHORISED):   a_review,
    (Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE): a_lead_and_its_stimulator,
    (Phase.DECIDED,     Phase.IMPLANTED):    an_implant_that_was_decided,
    (Phase.IMPLANTED,   Phase.FOLLOW_UP):    an_implant_seen_once,
    (Phase.IMPLANTED,   Phase.EXPLANTED):    an_implant_taken_out,
    (Phase.FOLLOW_UP,   Phase.EXPLANTED):    an_implant_taken_out,
}
# fmt: on


def ready_for(step: Step, *, clinic: Clinic) -> StimulationTrial:
    trial = standing_at(step.start, clinic=clinic)
    FIRST_RECORDED.get((step.start, step.to), nothing)(trial)
    return trial


def by(user: User) -> str:
    return f"staff:{user.pk}"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.start}-{step.to}")
def test_each_step_of_the_table_is_taken_by_its_roles_and_by_no_other(
    clinic: Clinic, other_clinic: Clinic, step: Step
) -> None:
    for role in Role:
        trial = ready_for(step, clinic=clinic)
        user = make_staff(f"{role}", clinic=clinic, role=role)
        may = role.value in {who.value for who in step.by}
        if may:
            moved = move_trial(trial, to=step.to, by=by(user), at=NOW, **given_with(step))
            assert moved.phase == step.to
        else:
            with pytest.raises(CannotMove, match="taken by"):
                move_trial(trial, to=step.to, by=by(user), at=NOW, **given_with(step))
        trial.refresh_from_db()
        assert trial.phase == (step.to if may else step.start)

    foreign = make_staff("foreign", clinic=other_clinic, role=Role.CLINICIAN)
    with pytest.raises(CannotMove, match="taken by"):
        move_trial(
            ready_for(step, clinic=clinic),
            to=step.to,
            by=by(foreign),
            at=NOW,
            **given_with(step),
        )


@pytest.mark.parametrize("start", list(Phase))
def test_every_way_that_the_table_has_not_is_refused(clinic: Clinic, start: Phase) -> None:
    trial = standing_at(start, clinic=clinic)
    for to in Phase:
        if not can_move(start, to=to):
            with pytest.raises(CannotMove, match="cannot become"):
                move_trial(trial, to=to, by="job:test", at=NOW, reason="any", on=LAST)

    trial.refresh_from_db()
    assert trial.phase == start


@pytest.mark.parametrize(
    "step",
    [step for step in STEPS if step.sets or step.wants_reason],
    ids=lambda step: f"{step.start}-{step.to}",
)
def test_a_step_without_what_it_asks_for_is_refused(clinic: Clinic, step: Step) -> None:
    for left_out in given_with(step):
        given = {name: value for name, value in given_with(step).items() if name != left_out}
        with pytest.raises(CannotMove, match="needs"):
            move_trial(ready_for(step, clinic=clinic), to=step.to, by="job:test", at=NOW, **given)


@pytest.mark.parametrize("way", list(FIRST_RECORDED), ids=lambda way: f"{way[0]}-{way[1]}")
def test_a_step_without_what_comes_first_is_refused(clinic: Clinic, way: tuple[Phase, Phase]) -> None:
    start, to = way
    trial = standing_at(start, clinic=clinic)

    with pytest.raises(CannotMove, match="not recorded yet"):
        move_trial(trial, to=to, by="job:test", at=NOW, reason="told by phone")


def test_a_review_that_was_struck_out_opens_nothing(clinic: Clinic) -> None:
    trial = standing_at(Phase.ELIGIBILITY, clinic=clinic)
    void(make_review(trial.patient), act=ACT, why=Why("wrong_place", "another patient's"))

    with pytest.raises(CannotMove, match="an eligibility review"):
        move_trial(trial, to=Phase.AUTHORISED, by="job:test", at=NOW)


# fmt: off
OPEN_ENDS = [
    # a lead                       an adverse event              lacks
    ({"removed_on": LAST},         {},                           ""),
    ({"is_kept": True},            {},                           ""),
    ({},                           {},                           "whether each lead was removed or kept"),
    ({"removed_on": LAST},         {"action": ""},               "action and outcome of each adverse event"),
    ({"removed_on": LAST},         {"outcome": ""},              "action and outcome of each adverse event"),
    ({"removed_on": LAST},         {"outcome": "not_recovered"}, ""),
]
# fmt: on


@pytest.mark.parametrize(("lead", "event", "lacks"), OPEN_ENDS)
def test_nothing_is_handed_over_for_the_decision_with_open_ends(
    clinic: Clinic, lead: dict[str, Any], event: dict[str, Any], lacks: str
) -> None:
    trial = standing_at(Phase.ENDED, clinic=clinic)
    make_lead(trial, **lead)
    make_event(trial, **event)

    if lacks:
        with pytest.raises(CannotMove, match=lacks):
            move_trial(trial, to=Phase.DECISION_PENDING, by="job:test", at=NOW)
    else:
        assert move_trial(trial, to=Phase.DECISION_PENDING, by="job:test", at=NOW)


# fmt: off
CAUSES = [
    # ended because                            what failed      taken
    (EndReason.TECHNICAL_FAILURE,              "migration",     True),
    (EndReason.TECHNICAL_FAILURE,              "",              False),
    (EndReason.TECHNICAL_FAILURE,              "bad luck",      False),
    (EndReason.FAILURE_INADEQUATE_RELIEF,      "",              True),
    (EndReason.FAILURE_INADEQUATE_RELIEF,      "migration",     True),
]
# fmt: on


@pytest.mark.parametrize(("reason", "cause", "taken"), CAUSES)
def test_a_technical_failure_says_what_failed_and_no_other_end_does(
    clinic: Clinic, reason: EndReason, cause: str, taken: bool
) -> None:
    trial = standing_at(Phase.TRIAL_ACTIVE, clinic=clinic)
    end: dict[str, Any] = {"to": Phase.ENDED, "by": "job:test", "at": NOW, "on": LAST}
    if taken:
        kept = cause if reason is EndReason.TECHNICAL_FAILURE else ""
        moved = move_trial(trial, **end, end_reason=reason, technical_cause=cause)
        assert (moved.end_reason, moved.technical_cause) == (reason, kept)
    else:
        with pytest.raises(CannotMove, match="what failed, after a technical failure"):
            move_trial(trial, **end, end_reason=reason, technical_cause=cause)


def test_the_end_of_a_trial_ends_its_running_program_and_no_other(clinic: Clinic) -> None:
    trial = standing_at(Phase.TRIAL_ACTIVE, clinic=clinic)
    for name, start, end in (("A", LEADS_ON, date(2026, 10, 9)), ("B", date(2026, 10, 9), None)):
        trial.programs.create(name=name, waveform="tonic", started_on=start, ended_on=end)
    ending: dict[str, Any] = {"to": Phase.ENDED, "by": "job:test", "at": NOW, "end_reason": EndReason.SUCCESS}

    with pytest.raises(CannotMove, match="a program starts after 2026-10-08"):
        move_trial(trial, **ending, on=LEADS_ON)
    move_trial(trial, **ending, on=LAST)

    assert dict(trial.programs.values_list("name", "ended_on")) == {"A": date(2026, 10, 9), "B": LAST}


@pytest.mark.parametrize("reason", ["", "  ", "x", " a b "])
def test_a_reason_can_be_read(clinic: Clinic, reason: str) -> None:
    trial = standing_at(Phase.REFERRED, clinic=clinic)

    with pytest.raises(CannotMove, match="a reason of at least 3 characters"):
        move_trial(trial, to=Phase.CANCELLED, by="job:test", at=NOW, reason=reason)


# fmt: off
DAYS = [
    # from                to                 day                                 refused because
    (Phase.BASELINE_DIARY, Phase.LEAD_PLACED, date(2026, 9, 30),                 "before the diary began"),
    (Phase.BASELINE_DIARY, Phase.LEAD_PLACED, date(2026, 10, 1),                 ""),
    (Phase.BASELINE_DIARY, Phase.LEAD_PLACED, NOW.date(),                        ""),
    (Phase.BASELINE_DIARY, Phase.LEAD_PLACED, NOW.date() + timedelta(days=1),    "still to come"),
    (Phase.TRIAL_ACTIVE,   Phase.ENDED,       LEADS_ON - timedelta(days=1),      "before the leads"),
    (Phase.TRIAL_ACTIVE,   Phase.ENDED,       LEADS_ON,                          ""),
    (Phase.TRIAL_ACTIVE,   Phase.ENDED,       NOW.date() + timedelta(days=1),    "still to come"),
]
# fmt: on


@pytest.mark.parametrize(("start", "to", "day", "refused"), DAYS)
def test_the_day_of_a_step_lies_between_what_was_and_today(
    clinic: Clinic, start: Phase, to: Phase, day: date, refused: str
) -> None:
    trial, reason = standing_at(start, clinic=clinic), EndReason.SUCCESS
    if refused:
        with pytest.raises(CannotMove, match=refused):
            move_trial(trial, to=to, by="job:test", at=NOW, on=day, end_reason=reason)
    else:
        assert move_trial(trial, to=to, by="job:test", at=NOW, on=day, end_reason=reason).phase == to


def test_who_acts_on_an_old_page_is_told_so(clinic: Clinic) -> None:
    trial = standing_at(Phase.DECISION_PENDING, clinic=clinic)

    with pytest.raises(StalePhase, match="'decision_pending' by now, the page showed 'ended'"):
        move_trial(trial, to=Phase.DECIDED, by="job:test", at=NOW, expected=Phase.ENDED)
    assert move_trial(trial, to=Phase.DECIDED, by="job:test", at=NOW, expected=Phase.DECISION_PENDING)


def test_a_step_leaves_its_trace_and_the_evidence_is_newer_only_when_it_changed(clinic: Clinic) -> None:
    trial = standing_at(Phase.AUTHORISED, clinic=clinic)
    move_trial(trial, to=Phase.BASELINE_DIARY, by="job:test", at=NOW)
    trial.refresh_from_db()
    before = trial.evidence_version
    move_trial(trial, to=Phase.LEAD_PLACED, by="job:test", at=NOW, on=LEADS_ON, request_id="r1")
    trial.refresh_from_db()

    event = AuditEvent.objects.filter(object_type="trial", object_id=str(trial.pk)).first()
    assert event is not None
    assert (before, trial.evidence_version) == (0, 1)
    assert (event.action, event.actor, event.request_id) == ("move", "job:test", "r1")
    assert event.detail == {
        "from": "baseline_diary",
        "to": "lead_placed",
        "fields": ["lead_placed_on", "phase"],
    }


def test_a_trial_whose_rule_set_nobody_knows_does_not_begin(clinic: Clinic) -> None:
    trial = standing_at(Phase.AUTHORISED, clinic=clinic, rule_set_id="NOBODY_KNOWS")

    with pytest.raises(CannotMove, match="not recorded yet: the rule set and both windows"):
        move_trial(trial, to=Phase.BASELINE_DIARY, by="job:test", at=NOW)


def test_the_roles_of_the_table_are_roles_of_the_house() -> None:
    assert {who.value for who in Who} < {role.value for role in Role}


@pytest.mark.parametrize("choice", [None, *(choice for choice in Choice if choice is not Choice.IMPLANT)])
def test_no_implant_is_recorded_that_nobody_decided_on(clinic: Clinic, choice: Choice | None) -> None:
    trial = standing_at(Phase.DECIDED, clinic=clinic)
    make_implant(trial)
    if choice is not None:
        make_decision(trial, choice=choice)

    with pytest.raises(CannotMove, match="a signed decision to implant"):
        move_trial(trial, to=Phase.IMPLANTED, by="job:test", at=NOW)


def test_the_program_of_a_patient_who_leaves_ends_that_day(clinic: Clinic) -> None:
    trial = standing_at(Phase.TRIAL_ACTIVE, clinic=clinic)
    program = trial.programs.create(
        name="A", waveform="tonic", frequency_hz=50, amplitude_ma="2.0", started_on=LEADS_ON
    )

    move_trial(trial, to=Phase.WITHDRAWN, by="job:test", at=NOW, reason="told by phone")

    program.refresh_from_db()
    assert program.ended_on == NOW.date()
