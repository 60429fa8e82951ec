"""Signing as trust demands it: who, on what, when not, and what stays for ever (21 CFR 11.50 to 11.300)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, connection, transaction

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.diary.models import CorrectionRequest, ParkedAnswer
from apps.outcomes.deciding import CannotSign, Hand, countersign, reopen, sign_decision
from apps.outcomes.models import Decision, Signature
from apps.outcomes.services import assess
from apps.outcomes.standing import changed_since, is_valid, standing_decision, would_now_differ
from apps.trials.models import StimulationTrial
from apps.trials.services import touch_evidence
from sctrial.choices import Choice
from sctrial.decision import parse_document
from sctrial.phases import Phase
from sctrial.replay import replay
from tests.factories import make_device, make_staff
from tests.factories.deciding import NOT_MET, SIGNING, hand_of, make_waiting

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "Patient prefers tablets for now"


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_waiting(clinic)


@pytest.fixture
def second(clinic: Clinic) -> User:
    return make_staff("second", clinic=clinic, role=Role.CLINICIAN)


def refusal(sign: Callable[[], object]) -> tuple[str, int]:
    """The name of the refusal and its status; and that nothing was written."""
    before = (Decision.objects.count(), Signature.objects.count())
    with pytest.raises(CannotSign) as caught:
        sign()
    assert (Decision.objects.count(), Signature.objects.count()) == before
    return caught.value.code, caught.value.status


def test_a_clinician_signs_and_the_trial_is_decided(trial: StimulationTrial, clinician: User) -> None:
    hand = hand_of(clinician, trial=trial)

    signature = sign_decision(trial, choice=Choice.IMPLANT, hand=hand)

    trial.refresh_from_db()
    assert trial.phase == Phase.DECIDED
    assert (signature.meaning, signature.shown_digest) == ("decided", hand.shown)
    assert is_valid(signature)
    event = AuditEvent.objects.get(action="sign")
    assert event.detail == {"meaning": "decided", "choice": "implant", "digest": signature.digest}


def test_the_signed_document_replays_without_django(trial: StimulationTrial, clinician: User) -> None:
    signature = sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))

    result = replay(parse_document(signature.document.encode()))

    assert result.is_same


def test_a_trial_whose_leads_are_out_is_not_extended(trial: StimulationTrial, clinician: User) -> None:
    hand = hand_of(clinician, trial=trial)

    assert refusal(lambda: sign_decision(trial, choice=Choice.EXTEND, hand=hand)) == ("leads_out", 422)
    assert trial.decisions.count() == 0


NOT_CLINICIANS = ("coordinator", "site_admin", "analyst", "stranger", "nobody")


@pytest.mark.parametrize("who", NOT_CLINICIANS)
def test_nobody_else_signs(trial: StimulationTrial, who: str, request: pytest.FixtureRequest) -> None:
    hand = hand_of(request.getfixturevalue(who), trial=trial)

    assert refusal(lambda: sign_decision(trial, choice=Choice.IMPLANT, hand=hand)) == ("not_clinician", 403)


def test_a_superuser_does_not_sign_by_being_one(trial: StimulationTrial, db: None) -> None:
    hand = hand_of(User.objects.create_superuser("root"), trial=trial)

    assert refusal(lambda: sign_decision(trial, choice=Choice.IMPLANT, hand=hand)) == ("not_clinician", 403)


def correct(trial: StimulationTrial) -> None:
    device, _ = make_device(StimulationTrial.objects.get(pk=trial.pk))
    CorrectionRequest.objects.create(
        trial=trial,
        device=device,
        originator="patient",
        entry_id=trial.entries.values_list("pk", flat=True)[0],
        reason="other",
        text="please look",
        captured_at=SIGNING,
        zone="UTC",
        received_at=SIGNING,
        body_sha256="0" * 64,
    )


def park(trial: StimulationTrial) -> None:
    device, _ = make_device(StimulationTrial.objects.get(pk=trial.pk))
    ParkedAnswer.objects.create(
        id=device.trial_id,
        trial=trial,
        device=device,
        why="slot_taken",
        body={},
        diary_day="2026-10-11",
        captured_at=SIGNING,
        received_at=SIGNING,
    )


WAITING = {
    "correction_pending": correct,
    "answer_parked": park,
    "stale": lambda trial: touch_evidence(trial.pk),
}


@pytest.mark.parametrize("code", WAITING)
def test_nothing_is_signed_over_what_waits(trial: StimulationTrial, clinician: User, code: str) -> None:
    hand = hand_of(clinician, trial=trial)
    WAITING[code](trial)

    assert refusal(lambda: sign_decision(trial, choice=Choice.IMPLANT, hand=hand)) == (code, 409)


def test_nothing_is_signed_while_the_last_evening_is_open(trial: StimulationTrial, clinician: User) -> None:
    evening = datetime(2026, 10, 12, 21, 0, tzinfo=UTC)

    hand = hand_of(clinician, trial=trial, at=evening)

    assert refusal(lambda: sign_decision(trial, choice=Choice.IMPLANT, hand=hand)) == ("window_open", 409)


def test_a_screen_that_shows_something_else_is_refused(trial: StimulationTrial, clinician: User) -> None:
    hand = Hand(clinician, ("password", "totp"), SIGNING, "sha256:" + "0" * 64)

    assert refusal(lambda: sign_decision(trial, choice=Choice.IMPLANT, hand=hand)) == ("shown_differs", 409)


def test_a_screen_from_before_the_new_verdict_is_refused(trial: StimulationTrial, clinician: User) -> None:
    hand = hand_of(clinician, trial=trial)
    StimulationTrial.objects.filter(pk=trial.pk).update(trial_window="whole-phase")
    touch_evidence(trial.pk)
    assess(trial.pk, at=SIGNING)

    assert refusal(lambda: sign_decision(trial, choice=Choice.IMPLANT, hand=hand)) == ("shown_differs", 409)


@pytest.mark.parametrize("text", ["", " ", "x", "   \t ", "no no", "- - - -", "..."])
def test_against_the_verdict_needs_a_reason_in_words(
    trial: StimulationTrial, clinician: User, text: str
) -> None:
    hand = hand_of(clinician, trial=trial)

    def sign() -> object:
        return sign_decision(
            trial, choice=Choice.NO_IMPLANT, hand=hand, reason_code="patient_wish", reason=text
        )

    assert refusal(sign) == ("reason_needed", 422)


def test_against_the_verdict_with_a_reason_is_signed(trial: StimulationTrial, clinician: User) -> None:
    hand = hand_of(clinician, trial=trial)

    signed = sign_decision(trial, choice=Choice.NO_IMPLANT, hand=hand, reason_code="patient_wish", reason=WHY)

    assert (signed.decision.reason_code, signed.decision.reason) == ("patient_wish", WHY)


def test_implant_against_a_verdict_of_not_met_needs_a_reason(clinic: Clinic, clinician: User) -> None:
    trial = make_waiting(clinic, scores=NOT_MET)
    hand = hand_of(clinician, trial=trial)

    assert refusal(lambda: sign_decision(trial, choice=Choice.IMPLANT, hand=hand)) == ("reason_needed", 422)


def test_what_is_decided_is_not_decided_twice(trial: StimulationTrial, clinician: User) -> None:
    hand = hand_of(clinician, trial=trial)
    sign_decision(trial, choice=Choice.IMPLANT, hand=hand)

    assert refusal(lambda: sign_decision(trial, choice=Choice.IMPLANT, hand=hand)) == ("not_waiting", 409)


def test_a_second_clinician_countersigns_and_nobody_their_own(
    trial: StimulationTrial, clinician: User, second: User
) -> None:
    sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))

    own = hand_of(clinician, trial=trial)
    assert refusal(lambda: countersign(trial, hand=own)) == ("own_decision", 403)
    signature = countersign(trial, hand=hand_of(second, trial=trial))

    assert (signature.meaning, is_valid(signature)) == ("countersigned", True)
    assert replay(parse_document(signature.document.encode())).is_same


def test_opened_again_is_a_further_signature_and_the_next_decision_supersedes(
    trial: StimulationTrial, clinician: User
) -> None:
    first = sign_decision(trial, choice=Choice.DEFER, hand=hand_of(clinician, trial=trial))
    hand = Hand(clinician, ("password",), SIGNING + timedelta(hours=1), first.digest)

    opened = reopen(trial, reason="New film shows the lead moved", hand=hand)

    trial.refresh_from_db()
    assert (opened.meaning, is_valid(opened), trial.phase) == ("reopened", True, Phase.DECISION_PENDING)
    assert standing_decision(trial) is None
    later = hand_of(clinician, trial=trial, at=SIGNING + timedelta(hours=2))
    again = sign_decision(trial, choice=Choice.IMPLANT, hand=later)
    assert again.decision.supersedes == first.decision
    assert [row.meaning for row in Signature.objects.all()] == ["decided", "reopened", "decided"]
    assert is_valid(Signature.objects.get(pk=first.pk))


def test_opening_again_needs_a_reason(trial: StimulationTrial, clinician: User) -> None:
    first = sign_decision(trial, choice=Choice.DEFER, hand=hand_of(clinician, trial=trial))
    hand = Hand(clinician, ("password",), SIGNING, first.digest)

    assert refusal(lambda: reopen(trial, reason=" x ", hand=hand)) == ("reason_needed", 422)


def test_a_signature_copied_to_another_decision_is_not_valid(clinic: Clinic, clinician: User) -> None:
    signed = [
        sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))
        for trial in (make_waiting(clinic), make_waiting(clinic))
    ]
    copy = Signature.objects.get(pk=signed[0].pk)

    copy.decision = signed[1].decision

    assert not is_valid(copy)
    copy.pk = None
    with pytest.raises(Error), transaction.atomic():
        copy.save()


@pytest.mark.parametrize("table", ["outcomes_signature", "outcomes_decision"])
@pytest.mark.parametrize("act", ["UPDATE {0} SET id = id", "DELETE FROM {0}"])
def test_what_is_signed_cannot_be_changed_by_sql(
    trial: StimulationTrial, clinician: User, table: str, act: str
) -> None:
    sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))

    with pytest.raises(Error), connection.cursor() as cursor:
        cursor.execute(act.format(table))


def test_late_data_never_alter_what_is_signed_and_are_shown(trial: StimulationTrial, clinician: User) -> None:
    signature = sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))
    kept = signature.document
    trials = StimulationTrial.objects.all()
    assert changed_since(signature.decision, trial=fresh(trial), at=SIGNING) == ""
    assert not would_now_differ(trials).exists()

    # With leads said to be in a week later, no day of the trial has pain under stimulation.
    StimulationTrial.objects.filter(pk=trial.pk).update(lead_placed_on="2026-10-12")
    touch_evidence(trial.pk)
    assert changed_since(signature.decision, trial=fresh(trial), at=SIGNING).startswith("The record")
    assess(trial.pk, at=SIGNING)

    assert changed_since(signature.decision, trial=fresh(trial), at=SIGNING).startswith("Would now differ")
    assert list(would_now_differ(trials)) == [trial]
    assert Signature.objects.get(pk=signature.pk).document == kept


def fresh(trial: StimulationTrial) -> StimulationTrial:
    return StimulationTrial.objects.get(pk=trial.pk)
