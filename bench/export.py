"""CSV of a snapshot's table beside a bare COPY, pandas and DuckDB, in turns: bin/bench export [--rows N].

Ours streams the stored Parquet file, formula-safe. COPY reads the same rows from PostgreSQL to nowhere, which
is the least that an export from a database can cost. CPU is the child's and PostgreSQL's together; each ratio
is of a pair in one round. Every way runs in a new process, so that its memory is its own.
"""

import argparse
import io
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa

from bench.servers import cpu_of, machines
from bench.tables import machine
from sctrial.arrow_tables import read_batches, schema_in, to_parquet
from sctrial.csv_files import csv_chunks

OURS, COPY = "ours: streamed from Parquet", "anchor: COPY to nowhere"
NAIVE, OUTSIDE = "naive: pandas to_csv", "outside: DuckDB COPY to CSV"
Way = Callable[[Path], Iterator[bytes]]
DDL = "CREATE TABLE daily (trial_id text, day int, value float8)"


@dataclass(frozen=True)
class Run:
    cpu: float
    first_byte: float
    megabytes: float
    lines: int


def made(rows: int) -> pa.Table:
    """Rows of 51 days a trial, 2 in 100 of them missing."""
    number = np.random.default_rng(20261129)
    value = pa.array(number.integers(0, 11, rows).astype(float), mask=number.random(rows) < 0.02)
    trial = pa.array([f"S{n // 51:08d}-1" for n in range(rows)])
    return pa.table({"trial_id": trial, "day": pa.array(np.arange(rows) % 51 - 20), "value": value})


def ours(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield from csv_chunks(read_batches(content), schema=schema_in(content))


def copied(url: str, path: Path) -> Iterator[bytes]:
    statement = "COPY daily TO STDOUT (FORMAT csv, HEADER)"
    with psycopg.connect(url) as connection, connection.cursor().copy(statement) as copy:
        yield from map(bytes, copy)


def naive(path: Path) -> Iterator[bytes]:
    out = io.StringIO()
    pd.read_parquet(path).to_csv(out, index=False)
    yield out.getvalue().encode()


def outside(path: Path) -> Iterator[bytes]:
    target = path.with_suffix(".csv")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"COPY (SELECT * FROM '{path}') TO '{target}' (HEADER)")  # noqa: S608  (a path of ours)
    yield target.read_bytes()


def run(way: Way, path: Path, sink: Any) -> None:
    # The peak that getrusage tells was handed down by the parent: the kernel is asked to begin anew.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    begun, before = time.process_time(), peak()
    started, first, lines = time.perf_counter(), 0.0, 0
    for piece in way(path):
        first = first or time.perf_counter() - started
        lines += piece.count(b"\n")
    grown = peak() - before
    sink.send(Run(time.process_time() - begun, first, grown / 1024, lines))


def peak() -> int:
    """The most memory that this process held since its peak was forgotten, in kB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def measured(way: Way, path: Path, *, postgres: int) -> Run:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    before = cpu_of(postgres).total
    child = context.Process(target=run, args=(way, path, theirs))
    child.start()
    found: Run = mine.recv()
    child.join()
    server = cpu_of(postgres).total - before
    return Run(found.cpu + server, found.first_byte, found.megabytes, found.lines)


def fill(url: str, table: pa.Table) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(DDL)
        with connection.cursor().copy("COPY daily FROM STDIN (FORMAT csv, HEADER)") as copy:
            for piece in csv_chunks(table.to_batches(max_chunksize=100_000), schema=table.schema):
                copy.write(piece)


def tell(found: dict[str, list[Run]], *, rows: int) -> None:
    print(f"{rows} rows, {len(found[OURS])} rounds; {machine()}")
    print(f"{'way':32} {'CPU s':>7} {'÷ COPY':>22} {'first byte ms':>14} {'more MB':>8}")
    for name, runs in found.items():
        ratios = [one.cpu / anchor.cpu for one, anchor in zip(runs, found[COPY], strict=True)]
        spread = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        first, grown = median(one.first_byte for one in runs), median(one.megabytes for one in runs)
        cpu = median(one.cpu for one in runs)
        print(f"{name:32} {cpu:7.2f} {spread:>22} {first * 1000:14.0f} {grown:8.0f}")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bin/bench export", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    table = made(options.rows)
    with machines() as servers, tempfile.TemporaryDirectory() as folder:
        path, url = Path(folder) / "daily.parquet", servers.url("sctrial")
        path.write_bytes(to_parquet(table))
        fill(url, table)
        ways: dict[str, Way] = {OURS: ours, COPY: partial(copied, url), NAIVE: naive, OUTSIDE: outside}
        found: dict[str, list[Run]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, way in ways.items():
                found[name].append(measured(way, path, postgres=servers.pids()["PostgreSQL"]))
    wrong = {name for name, runs in found.items() for one in runs if one.lines != options.rows + 1}
    if wrong:
        raise SystemExit(f"another number of lines than rows: {', '.join(sorted(wrong))}")
    tell(found, rows=options.rows)


if __name__ == "__main__":
    main(sys.argv[1:])
