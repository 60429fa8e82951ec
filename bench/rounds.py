"""Cases measured in turn, round after round, and checked meanwhile: a fast wrong run is an error."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

import psycopg
from psycopg import sql
from tqdm import tqdm

from bench.load import Answer, Found, send
from bench.servers import Cpu, Machines, Workers, cpu_of, gunicorn
from bench.variants import Variant

REPLAYED = 10
TRACED = 10
STATEMENT = re.compile(r"LOG: +(?:statement|execute [^:]*): ")


class WrongRun(SystemExit):
    """The figures of this run would be worth nothing."""


@dataclass(frozen=True)
class Case:
    """One kind of request to one variant."""

    name: str
    variant: Variant
    make: Callable[[int, datetime], list[bytes]]
    requests: int
    scores: int = 1
    status: int = 201
    replayed_status: int = 200


@dataclass(frozen=True)
class Round:
    """Milliseconds of CPU for one score, by process; the same of the kernel's part; what the phone saw."""

    cpu: Mapping[str, float]
    kernel: float
    p50: float
    p99: float
    a_second: float

    @property
    def total(self) -> float:
        return sum(self.cpu.values())


@dataclass
class Measured:
    case: Case
    pid: int
    port: int
    rounds: list[Round] = field(default_factory=list)
    statements: float = 0.0

    def middle(self, figure: Callable[[Round], float]) -> float:
        return median(map(figure, self.rounds))


@dataclass(frozen=True)
class Ratio:
    """Of the totals of two cases, from the pairs of each round."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.least:.2f}-{self.most:.2f})"


def ratio(over: Measured, under: Measured) -> Ratio:
    found = [a.total / b.total for a, b in zip(over.rounds, under.rounds, strict=True)]
    return Ratio(median(found), min(found), max(found))


@dataclass(frozen=True)
class Bench:
    """The servers, how they are asked, and how often."""

    machines: Machines
    workers: Workers
    connections: int

    def measure(self, cases: Sequence[Case], *, rounds: int) -> list[Measured]:
        with self._running(cases) as measured:
            for turn in tqdm(range(rounds + 1), unit="round", file=sys.stderr):
                for each in measured:
                    found = self._round(each)
                    # The first of all warms up.
                    each.rounds.extend([found] if turn else [])
            for each in measured:
                each.statements = self._statements(each)
        return measured

    @contextmanager
    def _running(self, cases: Sequence[Case]) -> Iterator[list[Measured]]:
        with ExitStack() as stack:
            started = {
                variant.name: stack.enter_context(
                    gunicorn(
                        variant.app,
                        workers=self.workers,
                        environment=variant.environment(self.machines),
                        log=self.machines.folder / f"{variant.name}.log",
                    )
                )
                for variant in {case.variant.name: case.variant for case in cases}.values()
            }
            yield [Measured(case, *started[case.variant.name]) for case in cases]

    def _round(self, measured: Measured) -> Round:
        case = measured.case
        requests = case.make(case.requests, datetime.now(UTC))
        rows, before = self._rows(case), self._cpu(measured.pid)
        found = self._send(measured, requests)
        after = self._cpu(measured.pid)
        require_right(case, found.answers, rows=self._rows(case) - rows)
        self._require_replays(measured, requests, found.answers)
        return _round_of(found, before, after, scores=len(requests) * case.scores)

    def _send(self, measured: Measured, requests: Sequence[bytes]) -> Found:
        return send(
            requests,
            port=measured.port,
            connections=self.connections,
            keep_alive=self.workers.keep_alive,
        )

    def _cpu(self, pid: int) -> dict[str, Cpu]:
        return {name: cpu_of(each) for name, each in {"app": pid, **self.machines.pids()}.items()}

    def _rows(self, case: Case) -> int:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(case.variant.table))
        with psycopg.connect(self.machines.url(case.variant.database)) as connection:
            ((rows,),) = connection.execute(query).fetchall()
        return int(rows)

    def _require_replays(
        self, measured: Measured, requests: Sequence[bytes], first: Sequence[Answer]
    ) -> None:
        """What is sent again is answered as before, and is not stored again."""
        case = measured.case
        if not case.variant.replays:
            return
        rows = self._rows(case)
        again = self._send(measured, requests[:REPLAYED])
        same = [
            old.body.replace('"status":201', '"status":200') == new.body
            for old, new in zip(first, again.answers, strict=False)
        ]
        if again.statuses() != {case.replayed_status} or not all(same) or self._rows(case) != rows:
            raise WrongRun(f"{case.name}: a replay was not answered as stored: {again.answers[0]}")

    def _statements(self, measured: Measured) -> float:
        """SQL statements a request, as PostgreSQL itself sees them."""
        requests = measured.case.make(TRACED, datetime.now(UTC))
        before = len(STATEMENT.findall(self.machines.postgres_log()))
        with self._all_statements_logged():
            self._send(measured, requests)
            logged = len(STATEMENT.findall(self.machines.postgres_log())) - before
        return logged / TRACED

    @contextmanager
    def _all_statements_logged(self) -> Iterator[None]:
        url = self.machines.url("postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET log_statement = 'all'")
            connection.execute("SELECT pg_reload_conf()")
        yield
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET log_statement")
            connection.execute("SELECT pg_reload_conf()")


def require_right(case: Case, answers: Sequence[Answer], *, rows: int) -> None:
    refused = [answer for answer in answers if answer.status != case.status]
    if refused:
        raise WrongRun(f"{case.name}: {len(refused)} of {len(answers)} refused, such as {refused[0]}")
    if rows != len(answers) * case.scores:
        raise WrongRun(f"{case.name}: {len(answers) * case.scores} scores accepted, {rows} rows stored")


def _round_of(found: Found, before: Mapping[str, Cpu], after: Mapping[str, Cpu], *, scores: int) -> Round:
    spent = {name: after[name] - before[name] for name in after}
    p50, p99 = found.percentiles()
    return Round(
        cpu={name: cpu.total / scores * 1000 for name, cpu in spent.items()},
        kernel=sum(cpu.system for cpu in spent.values()) / scores * 1000,
        p50=p50,
        p99=p99,
        a_second=len(found.answers) / found.seconds,
    )
