"""The page on the road of a trial is the table of steps, drawn."""

from pathlib import Path

import pytest

from sctrial.phases import STEPS, Phase, Step
from sctrial.road import page

DOCS = Path(__file__).parents[2] / "docs" / "methods" / "phases.md"


def test_the_committed_page_is_the_table() -> None:
    drawn = page()

    assert DOCS.read_text(encoding="utf-8") == drawn, "python -m sctrial.road > docs/methods/phases.md"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.start}-{step.to}")
def test_each_step_is_an_arrow_and_a_row(step: Step) -> None:
    lines = page().splitlines()

    assert lines.count(f"    {step.start} --> {step.to}") == 1
    assert sum(line.startswith(f"| `{step.start}` | `{step.to}` | {step.name} |") for line in lines) == 1


def test_the_drawing_has_no_other_arrow_than_the_table() -> None:
    arrows = [line for line in page().splitlines() if " --> " in line and "[*]" not in line]

    assert len(arrows) == len(STEPS)


def test_a_final_state_leads_out() -> None:
    final = {phase for phase in Phase if not any(step.start is phase for step in STEPS)}

    assert final == {Phase.EXPLANTED, Phase.CANCELLED, Phase.WITHDRAWN}
    assert all(f"    {phase} --> [*]" in page().splitlines() for phase in final)
