"""PUT one answer: taken once, fixed to a day, and never half."""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.diary.models import DiaryEntry
from apps.diary.pairing import revoke_device
from apps.trials.models import StimulationTrial
from tests.factories import make_device, make_entry_body, make_trial

pytestmark = pytest.mark.django_db
Put = Callable[..., Any]


def version_of(trial: StimulationTrial) -> int:
    trial.refresh_from_db()
    return trial.evidence_version


def test_it_stores_an_answer_with_its_day_and_raises_the_version(
    trial: StimulationTrial, token: str, put: Put
) -> None:
    entry_id = str(uuid.uuid4())

    response = put(token, make_entry_body(value=0), entry_id=entry_id)

    assert response.status_code == 201, response.content
    assert response.json()["diary_day"] == "2026-10-12"
    stored = DiaryEntry.objects.get(pk=entry_id)
    assert (stored.value, stored.trial_id) == (0, trial.pk)
    assert version_of(trial) == 0 + 1
    assert (
        AuditEvent.objects.filter(object_type="diary_entry", object_id=entry_id, action="create").count() == 1
    )


def test_the_same_answer_again_is_200_with_the_same_bytes_and_one_row(
    trial: StimulationTrial, token: str, put: Put
) -> None:
    entry_id, body = str(uuid.uuid4()), make_entry_body()
    first = put(token, body, entry_id=entry_id)

    again = put(token, dict(reversed(body.items())), entry_id=entry_id)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert DiaryEntry.objects.count() == 1
    assert version_of(trial) == 1


def test_another_answer_under_the_same_id_is_409_and_changes_nothing(
    trial: StimulationTrial, token: str, put: Put
) -> None:
    entry_id = str(uuid.uuid4())
    put(token, make_entry_body(value=4), entry_id=entry_id)

    other = put(token, make_entry_body(value=5), entry_id=entry_id)

    assert (other.status_code, other.json()["code"]) == (409, "entry_conflict")
    assert DiaryEntry.objects.get(pk=entry_id).value == 4
    assert version_of(trial) == 1


def test_an_id_of_another_patient_answers_as_an_unknown_one(clinic: Clinic, token: str, put: Put) -> None:
    entry_id, body = str(uuid.uuid4()), make_entry_body()
    _, other_token = make_device(make_trial(clinic=clinic), at=timezone.now())
    put(other_token, body, entry_id=entry_id)

    response = put(token, body, entry_id=entry_id)

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_first_answer_takes_two_statements_and_a_replay_three(
    token: str, django_assert_num_queries: DjangoAssertNumQueries, put: Put
) -> None:
    entry_id, body = str(uuid.uuid4()), make_entry_body()
    with django_assert_num_queries(2):
        put(token, body, entry_id=entry_id)
    with django_assert_num_queries(3):
        put(token, body, entry_id=entry_id)


REFUSED_VALUES = [
    # sent as raw JSON          what is wrong with it
    ("11", "above the scale"),
    ("-1", "below the scale"),
    ("7.5", "a decimal is not on the 0-10 NRS"),
    ("7.0", "written as a decimal"),
    ("1e1", "written with an exponent"),
    ("-0", "written with a sign"),
    ("99999999999999999999", "no integer column holds it"),
    ("9" * 5000, "longer than any number"),
    ("true", "a boolean is not a score"),
    ('"7"', "text is not a score"),
    ('"\\u0667"', "text in other digits"),
    ("null", "no answer is left out, not null"),
    ("[7]", "a list"),
    ("{}", "an object"),
]


@pytest.mark.parametrize(("token_text", "why"), REFUSED_VALUES, ids=[why for _, why in REFUSED_VALUES])
def test_it_refuses_a_value_that_is_not_a_whole_number_of_the_scale(
    trial: StimulationTrial, token: str, token_text: str, why: str, put: Put
) -> None:
    body = json.dumps(make_entry_body(value="HERE")).replace('"HERE"', token_text)

    response = put(token, None, raw=body.encode())

    assert response.status_code == 400, why
    assert [error["pointer"] for error in response.json()["errors"]] == ["/value"]
    assert response["Content-Type"] == "application/problem+json"
    assert DiaryEntry.objects.count() == 0
    assert version_of(trial) == 0


