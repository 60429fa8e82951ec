"""Calibration of certainty and forecast on made-up patients whose truth is known.

    python -m bench.calibration --seed 1                                        the table
    python -m bench.calibration --seed 1 --svg docs/images/calibration.svg      and the picture
    python -m bench.calibration --seed 1 --forecast                             while the leads are in

Standard library only. The same seed prints the same lines. Exit code 1 when the bar is missed.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import inf, isfinite
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Final, NamedTuple

from bench.calibration_picture import picture
from sctrial.certainty import Certainty, compute_certainty
from sctrial.distributions import clipped_normal
from sctrial.forecast import MORE_DAYS, Forecast, Planned, compute_forecast
from sctrial.reduction import is_reduced_by
from sctrial.scales import SCALES, ScaleCode
from sctrial.simulate import FIRST_DAY, Plan, Truth, draw_diary, draw_truth
from sctrial.windows import parse_window

HALF: Final = Fraction(1, 2)
SCALE: Final = SCALES[ScaleCode.NRS_11]
TRIAL_DAYS: Final = (3, 5, 7)
BINS: Final = 20
BANDS: Final = 3

#: The bar: coverage of the 90 % interval overall, in the worst cell, and the error of a probability.
OVERALL: Final = (0.88, 0.94)
WORST: Final = 0.80
ERROR: Final = 0.03

#: Ends of the simulated ranges that cells are cut from.
_CUT: Final[dict[str, tuple[float, float]]] = {
    "day_sd": (0.7, 2.0),
    "lag1": (0.0, 0.5),
    "reduction": (0.1, 0.8),
}


class Seen(NamedTuple):
    """One made-up patient: the truth and whether interval and probability did it justice."""

    truth: Truth
    trial_days: int
    covered: bool
    covered_as_reported: bool
    width: float
    probability: float
    reached: bool


class Foretold(NamedTuple):
    """One evening of one made-up trial: what was forecast, and what came."""

    evening: int
    probability: float
    met: bool
    settled: tuple[float, ...]
    was_settled: tuple[bool, ...]


def see_patients(rng: Random, *, patients: int, plan: Plan) -> Iterator[Seen]:
    """Certainty of ``patients`` made-up patients on one plan; without an interval nothing is covered."""
    for _ in range(patients):
        truth = draw_truth(rng)
        diary = draw_diary(rng, truth=truth, plan=plan)
        if diary.baseline and diary.trial:
            yield _seen(
                truth,
                plan.trial_days,
                compute_certainty(diary.baseline, trial=diary.trial, threshold=HALF, scale=plan.scale),
            )


def _seen(truth: Truth, trial_days: int, certainty: Certainty) -> Seen:
    low, high = certainty.interval_90 or (inf, -inf)
    return Seen(
        truth=truth,
        trial_days=trial_days,
        covered=low <= 100 * truth.reduction <= high,
        covered_as_reported=low <= 100 * reduction_as_reported(truth) <= high,
        width=high - low,
        probability=certainty.probability or 0.0,
        reached=truth.reduction >= HALF,
    )


def reduction_as_reported(truth: Truth) -> float:
    """The other reading of "true": the reduction of the means that endless clipped diaries would show."""
    ends = float(SCALE.minimum), float(SCALE.maximum)
    before, after = (
        clipped_normal(mean, sd=truth.day_sd, ends=ends).mean
        for mean in (truth.baseline_mean, truth.trial_mean)
    )
    return float((before - after) / before)


def foretell(rng: Random, *, patients: int, window: str, days: int = 7) -> Iterator[Foretold]:
    """Forecasts on each evening of made-up trials of ``days`` days, beside what then happened."""
    longest = Plan(trial_days=days + max(MORE_DAYS))
    first = FIRST_DAY + timedelta(days=longest.baseline_days + longest.days_between)
    planned = Planned(first, first + timedelta(days=days - 1), parse_window(window), HALF)
    for _ in range(patients):
        diary = draw_diary(rng, truth=draw_truth(rng), plan=longest)
        met = _is_met(diary.baseline, diary.trial, planned)
        later = [_is_settled(diary.baseline, diary.trial, first, n) for n in range(1, longest.trial_days + 1)]
        for evening in range(1, days):
            today = first + timedelta(days=evening - 1)
            forecast = compute_forecast(
                diary.baseline, trial=diary.trial, today=today, plan=planned, scale=SCALE
            )
            yield _foretold(evening, forecast, met, later)


def _foretold(evening: int, forecast: Forecast, met: bool, later: Sequence[bool]) -> Foretold:
    was_settled = tuple(later[evening - 1 + more] for more in MORE_DAYS)
    return Foretold(evening, forecast.probability or 0.0, met, forecast.settled or (), was_settled)


def _is_met(baseline: dict[date, Fraction], trial: dict[date, Fraction], planned: Planned) -> bool:
    n = planned.window.n or len(trial)
    counted = [
        value
        for day, value in trial.items()
        if planned.first_day <= day <= planned.last_day and (planned.last_day - day).days < n
    ]
    return is_reduced_by(
        planned.threshold,
        baseline_total=sum(baseline.values(), Fraction(0)),
        baseline_days=len(baseline),
        trial_total=sum(counted, Fraction(0)),
        trial_days=len(counted),
    )


def _is_settled(baseline: dict[date, Fraction], trial: dict[date, Fraction], first: date, days: int) -> bool:
    so_far = {day: value for day, value in trial.items() if (day - first).days < days}
    probability = compute_certainty(baseline, trial=so_far, threshold=HALF, scale=SCALE).probability or 0.0
    return not 0.05 < probability < 0.95


# --- summaries ---------------------------------------------------------------------------------


class Bin(NamedTuple):
    """Patients whose probability fell into one bin: how many, mean probability, share that came true."""

    patients: int
    said: float
    came: float


def bins_of(pairs: Iterable[tuple[float, bool]], *, bins: int = BINS) -> list[Bin]:
    """Bins of equal width over 0 to 1, empty ones left out."""
    held: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for said, came in pairs:
        held[min(int(said * bins), bins - 1)].append((said, came))
    return [
        Bin(len(held[n]), fmean(said for said, _ in held[n]), fmean(came for _, came in held[n]))
        for n in sorted(held)
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: ``|said - came|``, weighted by patients. Source: Naeini 2015."""
    return sum(one.patients * abs(one.said - one.came) for one in bins) / sum(one.patients for one in bins)


