"""``simulate``: made-up diaries as a tidy file, the same for the same seed."""

import argparse
from collections.abc import Callable, Iterator
from random import Random

from sctrial.commands.outcome import Commands, Outcome, add_command
from sctrial.scales import SCALES, ScaleCode
from sctrial.simulate import Plan, Ranges, simulate_rows
from sctrial.tidy import COLUMNS

_EXAMPLE = """\
example:
  python -m sctrial simulate --patients 20 --seed 7 --reduction 40%:60% > diary.csv
  python -m sctrial judge diary.csv --rule-set NORTH_PP

A range is LOW:HIGH, drawn evenly for each patient; one number is the same for all. A share is written as
0.5 or 50%; a negative reduction is a patient who gets worse (--reduction=-20%). Nobody is real.
"""

_Range = tuple[float, float]


def add(commands: Commands) -> None:
    """Describe the command."""
    parser = add_command(commands, "simulate", purpose="Make up diaries with a known truth", epilog=_EXAMPLE)
    usual, plan = Ranges(), Plan()
    share, points = _range_of(_number, low=-1, high=1), _range_of(_number, low=0, high=10)
    correlation, days = _range_of(_number, low=0, high=0.99), _whole(1, 366)
    for name, parse, default, words in (
        ("--baseline-mean", points, usual.baseline_mean, "mean pain of the baseline, 0 to 10"),
        ("--reduction", share, usual.reduction, "true reduction"),
        ("--day-sd", points, usual.day_sd, "spread from day to day, in points"),
        ("--lag1", correlation, usual.lag1, "correlation of neighbouring days"),
    ):
        shown = ":".join(f"{end:g}" for end in default)
        parser.add_argument(
            name, type=parse, default=default, metavar="RANGE", help=f"{words}, default {shown}"
        )
    parser.add_argument("--patients", type=_whole(1, 100_000), default=10, help="default %(default)s")
    parser.add_argument("--seed", type=_whole(0, 2**63), default=1, help="default %(default)s")
    parser.add_argument("--baseline-days", type=days, default=plan.baseline_days, help="default %(default)s")
    parser.add_argument("--trial-days", type=days, default=plan.trial_days, help="default %(default)s")
    parser.add_argument(
        "--missing",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="share of days without an answer, default 0",
    )
    parser.add_argument(
        "--scale",
        choices=[ScaleCode.NRS_11.value, ScaleCode.NUMERIC_0_10.value],
        default=ScaleCode.NRS_11.value,
        help="whole numbers or decimals, default %(default)s",
    )
    parser.set_defaults(command=_simulate)


def _simulate(options: argparse.Namespace) -> Outcome:
    return Outcome(_lines(options))


def _lines(options: argparse.Namespace) -> Iterator[str]:
    ranges = Ranges(options.baseline_mean, options.reduction, options.day_sd, options.lag1)
    plan = Plan(
        baseline_days=options.baseline_days,
        trial_days=options.trial_days,
        missing=options.missing,
        scale=SCALES[ScaleCode(options.scale)],
    )
    yield ",".join(COLUMNS)
    rng = Random(options.seed)  # noqa: S311  (made-up pain, not a secret)
    rows = simulate_rows(rng, patients=options.patients, ranges=ranges, plan=plan)
    # Ids, dates, codes and digits: no cell needs a quote.
    yield from (",".join(row) for row in rows)


def _number(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def _share(text: str) -> float:
    low, high = _range_of(_number, low=0, high=1)(text)
    if low != high:
        raise argparse.ArgumentTypeError("must be one share, such as 0.1 or 10%")
    return low


def _range_of(read: Callable[[str], float], *, low: float, high: float) -> Callable[[str], _Range]:
    def parsed(text: str) -> _Range:
        ends = text.split(":")
        try:
            numbers = read(ends[0]), read(ends[-1])
        except ValueError:
            numbers = high, low
        # Comparing first and last in one chain also refuses "nan".
        if len(ends) > 2 or not low <= numbers[0] <= numbers[1] <= high:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not a range from {low:g} to {high:g}; write a number or LOW:HIGH"
            )
        return numbers

    return parsed


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parsed(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return parsed
