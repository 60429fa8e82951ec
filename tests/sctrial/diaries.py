"""Made-up diaries, written as a clinician would read them out: one score a day, "-" for a missed day."""

from datetime import date, timedelta
from fractions import Fraction

from sctrial.evidence import Analgesics, Entry, Evidence, Protocol
from sctrial.phases import DiaryPhase
from sctrial.scales import TARGET, ScaleCode, ScoreKind
from sctrial.windows import Several, parse_window

BASELINE_STARTS = date(2026, 3, 2)
LEADS_PLACED = date(2026, 3, 10)

STARTS = {DiaryPhase.BASELINE: BASELINE_STARTS, DiaryPhase.TRIAL: LEADS_PLACED}


def diary(
    scores: str, *, phase: DiaryPhase, region: str = TARGET, kind: ScoreKind = ScoreKind.AVERAGE
) -> tuple[Entry, ...]:
    """ "7 - 6,5" is 7 on the first day, nothing on the second, 6 and then 5 on the third."""
    entries: list[Entry] = []
    for number, cell in enumerate(scores.split()):
        day = STARTS[phase] + timedelta(days=number)
        scores_of_day = [] if cell == "-" else cell.split(",")
        entries += [Entry(day, phase, region, kind, Fraction(score)) for score in scores_of_day]
    return tuple(entries)


def protocol(
    *,
    baseline: str = "whole-phase",
    trial: str = "whole-phase",
    several: Several = Several.MEAN,
    scale: ScaleCode = ScaleCode.NUMERIC_0_10,
) -> Protocol:
    return Protocol(parse_window(baseline), parse_window(trial), several, scale)


def evidence_of(
    baseline: str,
    trial: str,
    *,
    mme: tuple[int | None, int | None] = (None, None),
    satisfied: bool | None = None,
    under: Protocol | None = None,
) -> Evidence:
    entries = diary(baseline, phase=DiaryPhase.BASELINE) + diary(trial, phase=DiaryPhase.TRIAL)
    before, after = (None if amount is None else Fraction(amount) for amount in mme)
    return Evidence(under or protocol(), entries, Analgesics(before, after), satisfied)
