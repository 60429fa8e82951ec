"""Figures of what came later: adverse events, and forecasts against what happened."""

from collections import Counter
from collections.abc import Sequence

from apps.cohorts.reports.figure import (
    HIDDEN,
    Figure,
    Row,
    cell_of,
    count_cell,
    share_cells,
    shareable,
    span,
)
from apps.cohorts.reports.material import Material, Signed
from apps.cohorts.reports.material import Row as Trial
from apps.cohorts.reports.plot import Axis, Mark, Plot, even, ranges
from sctrial.calibration import ENOUGH, Calibration, Forecast, compute_calibration
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.event_rates import compute_event_rate
from sctrial.intervals import Count, compute_proportion
from sctrial.mishaps import EVENTS
from sctrial.sharing import Veil, round_count, show_counts

AHEAD = "Was half of the baseline pain still gone at the last visit after the implant?"


def adverse_events(material: Material, *, shared: bool) -> Figure:
    exposed = {row["trial_id"] for row in material.trials if row["lead_placed_on"]}
    of = [(str(t), str(c)) for t, c in zip(material.events["trial_id"], material.events["code"], strict=True)]
    inside = [(trial, code) for trial, code in of if trial in exposed]
    codes = Counter(code for _, code in inside)
    rows: list[Row] = []
    drawn = []
    counts = {"": len(inside), **dict(codes.most_common())}
    told = show_counts(counts, sums={"": list(codes)}) if shared else counts
    of_trials = round_count(len(exposed)) if shared else len(exposed)
    for code, events in told.items():
        words = EVENTS.get(code, code) if code else "Any"
        trials = len({trial for trial, other in inside if not code or other == code})
        if isinstance(events, Veil):
            rows.append((words, cell_of(events), HIDDEN, None, HIDDEN))
            continue
        rate = compute_event_rate(events, trials=of_trials)
        if rate.rate is not None and rate.interval:
            rows.append((words, events, count_cell(trials, shared=shared), round(float(rate.rate), 1),
                         span(rate.interval, times=1)))  # fmt: skip
            drawn.append((f"{words}: {events}", float(rate.rate), rate.interval.low, rate.interval.high))
    most = 10.0 * (int(max([one[3] for one in drawn] + [10.0]) / 10) + 1)
    return Figure(
        key="adverse_events",
        title="Adverse events per 100 trials",
        reading="Each dot is events per 100 trials with leads placed; the line is its exact 95 % interval.",
        n=len(exposed),
        missing={"without leads placed": len(material.trials) - len(exposed)},
        of="Events per 100 trials, not percent of patients: one trial can have several. "
        "Intervals: exact Poisson "
        "(Garwood 1936).",
        columns=("Event", "Events", "Trials with at least one", "Per 100 trials", "95 % interval"),
        rows=tuple(rows),
        plot=ranges(drawn, axis=Axis(0, most, even(0, most, most / 5), "per 100 trials")) if drawn else None,
        empty="No adverse event is recorded in this cohort, or every count is too small to share.",
    )


