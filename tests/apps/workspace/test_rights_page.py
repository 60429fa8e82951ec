"""The page of rights is made from the table, and is the committed one."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from apps.workspace.rights import Act, Route, Table
from apps.workspace.rights_page import report

PAGE = Path(__file__).parents[3] / "docs" / "rights.md"


def test_a_right_is_its_letters_and_none_is_a_dash() -> None:
    table = Table(
        resources={"trials.lead": {"coordinator": frozenset(Act), "site_admin": frozenset()}},
        routes=(Route("GET", "/app/", {"anonymous": 200}),),
    )

    page = report(table)

    assert "| row | coordinator | site admin |\n| --- | --- | --- |\n| `trials.lead` | VAC | – |\n" in page
    assert "| route | anonymous |\n| --- | --- |\n| `GET /app/` | 200 |\n" in page


def test_the_committed_page_is_the_tables() -> None:
    printed = StringIO()

    call_command("rights_report", stdout=printed)

    assert printed.getvalue() == PAGE.read_text(encoding="utf-8"), (
        "python manage.py rights_report > docs/rights.md"
    )
