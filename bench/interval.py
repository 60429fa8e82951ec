"""The interval of a percent reduction: ours, a cohort at once and a trial at a time, beside scipy's BCa.

    bin/bench interval [--trials 20000] [--alone 200] [--bootstrapped 10] [--rounds 5]

All on the means of days, 7 before and 10 after. CPU of this process, each ratio of a pair in one round. How
often an interval holds the truth is not measured here: docs/methods/certainty.md, from bench/calibration.py.
"""

import argparse
import sys
from collections.abc import Callable
from fractions import Fraction
from statistics import median
from time import process_time

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap

from bench.columns import PAIR, PROTOCOL, make_evidence, make_frame
from bench.tables import machine
from sctrial.assurance import certainty_of
from sctrial.bulk_certainty import compute_block_certainty
from sctrial.criteria import rule_set
from sctrial.diary import derive_window_days
from sctrial.verdict import judge

RESAMPLES = 2000
OURS, ALONE, BCA = "ours, a cohort at once", "ours, one trial at a time", "scipy bootstrap, BCa"
RULE = rule_set("IMMPACT_50")
Floats = npt.NDArray[np.float64]
Work = tuple[Callable[[], object], int]


def reduction(before: Floats, after: Floats, axis: int = -1) -> Floats:
    percent: Floats = 100 * (1 - after.mean(axis=axis) / before.mean(axis=axis))
    return percent


def work_of(options: argparse.Namespace) -> dict[str, Work]:
    """By name, what is measured and for how many trials."""
    frame = make_frame(options.trials, seed=1)
    days = derive_window_days(frame, protocols=[PROTOCOL] * options.trials, pair=PAIR)
    evidence = make_evidence(frame[frame["trial"] < options.alone])
    verdicts = [judge(each, rule_set=RULE) for each in evidence]
    value = days.points / (days.parts * days.per_point)
    sides = [
        (value[days.cell == 2 * trial], value[days.cell == 2 * trial + 1])
        for trial in range(options.bootstrapped)
    ]
    return {
        OURS: (
            lambda: compute_block_certainty(
                days, scales=[PROTOCOL.scale] * options.trials, thresholds=[Fraction(1, 2)]
            ),
            options.trials,
        ),
        ALONE: (
            lambda: [
                certainty_of(each, verdict=verdict, rule_set=RULE)
                for each, verdict in zip(evidence, verdicts, strict=True)
            ],
            len(evidence),
        ),
        BCA: (
            lambda: [bootstrap(each, reduction, n_resamples=RESAMPLES, rng=1) for each in sides],
            len(sides),
        ),
    }


def measure(work: dict[str, Work], *, rounds: int) -> dict[str, list[float]]:
    """CPU microseconds a trial, by name and round; one round beforehand warms up."""
    found: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(rounds + 1):
        for name, (run, trials) in work.items():
            begun = process_time()
            run()
            if turn:
                found[name].append((process_time() - begun) / trials * 1e6)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=20_000)
    parser.add_argument("--alone", type=int, default=200)
    parser.add_argument("--bootstrapped", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    found = measure(work_of(options), rounds=options.rounds)
    for name, spent in found.items():
        ratios = [own / ours for own, ours in zip(spent, found[OURS], strict=True)]
        sys.stdout.write(
            f"{name:28} {median(spent):10.1f} us a trial   "
            f"÷ ours {median(ratios):8.1f} ({min(ratios):.1f}-{max(ratios):.1f})\n"
        )
    sys.stdout.write(f"{machine()}\n")


if __name__ == "__main__":
    main()
