"""A short code becomes a token, once."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.diary.models import PairingCode, PatientDevice, StaffTask
from apps.diary.pairing import (
    LIFETIME,
    LINK_LENGTH,
    LINK_LIFETIME,
    issue_code,
    issue_invitation,
    revoke_device,
)
from apps.trials.models import StimulationTrial
from tests.factories import make_entry_body

pytestmark = pytest.mark.django_db
Send = Callable[..., Any]


def test_a_code_gives_a_token_that_can_send_answers(trial: StimulationTrial, post: Send, put: Send) -> None:
    code = issue_code(trial, by="staff:1", at=timezone.now())

    paired = post(None, "pairing", {"code": code.lower(), "label": "My phone"})

    assert paired.status_code == 201, paired.content
    assert paired.json()["trial"]["id"] == str(trial.pk)
    assert put(paired.json()["token"], make_entry_body()).status_code == 201


def test_neither_code_nor_token_is_stored(trial: StimulationTrial, post: Send) -> None:
    code = issue_code(trial, by="staff:1", at=timezone.now())
    token = post(None, "pairing", {"code": code}).json()["token"]

    stored = [
        *PairingCode.objects.values_list("code_sha256", flat=True),
        *PatientDevice.objects.values_list("token_sha256", flat=True),
        *map(str, AuditEvent.objects.values_list("detail", "object_id", "actor")),
    ]

    assert len(stored) == 1 + 1 + 2
    assert not [text for text in stored if token in text or code in text or code.replace("-", "") in text]


def test_a_code_works_once(trial: StimulationTrial, post: Send) -> None:
    code = issue_code(trial, by="staff:1", at=timezone.now())
    post(None, "pairing", {"code": code})

    again = post(None, "pairing", {"code": code})

    assert (again.status_code, again.json()["errors"][0]["code"]) == (400, "code_refused")
    assert PatientDevice.objects.count() == 1


def test_wrong_expired_and_used_codes_are_refused_alike(trial: StimulationTrial, post: Send) -> None:
    expired = issue_code(trial, by="staff:1", at=timezone.now() - LIFETIME - timedelta(seconds=1))

    answers = [post(None, "pairing", {"code": code}).json() for code in (expired, "AAAA-AAAA")]

    for answer in answers:
        del answer["request_id"]
    assert answers[0] == answers[1]
    assert PatientDevice.objects.count() == 0


def invite(trial: StimulationTrial, **options: Any) -> tuple[str, str]:
    """The typed code and the link's secret of one new invitation."""
    made = issue_invitation(
        trial, by="staff:1", at=timezone.now() - options.pop("ago", timedelta()), **options
    )
    return made.code, made.link.partition("#join=")[2]


def test_the_link_pairs_as_the_code_does_and_either_uses_up_both(trial: StimulationTrial, post: Send) -> None:
    for first, second in ((0, 1), (1, 0)):
        secrets = invite(trial)
        assert len(secrets[1]) == LINK_LENGTH
        assert post(None, "pairing", {"code": secrets[first]}).status_code == 201
        assert post(None, "pairing", {"code": secrets[second]}).status_code == 400


def test_the_link_lives_longer_than_the_code(trial: StimulationTrial, post: Send) -> None:
    code, link = invite(trial, ago=LIFETIME + timedelta(seconds=1))
    _, old = invite(trial, ago=LINK_LIFETIME + timedelta(seconds=1))

    statuses = [post(None, "pairing", {"code": secret}).status_code for secret in (code, old, link)]

    assert statuses == [400, 400, 201]


@pytest.mark.parametrize("which", [0, 1], ids=["code", "link"])
def test_a_lost_answer_is_given_again_to_the_same_attempt(
    trial: StimulationTrial, post: Send, put: Send, which: int
) -> None:
    body = {"code": invite(trial)[which], "attempt": str(uuid.uuid4())}

    first = post(None, "pairing", body)
    again = post(None, "pairing", body)
    other = post(None, "pairing", body | {"attempt": str(uuid.uuid4())})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 400)
    assert PatientDevice.objects.count() == 1
    # Only the newest token is good: the first may have gone to somebody else.
    assert put(first.json()["token"], make_entry_body()).status_code == 401
    assert put(again.json()["token"], make_entry_body()).status_code == 201


def test_a_revoked_phone_is_not_paired_again_by_its_attempt(trial: StimulationTrial, post: Send) -> None:
    body = {"code": invite(trial)[0], "attempt": str(uuid.uuid4())}
    post(None, "pairing", body)
    revoke_device(PatientDevice.objects.get(), by="staff:1", at=timezone.now(), reason="lost")

    assert post(None, "pairing", body).status_code == 400


def test_five_wrong_tries_end_a_code_and_staff_are_told(trial: StimulationTrial, post: Send) -> None:
    code, _ = invite(trial)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")

    answers = [post(None, "pairing", {"code": wrong}) for _ in range(5)]
    right = post(None, "pairing", {"code": code})

    assert [answer.status_code for answer in (*answers, right)] == [400] * 6
    assert PairingCode.objects.get().tries == 5
    assert list(StaffTask.objects.values_list("kind", flat=True)) == ["pairing_locked"]
    assert AuditEvent.objects.filter(action="lock").count() == 1


@pytest.mark.parametrize("holder", ["patient", "proxy"])
def test_who_holds_the_phone_is_said_by_the_invitation(
    trial: StimulationTrial, post: Send, holder: str
) -> None:
    paired = post(None, "pairing", {"code": invite(trial, holder=holder)[0], "language": "es"})

    assert (paired.json()["holder"], paired["Cache-Control"]) == (holder, "no-store")
    assert PatientDevice.objects.values_list("holder", "language").get() == (holder, "es")


def test_no_two_open_codes_begin_alike(trial: StimulationTrial) -> None:
    codes = [invite(trial)[0] for _ in range(60)]

    assert len({code[:2] for code in codes}) == 60
    assert {len(code) for code in codes} == {len("K7QM-2WXD")}
