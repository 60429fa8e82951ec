"""docs/analytics.md is held against the database: what it says of the views, and each of its queries."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from apps.accounts.models import Clinic
from apps.cohorts.question import CohortQuestion
from apps.cohorts.services import make_snapshot
from sctrial.deidentify_tables import Form
from sctrial.dictionary import Column, read_dictionary
from tests.apps.cohorts.test_analytics import BI, as_bi, run
from tests.apps.cohorts.test_services import asker
from tests.factories.deciding import make_waiting

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "analytics.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMENTED = """
SELECT c.relname, obj_description(c.oid), a.attname, format_type(a.atttypid, a.atttypmod),
       col_description(c.oid, a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE n.nspname = 'analytics' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.oid, a.attnum
"""
HEAD = "| column | type | unit | codes | what it is | `NULL` means |\n|---|---|---|---|---|---|"


def show(clinic: Clinic, *, form: Form) -> None:
    made = make_snapshot(CohortQuestion(), asker=asker(clinic), form=form)
    call_command("analytics_show", made.pk, stdout=StringIO())


@pytest.fixture
def cohort(clinic: Clinic) -> Clinic:
    for _ in range(5):
        make_waiting(clinic)
    return clinic


def sections() -> Iterator[str]:
    """Each view as the page shall tell it, in the words of the database and of the dictionary."""
    known = read_dictionary()
    last = ""
    for view, title, name, kind, words in run(COMMENTED):
        if view != last:
            yield f"\n### analytics.{view}\n\n{title}\n\n{HEAD}"
        unit, codes, missing = cells(known[view].column(name) if view in known else None)
        yield f"| `{name}` | {kind} | {unit} | {codes} | {words} | {missing} |"
        last = view


def cells(column: Column | None) -> tuple[str, str, str]:
    if column is None:
        return "", "", "never missing"
    codes = f"[{column.codes}](dictionary.md#{column.codes})" if column.codes else ""
    return column.unit, codes, column.missing


def test_the_page_tells_of_each_view_and_column_what_the_database_does(cohort: Clinic) -> None:
    """With shifted dates, which has every column of the other form and the days."""
    show(cohort, form=Form.SHIFTED)

    expected = "\n".join(sections())
    assert PAGE.partition("\n### analytics.")[2] == expected.partition("\n### analytics.")[2] + "\n"


@pytest.mark.parametrize("form", [Form.STUDY_DAYS, Form.SHIFTED])
def test_each_query_of_the_page_runs_with_the_rights_of_a_tool_and_finds_something(
    form: Form, cohort: Clinic
) -> None:
    show(cohort, form=form)
    run(f"CREATE ROLE {BI} LOGIN")
    call_command("analytics_grant", BI, stdout=StringIO())

    with as_bi():
        found = {query: run(query) for query in QUERIES}

    assert len(found) == PAGE.count("```sql") > 5
    assert [query for query, rows in found.items() if not rows or None in rows[0]] == []
