"""What the record holds beside what the patient said."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.compare import CLOCK_TOLERANCE, Difference, Given, compare
from kit.hints import HINTS
from kit.scenario import read
from tests.app_kit.conftest import KIT

#: One evening, pain 7, changed to 4 and then to 5; sleep 4.
AMENDED = read(KIT / "scenarios" / "amended.json")
AT = datetime(2026, 10, 12, 18, 0, tzinfo=UTC)


def row(n: int, value: int, *, question: str = "target.average", **facts: Any) -> dict[str, Any]:
    return {
        "id": str(n),
        "question": question,
        "value": value,
        "diary_day": "2026-10-12",
        "window": 1,
        "timeliness": "on_time",
        "late_sync": False,
        "originator": "patient",
        "zone": "Europe/Berlin",
        "language": "en",
        "captured_at": AT.isoformat(),
        "supersedes": None,
    } | facts


ALL = [row(1, 7), row(2, 4, supersedes="1"), row(3, 5, supersedes="2"), row(4, 4, question="sleep")]


def found(rows: list[dict[str, Any]], **other: Any) -> list[Difference]:
    record = {"answers": rows, "parked": [], "tasks": [], "phones": [{"holder": "patient"}]} | other
    phones = {"phone": {"waiting": other.get("waiting", [])}}
    return compare(AMENDED, record, phones=phones, given=other.get("given", []))


def codes(rows: list[dict[str, Any]], **other: Any) -> list[str]:
    return [one.code for one in found(rows, **other)]


def test_a_record_that_holds_what_was_said_differs_in_nothing() -> None:
    assert found(ALL) == []


def test_a_lost_answer_is_missing_and_says_which() -> None:
    (lost,) = found(ALL[:3])

    assert (lost.code, lost.where) == ("missing", "the record")
    assert (lost.expected["question"], lost.expected["value"]) == ("sleep", 4)


def test_an_answer_that_is_there_twice_or_that_nobody_gave() -> None:
    assert codes([*ALL, row(5, 4, question="sleep")]) == ["twice"]
    assert codes([*ALL, row(5, 0, question="note")]) == ["invented"]


@pytest.mark.parametrize(
    ("fact", "wrong"),
    [
        ("value", 3),
        ("diary_day", "2026-10-13"),
        ("window", 2),
        ("timeliness", "late"),
        ("late_sync", True),
        ("originator", "proxy"),
        ("zone", "UTC"),
        ("language", "de"),
    ],
)
def test_each_fact_of_an_answer_counts(fact: str, wrong: object) -> None:
    changed = [*ALL[:3], ALL[3] | {fact: wrong}]

    assert codes(changed) == [f"wrong_{fact}"]


def test_a_replaced_answer_is_kept_as_replaced() -> None:
    assert codes([row(3, 5), ALL[3]]) == ["missing", "missing"]
    assert codes([row(1, 7), row(2, 4, supersedes="1"), row(3, 5, supersedes="1"), ALL[3]])[0] == "invented"


def test_an_answer_is_dated_when_it_was_given() -> None:
    given = [Given(question="sleep", value=4, earliest=AT, latest=AT + timedelta(seconds=2))]
    early = AT - CLOCK_TOLERANCE

    assert codes(ALL, given=given) == []
    assert codes([*ALL[:3], ALL[3] | {"captured_at": early.isoformat()}], given=given) == []
    too_early = (early - timedelta(seconds=1)).isoformat()
    assert codes([*ALL[:3], ALL[3] | {"captured_at": too_early}], given=given) == ["wrong_captured_at"]


def test_what_still_waits_on_the_phone_and_what_it_lost() -> None:
    waits = {"question": "sleep", "value": 4, "state": "waiting"}

    assert codes(ALL, waiting=[waits]) == ["still_waiting"]
    assert codes(ALL, waiting=[waits | {"state": "refused"}]) == ["still_refused"]


def test_staff_see_what_they_must_and_nothing_else() -> None:
    parked = {"question": "sleep", "value": 9, "diary_day": "2026-10-12", "why": "slot_taken"}

    assert codes(ALL, tasks=["red_flag"]) == ["wrong_tasks"]
    assert codes(ALL, parked=[parked]) == ["invented"]
    assert codes(ALL, phones=[{"holder": "patient"}, {"holder": "patient"}]) == ["wrong_phones"]


def test_every_difference_comes_with_advice() -> None:
    named = {
        code
        for path in Path(KIT / "kit").glob("*.py")
        for code in re.findall(r'code="(\w+)"', path.read_text(encoding="utf-8"))
    }

    assert named <= HINTS.keys()