REFUSED_FIELDS = [
    ({"value_": 4}, "/value_", "unknown_field"),
    ({"is_staff": True}, "/is_staff", "unknown_field"),
    ({"received_at": "2020-01-01T00:00:00Z"}, "/received_at", "unknown_field"),
    ({"diary_day": "2026-10-12"}, "/diary_day", "unknown_field"),
    ({"captured_at": "2026-10-12T19:30:00"}, "/captured_at", "not_rfc3339"),
    ({"captured_at": "2026-10-12 19:30:00+02:00"}, "/captured_at", "not_rfc3339"),
    ({"captured_at": "2026-10-12T19:30:00Z\u0000"}, "/captured_at", "not_rfc3339"),
    ({"captured_at": "2026-10-12T19:30:00\uff0b02:00"}, "/captured_at", "not_rfc3339"),
    ({"captured_at": "2026-02-30T19:30:00+01:00"}, "/captured_at", "no_such_time"),
    ({"captured_at": "2026-10-12T24:30:00+02:00"}, "/captured_at", "no_such_time"),
    ({"captured_at": "2026-10-12T19:30:00+25:00"}, "/captured_at", "no_such_time"),
    ({"captured_at": "0001-01-01T00:00:00+14:00"}, "/captured_at", "no_such_time"),
    # Berlin has +02:00 in July, and skips 02:30 in the night of 29 March 2026.
    ({"captured_at": "2026-07-01T08:00:00+01:00"}, "/captured_at", "offset_zone_mismatch"),
    ({"captured_at": "2026-03-29T02:30:00+01:00"}, "/captured_at", "offset_zone_mismatch"),
    ({"captured_at": "2026-03-29T02:30:00+02:00"}, "/captured_at", "offset_zone_mismatch"),
    ({"captured_at": "2026-09-30T20:00:00+02:00"}, "/captured_at", "before_diary"),
    ({"captured_at": "1970-01-01T01:00:00+01:00"}, "/captured_at", "before_diary"),
    ({"captured_at": "2126-10-12T19:30:00+02:00"}, "/captured_at", "in_the_future"),
    ({"captured_at": 1791800000}, "/captured_at", "not_text"),
    ({"zone": "europe/berlin"}, "/zone", "unknown_zone"),
    ({"zone": "../../etc/passwd"}, "/zone", "unknown_zone"),
    ({"zone": "Europe/Berlin\u0000"}, "/zone", "unknown_zone"),
    ({"zone": "Factory"}, "/zone", "unknown_zone"),
    ({"zone": None}, "/zone", "not_text"),
    ({"region": "Target"}, "/region", "malformed"),
    ({"region": "target\n"}, "/region", "malformed"),
    ({"kind": "mood"}, "/kind", "unknown_value"),
    ({"instrument_version": "a\u0000b"}, "/instrument_version", "malformed"),
    ({"originator": "staff"}, "/originator", "unknown_value"),
]


@pytest.mark.parametrize(("change", "pointer", "code"), REFUSED_FIELDS)
def test_it_names_the_field_that_it_refuses(
    trial: StimulationTrial, token: str, change: dict[str, Any], pointer: str, code: str, put: Put
) -> None:
    response = put(token, make_entry_body() | change)

    problem = response.json()
    assert response.status_code == 400
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert problem["request_id"] == response["X-Request-Id"]
    assert DiaryEntry.objects.count() == 0


MALFORMED = [
    (b"", 400),
    (b"null", 400),
    (b'[{"value":1}]', 400),
    (b'"x"', 400),
    (b'{"value":1}{"value":2}', 400),
    (b'{"value":1,}', 400),
    (b'{"value":1,"value":2}', 400),
    (b'{"value":NaN}', 400),
    (b"\xff\xfe{}", 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 20_000, 400),
    (b'{"app_version":"' + b"x" * 600_000 + b'"}', 413),
]


@pytest.mark.parametrize(("raw", "status"), MALFORMED, ids=[repr(raw[:20]) for raw, _ in MALFORMED])
def test_it_refuses_a_body_that_is_not_one_plain_json_object(
    token: str, raw: bytes, status: int, put: Put
) -> None:
    response = put(token, None, raw=raw)

    assert response.status_code == status
    assert response.json()["code"]
    assert DiaryEntry.objects.count() == 0


@pytest.mark.parametrize(
    "entry_id",
    [
        "5B7C1F0E-9B1D-4C2E-8F3A-0123456789AB",
        "5b7c1f0e9b1d4c2e8f3a0123456789ab",
        "00000000-0000-0000-0000-000000000000",
        "5b7c1f0e-9b1d-1c2e-8f3a-0123456789ab",
        "not-a-uuid",
        "%00",
    ],
)
def test_it_refuses_an_id_that_is_not_a_canonical_uuid4(token: str, entry_id: str, put: Put) -> None:
    response = put(token, make_entry_body(), entry_id=entry_id)

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/id"


@pytest.mark.parametrize("wrong", [None, "", "not-a-token", "\u00e9"])
def test_it_refuses_a_phone_without_a_valid_token(
    trial: StimulationTrial, wrong: str | None, put: Put
) -> None:
    response = put(wrong, make_entry_body())

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert DiaryEntry.objects.count() == 0


def test_a_revoked_phone_is_refused_at_once(trial: StimulationTrial, put: Put) -> None:
    device, token = make_device(trial, at=timezone.now())
    revoke_device(device, by="staff:1", at=timezone.now(), reason="lost phone")

    assert put(token, make_entry_body()).status_code == 401


