"""The report: a table for the terminal, JSON for machines."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kit import VERSION
from kit.hints import HINTS
from kit.results import FAILED, NOT_RUN, PASSED, Result

MARKS = {PASSED: "ok", FAILED: "FAILED", NOT_RUN: "not run"}
LONGEST = 240


def as_json(results: Sequence[Result], *, app: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    report = {
        "kit_version": VERSION,
        "app": {"name": app.get("name"), "version": app.get("version")},
        "server": {"version": server.get("server_version"), "api_version": server.get("api_version")},
        "passed": is_green(results),
        "counts": dict(Counter(result.outcome for result in results)),
        "results": [result.as_json() for result in results],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def is_green(results: Sequence[Result]) -> bool:
    """What was not run is not passed: the app lacks something that the kit asks for."""
    return bool(results) and all(result.outcome == PASSED for result in results)


def row(result: Result) -> str:
    mark, took = MARKS[result.outcome], f"{result.seconds:6.1f} s"
    return f"{mark:<8} {result.kind:<8} {result.name:<28} {took}  {result.title}"


def details(results: Sequence[Result]) -> Iterator[str]:
    """What differed, and how to fix it, for each that did not pass."""
    for result in results:
        if result.outcome == PASSED:
            continue
        yield f"\n{result.name}: {result.outcome}{f' ({result.reason})' if result.reason else ''}"
        for one in result.differences:
            yield f"  {one.code} · {one.where}"
            yield f"    expected  {_short(one.expected)}"
            yield f"    found     {_short(one.found)}"
            if advice := HINTS.get(one.code):
                yield f"    to fix    {advice}"


def last_line(results: Sequence[Result], *, app: Mapping[str, Any], server: Mapping[str, Any]) -> str:
    counts = Counter(result.outcome for result in results)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in MARKS if counts[outcome])
    who = f"{app.get('name', 'no app')} {app.get('version', '')}".strip()
    api = server.get("api_version")
    return (
        f"\n{'PASSED' if is_green(results) else 'NOT PASSED'}: {who} with API {api}, kit {VERSION}: {told}."
    )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."