def coverage(seen: Sequence[Seen]) -> float:
    """Share of patients whose interval holds the true reduction."""
    return fmean(one.covered for one in seen)


def band(truth: Truth, *, fact: str, bands: int = BANDS) -> int:
    """Which of the equal ``bands`` of its range a fact of the patient lies in, from 0."""
    low, high = _CUT[fact]
    value: float = getattr(truth, fact)
    return min(max(int((value - low) / (high - low) * bands), 0), bands - 1)


Key = Callable[[Seen], Hashable]


def split(seen: Iterable[Seen], *, by: Key) -> dict[Hashable, list[Seen]]:
    """Patients by ``by``, keys ascending."""
    held: dict[Hashable, list[Seen]] = defaultdict(list)
    for one in seen:
        held[by(one)].append(one)
    return dict(sorted(held.items(), key=lambda item: str(item[0])))


def cell(one: Seen) -> tuple[int, ...]:
    """Trial days and the bands of SD, correlation and reduction."""
    return (one.trial_days, *(band(one.truth, fact=fact) for fact in _CUT))


# --- printing ----------------------------------------------------------------------------------


def table(seen: Sequence[Seen]) -> Iterator[str]:
    """The lines that docs/methods/certainty.md quotes."""
    yield "patients                 n  covered  as reported   width  calibration error"
    yield _line("all", seen)
    for days, some in split(seen, by=lambda one: one.trial_days).items():
        yield _line(f"{days} trial days", some)
    for fact, words in (("day_sd", "day SD"), ("lag1", "lag-1"), ("reduction", "reduction")):
        low, high = _CUT[fact]
        for n in range(BANDS):
            ends = [low + (high - low) * edge / BANDS for edge in (n, n + 1)]
            some = [one for one in seen if band(one.truth, fact=fact) == n]
            # A probability is told to patients whose reduction is not known, so no error by reduction.
            yield _line(f"{words} {ends[0]:.2f}-{ends[1]:.2f}", some, with_error=fact != "reduction")
    cells = sorted((coverage(some), key, len(some)) for key, some in split(seen, by=cell).items())
    yield f"worst of {len(cells)} cells: {cells[0][0]:.3f} (n {cells[0][2]}); best {cells[-1][0]:.3f}"