@pytest.mark.parametrize(
    ("phase", "ended"), [("decided", True), ("cancelled", False), ("referred", False), ("implanted", True)]
)
def test_a_trial_that_takes_no_answers_says_so(clinic: Clinic, phase: str, ended: bool, put: Put) -> None:
    dates = {} if ended else {"lead_placed_on": None}
    trial = make_trial(clinic=clinic, phase=phase, **dates)
    _, token = make_device(trial, at=timezone.now())

    response = put(token, make_entry_body())

    assert (response.status_code, response.json()["code"]) == (409, "trial_closed")


def test_an_answer_can_be_read_back_by_its_own_phone_only(clinic: Clinic, token: str, put: Put) -> None:
    entry_id = str(uuid.uuid4())
    sent = put(token, make_entry_body(), entry_id=entry_id)
    _, other_token = make_device(make_trial(clinic=clinic), at=timezone.now())
    address = f"/api/v1/diary/entries/{entry_id}"

    own = Client().get(address, headers={"Authorization": f"Bearer {token}"})
    foreign = Client().get(address, headers={"Authorization": f"Bearer {other_token}"})

    assert own.content == sent.content
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")


def test_a_stored_answer_is_answered_as_stored_after_the_trial_was_decided(
    trial: StimulationTrial, token: str, put: Put
) -> None:
    entry_id, body = str(uuid.uuid4()), make_entry_body()
    first = put(token, body, entry_id=entry_id)
    StimulationTrial.objects.filter(pk=trial.pk).update(
        phase="decided", ended_on="2026-10-10", end_reason="success"
    )

    again = put(token, body, entry_id=entry_id)
    other = put(token, body | {"value": 9}, entry_id=entry_id)
    new = put(token, body)

    assert (again.status_code, again.content) == (200, first.content)
    assert (other.status_code, other.json()["code"]) == (409, "trial_closed")
    assert (new.status_code, new.json()["code"]) == (409, "trial_closed")


@pytest.mark.django_db(transaction=True)
def test_one_answer_from_six_phones_at_once_is_one_row(token: str, put: Put) -> None:
    for _ in range(10):
        entry_id, body = str(uuid.uuid4()), make_entry_body()

        def send(_: int, entry_id: str = entry_id, body: dict[str, Any] = body) -> int:
            try:
                status: int = put(token, body, entry_id=entry_id).status_code
            finally:
                connection.close()
            return status

        with ThreadPoolExecutor(6) as pool:
            statuses = sorted(pool.map(send, range(6)))

        assert statuses == [200] * 5 + [201]
        assert DiaryEntry.objects.filter(pk=entry_id).count() == 1


def test_the_statements_of_a_change_are_counted(
    trial: StimulationTrial, token: str, put: Put, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="18:00-24:00")
    base, changed = str(uuid.uuid4()), str(uuid.uuid4())
    put(token, make_entry_body(value=9), entry_id=base)
    change = make_entry_body(value=3, supersedes=base)

    with django_assert_num_queries(4):  # the token, what it replaces, what replaces what, the answer
        assert put(token, change, entry_id=changed).status_code == 201
    with django_assert_num_queries(5):  # and what is stored
        assert put(token, change, entry_id=changed).status_code == 200


def test_the_newest_answers_are_listed_page_by_page_and_no_older_than_a_week(
    clinic: Clinic, trial: StimulationTrial, token: str, put: Put
) -> None:
    sent = [put(token, make_entry_body()).json()["id"] for _ in range(5)]
    put(make_device(make_trial(clinic=clinic), at=timezone.now())[1], make_entry_body())
    found, address = [], "/api/v1/diary/entries?limit=2"

    while address:
        page = Client().get(address, headers={"Authorization": f"Bearer {token}"}).json()
        found += [row["id"] for row in page["results"]]
        address = page["next"]

    assert found == sent[::-1]


ORIGINATORS = [
    # holder, sent, expected
    ("patient", {}, (201, "patient")),
    ("patient", {"originator": "proxy"}, (201, "proxy")),
    ("proxy", {}, (201, "proxy")),
    ("proxy", {"originator": "proxy"}, (201, "proxy")),
    ("proxy", {"originator": "patient"}, (400, "invalid")),
]


@pytest.mark.parametrize(("holder", "sent", "expected"), ORIGINATORS)
def test_an_answer_carries_who_gave_it(
    trial: StimulationTrial, put: Put, holder: str, sent: dict[str, str], expected: tuple[int, str]
) -> None:
    _, token = make_device(trial, at=timezone.now(), holder=holder)

    response = put(token, make_entry_body(**sent))

    problem_or_entry = response.json()
    assert (response.status_code, problem_or_entry.get("originator") or problem_or_entry["code"]) == expected


@pytest.mark.parametrize("kind", ["average", "worst", "least", "current"])
def test_every_kind_has_its_own_wording(token: str, put: Put, kind: str) -> None:
    assert put(token, make_entry_body(kind=kind)).status_code == 201
    other = "nrs-worst-24h/1" if kind != "worst" else "nrs-least-24h/1"

    refused = put(token, make_entry_body(kind=kind) | {"instrument_version": other})

    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_version")
