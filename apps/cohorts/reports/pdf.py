"""The report as a tagged PDF: the drawings of the page, each with its table."""

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import typst
from django.conf import settings
from django.template.loader import render_to_string

from apps.cohorts.reports.figure import Figure
from apps.cohorts.reports.report import NOTICE, Report

STANDARD: Final = "ua-1"
DEMO: Final = "Demo data: made-up people."
#: A longer table is for a file of its own.
MOST_LINES: Final = 60


def pdf_of(report: Report) -> bytes:
    return print_sheet(sheet_of(report), at=report.made_at)


def sheet_of(report: Report) -> bytes:
    """All that the PDF tells, before it is laid out."""
    data = {
        "title": report.title,
        "source": list(report.source.lines.items()),
        "made": f"{report.made_at:%d %B %Y %H:%M} UTC",
        "audience": report.audience,
        "notice": f"{DEMO} {NOTICE}" if settings.DEMO and not report.is_imported else NOTICE,
        "figures": [_figure(figure) for figure in report.figures],
    }
    return json.dumps(data).encode()


def print_sheet(sheet: bytes, *, at: datetime) -> bytes:
    """The same bytes for the same sheet and moment."""
    return bytes(
        typst.compile(
            _template(),
            format="pdf",
            pdf_standards=[STANDARD],
            ignore_system_fonts=True,
            timestamp=int(at.timestamp()),
            sys_inputs={"data": sheet.decode()},
        )
    )


def _figure(figure: Figure) -> dict[str, Any]:
    sketch = next(iter(figure.sketches), None)
    svg = render_to_string("cohorts/plot.svg", {"sketch": sketch, "figure": figure}) if sketch else ""
    more = len(figure.lines) - MOST_LINES
    told = [*figure.notes, *([f"{more} more rows stand in the CSV file."] if more > 0 else [])]
    return {
        "title": figure.title,
        "reading": figure.reading,
        "n": figure.n,
        "missing": figure.missing,
        "of": figure.of,
        "notes": told,
        "empty": figure.empty,
        "svg": svg.strip(),
        "key": ", ".join(f"{words} ({COLOUR_WORDS[look]})" for look, words in figure.plot.key)
        if figure.plot
        else "",
        "columns": list(figure.columns),
        "rows": figure.lines[:MOST_LINES],
    }


COLOUR_WORDS: Final = {
    "main": "blue",
    "second": "purple",
    "third": "green",
    "quiet": "grey",
    "bad": "red",
    "faint": "light grey",
}


@cache
def _template() -> bytes:
    return files("apps.cohorts").joinpath("templates", "cohorts", "report.typ").read_bytes()
