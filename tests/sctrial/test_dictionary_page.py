"""The page in docs/ is the dictionary, and nothing else."""

from pathlib import Path

from sctrial.dictionary import CODES, read_cdisc, read_dictionary
from sctrial.dictionary_page import page_lines

PAGE = Path(__file__).resolve().parents[2] / "docs" / "dictionary.md"


def test_the_page_is_current() -> None:
    text = "\n".join(page_lines()) + "\n"

    assert PAGE.read_text(encoding="utf-8") == text, "python -m sctrial columns > docs/dictionary.md"


def test_the_page_has_a_line_for_every_column_and_every_code() -> None:
    lines = list(page_lines())
    tables = [*read_dictionary().values(), *read_cdisc().values()]
    columns = sum(len(table.columns) for table in tables)
    codes = sum(len(words) for words in CODES.values())

    assert sum(line.startswith("| `") for line in lines) == columns + codes
