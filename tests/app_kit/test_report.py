"""The report says what differed and how to fix it, and is green only when all was played and passed."""

import json

import pytest

from kit.compare import Difference
from kit.hints import HINTS
from kit.report import as_json, details, is_green, last_line, row
from kit.results import FAILED, NOT_RUN, PASSED, Result, outcome_of

APP = {"name": "Made up", "version": "2.3"}
SERVER = {"server_version": "sctrial, API 1.1.0", "api_version": "1.1.0"}
LOST = Difference(code="missing", where="the record", expected={"value": 4}, found=None)


def result(outcome: str = PASSED, *differences: Difference, reason: str = "") -> Result:
    return Result(
        kind="scenario",
        name="traveller",
        title="Over the date line",
        outcome=outcome,
        seconds=1.25,
        differences=differences,
        reason=reason,
    )


@pytest.mark.parametrize(
    ("results", "green"),
    [([result()], True), ([result(), result(FAILED, LOST)], False), ([result(NOT_RUN)], False), ([], False)],
)
def test_green_is_played_and_passed(results: list[Result], green: bool) -> None:
    assert is_green(results) is green
    assert last_line(results, app=APP, server=SERVER).strip().startswith("PASSED" if green else "NOT PASSED")


def test_a_difference_is_told_with_its_place_and_its_cure() -> None:
    text = "\n".join(details([result(), result(FAILED, LOST)]))

    for words in ("traveller: failed", "missing · the record", '{"value": 4}', "null", HINTS["missing"]):
        assert words in text


def test_what_was_not_run_says_why() -> None:
    one = result(NOT_RUN, reason="the driver does not support withdraw")

    assert "traveller: not run (the driver does not support withdraw)" in "\n".join(details([one]))
    assert row(one).startswith("not run")


def test_the_json_report_names_versions_and_everything_that_differed() -> None:
    found = json.loads(as_json([result(FAILED, LOST)], app=APP, server=SERVER))

    assert (found["app"], found["passed"], found["counts"]) == (APP, False, {"failed": 1})
    assert found["server"] == {"version": "sctrial, API 1.1.0", "api_version": "1.1.0"}
    (one,) = found["results"]
    assert one["differences"] == [
        {
            "code": "missing",
            "where": "the record",
            "expected": {"value": 4},
            "found": None,
            "how_to_fix": HINTS["missing"],
        }
    ]


def test_an_outcome_is_its_differences() -> None:
    assert (outcome_of([]), outcome_of([LOST])) == (PASSED, FAILED)
