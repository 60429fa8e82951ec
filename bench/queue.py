"""A recompute by Celery workers: 1, 2 and 4 worker processes, in turns: bin/bench queue [--trials 20000].

The product's own way: the trials in blocks, a bell in Valkey for a worker process, each block one transaction
in PostgreSQL, which keeps what it is told. Beside it the same blocks in one process without a queue. Wall
time is from the bell to the end of the last block; CPU is that of workers, PostgreSQL and Valkey together;
ratios are of one round. A run is wrong that does not store to the byte what one process stores, or that
begins a block twice.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from statistics import median
from typing import Any

from bench.assess import NOW, start_django
from bench.cohort_rows import make_cohort
from bench.rounds import WrongRun
from bench.servers import ROOT, Machines, cpu_of, machines
from bench.tables import machine
from config.embedded.guard import stop_child

ALONE, ONE = "one process, no queue", "1 worker process"
PROCESSES = {ONE: 1, "2 worker processes": 2, "4 worker processes": 4}
PATIENCE = 300.0
LOOK = 0.02
STORED = """
SELECT count(*), md5(string_agg(concat_ws('|', trial_id, evidence_version, basis, answers, percent, low, high,
    probability, computed_at), ';' ORDER BY trial_id))
FROM outcomes_trialoutcome
"""
Stored = tuple[int, str]


@dataclass(frozen=True)
class Run:
    """Seconds of wall time, and of CPU by whose it is."""

    wall: float
    cpu: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.cpu.values())


@dataclass(frozen=True)
class Bench:
    servers: Machines
    block: int

    def alone(self) -> Run:
        from apps.outcomes.recomputing import recompute_block
        from apps.outcomes.selectors import blocks_of
        from apps.trials.models import StimulationTrial

        def work() -> None:
            for ids in blocks_of(StimulationTrial.objects.values_list("pk", flat=True), size=self.block):
                recompute_block(ids, at=NOW)

        return self._measured(work, spent=time.process_time)

    def queued(self, processes: int) -> Run:
        with self._workers(processes) as pid:
            # What is imported and planned once is done before.
            self._measured(self._ring_and_wait, spent=lambda: cpu_of(pid).total)
            return self._measured(self._ring_and_wait, spent=lambda: cpu_of(pid).total)

    def _measured(self, work: Callable[[], None], *, spent: Callable[[], float]) -> Run:
        """``spent``: seconds of who works; of this process without its children, which the servers are."""

        def look() -> dict[str, float]:
            servers = {name: cpu_of(pid).total for name, pid in self.servers.pids().items()}
            return {"workers": spent(), **servers}

        execute("TRUNCATE outcomes_trialoutcome")
        before, begun = look(), time.monotonic()
        work()
        wall, after = time.monotonic() - begun, look()
        return Run(wall, {name: after[name] - before[name] for name in after})

    def _ring_and_wait(self) -> None:
        from apps.outcomes import runs
        from apps.outcomes.tasks import recompute

        run = runs.ask_run(size=self.block, at=NOW)
        recompute.ring(run_id=run.pk)
        deadline = time.monotonic() + PATIENCE
        while run.ended_at is None:
            if time.monotonic() > deadline:
                raise WrongRun("the workers did not end")
            time.sleep(LOOK)
            run.refresh_from_db()
        if any(block.tries != 1 or block.failed for block in run.blocks.all()):
            raise WrongRun("a block was begun twice, or a trial in it could not be judged")

    @contextmanager
    def _workers(self, processes: int) -> Iterator[int]:
        log = self.servers.folder / "worker.log"
        command = ["-m", "celery", "-A", "config", "worker", f"--concurrency={processes}", "--loglevel=INFO"]
        with log.open("wb") as output:
            worker = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=os.environ | self.servers.environment(database="sctrial"),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            wait_for(log, worker)
            yield worker.pid
        finally:
            stop_child(worker, SIGTERM)


def wait_for(log: Path, worker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while " ready" not in log.read_text(encoding="utf-8"):
        if worker.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the worker did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.1)


def execute(statement: str) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def stored() -> Stored:
    ((rows, digest),) = execute(STORED)
    return rows, digest


def measure(bench: Bench, *, trials: int, rounds: int) -> dict[str, list[Run]]:
    bench.alone()
    expected = stored()
    if expected[0] != trials:
        raise WrongRun(f"{expected[0]} outcomes of {trials} trials")
    found: dict[str, list[Run]] = {ALONE: [], **{name: [] for name in PROCESSES}}
    for _ in range(rounds):
        found[ALONE].append(bench.alone())
        for name, processes in PROCESSES.items():
            found[name].append(bench.queued(processes))
            if stored() != expected:
                raise WrongRun(f"{name} stored something else than one process")
    return found


def spread(over: Sequence[float], under: Sequence[float]) -> str:
    pairs = [a / b for a, b in zip(over, under, strict=True)]
    return f"{median(pairs):.2f} ({min(pairs):.2f}-{max(pairs):.2f})"


def tell(found: Mapping[str, Sequence[Run]], *, trials: int, block: int) -> None:
    out = sys.stdout.write
    out(f"{trials} trials in blocks of {block}, {len(found[ONE])} rounds\n")
    out(f"{'way':24} {'trials/s':>9} {'÷ 1 worker':>18} {'CPU us a trial':>15} {'÷ 1 worker':>18}  of it\n")
    one = found[ONE]
    for name, runs in found.items():
        speed = median(trials / run.wall for run in runs)
        faster = spread([run.wall for run in one], [run.wall for run in runs])
        dearer = spread([run.total for run in runs], [run.total for run in one])
        cpu = median(run.total for run in runs) / trials * 1e6
        of = ", ".join(
            f"{whose} {median(run.cpu[whose] for run in runs) / trials * 1e6:.0f}" for whose in runs[0].cpu
        )
        out(f"{name:24} {speed:9.0f} {faster:>18} {cpu:15.0f} {dearer:>18}  {of}\n")
    out(f"every run stored the same bytes, each block once\n{machine()}; load {os.getloadavg()[0]:.1f}\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=20_000)
    parser.add_argument("--block", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with machines() as servers:
        start_django(servers.services)
        make_cohort(options.trials)
        found = measure(Bench(servers, options.block), trials=options.trials, rounds=options.rounds)
    tell(found, trials=options.trials, block=options.block)


if __name__ == "__main__":
    main()
