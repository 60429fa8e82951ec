"""The road of a trial as a page of the docs, drawn from the table of steps: ``python -m sctrial.road``."""

import sys
from collections.abc import Iterator

from sctrial.phases import NEED_WORDS, STEPS, Need, Phase, Step, Who

_INTRO = """# The road of a trial

*Drawn from the table `STEPS` in `sctrial/phases.py` by `python -m sctrial.road`, and held to it by a test.*

A trial moves along these steps and in no other way. Each step is taken by `move_trial` of
`apps/trials/services.py`, under a lock on the trial's row and from the phase that the page showed; it leaves
one event in the audit trail. There is no other way back than the one drawn.
"""
_MARKS = """
*Signed*: taken by signing the decision, by no button. *Reason*: told in words of at least three characters.
*Ends programs*: a stimulation program that still runs ends on the day of the step.
"""


def page() -> str:
    """The whole page, as it stands in docs/methods/phases.md."""
    return "\n".join([_INTRO, *_drawing(), "", *_table(), _MARKS])


def _drawing() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {next(iter(Phase)).value}"
    for step in STEPS:
        yield f"    {step.start.value} --> {step.to.value}"
    for phase in Phase:
        if not any(step.start is phase for step in STEPS):
            yield f"    {phase.value} --> [*]"
    yield "```"


def _table() -> Iterator[str]:
    yield "| from | to | step | by | recorded before | given with it | also |"
    yield "|---|---|---|---|---|---|---|"
    yield from map(_row, STEPS)


def _row(step: Step) -> str:
    cells = (
        f"`{step.start.value}`",
        f"`{step.to.value}`",
        step.name,
        ", ".join(who.value for who in Who if who in step.by),
        _words(step.needs),
        _words(step.sets),
        ", ".join(_also(step)),
    )
    return f"| {' | '.join(cells)} |"


def _words(needs: tuple[Need, ...]) -> str:
    return "; ".join(NEED_WORDS[need] for need in needs)


def _also(step: Step) -> Iterator[str]:
    if step.wants_reason:
        yield "reason"
    if step.is_signed:
        yield "signed"
    if step.closes_programs:
        yield "ends programs"


if __name__ == "__main__":
    sys.stdout.write(page())
