"""How far each trial of a cohort came, and by what name the others left the road."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from apps.cohorts.reports.figure import Cell, Figure, Row, cell_of
from apps.cohorts.reports.material import Cancelled, Material
from apps.cohorts.reports.material import Row as Trial
from apps.cohorts.reports.plot import Axis, Mark, Plot
from sctrial.dictionary import CODES
from sctrial.flow import Course, Stage, Step, compute_flow
from sctrial.phases import EndReason, Phase
from sctrial.sharing import round_count, show_counts

STAGE_WORDS: Final = {
    Stage.REFERRED: "Referred",
    Stage.ELIGIBLE: "Eligible",
    Stage.TRIALLED: "Trialled (leads placed)",
    Stage.MET: "Met the rule",
    Stage.IMPLANTED: "Implanted",
    Stage.STILL_RESPONDING: "Still responding at the last visit",
}
CANCELLED: Final = "cancelled before leads were placed"
ASSESSED: Final = (Phase.REFERRED, Phase.ELIGIBILITY)
RUNNING: Final = (Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE)


def course_of(row: Trial, material: Material, *, shared: bool = False) -> Course:
    name, phase = row["trial_id"], row["phase"]
    if row["lead_placed_on"] is None:
        if phase == Phase.CANCELLED:
            return _cancelled(name, material.cancelled.get(name), shared=shared)
        if phase in ASSESSED:
            return Course(name, Stage.REFERRED, "still being assessed")
        return Course(name, Stage.ELIGIBLE, "leads not placed yet")
    lost = _why_not_met(row)
    if lost:
        return Course(name, Stage.TRIALLED, lost)
    if row["implanted_on"] is None:
        return Course(name, Stage.MET, _why_not_implanted(row))
    if row["explanted_on"] is not None:
        return Course(name, Stage.IMPLANTED, "explanted")
    responds = material.still_responds(row)
    if responds is None:
        return Course(name, Stage.IMPLANTED, "no visit with a score yet")
    if not responds:
        return Course(name, Stage.IMPLANTED, "less than 50 % relief at the last visit")
    return Course(name, Stage.STILL_RESPONDING)


def _cancelled(name: str, how: Cancelled | None, *, shared: bool) -> Course:
    """At the stage from which it was cancelled; why, in the clinic's own words, stays in the clinic."""
    stage = Stage.REFERRED if how is None or how.phase in ASSESSED else Stage.ELIGIBLE
    why = f": {how.reason}" if how and how.reason and not shared else ""
    return Course(name, stage, f"{CANCELLED}{why}")


def _why_not_met(row: Trial) -> str:
    if row["phase"] in RUNNING:
        return "still running"
    if row["phase"] == Phase.WITHDRAWN:
        return "withdrawn"
    if row["end_reason"] == EndReason.TECHNICAL_FAILURE:
        return "technical failure"
    lost = {"met": "", "not_met": "did not meet the rule"}.get(row["answer"], "not evaluable")
    return f"{lost}, implanted all the same" if lost and row["implanted_on"] else lost


def _why_not_implanted(row: Trial) -> str:
    if not row["decision"]:
        return "not decided yet"
    if row["decision"] == "implant":
        return "implant decided, not placed yet"
    return f"decided: {CODES['choice'][row['decision']].lower()}"


def flow(material: Material, *, shared: bool) -> Figure:
    steps = compute_flow(course_of(row, material, shared=shared) for row in material.trials)
    told = _flow_cells(steps, shared=shared)
    rows: list[Row] = []
    marks: list[Mark] = []
    y, most = 0.0, max(1, steps[0].n)
    for step in steps:
        n = told[step.stage.value]
        rows.append((STAGE_WORDS[step.stage], n, ""))
        marks.append(Mark("text", ((0, y - 0.8),), "text", f"{STAGE_WORDS[step.stage]}: {n}"))
        if isinstance(n, int):
            marks.append(Mark("box", ((0, y - 1.05), (n, y - 1.75)), "main", f"{n}"))
        y -= 2
        for words, _ in step.losses:
            cell = told[f"{step.stage.value}/{words}"]
            rows.append(("", cell, words))
            marks.append(Mark("text", ((0, y - 0.6),), "bad", f"\u2212 {cell} {words}"))
            y -= 0.9
        y -= 0.4
    return Figure(
        key="flow",
        title="From referral to lasting relief",
        reading="Each bar is how many trials came that far; under it stands, by name, who went no further.",
        n=steps[0].n,
        missing="nobody: every trial is at one place",
        columns=("Stage", "Trials", "Left the road here because"),
        rows=tuple(rows),
        plot=Plot(Axis(0, max(most, round_count(most))), Axis(y, 0), tuple(marks), height=round(-y * 18))
        if steps[0].n
        else None,
        empty="No trial answers this question. Ask for fewer filters.",
    )


def _flow_cells(steps: Sequence[Step], *, shared: bool) -> dict[str, Cell]:
    """Each stage is the sum of who left there and of the next one."""
    counts = {step.stage.value: step.n for step in steps}
    sums = {}
    for step, after in pairwise([*steps, None]):
        assert step is not None
        losses = {f"{step.stage.value}/{words}": lost for words, lost in step.losses}
        counts |= losses
        if after is not None:
            sums[step.stage.value] = [*losses, after.stage.value]
    return {
        name: cell_of(one) for name, one in (show_counts(counts, sums=sums) if shared else counts).items()
    }
