"""Rules about code that a linter has no words for; the others are in pyproject.toml, as ruff's banned-api."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_repository import SOURCE, files, relative

LONGEST_FUNCTION = 60
ENQUEUEING = {"delay", "delay_on_commit", "apply_async", "apply_async_on_commit", "send_task"}
# The two places that speak to the broker: the house task itself, and the beat that can do without one.
MAY_ENQUEUE = {"apps/jobs.py", "config/beat.py"}
MAY_DECLARE_TASKS = {"apps/jobs.py"}


def parsed(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for path in files(*folders):
        yield relative(path), ast.parse(path.read_text(encoding="utf-8"))


def calls_of(tree: ast.AST, names: set[str]) -> list[ast.Call]:
    """Calls of a method by one of these names, `anything.delay(...)`."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in names]


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in parsed(*SOURCE, "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]

    assert long == [], f"Split what has more than {LONGEST_FUNCTION} lines into steps with names."


def test_tasks_are_rung_never_enqueued_by_hand() -> None:
    by_hand = [
        f"{name}:{call.lineno}"
        for name, tree in parsed("apps", "config", "sctrial")
        if name not in MAY_ENQUEUE
        for call in calls_of(tree, ENQUEUEING)
    ]

    assert by_hand == [], "Use <task>.ring(...): after commit, ids only, and never an error for the caller."


def test_tasks_are_declared_in_one_way() -> None:
    """Ruff says so too, except where a file may read the clock: its message covers both."""
    others = [
        f"{name}:{node.lineno}"
        for name, tree in parsed("apps", "config", "sctrial")
        if name not in MAY_DECLARE_TASKS
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("celery")
        and {alias.name for alias in node.names} & {"shared_task", "Task"}
    ]

    assert others == [], "Use apps.jobs.house_task."


@pytest.mark.parametrize(
    ("source", "found"),
    [("assess_trial.delay(trial_id=1)", 1), ("assess_trial.ring(trial_id=1)", 0), ("delay(1)", 0)],
)
def test_the_rule_sees_what_it_should(source: str, found: int) -> None:
    assert len(calls_of(ast.parse(source), ENQUEUEING)) == found


def test_the_rules_look_at_the_whole_house() -> None:
    seen = {Path(name).parts[0] for name, _ in parsed(*SOURCE)}

    assert seen == set(SOURCE)
