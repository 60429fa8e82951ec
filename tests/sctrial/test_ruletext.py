"""One rule laid out, and two compared, from the content of their files."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sctrial.criteria import rule_set
from sctrial.decision import shipped_content
from sctrial.ruletext import compare_rules, describe_rule

Content = dict[str, Any]
Change = Callable[[Content], object]


def north() -> Content:
    return copy.deepcopy(shipped_content(rule_set("NORTH_PP", version="2007.1")))


def test_a_rule_is_laid_out_in_full() -> None:
    content = north()
    content["cautions"] = ["Read the source."]
    content["source"] = [{"text": "A paper", "mark": "S"}, {"text": "A memory", "mark": "K"}]

    assert list(describe_rule(content, digest="sha256:0")) == [
        "NORTH_PP 2007.1",
        f"title: {content['title']}",
        f"holder: {content['holder']}",
        "in force from: 2007-01-01",
        "score kind: average",
        "digest: sha256:0",
        "criteria:",
        "  success: Trial success (all)",
        "    target_pain: Target pain at least 50 % lower (pain reduction: region target, threshold 50%)",
        "    analgesics: Analgesics stable or reduced (analgesic not increased)",
        "    satisfaction: Patient satisfied (satisfied)",
        "sources:",
        "  A paper [S: seen in the named source]",
        "  A memory [K: general knowledge, not confirmed]",
        "cautions:",
        "  Read the source.",
    ]


def first(content: Content) -> Content:
    return content["root"]["of"][0]


def moved(content: Content) -> None:
    satisfaction = content["root"]["of"].pop()
    pair = {
        "criterion": "any",
        "id": "either",
        "label": "Either",
        "of": [satisfaction, content["root"]["of"].pop()],
    }
    content["root"]["of"].append(pair)


STATED = {"criterion": "stated_relief", "id": "stated", "label": "Stated", "threshold": "50%"}

# fmt: off
CHANGES: list[tuple[Change, list[str]]] = [
    (lambda new: new.update(), []),
    (lambda new: new.update(version="2008.1", title="New"), ["title: Old -> New"]),
    (lambda new: new.update(in_force_to="2020-12-31"), ["in force to: none -> 2020-12-31"]),
    (lambda new: first(new).update(threshold="40%"), ["criterion target_pain threshold: 50% -> 40%"]),
    (lambda new: first(new).update(kind="worst"), ["criterion target_pain kind: none -> worst"]),
    (lambda new: new["root"].update(criterion="any"), ["criterion success criterion: all -> any"]),
    (lambda new: new["root"]["of"].pop(), ["criterion satisfaction removed: Patient satisfied (satisfied)"]),
    (lambda new: new["root"]["of"].append({**STATED}),
     ["criterion stated added: Stated (stated relief: threshold 50%)"]),
    (moved, ["criterion analgesics moved: from success to either",
             "criterion satisfaction moved: from success to either",
             "criterion either added: Either (any)"]),
    (lambda new: new["source"].append({"text": "Another paper", "mark": "S"}),
     ["source added: Another paper [S: seen in the named source]"]),
    (lambda new: new["source"][0].update(mark="K"),
     ["source removed: A paper [S: seen in the named source]",
      "source added: A paper [K: general knowledge, not confirmed]"]),
    (lambda new: new.update(cautions=[]), ["caution removed: Read the source."]),
]
# fmt: on


@pytest.mark.parametrize(("change", "lines"), CHANGES)
def test_each_change_of_a_rule_is_one_readable_line(change: Change, lines: list[str]) -> None:
    old = north() | {
        "title": "Old",
        "source": [{"text": "A paper", "mark": "S"}],
        "cautions": ["Read the source."],
    }
    new = copy.deepcopy(old)
    change(new)

    found = list(compare_rules(old, new=new))

    assert found[0] == f"NORTH_PP 2007.1 -> NORTH_PP {new['version']}"
    assert found[1:] == lines


def test_what_nobody_thought_of_is_shown_as_it_is_written() -> None:
    content = north()
    first(content).update({"windows": {"baseline": "last-n-days:7"}, "days": [1, 2], "strict": True})

    lines = list(describe_rule(content, digest="sha256:0"))

    assert any("windows baseline last-n-days:7, days 1, 2, strict yes" in line for line in lines)
