"""The data dictionary as a page for people, made of the one file that the exports are made of."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from sctrial.dictionary import CODES, Column, Identifying, Table, read_cdisc, read_dictionary

_HEAD: Final = """\
# Data dictionary

Every column of every exported table. This page is made by `python -m sctrial columns`; what it says comes
from `sctrial/tables/dictionary.toml`, of which the REDCap dictionary, the labels in SAS, SPSS and Stata
files and the dictionary sheet of a workbook are made too.

*Leaves as*: what becomes of the column in a de-identified file. The SAS name holds in transport files."""
_CDISC: Final = """\
## CDISC-style

The tables below carry names and ideas of CDISC SDTM and ADaM. They are made of the tables above when a file
is asked for. No conformance is claimed: *CDISC-style*, not CDISC."""
_LEAVES: Final[Mapping[Identifying, str]] = MappingProxyType(
    {
        Identifying.NO: "it is",
        Identifying.YES: "never: identified files only",
        Identifying.DATE: "a shifted day, or not at all where there are study days",
        Identifying.RARE: "it is; hidden where fewer than 5 patients share it",
    }
)


def page_lines() -> Iterator[str]:
    """The page in Markdown, line by line."""
    yield from _HEAD.splitlines()
    for table in read_dictionary().values():
        yield from ("", *_section(table))
    yield from ("", *_CDISC.splitlines())
    for table in read_cdisc().values():
        yield from ("", *_section(table))
    yield from ("", "## Codes")
    for name, codes in sorted(CODES.items()):
        yield from ("", f"### {name}", "", "| code | meaning |", "|---|---|")
        yield from (f"| `{code}` | {words} |" for code, words in codes.items())


def _section(table: Table) -> Iterator[str]:
    key = ", ".join(f"`{name}`" for name in table.key)
    yield from (f"## {table.name}", "", f"{table.title}. Named and ordered by {key}.", "")
    yield "| column | label | SAS | type | unit | definition | missing means | leaves as | source |"
    yield "|---|---|---|---|---|---|---|---|---|"
    yield from (_line(column) for column in table.columns)


def _line(column: Column) -> str:
    kind = f"code of [{column.codes}](#{column.codes})" if column.codes else column.type.value
    cells = (
        f"`{column.name}`",
        column.label,
        f"`{column.xpt}`",
        kind,
        column.unit,
        column.definition,
        column.missing,
        _LEAVES[column.identifying],
        f"`{column.source}`",
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
