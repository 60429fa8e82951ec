"""A backlog arrives in any order, in pieces, twice: the record in the end is one and the same.

Twelve answers of four evenings and four changes of them (one a change of a change), two requests for a
correction; a change may come before what it changes, a request before its answer. Some never arrive.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.audit.models import AuditEvent
from apps.diary.corrections import request_correction
from apps.diary.models import (
    CorrectionRequest,
    DiaryAnswer,
    DiaryEntry,
    ParkedAnswer,
    PatientDevice,
    StaffTask,
)
from apps.diary.schemas import AnswerBody, CorrectionBody, EntryBody, parse
from apps.diary.selectors import standing
from apps.diary.services import Taken, record_answers, record_entries
from tests.factories import make_answer_body, make_clinic, make_device, make_entry_body, make_trial

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
DAYS = range(1, 5)


@dataclass(frozen=True)
class Item:
    """One thing the phone has to send; ``replaces`` and ``about`` are names of others."""

    name: str
    sort: str
    body: dict[str, Any]
    replaces: str = ""
    about: str = ""


def evening(day: int, minute: int = 0) -> str:
    return f"2026-10-{8 + day:02}T19:{minute:02}:00+02:00"


def answers() -> list[Item]:
    found = []
    for day in DAYS:
        at = evening(day)
        found += [
            Item(f"average {day}", "entry", make_entry_body(value=day, captured_at=at)),
            Item(f"worst {day}", "entry", make_entry_body(value=day + 3, kind="worst", captured_at=at)),
            Item(f"sleep {day}", "answer", make_answer_body("sleep", {"number": day}, captured_at=at)),
        ]
    return found


def change(name: str, of: str, body: dict[str, Any]) -> Item:
    return Item(name, "answer" if "question" in body else "entry", body, replaces=of)


CHANGES = [
    change("average 1, again", "average 1", make_entry_body(value=8, captured_at=evening(1, 10))),
    change("average 1, at last", "average 1, again", make_entry_body(value=9, captured_at=evening(1, 20))),
    change("worst 2, again", "worst 2", make_entry_body(value=10, kind="worst", captured_at=evening(2, 5))),
    change("sleep 3, again", "sleep 3", make_answer_body("sleep", {"number": 0}, captured_at=evening(3, 5))),
]
ASKED = {
    "reason": "wrong_number",
    "text": "I meant 3.",
    "captured_at": evening(4, 30),
    "zone": "Europe/Berlin",
}
REQUESTS = [
    Item("correct average 4", "request", ASKED | {"proposed_value": 3}, about="average 4"),
    Item("correct sleep 4", "request", ASKED, about="sleep 4"),
]
ITEMS = [*answers(), *CHANGES, *REQUESTS]
NAMES = [item.name for item in ITEMS]
#: Another phone's: each changes an answer that never arrives, or a change of that.
STRAYS = [
    change("average 1, astray", "lost 1", make_entry_body(value=6, captured_at=evening(1, 15))),
    change("average 1, further astray", "average 1, astray", make_entry_body(captured_at=evening(1, 25))),
    change("worst 2, astray", "lost 2", make_entry_body(value=7, kind="worst", captured_at=evening(2, 15))),
    change("sleep 3, astray", "lost 3", make_answer_body("sleep", {"number": 5}, captured_at=evening(3, 1))),
]
LOST = ["lost 1", "lost 2", "lost 3"]
SENT_OR_NOT = [*(item for item in ITEMS if item.sort != "request"), *STRAYS]


class Phone:
    """Knows its things by name, and sends them as they come."""

    def __init__(self) -> None:
        trial = make_trial(clinic=make_clinic(), diary_windows="18:00-24:00")
        self.device: PatientDevice = make_device(trial)[0]
        self.ids = {name: str(uuid.uuid4()) for name in [*NAMES, *(item.name for item in STRAYS), *LOST]}
        self.names = {uuid.UUID(pk): name for name, pk in self.ids.items()}

    def send(self, items: Sequence[Item]) -> None:
        """One piece: scores, then the other answers, as a batch does; requests go one by one."""
        at = timezone.now()
        by: dict[str, Any] = {"by": self.device, "at": at}
        scores = [(self.ids[i.name], parse(EntryBody, self.body(i))) for i in items if i.sort == "entry"]
        others = [(self.ids[i.name], parse(AnswerBody, self.body(i))) for i in items if i.sort == "answer"]
        outcomes: list[Any] = [
            *record_entries(scores, **by, request_id="order"),
            *record_answers(others, **by, request_id="order"),
        ]
        assert [one for one in outcomes if not isinstance(one, Taken)] == []
        for item in items:
            if item.sort == "request":
                request_correction(
                    self.ids[item.name], parse(CorrectionBody, self.body(item)), **by, trace="order"
                )

    def body(self, item: Item) -> dict[str, Any]:
        names = {"supersedes": self.ids[item.replaces]} if item.replaces else {}
        if item.about:
            names |= {"entry" if "average" in item.about else "answer": self.ids[item.about]}
        return item.body | names

    def record(self) -> dict[str, Any]:
        """All that is on record of this trial, by name; nothing in it tells the order of arrival."""
        trial = self.device.trial_id
        rows: list[DiaryEntry | DiaryAnswer] = [*DiaryEntry.objects.filter(trial=trial)]
        rows += DiaryAnswer.objects.filter(trial=trial)
        stands: list[DiaryEntry | DiaryAnswer] = [*standing(DiaryEntry.objects.filter(trial=trial))]
        stands += standing(DiaryAnswer.objects.filter(trial=trial))
        waiting = ParkedAnswer.objects.filter(trial=trial, closed_at__isnull=True)
        tasks = StaffTask.objects.filter(trial=trial, closed_at__isnull=True)
        return {
            "stored": {self.names[row.pk]: (str(row), said(row)) for row in rows},
            "replaced": {
                self.names[row.pk]: self.names[row.supersedes_id] for row in rows if row.supersedes_id
            },
            "standing": sorted((str(row), said_text(row)) for row in stands),
            "requests": {
                self.names[row.pk]: (self.names[row.entry_id or row.answer_id], row.state)  # type: ignore[index]
                for row in CorrectionRequest.objects.filter(trial=trial)
            },
            "waiting": {self.names[row.pk]: row.why for row in waiting},
            "tasks": sorted(tasks.values_list("kind", flat=True)),
            "creates": sorted(
                self.names[uuid.UUID(pk)]
                for pk in AuditEvent.objects.filter(
                    action="create", object_id__in=list(self.ids.values())
                ).values_list("object_id", flat=True)
            ),
        }


def said(row: DiaryEntry | DiaryAnswer) -> Any:
    return row.value if isinstance(row, DiaryEntry) else row.answer


def said_text(row: DiaryEntry | DiaryAnswer) -> str:
    return json.dumps(said(row))


@st.composite
def deliveries(draw: st.DrawFn, items: Sequence[Item] = ITEMS) -> list[list[Item]]:
    """Every item at least once, in some order, cut into pieces; some pieces come again, anywhere after."""
    order = draw(st.permutations(items))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(order) - 1)), max_size=6)))
    pieces = [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    again = draw(st.lists(st.sampled_from(range(len(pieces))), max_size=3))
    return pieces + [pieces[number] for number in again]


@settings(max_examples=500)
@given(deliveries())
def test_every_order_comes_to_the_same_record(pieces: list[list[Item]]) -> None:
    phone = Phone()

    for piece in pieces:
        phone.send(piece)

    record = phone.record()
    assert (record["waiting"], record["tasks"]) == ({}, ["correction_requested"] * 2)
    assert record["creates"] == sorted(NAMES)
    assert record["replaced"] == {item.name: item.replaces for item in CHANGES}
    assert record["requests"] == {item.name: (item.about, "open") for item in REQUESTS}
    assert set(record["stored"]) == {item.name for item in ITEMS if item.sort != "request"}
    assert record["standing"] == STANDING


STANDING_AT_LAST = {
    **{f"2026-10-{8 + day:02} · target · average": day for day in DAYS},
    **{f"2026-10-{8 + day:02} · target · worst": day + 3 for day in DAYS},
    **{f"2026-10-{8 + day:02} · sleep": {"number": day} for day in DAYS},
    "2026-10-09 · target · average": 9,
    "2026-10-10 · target · worst": 10,
    "2026-10-11 · sleep": {"number": 0},
}
STANDING = sorted((place, json.dumps(said)) for place, said in STANDING_AT_LAST.items())


def test_backwards_and_one_by_one_is_one_of_the_orders() -> None:
    phone = Phone()

    for item in reversed(ITEMS):
        phone.send([item])

    assert phone.record()["standing"] == STANDING
    assert len(ITEMS) == 12 + 4 + 2


@st.composite
def lossy(draw: st.DrawFn) -> tuple[list[Item], list[list[Item]]]:
    """Some answers never arrive: the others as they are written down here, and in an order of their own."""
    kept = draw(st.lists(st.sampled_from(SENT_OR_NOT), min_size=2, unique_by=lambda item: item.name))
    in_turn = [item for item in SENT_OR_NOT if item in kept]
    return in_turn, draw(deliveries(in_turn))


@settings(max_examples=200)
@given(lossy())
def test_with_answers_that_never_arrive_too_one_stands_in_each_place(
    sent: tuple[list[Item], list[list[Item]]],
) -> None:
    in_turn, pieces = sent
    phone, other = Phone(), Phone()

    for piece in pieces:
        phone.send(piece)
    for item in in_turn:
        other.send([item])

    record = phone.record()
    assert record == other.record()
    places = [place for place, _ in record["standing"]]
    assert len(places) == len(set(places)) == len({place for place, _ in record["stored"].values()})
    # Each is there, and stands, is replaced, or waits for staff.
    assert set(record["stored"]) == {item.name for item in in_turn}
    replaced = {name for change, name in record["replaced"].items() if change not in record["waiting"]}
    counted = len(places) + len(replaced & set(record["stored"]) - set(record["waiting"]))
    assert counted + len(record["waiting"]) == len(in_turn)
    assert record["tasks"] == ["answer_parked"] * len(record["waiting"])
