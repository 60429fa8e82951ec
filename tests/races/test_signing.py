"""The same moment, two hands: one signs; and nobody signs over what came in at that moment."""

import uuid
from typing import Any

import pytest

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.diary.corrections import request_correction
from apps.diary.models import CorrectionRequest, DiaryEntry
from apps.diary.schemas import CorrectionBody, EntryBody, parse
from apps.diary.services import Taken, record_entries
from apps.outcomes.deciding import CannotSign, Hand, sign_decision
from apps.outcomes.models import Decision, Signature
from apps.trials.models import StimulationTrial
from sctrial.choices import Choice
from tests.factories import make_device, make_entry_body, make_staff
from tests.factories.deciding import SIGNING, hand_of, make_waiting
from tests.races.together import Send, at_once, threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ROUNDS = 20


def signing(trial: StimulationTrial, hand: Hand) -> Send:
    def sign() -> Any:
        try:
            sign_decision(trial, choice=Choice.IMPLANT, hand=hand)
        except CannotSign as refused:
            return refused.status, refused.code
        return 201, "signed"

    return sign


def test_of_two_signatures_at_once_one_wins(clinic: Clinic, clinician: User) -> None:
    other = make_staff("other", clinic=clinic, role=Role.CLINICIAN)
    rounds = []
    with threads(2) as pool:
        for _ in range(ROUNDS):
            trial = make_waiting(clinic)
            sends = [signing(trial, hand_of(user, trial=trial)) for user in (clinician, other)]
            rounds.append(sorted(at_once(pool, sends)))

    assert rounds == [[(201, "signed"), (409, "not_waiting")]] * ROUNDS
    assert (Decision.objects.count(), Signature.objects.count()) == (ROUNDS, ROUNDS)


def test_nobody_signs_over_a_correction_asked_for_at_the_same_instant(
    clinic: Clinic, clinician: User
) -> None:
    seen = []
    with threads(2) as pool:
        for _ in range(ROUNDS):
            trial = make_waiting(clinic)
            hand = hand_of(clinician, trial=trial)
            device, _ = make_device(StimulationTrial.objects.get(pk=trial.pk))
            body = parse(
                CorrectionBody,
                {
                    "entry": str(trial.entries.values_list("pk", flat=True)[0]),
                    "reason": "wrong_number",
                    "text": "it was another number",
                    "captured_at": "2026-10-13T08:00:00+02:00",
                    "zone": "Europe/Berlin",
                },
            )

            def ask(body: Any = body, device: Any = device) -> Any:
                return request_correction(str(uuid.uuid4()), body, by=device, at=SIGNING, trace="race")

            (status, code), _ = at_once(pool, [signing(trial, hand), ask])
            seen.append(code)
            request = CorrectionRequest.objects.get(trial=trial)
            # Signed before the request was there, or refused because of it: nothing in between.
            assert (status, code) in {(201, "signed"), (409, "correction_pending")}
            assert request.state == "open"

    assert len(seen) == ROUNDS


def test_nobody_signs_over_an_answer_that_comes_at_the_same_instant(clinic: Clinic, clinician: User) -> None:
    """A phone that was offline delivers the evening of the last day while the clinician signs."""
    said = {"value": 9, "captured_at": "2026-10-12T08:00:00+02:00", "zone": "Europe/Berlin"}
    body = parse(EntryBody, make_entry_body(**said))
    outcomes = []
    with threads(2) as pool:
        for _ in range(ROUNDS):
            trial = make_waiting(clinic)
            hand = hand_of(clinician, trial=trial)
            device, _ = make_device(StimulationTrial.objects.get(pk=trial.pk))

            def deliver(device: Any = device) -> Any:
                return record_entries([(str(uuid.uuid4()), body)], by=device, at=SIGNING, request_id="race")

            (status, code), (answer,) = at_once(pool, [signing(trial, hand), deliver])
            outcomes.append(code)
            entries = trial.entries.filter(value=9)
            # What the phone holds is taken, or refused because it is decided; never lost in between.
            assert entries.count() == isinstance(answer, Taken)
            if status == 201:
                signed = Signature.objects.get(decision__trial=trial)
                assert not [one for one in entries if str(one.pk) in signed.document]
                _signed_first(trial, entries.first())
            else:
                assert (code, entries.count()) in {("stale", 1), ("shown_differs", 1)}

    assert len(outcomes) == ROUNDS


def _signed_first(trial: StimulationTrial, entry: DiaryEntry | None) -> None:
    """Both write under the lock of the trial, so that the trail has them in their order."""
    if entry is None:
        return
    signed = AuditEvent.objects.get(action="sign", object_id=str(trial.pk))
    taken = AuditEvent.objects.get(action="create", object_id=str(entry.pk))
    assert signed.pk < taken.pk
