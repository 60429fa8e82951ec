"""What the measurements over HTTP are asked, and how they tell what they found."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import django

from bench.rounds import Measured, Ratio, ratio
from bench.servers import Workers


@dataclass(frozen=True)
class Judged:
    """A figure, what is asked of it, and whether it holds."""

    found: str
    asked: str
    holds: bool

    @classmethod
    def at_most(cls, limit: float, what: str, found: Ratio) -> Self:
        return cls(f"{what}: {found}", f"at most {limit}", found.middle <= limit)

    @classmethod
    def at_least(cls, limit: float, what: str, found: Ratio) -> Self:
        return cls(f"{what}: {found}", f"at least {limit}", found.middle >= limit)


def arguments(description: str | None, *, requests: int) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="after the one that warms up; at least 5 tell")
    parser.add_argument("--requests", type=int, default=requests, help="of each variant in each round")
    parser.add_argument("--connections", type=int, default=4, help="at once")
    parser.add_argument("--gthread", action="store_true", help="4 threads instead of the sync worker")
    parser.add_argument("--keep-alive", action="store_true", help="keep connections; asks for --gthread")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there")
    return parser


def asked_of(options: argparse.Namespace) -> Workers:
    if options.keep_alive and not options.gthread:
        raise SystemExit("The sync worker closes every connection: --keep-alive asks for --gthread.")
    return Workers("gthread", 4, options.keep_alive) if options.gthread else Workers()


def table_of(measured: Sequence[Measured], *, anchor: str, a: str) -> str:
    (under,) = (each for each in measured if each.case.name == anchor)
    head = (
        f"{'variant':14} {'SQL':>5} {'app':>7} {'PostgreSQL':>10} {'Valkey':>7} {'total':>7} {'kernel':>7} "
    )
    head += f"{'÷ ' + anchor:>17} {'p50':>6} {'p99':>6} {'req/s':>6}"
    lines = [f"CPU ms a {a}; p50 and p99 in ms a request", head]
    for each in measured:
        cpu = [each.middle(lambda r, name=name: r.cpu[name]) for name in ("app", "PostgreSQL", "Valkey")]  # type: ignore[misc]
        lines.append(
            f"{each.case.name:14} {each.statements:5.1f} {cpu[0]:7.3f} {cpu[1]:10.3f} {cpu[2]:7.3f} "
            f"{each.middle(lambda r: r.total):7.3f} {each.middle(lambda r: r.kernel):7.3f} "
            f"{ratio(each, under)!s:>17} {each.middle(lambda r: r.p50):6.2f} "
            f"{each.middle(lambda r: r.p99):6.1f} {each.middle(lambda r: r.a_second):6.0f}"
        )
    return "\n".join(lines) + "\n"


def tell(
    options: argparse.Namespace,
    measured: Sequence[Measured],
    *,
    judged: Sequence[Judged],
    counted: Mapping[str, float],
) -> None:
    lines = [f"{name}: {count / 1e6:.3f} million instructions a request" for name, count in counted.items()]
    lines += [f"{each.found}; asked: {each.asked}: {'met' if each.holds else 'NOT met'}" for each in judged]
    how = f"{asked_of(options).told()}, {options.connections} at once, {options.rounds} rounds"
    sys.stdout.write("\n".join([*lines, how, machine(), ""]))
    if options.json:
        found = document(options, measured, judged=judged, counted=counted)
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def machine() -> str:
    versions = f"Python {platform.python_version()}, Django {django.__version__}"
    return f"{os.cpu_count()} processors, {platform.system()} {platform.release()}, {versions}"


def document(
    options: argparse.Namespace,
    measured: Sequence[Measured],
    *,
    judged: Sequence[Judged],
    counted: Mapping[str, float],
) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "how": asked_of(options).told(),
        "options": {name: str(value) for name, value in vars(options).items()},
        "cases": {
            each.case.name: {
                "statements": each.statements,
                "rounds": [asdict(found) | {"total": found.total} for found in each.rounds],
            }
            for each in measured
        },
        "instructions": dict(counted),
        "judged": [asdict(each) for each in judged],
    }
