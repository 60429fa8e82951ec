"""Who may speak: tokens, codes, and everything that looks like one."""

import json
import secrets
import string
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.diary.models import PairingCode, PatientDevice, StaffTask
from apps.diary.pairing import LIFETIME, LINK_LIFETIME, issue_invitation, revoke_device
from apps.trials.models import StimulationTrial
from tests.bad_inputs.asks import Ask, entry_path
from tests.bad_inputs.catalogue import covers
from tests.bad_inputs.service import Phone, faults_of
from tests.factories import make_entry_body

pytestmark = pytest.mark.django_db
PAIRING = "/api/v1/pairing"


def put(authorization: str, *, path: str = "") -> Ask:
    headers = {"Authorization": authorization}
    return Ask("PUT", path or entry_path(), json.dumps(make_entry_body()).encode(), 401, headers=headers)


def pair(code: str, status: int = 400, **fields: str) -> Ask:
    refused = "code_refused" if status == 400 else ""
    return Ask("POST", PAIRING, json.dumps({"code": code} | fields).encode(), status, code=refused)


def refused(authorization: str, *, path: str = "") -> None:
    ask = put(authorization, path=path)
    answer = Phone("").ask(ask)
    assert faults_of(ask, answer) == [], authorization
    assert answer.response["WWW-Authenticate"].startswith("Bearer ")


WORDS = ["Bearer", "Bearer ", "Bearer  ", "Bearer null", "Bearer undefined", "bearer", "Token x", ""]


@covers("A002", "A003", "A009")
@pytest.mark.parametrize(
    "authorization", [*WORDS, "Basic dXNlcjpwYXNz", "Bearer \u00e9", "Bearer " + "x" * 7000]
)
def test_a_word_is_no_token(trial: StimulationTrial, authorization: str) -> None:
    refused(authorization)


def altered(token: str) -> list[str]:
    """The token with one character another, a few characters more or less, or in other letters."""
    other = "A" if token[7] != "A" else "B"
    return [
        token[:7] + other + token[8:],
        token[:-1],
        token + "A",
        token + "=",
        f"{token} {token}",
        f'"{token}"',
        token.swapcase(),
        f"\u200b{token}",
    ]


@covers("A006")
def test_a_token_with_one_character_changed_is_no_token(phone: Phone) -> None:
    for token in altered(phone.token):
        refused(f"Bearer {token}")


@covers("A006")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer:", "Bearer\t", "Token", "Basic", "Digest"])
def test_a_good_token_under_another_scheme_is_refused(phone: Phone, scheme: str) -> None:
    refused(f"{scheme} {phone.token}")


def test_the_digest_of_a_token_is_no_token(device: tuple[PatientDevice, str]) -> None:
    refused(f"Bearer {device[0].token_sha256}")


@covers("A004")
def test_a_token_that_was_replaced_is_refused(trial: StimulationTrial) -> None:
    code = issue_invitation(trial, by="staff:1", at=timezone.now()).code
    attempt = "3d9f1c52-7a6e-4b8d-9c10-5e2f7a8b9c0d"
    first = Phone("").ask(pair(code, 201, attempt=attempt)).json["token"]

    second = Phone("").ask(pair(code, 200, attempt=attempt)).json["token"]

    refused(f"Bearer {first}")
    assert Phone(second).ask(Ask("GET", "/api/v1/device", b"", 200)).status == 200


@covers("A007")
def test_a_revoked_phone_is_refused_at_its_next_request(device: tuple[PatientDevice, str]) -> None:
    revoke_device(device[0], by="staff:1", at=timezone.now(), reason="lost")

    refused(f"Bearer {device[1]}")


@covers("A010")
@pytest.mark.parametrize("name", ["access_token", "token", "authorization", "Authorization"])
def test_a_token_in_the_address_is_not_read(phone: Phone, name: str) -> None:
    refused("", path=f"{entry_path()}?{name}={phone.token}")


