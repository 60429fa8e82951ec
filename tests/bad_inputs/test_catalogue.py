"""Every case of the catalogue is asked here or says where it is; and a weak service is found out by them."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.bad_inputs.asks import Ask, asks_of
from tests.bad_inputs.catalogue import CASES, CATALOGUE, OTHER_GROUPS
from tests.bad_inputs.service import Answer, Phone

HERE = Path(__file__).parent
ID = re.compile(r"[A-Z]\d{3}")
COVERS = re.compile(r"@covers\(([^)]*)\)")
#: Of the cases below, how many a service of default fields answers otherwise (trust notes: at least 50).
FEWEST_FOUND_OUT = 50


def in_tests() -> set[str]:
    folders = (HERE, HERE.parent / "races")
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("test_*.py")]
    return {name for text in texts for names in COVERS.findall(text) for name in ID.findall(names)}


def test_every_case_is_asked_or_says_where_it_is() -> None:
    here = in_tests() | {case.id for case in CASES.values() if asks_of(case)}
    elsewhere = {case.id for case in CASES.values() if case.elsewhere}

    assert here | elsewhere == set(CASES)
    assert here & elsewhere == set()


def test_the_copy_is_whole() -> None:
    assert len(CASES) == CATALOGUE["count"] == len(CATALOGUE["inputs"])
    assert set(OTHER_GROUPS) < {case.group for case in CASES.values()}


def test_every_difference_has_its_reason() -> None:
    ours = [raw["ours"] for raw in CATALOGUE["inputs"] if "ours" in raw]

    assert [one for one in ours if set(one) not in ({"expect", "why"}, {"elsewhere"})] == []
    assert [text for one in ours for text in one.values() if len(text) < len("201")] == []


def is_found_out(ask: Ask, answer: Answer) -> bool:
    """By the status alone: a weak service has no problem documents to compare."""
    if answer.status != ask.status:
        return True
    return bool(ask.items) and [one["status"] for one in answer.json["results"]] != list(ask.items)


@pytest.mark.django_db
@pytest.mark.urls("tests.bad_inputs.weak")
def test_a_service_of_default_fields_is_found_out() -> None:
    found: Counter[str] = Counter()
    asked = 0
    for case in CASES.values():
        asks = asks_of(case)
        asked += bool(asks)
        if any(is_found_out(ask, Phone("").ask(ask)) for ask in asks):
            found[case.group] += 1

    print(f"{found.total()} of {asked} cases find a weak service out: {dict(found)}")
    assert found.total() >= FEWEST_FOUND_OUT, found
    assert set(found) >= {"score", "datetime", "zone", "diary_day", "ids", "text", "json", "headers"}
