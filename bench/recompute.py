"""Whole cohorts from PostgreSQL to stored outcomes: bin/bench recompute [--trials 10000] [--smaller 1000].

Ours is ``manage.py recompute``: every rule in force, exact percent and certainty of each trial, stored.
Beside it, in turns: one SQL GROUP BY of one criterion; the same criterion by a loop in the ORM that stores
it, on a sample; and DuckDB on the same entries as Parquet, which only reads. CPU is this process's and its
PostgreSQL's together; each ratio is of a pair in one round. Each size runs in a process and on a PostgreSQL
of its own; the peak of memory is taken after the first run of ours.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import duckdb

from bench.assess import NOW, start_django
from bench.cohort_rows import make_cohort
from bench.rounds import WrongRun
from bench.servers import cpu_of
from bench.tables import machine
from config.embedded.services import Services

OURS, GROUP, LOOP, DUCKDB = "ours, stored", "one SQL GROUP BY", "ORM loop, stored", "DuckDB on Parquet"
SAMPLE, CHECKED = 100, 25
# One criterion and no more: no windows, no days, no "not evaluable", no certainty.
GROUP_BY = """
SELECT count(*), count(*) FILTER (WHERE after <= before / 2) FROM (
    SELECT avg(entry.value) FILTER (WHERE entry.diary_day < trial.lead_placed_on) AS before,
           avg(entry.value) FILTER (WHERE entry.diary_day >= trial.lead_placed_on) AS after
    FROM diary_diaryentry entry JOIN trials_stimulationtrial trial ON trial.id = entry.trial_id
    WHERE entry.region = 'target' AND entry.kind = 'average'
    GROUP BY trial.id
) told
"""
Way = Callable[[], object]


@dataclass(frozen=True)
class Found:
    """CPU seconds by way, a round an element, for all trials; the peak of the process in MiB."""

    trials: int
    entries: int
    seconds: dict[str, list[float]]
    peak: float

    def ratio(self, way: str, over: str) -> str:
        pairs = [a / b for a, b in zip(self.seconds[way], self.seconds[over], strict=True)]
        return f"{median(pairs):.2f} ({min(pairs):.2f}-{max(pairs):.2f})"

    def told(self) -> str:
        lines = [f"{self.trials} trials, {self.entries} entries; peak {self.peak:.0f} MiB"]
        lines += [
            f"{way:20} {median(spent):9.2f} s {median(spent) / self.trials * 1e6:9.1f} us a trial   "
            f"÷ GROUP BY {self.ratio(way, GROUP)}"
            for way, spent in self.seconds.items()
        ]
        return "\n".join([*lines, f"ORM loop ÷ ours {self.ratio(LOOP, OURS)}"])


def recompute(size: int) -> None:
    from apps.outcomes.recomputing import recompute_everybody

    if any(failed for _, failed in recompute_everybody(size=size, at=NOW)):
        raise WrongRun("a trial could not be judged")


def group_by() -> tuple[int, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(GROUP_BY)
        ((trials, met),) = cursor.fetchall()
    return trials, met


def loop_over(ids: list[Any]) -> None:
    """What one would write first: a trial at a time, its entries as objects, the result saved."""
    from apps.outcomes.models import TrialOutcome
    from apps.trials.models import StimulationTrial

    for pk in ids:
        trial = StimulationTrial.objects.get(pk=pk)
        entries = list(trial.entries.filter(region="target", kind="average"))
        placed = trial.lead_placed_on or trial.diary_from
        before = [entry.value for entry in entries if entry.diary_day < placed]
        after = [entry.value for entry in entries if entry.diary_day >= placed]
        met = sum(after) / len(after) <= sum(before) / len(before) / 2
        TrialOutcome.objects.update_or_create(
            trial=trial,
            defaults={
                "evidence_version": trial.evidence_version,
                "basis": "loop",
                "answers": {"one": "met" if met else "not_met"},
                "computed_at": NOW,
            },
        )


def write_parquet(path: Path) -> None:
    from apps.outcomes.frames import packed_frame
    from apps.trials.models import StimulationTrial

    frame = packed_frame(
        list(StimulationTrial.objects.only("id", "scale", "several", "lead_placed_on")), regions=["target"]
    )
    rows = frame[["trial", "phase", "value"]].astype({"phase": "str"})
    rows.sample(frac=1, random_state=1).to_parquet(path)


def by_duckdb(path: Path) -> tuple[int, int]:
    with duckdb.connect(config={"threads": 1}) as connection:
        ((trials, met),) = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE after <= before / 2) FROM ("
            "SELECT avg(value) FILTER (WHERE phase = 'baseline') AS before, "
            "avg(value) FILTER (WHERE phase = 'trial') AS after FROM read_parquet(?) GROUP BY trial)",
            [str(path)],
        ).fetchall()
    return trials, met


def require_right(ids: list[Any]) -> None:
    """A sample against the scalar path: the same answers under every rule."""
    from apps.outcomes import selectors
    from apps.outcomes.models import TrialOutcome
    from apps.trials.models import StimulationTrial
    from apps.trials.rules import Rulebook
    from sctrial.side_by_side import judge_all

    for trial in StimulationTrial.objects.filter(pk__in=ids):
        rules = selectors.rules_for(trial, on=NOW.date(), rulebook=Rulebook())
        judged = judge_all(selectors.read_evidence(trial), rules=rules)
        expected = {one.rule_set.id: one.verdict.answer.value for one in judged}
        if TrialOutcome.objects.get(trial=trial).answers != expected:
            raise WrongRun(f"trial {trial.pk} is answered otherwise than alone")


def measure(trials: int, rounds: int, block: int) -> Found:
    """Makes a cohort of so many trials, and takes the ways in turns."""
    with Services.temporary() as services, tempfile.TemporaryDirectory() as folder:
        start_django(services)
        from apps.trials.models import StimulationTrial

        entries = make_cohort(trials)
        sample = list(StimulationTrial.objects.order_by("?").values_list("pk", flat=True)[:SAMPLE])
        assert services.postgres
        assert services.postgres.process
        server = services.postgres.process.pid
        recompute(block)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        require_right(sample[:CHECKED])
        parquet = Path(folder) / "entries.parquet"
        write_parquet(parquet)
        if by_duckdb(parquet) != group_by():
            raise WrongRun("DuckDB and PostgreSQL do not agree")
        ways: dict[str, tuple[Way, int]] = {
            OURS: (lambda: recompute(block), trials),
            GROUP: (group_by, trials),
            LOOP: (lambda: loop_over(sample), len(sample)),
            DUCKDB: (lambda: by_duckdb(parquet), trials),
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, (way, of) in ways.items():
                seconds[name].append(spent_on(way, server=server) * trials / of)
    return Found(trials, entries, seconds, peak)


def spent_on(way: Way, *, server: int) -> float:
    before = process_time() + cpu_of(server).total
    way()
    return process_time() + cpu_of(server).total - before


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--smaller", type=int, default=1000, help="a second size, for growth; 0 for none")
    parser.add_argument("--block", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = []
    for trials in filter(None, (options.smaller, options.trials)):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found.append(pool.apply(measure, (trials, options.rounds, options.block)))
        sys.stdout.write(f"{found[-1].told()}\n\n")
    if len(found) > 1:
        small, large = found
        grown = median(large.seconds[OURS]) / median(small.seconds[OURS])
        sys.stdout.write(
            f"{large.trials / small.trials:.0f} times the trials: {grown:.1f} times the CPU, "
            f"{large.peak / small.peak:.2f} times the peak memory\n"
        )
    sys.stdout.write(f"{machine()}\n")


if __name__ == "__main__":
    main()
