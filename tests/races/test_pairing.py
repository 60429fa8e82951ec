"""One code, many hands: one phone; and tries are counted one by one, however fast they come."""

import json
import uuid
from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.diary.authentication import hash_secret
from apps.diary.models import PairingCode, PatientDevice, StaffTask
from apps.diary.pairing import issue_invitation
from apps.trials.models import StimulationTrial
from tests.races.together import at_once, post, threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ROUNDS, HANDS = 6, 6


@pytest.mark.parametrize("how", ["typed", "link", "both"])
def test_a_code_redeemed_by_six_at_once_pairs_one_phone(trial: StimulationTrial, how: str) -> None:
    rounds = []
    with threads(HANDS) as pool:
        for _ in range(ROUNDS):
            made = issue_invitation(trial, by="staff:1", at=timezone.now())
            link = made.link.partition("#join=")[2]
            secrets = {"typed": [made.code] * 6, "link": [link] * 6, "both": [made.code, link] * 3}[how]
            answers = at_once(pool, [post("pairing", {"code": secret}) for secret in secrets])
            rounds.append(Counter(answer.status_code for answer in answers))

    assert rounds == [{201: 1, 400: HANDS - 1}] * ROUNDS
    assert PatientDevice.objects.count() == AuditEvent.objects.filter(action="pair").count() == ROUNDS


def test_one_attempt_sent_six_times_is_one_phone_and_the_last_token_is_good(trial: StimulationTrial) -> None:
    with threads(HANDS) as pool:
        for _ in range(ROUNDS):
            made = issue_invitation(trial, by="staff:1", at=timezone.now())
            body = {"code": made.code, "attempt": str(uuid.uuid4())}
            answers = at_once(pool, [post("pairing", body)] * HANDS)
            assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
            device = PatientDevice.objects.latest("pk")
            assert sum(is_token_of(answer, device) for answer in answers) == 1

    assert PatientDevice.objects.count() == ROUNDS


def is_token_of(answer: Any, device: PatientDevice) -> bool:
    return hash_secret(json.loads(answer.content)["token"]) == device.token_sha256


def test_wrong_tries_from_six_threads_never_count_beyond_five(trial: StimulationTrial) -> None:
    with threads(HANDS) as pool:
        for _ in range(ROUNDS):
            made = issue_invitation(trial, by="staff:1", at=timezone.now())
            guesses = [f"{made.code[:2]}{number:02}-0000" for number in range(HANDS * 2)]
            for half in (guesses[:HANDS], guesses[HANDS:]):
                answers = at_once(pool, [post("pairing", {"code": guess}) for guess in half])
                assert [answer.status_code for answer in answers] == [400] * HANDS
            code = PairingCode.objects.latest("pk")
            assert code.tries == 5
            (right,) = at_once(pool, [post("pairing", {"code": made.code})])
            assert right.json()["errors"][0]["code"] == "code_refused"

    assert PatientDevice.objects.count() == 0
    assert StaffTask.objects.filter(kind="pairing_locked").count() == ROUNDS
    assert AuditEvent.objects.filter(action="lock").count() == ROUNDS
