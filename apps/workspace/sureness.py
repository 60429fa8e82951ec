"""How much the verdict hangs on choices, on missing days and on programs; and what is new since yesterday.

Worked out by the core from the evidence that was frozen, so the page says nothing that a replay could not.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from apps.outcomes.models import ANSWERS, Assessment
from apps.trials.models import ProgramInterval
from apps.workspace.verdicts import WINDOW_WORDS, Reading, percent_of
from sctrial.criteria import RuleSet
from sctrial.evidence import Evidence, evidence_from_canonical
from sctrial.grids import TRIAL_48
from sctrial.nodes import Pair
from sctrial.programs import (
    FEWEST_DAYS,
    WASH_IN_DAYS,
    ProgramChange,
    ProgramRelief,
    Programs,
    compute_program_reliefs,
)
from sctrial.reduction import display_mean, display_percent_at
from sctrial.refigure import read_sides
from sctrial.robustness import Analysis, Robustness, assess_robustness
from sctrial.scales import TARGET
from sctrial.tipping import Bounds, Evenings, assess_bounds, assess_evenings
from sctrial.windows import Window

POLICY_WORDS = {
    "observed": "as observed",
    "locf": "last score carried forward",
    "bocf": "baseline carried forward",
    "wocf_trial": "worst of the trial carried forward",
}
GRID = f"{TRIAL_48.name} {TRIAL_48.version}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One analysis: what was chosen, and what came out."""

    trial_window: str
    baseline_window: str
    kind: str
    policy: str
    answer: str
    answer_words: str
    percent: str


@dataclass(frozen=True, slots=True)
class ProgramRow:
    name: str
    days: int
    mean: str
    percent: str
    note: str


@dataclass(frozen=True, slots=True)
class Sureness:
    """The parts of the section; a part without anything to say is empty."""

    summary: str
    cells: tuple[Cell, ...]
    bounds: str
    evenings: str
    programs: tuple[ProgramRow, ...]
    grid: str = GRID
    wash_in: int = WASH_IN_DAYS


def sureness_of(
    reading: Reading, *, programs: Sequence[ProgramInterval], ended_on: date | None = None
) -> Sureness | None:
    """None where the rule of the verdict is no longer at hand: it cannot be worked out again.

    The analyses reach to ``ended_on``, so that silence before the end is missing in them.
    """
    rule = reading.rule
    if rule is None:
        return None
    evidence = evidence_from_canonical(json.loads(reading.row.evidence.content))
    robustness = assess_robustness(evidence, rule_set=rule, trial_ended=ended_on)
    threshold = Fraction(reading.row.certainty["threshold"])
    return Sureness(
        summary=_summary(robustness),
        cells=tuple(_cell(one, threshold=threshold) for one in robustness.analyses),
        bounds=_bounds_words(assess_bounds(evidence, rule_set=rule)),
        evenings=_evenings_words(assess_evenings(evidence, rule_set=rule)),
        programs=tuple(_program_rows(_reliefs(evidence, rule, programs), threshold=threshold)),
    )


def _summary(robustness: Robustness) -> str:
    counts = robustness.summary()
    readings = "reading" if robustness.distinct == 1 else "readings"
    return (
        f"Met in {counts['met']} of {counts['of']} ways to analyse the same diary, not met in "
        f"{counts['not_met']}, not evaluable in {counts['not_evaluable']}; they rest on "
        f"{robustness.distinct} different {readings} of it."
    )


def _cell(one: Analysis, *, threshold: Fraction) -> Cell:
    return Cell(
        trial_window=_window_words(one.trial_window),
        baseline_window=_window_words(one.baseline_window),
        kind=one.kind.value,
        policy=POLICY_WORDS[one.policy.value],
        answer=one.answer.value,
        answer_words=ANSWERS[one.answer.value],
        percent="" if one.exact is None else display_percent_at(one.exact, threshold=threshold),
    )


def _window_words(window: Window) -> str:
    return WINDOW_WORDS[window.kind].format(n=window.n)


def _bounds_words(bounds: Bounds) -> str:
    if not bounds.missing_days:
        return "No day of the trial window is missing."
    days = "1 day" if bounds.missing_days == 1 else f"{bounds.missing_days} days"
    best, worst = (ANSWERS[case.answer.value].lower() for case in (bounds.best, bounds.worst))
    if best == worst:
        return f"{days} of the trial window missing: whatever they held, the answer stays {best}."
    return f"{days} of the trial window missing: {best} in the best case, {worst} in the worst."


def _evenings_words(evenings: Evenings) -> str:
    if evenings.count is None or evenings.becomes is None:
        return ""
    more = "1 more evening" if evenings.count == 1 else f"{evenings.count} more evenings"
    return f"{more} at baseline level would turn it into {ANSWERS[evenings.becomes.value].lower()}."


def _reliefs(evidence: Evidence, rule: RuleSet, programs: Sequence[ProgramInterval]) -> Programs | None:
    pair: Pair = (TARGET, rule.score_kind)
    sides = read_sides(evidence, pair=pair, several=evidence.protocol.several)
    if not programs or sides.trial.last_day is None:
        return None
    return compute_program_reliefs(
        sides.trial.values,
        changes=[ProgramChange(one.started_on, one.name) for one in programs],
        last_day=sides.trial.last_day,
        baseline_mean=sides.baseline.figures(evidence.protocol.baseline_window).mean,
    )


def _program_rows(found: Programs | None, *, threshold: Fraction) -> Iterator[ProgramRow]:
    for one in found.programs if found else ():
        exact = one.reduction.exact
        yield ProgramRow(
            name=one.program,
            days=one.days,
            mean="" if one.mean is None else display_mean(one.mean),
            percent="" if exact is None else display_percent_at(exact, threshold=threshold),
            note=_rank_words(one),
        )


def _rank_words(one: ProgramRelief) -> str:
    if one.too_few_days:
        return f"fewer than {FEWEST_DAYS} days"
    return f"rank {one.rank}" if one.rank else ""


def news_of(reading: Reading, *, before: Assessment | None) -> tuple[str, ...] | None:
    """What changed in the verdict since ``before``; None when there was none."""
    return None if before is None else tuple(_news(before, reading))


def _news(before: Assessment, now: Reading) -> Iterator[str]:
    if before.answer != now.answer:
        yield f"{before.get_answer_display()} became {now.answer_words.lower()}"
    then = percent_of(before, rule=now.rule) or "no percent"
    if then != (now.percent or "no percent"):
        yield f"reduction {then}, now {now.percent or 'no percent'}"
    days = before.verdict["trial"]["days"]
    if days != now.trial.days:
        yield f"trial window {days} days with a score, now {now.trial.days}"
    if before.rule_set_digest != now.row.rule_set_digest:
        yield f"judged under version {now.row.rule_set_version} of the rule, before {before.rule_set_version}"