def _line(name: str, seen: Sequence[Seen], *, with_error: bool = True) -> str:
    reported = fmean(one.covered_as_reported for one in seen)
    # A diary that came out near 0 has no interval; it counts as not covered, and has no width.
    width = fmean(one.width for one in seen if isfinite(one.width))
    error = calibration_error(bins_of((one.probability, one.reached) for one in seen))
    figures = f"{name:<20}{len(seen):>6}   {coverage(seen):.4f}       {reported:.4f}   {width:5.1f}"
    return f"{figures}             {error:.4f}" if with_error else figures


def is_within_bar(seen: Sequence[Seen]) -> bool:
    """Whether coverage overall, coverage of the worst cell and calibration error keep the bar."""
    worst = min(coverage(some) for some in split(seen, by=cell).values())
    error = calibration_error(bins_of((one.probability, one.reached) for one in seen))
    return OVERALL[0] <= coverage(seen) <= OVERALL[1] and worst >= WORST and error <= ERROR


def forecast_table(foretold: Sequence[Foretold]) -> Iterator[str]:
    """Calibration error of the forecast by evening, and of "settled after k more days"."""
    yield "evening        n  forecast  +1 day  +2 days  +3 days"
    for evening in (None, *sorted({one.evening for one in foretold})):
        some = [one for one in foretold if evening in {None, one.evening}]
        errors = [calibration_error(bins_of((one.probability, one.met) for one in some))]
        errors += [
            calibration_error(bins_of((one.settled[more], one.was_settled[more]) for one in some))
            for more in MORE_DAYS[1:]
        ]
        name = "all" if evening is None else str(evening)
        yield f"{name:<7}{len(some):>9}    " + "   ".join(f"{error:.4f}" for error in errors)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table for a seed; 0 when the bar is kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--patients", type=int, default=20_000, help="for each number of trial days")
    parser.add_argument("--days-between", type=int, default=1, help="days between the two phases")
    parser.add_argument("--missing", type=float, default=0.0, help="share of days without an answer")
    parser.add_argument("--svg", type=Path, help="write the picture here")
    parser.add_argument("--forecast", action="store_true", help="the forecast instead of the certainty")
    options = parser.parse_args(arguments)
    return (_forecast if options.forecast else _certainty)(options)


def _certainty(options: argparse.Namespace) -> int:
    rng = _random(options.seed)
    seen: list[Seen] = []
    for days in TRIAL_DAYS:
        plan = Plan(trial_days=days, days_between=options.days_between, missing=options.missing)
        seen += see_patients(rng, patients=options.patients, plan=plan)
    _print([f"seed {options.seed}", *table(seen)])
    if options.svg:
        bins = bins_of((one.probability, one.reached) for one in seen)
        cells = [coverage(some) for some in split(seen, by=cell).values()]
        options.svg.parent.mkdir(parents=True, exist_ok=True)
        options.svg.write_text(picture(bins, cells=cells, seed=options.seed, patients=len(seen)), "utf-8")
    return 0 if is_within_bar(seen) else 1


def _forecast(options: argparse.Namespace) -> int:
    kept = True
    for window in ("last-n-days:3", "whole-phase"):
        foretold = list(foretell(_random(options.seed), patients=options.patients // 10, window=window))
        _print([f"seed {options.seed}, 7 trial days planned, window {window}", *forecast_table(foretold)])
        kept &= calibration_error(bins_of((one.probability, one.met) for one in foretold)) <= ERROR
    return 0 if kept else 1


def _random(seed: int) -> Random:
    return Random(seed)


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
