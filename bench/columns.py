"""Judging whole cohorts at once, beside an anchor in the same run. Ratios count; seconds are the machine's.

    bin/bench columns [--trials 5000] [--rounds 5] [--block 1000]

The anchor is what an analyst would type: pandas groupby twice, to day means and to window means, in
floating point and without windows, missing days or answers. CPU time of this process, medians over rounds
in which everything runs once, so that a busy machine slows all alike.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from statistics import median

import numpy as np
import pandas as pd
from tqdm import tqdm

from sctrial.columns import PHASES, diary_frame
from sctrial.criteria import rule_set
from sctrial.diary import compute_figures, derive_answer, derive_window_figures
from sctrial.evidence import Analgesics, Entry, Evidence, Protocol
from sctrial.facts import NO_FACTS
from sctrial.phases import DiaryPhase
from sctrial.scales import TARGET, ScaleCode, ScoreKind
from sctrial.verdict import Figures, conclude, figures_of
from sctrial.windows import Several, parse_window

BASELINE_DAYS, TRIAL_DAYS, SCORES_A_DAY = 7, 10, 3
MISSING = 0.02
STARTS = date(2026, 3, 2)
PAIR = (TARGET, ScoreKind.AVERAGE)
RULE = rule_set("MAC_NORIDIAN")
PROTOCOL = Protocol(
    parse_window("last-n-days:7"), parse_window("last-n-days:10"), Several.MEAN, ScaleCode.NRS_11
)
ANCHOR = "pandas: groupby twice, float"
#: The scalar road is a thousand times longer than the anchor; a part of it tells its length.
SCALAR_TRIALS = 200

Work = Callable[[], object]


def make_frame(trials: int, *, seed: int) -> pd.DataFrame:
    """Diaries of made-up trials: 7 baseline and 10 trial days with 3 scores each, some missing, in order."""
    random = np.random.default_rng(seed)
    days = BASELINE_DAYS + TRIAL_DAYS
    trial = np.repeat(np.arange(trials), days * SCORES_A_DAY)
    day = np.tile(np.repeat(np.arange(days), SCORES_A_DAY), trials)
    kept = random.random(len(trial)) >= MISSING
    trial, day = trial[kept], day[kept]
    after = day >= BASELINE_DAYS
    count = len(trial)
    return diary_frame(
        trial=trial,
        day=day + STARTS.toordinal(),
        phase=np.where(after, PHASES.index(DiaryPhase.TRIAL), PHASES.index(DiaryPhase.BASELINE)),
        region=pd.Categorical([TARGET] * count),
        kind=np.zeros(count, np.int8),
        value=np.where(after, random.integers(0, 8, count), random.integers(4, 11, count)),
        sequence=np.arange(count),
    )


def blocks_of(
    frame: pd.DataFrame, *, trials: int, size: int
) -> Iterator[tuple[pd.DataFrame, list[Protocol]]]:
    """So many trials at a time, numbered from 0, each with the protocols it is read by."""
    number = frame["trial"].to_numpy()
    for first in range(0, trials, size):
        last = min(first + size, trials)
        begin, end = np.searchsorted(number, np.array([first, last]))
        yield frame.iloc[begin:end].assign(trial=number[begin:end] - first), [PROTOCOL] * (last - first)


def group_twice(frame: pd.DataFrame) -> object:
    by_day = frame.groupby(["trial", "phase", "day"], observed=True, sort=False)["value"].mean()
    return by_day.groupby(["trial", "phase"], observed=True, sort=False).mean()


def compute_block(frame: pd.DataFrame, protocols: Sequence[Protocol]) -> list[Figures]:
    nothing = [Analgesics()] * len(protocols)
    unknown = [None] * len(protocols)
    return compute_figures(
        frame,
        protocols=protocols,
        pairs=[PAIR],
        analgesics=nothing,
        satisfied=unknown,
        facts=[NO_FACTS] * len(protocols),
    )


def make_evidence(frame: pd.DataFrame) -> list[Evidence]:
    columns = frame[["trial", "day", "phase", "value"]]
    entries: dict[int, list[Entry]] = {}
    for trial, day, phase, value in columns.itertuples(index=False, name=None):
        entry = Entry(date.fromordinal(day), DiaryPhase(phase), TARGET, ScoreKind.AVERAGE, Fraction(value))
        entries.setdefault(trial, []).append(entry)
    return [Evidence(PROTOCOL, tuple(of_trial)) for of_trial in entries.values()]


def work_of(frame: pd.DataFrame, *, trials: int, size: int) -> Mapping[str, tuple[Work, int]]:
    """What is measured: by name, the work and how many trials it covers."""
    blocks = list(blocks_of(frame, trials=trials, size=size))
    some = min(trials, SCALAR_TRIALS)
    evidence = make_evidence(frame[frame["trial"] < some])
    figures = [figures_of(each, pairs=[PAIR]) for each in evidence]
    return {
        ANCHOR: (lambda: [group_twice(block) for block, _ in blocks], trials),
        "derive_window_figures, exact": (
            lambda: [derive_window_figures(block, protocols=under, pair=PAIR) for block, under in blocks],
            trials,
        ),
        "derive_answer at 50 %": (
            lambda: [
                derive_answer(block, protocols=under, pair=PAIR, threshold=Fraction(1, 2))
                for block, under in blocks
            ],
            trials,
        ),
        "compute_figures": (lambda: [compute_block(*block) for block in blocks], trials),
        "figures_of, one trial at a time": (
            lambda: [figures_of(each, pairs=[PAIR]) for each in evidence],
            some,
        ),
        "conclude (both roads)": (lambda: [conclude(each, rule_set=RULE) for each in figures], some),
    }


def measure(work: Mapping[str, tuple[Work, int]], *, rounds: int) -> dict[str, list[float]]:
    """CPU microseconds a trial, by name and round; one round beforehand warms up."""
    found: dict[str, list[float]] = {name: [] for name in work}
    for turn in tqdm(range(rounds + 1), unit="round", file=sys.stderr):
        for name, (run, trials) in work.items():
            begun = time.process_time()
            run()
            if turn:
                found[name].append((time.process_time() - begun) / trials * 1e6)
    return found


def table_of(found: Mapping[str, Sequence[float]]) -> str:
    lines = [f"{'work':34} {'CPU µs a trial':>15} {'÷ anchor':>9}"]
    for name, spent in found.items():
        # Each round against the anchor of its own round.
        ratio = median(own / anchor for own, anchor in zip(spent, found[ANCHOR], strict=True))
        lines.append(f"{name:34} {median(spent):15.2f} {ratio:9.2f}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--block", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    frame = make_frame(options.trials, seed=options.seed)
    found = measure(work_of(frame, trials=options.trials, size=options.block), rounds=options.rounds)
    sys.stdout.write(f"{options.trials} trials, {len(frame)} scores, blocks of {options.block}\n")
    sys.stdout.write(table_of(found) + "\n")


if __name__ == "__main__":
    main()
