"""docs/trail.md says of every table what is kept of it; the triggers of the database must say the same."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

PAGE = Path(__file__).parents[3] / "docs" / "trail.md"
LINE = re.compile(r"^\| `(?P<table>\w+)` \| (?P<kept>[a-z ]+) \| ?(?P<more>.*?) ?\|$", re.MULTILINE)
LINES = [match.groupdict() for match in LINE.finditer(PAGE.read_text(encoding="utf-8"))]
NAME = re.compile(r"`(\w+)`")
ARRAY = re.compile(r"ARRAY\[([^\]]*)\]")
CHANGES_AND_DELETIONS = {"UPDATE", "DELETE"}


def tables() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})


def tables_kept(*words: str) -> list[dict[str, str]]:
    return [line for line in LINES if line["kept"] in words]


def triggers(table: str) -> dict[str, str]:
    """The source of each trigger's function, by the trigger's own name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table],
        )
        return {name.removeprefix("pgtrigger_").rsplit("_", 1)[0]: source for name, source in cursor}


def refused(table: str) -> set[str]:
    """What a trigger refuses whatever the row says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_manipulation FROM information_schema.triggers WHERE event_object_table = %s"
            " AND action_timing = 'BEFORE' AND action_condition IS NULL AND trigger_name ~ %s",
            [table, "append_only|kept_for_ever"],
        )
        return {event for (event,) in cursor}


def test_every_table_has_one_line_and_every_line_its_table() -> None:
    assert [name for name, times in Counter(line["table"] for line in LINES).items() if times > 1] == []
    assert sorted(line["table"] for line in LINES) == tables()
    assert {line["kept"] for line in LINES} == {
        "values",
        "sealed",
        "never changes",
        "struck out",
        "nothing",
    }


def test_what_is_not_kept_has_its_reason() -> None:
    assert [line["table"] for line in tables_kept("nothing") if len(line["more"]) < 15] == []


@pytest.mark.parametrize("line", tables_kept("values", "sealed"), ids=lambda line: line["table"])
def test_values_are_kept_but_for_the_columns_that_are_named(db: None, line: dict[str, str]) -> None:
    found = triggers(line["table"])
    named = set(NAME.findall(line["more"]))

    for source in (found["values_added"], found["values_changed"]):
        arrays = [set(re.findall(r"\w+", one)) for one in ARRAY.findall(source)]
        assert set().union(*arrays) == named
        assert ("audit_seal" in source) == (line["kept"] == "sealed")


@pytest.mark.parametrize("line", tables_kept("never changes"), ids=lambda line: line["table"])
def test_what_never_changes_cannot(db: None, line: dict[str, str]) -> None:
    assert refused(line["table"]) == CHANGES_AND_DELETIONS


@pytest.mark.parametrize("line", tables_kept("struck out"), ids=lambda line: line["table"])
def test_what_is_struck_out_changes_in_one_column_whose_values_are_kept(
    db: None, line: dict[str, str]
) -> None:
    found = triggers(line["table"])
    model = next(model for model in apps.get_models() if model._meta.db_table == line["table"])
    (guard,) = (one for one in model._meta.original_attrs["triggers"] if one.name == "only_struck_out")

    assert refused(line["table"]) == {"DELETE"}
    assert {"only_struck_out", "values_changed"} <= found.keys()
    assert guard.condition.exclude == re.findall(NAME, line["more"]) == ["is_void"]


@pytest.mark.parametrize("line", tables_kept("nothing"), ids=lambda line: line["table"])
def test_of_the_others_nothing_is_kept(db: None, line: dict[str, str]) -> None:
    assert [name for name in triggers(line["table"]) if name.startswith("values")] == []
