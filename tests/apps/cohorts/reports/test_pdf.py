"""The report as it is printed; what it says is read in the tests of its pages."""

from datetime import UTC, datetime

from pypdfium2 import PdfDocument, PdfPage

from apps.cohorts.reports.figure import Figure
from apps.cohorts.reports.pdf import pdf_of
from apps.cohorts.reports.report import IMPORTED, Report
from apps.cohorts.reports.source import Source

AT = datetime(2026, 10, 14, tzinfo=UTC)
#: As wide as the table of the mean change, under an arm with a long word.
WIDE = Figure(
    key="made_up",
    title="Made up",
    reading="Read it.",
    n=50,
    missing="nobody",
    columns=("Group", "n", *(f"Mean of those after {number}" for number in range(11))),
    rows=(("Pain reprocessing therapy", 4711, *(["-3.34 to -2.35"] * 11)),),
)


def ends_of(word: str, page: PdfPage) -> tuple[float, float]:
    """Where a word begins and where it ends on its line."""
    text = page.get_textpage()
    found = text.search(word).get_next()
    assert found is not None, word
    first, length = found
    return text.get_charbox(first)[0], text.get_charbox(first + length - 1)[2]


def test_a_long_word_of_a_wide_table_stays_in_its_column() -> None:
    source = Source("made up", "https://clinic.example/", ("Clinic",), (), "sha256:0")
    made = Report("Made up", source, AT, IMPORTED, (WIDE,), is_imported=True)
    with PdfDocument(pdf_of(made)) as document:
        (page,) = document

        _, end = ends_of("reprocessing", page)
        begin, _ = ends_of("4711", page)
        assert end < begin
