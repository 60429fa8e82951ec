"""User-space instructions a request, by callgrind: the slope between few and many requests in one process.

Start-up falls out of the slope, and so do the servers: PostgreSQL and Valkey run outside of valgrind. The one
message that a moment's answers are rung by is not in the count either, because valgrind makes that moment
last for a few requests only; it is in the CPU times.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from bench.servers import ROOT, Machines
from bench.variants import Phone, Variant, requests_of

FEW, MANY = 20, 120
COLLECTED = re.compile(r"Collected : (\d+)")


def measure_instructions(
    variants: Sequence[Variant], phones: Sequence[Phone], *, machines: Machines
) -> dict[str, float]:
    """By variant; nothing where there is no valgrind."""
    if shutil.which("valgrind") is None:
        sys.stdout.write("--instructions: valgrind is not installed here; skipped\n")
        return {}
    return {each.name: slope_of(each, phones, machines=machines) for each in variants}


def slope_of(variant: Variant, phones: Sequence[Phone], *, machines: Machines) -> float:
    few, many = (count_of(variant, phones, requests=n, machines=machines) for n in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def count_of(variant: Variant, phones: Sequence[Phone], *, requests: int, machines: Machines) -> int:
    plan = requests_of(variant, phones, requests, datetime.now(UTC))
    out = machines.folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", sys.executable]
    done = subprocess.run(
        [*command, "-m", "bench.inside", variant.app],
        input=json.dumps([request.decode("latin-1") for request in plan]),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"} | variant.environment(machines) | {"GATHER_SECONDS": "3600"},
    )
    found = COLLECTED.search(done.stderr)
    if done.returncode or found is None:
        raise SystemExit(f"{variant.name} under valgrind:\n{done.stderr[-2000:]}")
    return int(found[1])
