"""A whole cohort under every shipped rule, in blocks, beside one trial at a time and beside pandas groupby.

    bin/bench bulk [--trials 20000] [--block 5000] [--sample 300]

Blocks are made, judged and dropped one after the other, so memory is that of a block. Facts beside the diary
differ from trial to trial. CPU time of this process without the making of the trials; at the end a random
sample of trials, spread over all blocks, is judged one by one and held against the blocks.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isclose, isnan, nan
from random import Random
from typing import TypeVar

import pandas as pd
from tqdm import tqdm

from bench.columns import PROTOCOL, group_twice, make_evidence, make_frame
from sctrial.assurance import certainty_of
from sctrial.bulk import ANSWERS, Block, judge_block
from sctrial.certainty import Certainty
from sctrial.certainty_frame import CertaintyColumns
from sctrial.criteria import shipped_rule_sets
from sctrial.eligibility import FACTS
from sctrial.evidence import Analgesics, Evidence
from sctrial.facts import BeforeAndAfter, Facts
from sctrial.nodes import Attested, walk
from sctrial.side_by_side import Judgement, judge_all

RULES = shipped_rule_sets()
STATEMENTS = sorted(
    {node.statement for rule in RULES for node in walk(rule.root) if isinstance(node, Attested)}
)
KNOWN = 0.8
NEAR = 1e-12
ANCHOR = "pandas: groupby twice, float"
SCALAR = "judge_all and certainty_of, one trial at a time"
BULK = "judge_block, all rules and certainty"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Beside:
    """What is known beside the diaries of a block, an element a trial."""

    analgesics: list[Analgesics]
    satisfied: list[bool | None]
    facts: list[Facts]


@dataclass
class Spent:
    """CPU seconds and the number of trials they went into, by work."""

    seconds: dict[str, float] = field(default_factory=dict)
    trials: dict[str, int] = field(default_factory=dict)

    def run(self, name: str, work: Callable[[], Result], *, trials: int) -> Result:
        begun = time.process_time()
        found = work()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - begun
        self.trials[name] = self.trials.get(name, 0) + trials
        return found

    def table(self) -> str:
        each = {name: spent / self.trials[name] * 1e6 for name, spent in self.seconds.items()}
        lines = [f"{name:48} {micro:15.1f} {micro / each[ANCHOR]:9.2f}" for name, micro in each.items()]
        return "\n".join([f"{'work':48} {'CPU µs a trial':>15} {'÷ anchor':>9}", *lines])


def make_beside(count: int, *, random: Random) -> Beside:
    """Facts that differ from trial to trial, a fifth of each not known; two thirds meet what is asked."""
    beside = Beside([], [], [])
    for _ in range(count):
        beside.analgesics.append(Analgesics(make_dose(random), make_dose(random)))
        beside.satisfied.append(random.choice((None, True, True)))
        beside.facts.append(make_facts(random))
    return beside


def make_dose(random: Random) -> Fraction | None:
    return Fraction(random.randint(0, 120)) if random.random() < KNOWN else None


def make_facts(random: Random) -> Facts:
    known = {
        code: random.random() < 2 / 3 if fact.unit is None else Fraction(random.randint(0, 24))
        for code, fact in FACTS.items()
        if random.random() < KNOWN
    }
    return Facts(
        scores={"odi": BeforeAndAfter(Fraction(random.randint(10, 80)), Fraction(random.randint(0, 60)))},
        lead_days=random.randint(3, 10),
        stimulation_deficit=random.choice((None, False, False)),
        eligibility=known,
        attested={name: random.random() < 2 / 3 for name in STATEMENTS if random.random() < KNOWN},
    )


def judge_all_of(frame: pd.DataFrame, beside: Beside, *, trials: int) -> Block:
    return judge_block(
        frame,
        protocols=[PROTOCOL] * trials,
        rules=RULES,
        analgesics=beside.analgesics,
        satisfied=beside.satisfied,
        facts=beside.facts,
    )


def evidence_of(frame: pd.DataFrame, beside: Beside, *, chosen: list[int]) -> list[Evidence]:
    # Each made-up trial keeps most of its scores, so none is without a row.
    diaries = make_evidence(frame[frame["trial"].isin(chosen)])
    return [
        replace(
            diary,
            analgesics=beside.analgesics[number],
            satisfied=beside.satisfied[number],
            facts=beside.facts[number],
        )
        for number, diary in zip(chosen, diaries, strict=True)
    ]


Alone = list[tuple[Judgement, Certainty]]


def judge_alone(cases: list[Evidence]) -> list[Alone]:
    return [
        [
            (found, certainty_of(case, verdict=found.verdict, rule_set=found.rule_set))
            for found in judge_all(case, rules=RULES)
        ]
        for case in cases
    ]


def differences(block: Block, *, number: int, alone: Alone) -> Iterator[str]:
    """What a block says otherwise of trial ``number`` than the scalar path."""
    for place, (found, certainty) in enumerate(alone):
        rule, verdict = found.rule_set, found.verdict
        if ANSWERS[block.answers[number, place]] is not verdict.answer:
            yield f"trial {number}: the answer of {rule.id}"
        if block.reductions_of(rule)[number] != verdict.reduction:
            yield f"trial {number}: the reduction of {rule.id}"
        expected = (*(certainty.interval_90 or (nan, nan)), certainty.probability)
        for name, column, figure in zip(
            CertaintyColumns._fields, block.certainty_of(rule), expected, strict=True
        ):
            if not _near(float(column[number]), nan if figure is None else figure):
                yield f"trial {number}: {name} of {rule.id}"


def _near(found: float, expected: float) -> bool:
    return isnan(found) == isnan(expected) and (
        isnan(found) or isclose(found, expected, rel_tol=NEAR, abs_tol=NEAR)
    )


def measure(options: argparse.Namespace) -> tuple[Spent, list[str]]:
    """Judges block after block; what differs in the sample is told."""
    spent, differ, random = Spent(), list[str](), Random(options.seed)
    sample = set(random.sample(range(options.trials), min(options.sample, options.trials)))
    for first in tqdm(range(0, options.trials, options.block), unit="block", file=sys.stderr):
        count = min(options.block, options.trials - first)
        frame = make_frame(count, seed=options.seed + first)
        beside = make_beside(count, random=random)
        spent.run(ANCHOR, lambda: group_twice(frame), trials=count)  # noqa: B023 - run at once
        block = spent.run(BULK, lambda: judge_all_of(frame, beside, trials=count), trials=count)  # noqa: B023
        chosen = [number for number in range(count) if first + number in sample]
        cases = evidence_of(frame, beside, chosen=chosen)
        alone = spent.run(SCALAR, lambda: judge_alone(cases), trials=len(cases))  # noqa: B023
        for number, each in zip(chosen, alone, strict=True):
            differ += differences(block, number=number, alone=each)
    return spent, differ


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=20_000)
    parser.add_argument("--block", type=int, default=5000)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    spent, differ = measure(options)
    wall, peak = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{options.trials} trials, {len(RULES)} rules, blocks of {options.block}\n")
    sys.stdout.write(f"{spent.table()}\n")
    sys.stdout.write(f"whole run {wall:.0f} s, {time.process_time():.0f} s CPU, peak {peak:.0f} MiB\n")
    told = "; ".join(differ[:5]) or "same answers and reductions, certainty within 1e-12"
    sys.stdout.write(f"{spent.trials[SCALAR]} trials of the sample: {told}\n")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
