"""Rules for what a phone sends, on exchanges made up here."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit.faults import Kind
from kit.proxy import Exchange, Reply, refusal
from kit.wire import MOST_REQUESTS_A_MINUTE, check_wire

AT = datetime(2026, 10, 12, 18, 0, tzinfo=UTC)
ID = "5c9b7f64-3d0f-4d0e-9b7c-2f8f3f1f9d2a"
PATH = f"/api/v1/diary/entries/{ID}"
STORED = Reply(status=201, headers=[("Content-Type", "application/json")], body=b'{"id": "x"}')


def put(path: str = PATH, *, after: float = 0, **other: Any) -> Exchange:
    """A score that is stored, unless `other` says otherwise."""
    usual: dict[str, Any] = {"method": "PUT", "has_token": True, "sent": {"value": 3}, "fault": None}
    fields = usual | {"reply": STORED} | other
    return Exchange(at=AT + timedelta(seconds=after), path=path, **fields)


def problem(code: str) -> Reply:
    body = {"code": "invalid", "errors": [{"pointer": "/value", "code": code, "detail": "."}]}
    return Reply(status=400, headers=[], body=json.dumps(body).encode())


def codes(*exchanges: Exchange) -> list[str]:
    return [one.code for one in check_wire(exchanges, phone="phone")]


def test_the_same_answer_sent_again_is_right() -> None:
    assert codes(put(), put(after=1), put(after=2, reply=None)) == []


def test_one_id_one_body_single_or_in_a_batch() -> None:
    items = {"entries": [{"id": ID, "value": 4}]}
    batch = put("/api/v1/diary/entries/batch", method="POST", after=1, sent=items)

    assert codes(put(), batch) == ["body_changed"]
    assert codes(put(), put(after=1, sent={"value": 4})) == ["body_changed"]


@pytest.mark.parametrize("bad", [ID.upper(), "7", ID.replace("-4d0e-", "-1d0e-")])
def test_ids_are_lower_case_uuid4(bad: str) -> None:
    assert codes(put(f"/api/v1/diary/answers/{bad}")) == ["not_uuid4"]


def test_retry_after_is_waited_for() -> None:
    told = put(reply=refusal(503, retry_after=30), fault=Kind.BUSY)

    assert codes(told, put(after=29)) == ["too_soon"]
    assert codes(told, put(after=30)) == []
    asked = put("/api/v1/diary/today", after=1, method="GET")
    assert codes(told, asked) == [], "Only answers have to wait."


def test_a_refusal_for_the_apps_own_fault_is_found_and_one_by_bad_luck_is_not() -> None:
    assert codes(put(reply=problem("unknown_field"))) == ["refused"]
    assert codes(put(reply=problem("after_trial"))) == []
    assert codes(put(reply=problem("unknown_field"), fault=Kind.BUSY)) == [], "The kit said that itself."
    item = {"results": [{"id": ID, "status": 400, "problem": json.loads(problem("off_scale").body)}]}
    assert codes(put(reply=Reply(status=207, headers=[], body=json.dumps(item).encode()))) == ["refused"]


def test_secrets_stay_out_of_addresses_and_answers_carry_their_token() -> None:
    assert codes(put("/api/v1/diary/today?token=abc", method="GET")) == ["secret_in_address"]
    assert codes(put(has_token=False)) == ["no_token"]


def test_a_loop_is_found() -> None:
    calls = [put("/api/v1/diary/today", method="GET", after=n / 2) for n in range(MOST_REQUESTS_A_MINUTE + 1)]

    assert codes(*calls) == ["flood"]
    assert codes(*calls[:-1]) == []
