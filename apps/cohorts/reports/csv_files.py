"""A figure as CSV, clean for any reader, and beside it a manifest of what the page says of it."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from apps.cohorts.reports.figure import DRAWN, Figure
from apps.cohorts.reports.report import NOTICE, Report
from sctrial.csv_files import harmless

#: After the key of a figure: the points of its drawing.
POINTS: Final = "-drawn"
MANIFEST: Final = "manifest.json"


def keys_of(figure: Figure) -> list[str]:
    """Its files by key: the table, and what is drawn."""
    return [figure.key] * bool(figure.rows) + [figure.key + POINTS] * bool(figure.plot)


def csv_of(report: Report, key: str) -> bytes | None:
    """The table of a figure, or, for a key that ends so, the points that are drawn; None of no such."""
    figure = report.figure(key.removesuffix(POINTS))
    if figure is None or (key not in keys_of(figure) and key.endswith(POINTS)):
        return None
    columns, rows = _table(figure, key)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode()


def _table(figure: Figure, key: str) -> tuple[list[str], list[list[Any]]]:
    return (list(DRAWN), figure.drawn) if key.endswith(POINTS) else figure.data


def manifest_of(report: Report, figures: Iterable[Figure]) -> bytes:
    """What a CSV does not hold: question, audience, data, engine; of each figure n, missing and of what."""
    about = report.as_json() | {"audience": report.audience}
    del about["figures"]
    told = [
        {name: value for name, value in figure.as_json().items() if name not in ("columns", "rows")}
        | {"files": [_file(report, figure, key) for key in keys_of(figure)]}
        for figure in figures
    ]
    return json.dumps(about | {"notice": NOTICE, "figures": told}, indent=1, ensure_ascii=False).encode()


def _file(report: Report, figure: Figure, key: str) -> dict[str, Any]:
    columns, rows = _table(figure, key)
    digest = hashlib.sha256(csv_of(report, key) or b"").hexdigest()
    return {"name": name_of(report, key), "sha256": digest, "rows": len(rows), "columns": columns}


def name_of(report: Report, key: str) -> str:
    return f"{key}-{report.for_whom}.csv"


def zip_of(report: Report) -> bytes:
    """Every figure's files and the manifest of them all; the same bytes for the same report."""
    whole = io.BytesIO()
    files = {MANIFEST: manifest_of(report, report.figures)}
    files |= {
        name_of(report, key): csv_of(report, key) or b""
        for figure in report.figures
        for key in keys_of(figure)
    }
    with ZipFile(whole, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = ZipInfo(name, date_time=report.made_at.timetuple()[:6])
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, content)
    return whole.getvalue()