@covers("A012")
@pytest.mark.parametrize("path", ["/staff/", "/staff/diary/diaryentry/", "/staff/trials/stimulationtrial/"])
def test_a_phone_is_nobody_on_the_staff_pages(phone: Phone, path: str) -> None:
    response = phone.client.get(path, headers={"Authorization": f"Bearer {phone.token}"})

    assert (response.status_code, response["Location"]) == (302, f"/staff/login/?next={path}")


@covers("A018")
def test_a_code_is_refused_after_ten_minutes_and_its_link_after_a_day(trial: StimulationTrial) -> None:
    second = timedelta(seconds=1)
    for lifetime in (LIFETIME, LINK_LIFETIME):
        invitation = issue_invitation(trial, by="staff:1", at=timezone.now() - lifetime - second)
        link = invitation.link.partition("#join=")[2]
        for secret in (invitation.code, link) if lifetime == LINK_LIFETIME else (invitation.code,):
            assert faults_of(pair(secret), Phone("").ask(pair(secret))) == []

    assert PatientDevice.objects.count() == 0


@covers("A019")
def test_a_hundred_guesses_at_a_code_count_to_five_and_end_it(trial: StimulationTrial) -> None:
    code = issue_invitation(trial, by="staff:1", at=timezone.now()).code
    guesses = [f"{code[:2]}{number:02}-{number:04}" for number in range(100)]

    for guess in guesses:
        assert faults_of(pair(guess), Phone("").ask(pair(guess))) == []

    assert PairingCode.objects.get().tries == 5
    assert Phone("").ask(pair(code)).json["errors"][0]["code"] == "code_refused"
    assert list(StaffTask.objects.values_list("kind", flat=True)) == ["pairing_locked"]


CODES = [
    *("        ", "--------", "\u00dfABCDEFG", "K7QM2WXD\u0000", "\uff2b7QM-2WXD", "%00%00%00", "' OR 1=1"),
    *("\ud800" * 8, "a" * 22, "A" * 64, "\u0130" * 8, "\u200b" * 8, "=" * 22, "../../../../../../etc"),
]


@pytest.mark.parametrize("code", CODES)
def test_no_text_is_a_code_by_accident(trial: StimulationTrial, code: str) -> None:
    issue_invitation(trial, by="staff:1", at=timezone.now())
    ask = Ask("POST", PAIRING, json.dumps({"code": code}).encode(), 400)

    answer = Phone("").ask(ask)

    assert faults_of(ask, answer) == []
    assert {error["pointer"] for error in answer.json["errors"]} == {"/code"}


@pytest.mark.parametrize(
    "token_text", ["null", "true", "7", "[]", "{}", '""', '"A"', '["K7QM-2WXD"]', '"' + "A" * 65 + '"']
)
@pytest.mark.parametrize("name", ["code", "label", "attempt", "language", "zone"])
def test_every_field_of_pairing_takes_its_own_type_only(
    trial: StimulationTrial, name: str, token_text: str
) -> None:
    takes = {
        "label": ('""', '"A"', '"' + "A" * 65 + '"'),
        "attempt": ("null",),
        "language": ("null",),
        "zone": ("null",),
    }
    body = {"code": issue_invitation(trial, by="staff:1", at=timezone.now()).code}
    raw = json.dumps(body | {name: "<>"}).replace('"<>"', token_text).encode()
    status = 201 if token_text in takes.get(name, ()) else 400

    ask = Ask("POST", PAIRING, raw, status)
    answer = Phone("").ask(ask)

    assert answer.status == status, answer.response.content
    assert PatientDevice.objects.count() == (status == 201)


def test_tokens_are_long_and_none_is_like_another(trial: StimulationTrial) -> None:
    tokens = {
        Phone("").ask(pair(issue_invitation(trial, by="staff:1", at=timezone.now()).code, 201)).json["token"]
        for _ in range(20)
    }

    assert len(tokens) == 20
    assert all(len(token) == len(secrets.token_urlsafe(32)) for token in tokens)
    assert set("".join(tokens)) <= set(string.ascii_letters + string.digits + "-_")
