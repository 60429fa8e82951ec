"""Backlogs of every size and kind: each item judged, the whole safe to send again."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.bad_inputs.asks import BATCH, Ask
from tests.bad_inputs.catalogue import covers
from tests.bad_inputs.service import Phone, faults_of
from tests.factories import make_answer_body, make_entry_body

pytestmark = pytest.mark.django_db
Item = dict[str, Any]


def entries(number: int) -> list[Item]:
    return [make_entry_body(id=str(uuid.uuid4())) for _ in range(number)]


def answers(number: int) -> list[Item]:
    return [make_answer_body(id=str(uuid.uuid4())) for _ in range(number)]


def batch(*items: int, **lists: Any) -> Ask:
    return Ask("POST", BATCH, json.dumps(lists).encode(), 207, items=items)


@covers("B001", "B002", "B003")
@pytest.mark.parametrize("number", [0, 1, 500])
@pytest.mark.parametrize(("name", "make"), [("entries", entries), ("answers", answers)])
def test_up_to_500_items_are_taken_once(
    phone: Phone, name: str, make: Callable[[int], list[Item]], number: int
) -> None:
    lists = {name: make(number)}

    for status in (201, 200):
        ask = batch(*[status] * number, **lists)
        assert faults_of(ask, phone.ask(ask)) == []


@covers("B004")
@pytest.mark.parametrize(("scores", "others"), [(501, 0), (0, 501), (250, 251)])
def test_more_than_500_are_refused_whole(phone: Phone, scores: int, others: int) -> None:
    raw = json.dumps({"entries": entries(scores), "answers": answers(others)}).encode()
    ask = Ask("POST", BATCH, raw, 413, code="batch_too_large")

    assert faults_of(ask, phone.ask(ask)) == []


@covers("B005")
def test_one_bad_item_of_500_is_named_and_the_others_are_taken(phone: Phone) -> None:
    items = entries(500)
    items[249]["value"] = 11

    ask = batch(*[201] * 249, 400, *[201] * 250, entries=items)

    assert faults_of(ask, phone.ask(ask)) == []


NOT_ITEMS: list[Any] = [None, True, 7, "x", [], [[]], {}, {"id": None}, {"id": "\u0000"}, {"entries": []}]


@pytest.mark.parametrize("item", NOT_ITEMS, ids=repr)
def test_what_is_no_item_is_refused_alone(phone: Phone, item: Any) -> None:
    ask = batch(201, 400, 400, entries=[*entries(1), item], answers=[item])

    answer = phone.ask(ask)

    assert faults_of(ask, answer) == []
    assert answer.json["results"][1]["id"] is None


def test_a_score_among_the_answers_is_refused_there(phone: Phone) -> None:
    (score,), (other,) = entries(1), answers(1)

    ask = batch(400, 400, entries=[other], answers=[score])

    assert faults_of(ask, phone.ask(ask)) == []


def test_one_id_in_both_lists_is_two_answers_in_two_tables(phone: Phone) -> None:
    one = str(uuid.uuid4())

    ask = batch(201, 201, entries=[make_entry_body(id=one)], answers=[make_answer_body(id=one)])

    assert faults_of(ask, phone.ask(ask)) == []
