"""What the record and the phones hold at the end, beside what they must hold."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kit.scenario import Expected, Scenario

Row = Mapping[str, Any]
#: `Date` has whole seconds, and a phone's correction of its clock is as exact as that.
CLOCK_TOLERANCE = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`code` finds the advice in `hints`."""

    code: str
    where: str
    expected: Any
    found: Any


@dataclass(frozen=True, kw_only=True)
class Given:
    """An answer as a patient gave it, between two instants of true time."""

    question: str
    value: Any
    earliest: datetime
    latest: datetime


def compare(
    scenario: Scenario, record: Mapping[str, Any], *, phones: Mapping[str, Row], given: Sequence[Given]
) -> list[Difference]:
    """All that differs; nothing at all when the app has passed."""
    rows: list[Row] = record["answers"]
    replaced = {row["supersedes"] for row in rows if row["supersedes"]}
    current = [row for row in rows if row["id"] not in replaced]
    before = [row for row in rows if row["id"] in replaced]
    return [
        *_same(scenario.expected("record"), current, where="the record"),
        *_same(scenario.expected("replaced"), before, where="what was replaced"),
        *_same(scenario.expected("parked"), record["parked"], where="answers parked for staff"),
        *_captured(rows, given),
        *_phones(scenario, phones),
        *_tasks(scenario, record),
        *_paired(scenario, record),
    ]


def _same(expected: Sequence[Expected], rows: Sequence[Row], *, where: str) -> list[Difference]:
    """Each expected answer once, with its facts, and no other answer."""
    left = list(rows)
    found: list[Difference] = []
    for one in expected:
        row = _closest(one, left)
        if row is None:
            found.append(Difference(code="missing", where=where, expected=_said(one), found=None))
        else:
            left.remove(row)
            found += _facts(one, row, where=where)
    seen = [(one.question, one.value, one.facts["diary_day"]) for one in expected]
    return found + [_surplus(row, seen, where=where) for row in left]


def _said(one: Expected) -> dict[str, Any]:
    return {"question": one.question, "value": one.value, **one.facts}


def _closest(one: Expected, rows: Sequence[Row]) -> Row | None:
    """The row that this answer became: most alike in value, day and the rest."""
    alike = [row for row in rows if row["question"] == one.question and _is_like(one, row)]
    return max(alike, key=lambda row: _likeness(one, row), default=None)


def _is_like(one: Expected, row: Row) -> bool:
    return bool(row["value"] == one.value or row["diary_day"] == one.facts["diary_day"])


def _likeness(one: Expected, row: Row) -> tuple[int, int]:
    agreeing = sum(row.get(name) == fact for name, fact in one.facts.items())
    return int(row["value"] == one.value) + int(row["diary_day"] == one.facts["diary_day"]), agreeing


def _facts(one: Expected, row: Row, *, where: str) -> Iterator[Difference]:
    place = f"{where}: {one.question} of {one.facts['diary_day']}"
    if row["value"] != one.value:
        yield Difference(code="wrong_value", where=place, expected=one.value, found=row["value"])
    for name, fact in one.facts.items():
        if row.get(name) != fact:
            yield Difference(code=f"wrong_{name}", where=place, expected=fact, found=row.get(name))


def _surplus(row: Row, seen: Sequence[tuple[str, Any, Any]], *, where: str) -> Difference:
    told = (row["question"], row["value"], row["diary_day"])
    code = "twice" if told in seen else "invented"
    return Difference(
        code=code,
        where=where,
        expected=None,
        found=dict(zip(("question", "value", "day"), told, strict=True)),
    )


def _captured(rows: Sequence[Row], given: Sequence[Given]) -> Iterator[Difference]:
    """The instant of each answer is the one at which the patient gave it, whatever the phone's clock said."""
    for row in rows:
        times = [one for one in given if (one.question, one.value) == (row["question"], row["value"])]
        captured = datetime.fromisoformat(row["captured_at"])
        if times and not any(_within(captured, one) for one in times):
            yield Difference(
                code="wrong_captured_at",
                where=f"the record: {row['question']} of {row['diary_day']}",
                expected=[one.earliest.isoformat(timespec="seconds") for one in times],
                found=captured.isoformat(timespec="seconds"),
            )


def _within(captured: datetime, one: Given) -> bool:
    return one.earliest - CLOCK_TOLERANCE <= captured <= one.latest + CLOCK_TOLERANCE


def _phones(scenario: Scenario, phones: Mapping[str, Row]) -> Iterator[Difference]:
    """What still waits on each phone, and what it keeps although the server refused it."""
    for phone, said in phones.items():
        for state in ("waiting", "refused"):
            expected = [
                (one.question, one.value)
                for one in scenario.expected(state)
                if one.facts.get("phone", scenario.phones[0].name) == phone
            ]
            found = [(one["question"], one["value"]) for one in said["waiting"] if one["state"] == state]
            if sorted(map(repr, expected)) != sorted(map(repr, found)):
                code = "lost_on_phone" if len(found) < len(expected) else f"still_{state}"
                yield Difference(code=code, where=f"{phone}, {state}", expected=expected, found=found)


def _tasks(scenario: Scenario, record: Mapping[str, Any]) -> Iterator[Difference]:
    expected = sorted(scenario.expect.get("tasks", []))
    if sorted(record["tasks"]) != expected:
        yield Difference(
            code="wrong_tasks", where="tasks for staff", expected=expected, found=record["tasks"]
        )


def _paired(scenario: Scenario, record: Mapping[str, Any]) -> Iterator[Difference]:
    expected = scenario.expect.get("phones_paired", len(scenario.phones))
    paired = Counter(phone["holder"] for phone in record["phones"])
    if paired.total() != expected:
        yield Difference(code="wrong_phones", where="phones", expected=expected, found=dict(paired))
