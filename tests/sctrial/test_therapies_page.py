"""docs/methods/therapies.md has every number of the table, and no other."""

from pathlib import Path

from sctrial.therapies import QUANTITIES
from sctrial.therapy_table import THERAPIES, Standard

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "therapies.md"


def row(label: str, agent: str, standard: Standard) -> str:
    needs = [
        f"{QUANTITIES[need.quantity].label} at least {need.at_least} {QUANTITIES[need.quantity].unit} "
        f"[{need.source.mark.value}]"
        for need in standard.needs
    ]
    return f"| {label} | {agent} | {'; '.join(needs) or '–'} | {'; '.join(standard.gaps) or '–'} |"


def test_the_table_of_the_page_is_the_table_of_the_core() -> None:
    rows = [
        row(therapy.label, standard.agent or ("any other" if len(therapy.standards) > 1 else "any"), standard)
        for therapy in THERAPIES.values()
        for standard in therapy.standards
    ]
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    begin = lines.index("| class | agent | asked for | no sourced number for |") + 2

    assert lines[begin : begin + len(rows) + 1] == [*rows, ""]