def calibration(material: Material, *, shared: bool) -> Figure:
    """Per rule set: what was signed beside what was so at the last visit.

    Never the verdict of today: answers that came after the signature must not improve its forecast.
    """
    implanted = [row for row in material.trials if row["implanted_on"]]
    signed = [row for row in implanted if row["trial_id"] in material.signed]
    seen = [(material.signed[row["trial_id"]], material.still_responds(row)) for row in signed]
    known = [(one, responds) for one, responds in seen if responds is not None]
    rows: list[Row] = []
    marks: list[Mark] = [Mark("line", ((0, 0), (100, 100)), "limit")]
    n = 0
    notes: list[str] = []
    for rule_set in sorted({one.rule_set for one, _ in known}):
        of_rule = [(one, so) for one, so in known if one.rule_set == rule_set]
        rows += _verdicts(rule_set, of_rule, shared=shared)
        forecasts = [Forecast(one.probability, so) for one, so in of_rule if one.probability is not None]
        n += len(forecasts)
        found = compute_calibration(forecasts)
        rows += _bins(rule_set, found, marks, shared=shared)
        notes += _brier(rule_set, found, shared=shared)
        notes += [] if shared else _explanted(rule_set, material, signed)
    return Figure(
        key="calibration",
        title="What was said, and what came of it",
        reading="On the broken line forecasts came true as often as they said; a dot below it "
        "was too hopeful.",
        n=n,
        missing={
            "without an implant": len(material.trials) - len(implanted),
            "implanted, without a signed decision": len(implanted) - len(signed),
            "implanted, without a visit that has a score": len(signed) - len(known),
            "signed without a forecast": len(known) - n,
        },
        of=f"Percent of implanted patients with a visit, by what was signed. {AHEAD} Only "
        "implanted patients can answer, so the others' forecasts stay untested.",
        columns=("Rule set", "Said", "Mean forecast", "Came true", "Of", "Percent", "95 % interval (Wilson)",
                 "Reading"),
        rows=tuple(rows),
        plot=Plot(
            Axis(0, 100, even(0, 100, 20, unit=" %"), "forecast"),
            Axis(0, 100, even(0, 100, 20, unit=" %"), "came true"),
            tuple(marks),
        )
        if len(marks) > 1
        else None,
        empty="No implanted patient has a visit with a score yet, or every count is too small "
        "to share. Record "
        "follow-up visits on the trial page: what the verdicts were worth then shows here.",
        notes=tuple(notes),
    )  # fmt: skip


def _verdicts(rule_set: str, known: Sequence[tuple[Signed, bool]], *, shared: bool) -> list[Row]:
    rows: list[Row] = []
    for answer, words in (("met", "Met"), ("not_met", "Not met"), ("not_evaluable", "Not evaluable")):
        so = [came for one, came in known if one.answer == answer]
        if so:
            cells = share_cells(compute_proportion(Count(sum(so), len(so))), shared=shared)
            rows.append((rule_set, f"Verdict: {words.lower()}", None, *cells, _size(len(so))))
    return rows


def _bins(rule_set: str, found: Calibration, marks: list[Mark], *, shared: bool) -> list[Row]:
    rows: list[Row] = []
    for one in found.bins:
        if one.mean_forecast is None or one.happened.interval is None:
            continue
        said = f"{100 * one.low:.0f} to {100 * one.high:.0f} %"
        cells = share_cells(one.happened, shared=shared)
        rows.append((rule_set, said, round(100 * one.mean_forecast, 1), *cells, _size(one.happened.count.of)))
        if isinstance(cells[2], float):
            x, look = 100 * one.mean_forecast, "faint" if one.is_small else "main"
            told = shareable(one.happened, shared=shared)
            ends = told.interval if told and told.interval else one.happened.interval
            marks.append(Mark("line", ((x, 100 * ends.low), (x, 100 * ends.high)), look))
            marks.append(Mark("point", ((x, cells[2]),), look, f"{rule_set}, {said}: {cells[2]} %"))
    return rows


def _brier(rule_set: str, found: Calibration, *, shared: bool) -> list[str]:
    if found.brier is None or (shared and found.n < SMALLEST_SHOWN):
        return []
    n = count_cell(found.n, shared=shared)
    said = f"Brier score {found.brier:.3f} of {n} forecasts"
    return [f"{rule_set}: {said}; 0 is best, always saying one half gives 0.250."]


def _explanted(rule_set: str, material: Material, signed: Sequence[Trial]) -> list[str]:
    """Both ways of counting them: no source says which of the two is right."""
    of_rule = [row for row in signed if material.signed[row["trial_id"]].rule_set == rule_set]
    known = [(material.still_responds(row), row["explanted_on"] is not None) for row in of_rule]
    seen = [(responds, gone) for responds, gone in known if responds is not None]
    gone = sum(one for _, one in seen)
    if not gone:
        return []
    responding = sum(responds for responds, _ in seen)
    strictly = sum(responds and not one for responds, one in seen)
    of = len(seen)
    told = f"{rule_set}: {gone} of {of} were explanted since. They count above by their last visit before: "
    told += f"{responding} of {of} responding. Counted as not responding: {strictly} of {of}."
    return [told]


def _size(n: int) -> str:
    return f"too few to read (under {ENOUGH})" if n < ENOUGH else "enough to read"
