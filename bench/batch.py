"""A backlog of 50 scores in one request, beside 50 single ones: CPU of all servers for each score.

    bin/bench batch [--rounds 7] [--requests 400] [--connections 4] [--gthread] [--keep-alive] [--json FILE]

A tenth of the requests go as batches of 50, and a hundredth as the largest batch, of 500.
"""

import sys
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from random import Random
from uuid import uuid4

from bench.rounds import Bench, Case, ratio
from bench.servers import machines
from bench.tables import Judged, arguments, asked_of, table_of, tell
from bench.variants import OURS, Phone, answer_of, http, prepare, requests_of

MOST, SMALL, LARGE = 0.12, 50, 500
SINGLE = "single"


def batches_of(size: int, phones: Sequence[Phone], count: int, at: datetime) -> list[bytes]:
    random, captured_at = Random(count), at.isoformat(timespec="seconds")
    return [
        http(
            "POST",
            "/api/v1/diary/entries/batch",
            {
                "entries": [
                    {"id": str(uuid4()), **answer_of(value=random.randint(0, 10), captured_at=captured_at)}
                    for _ in range(size)
                ]
            },
            token=f"Bearer {phones[number % len(phones)].token}",
        )
        for number in range(count)
    ]


def cases_of(phones: Sequence[Phone], *, requests: int) -> list[Case]:
    single = Case(SINGLE, OURS, partial(requests_of, OURS, phones), requests)
    return [single] + [
        Case(
            f"batch of {size}",
            OURS,
            partial(batches_of, size, phones),
            max(4, requests // divisor),
            scores=size,
            status=207,
            replayed_status=207,
        )
        for size, divisor in ((SMALL, 10), (LARGE, 100))
    ]


def main() -> None:
    options = arguments(__doc__, requests=400).parse_args()
    with machines() as servers:
        cases = cases_of(prepare(servers), requests=options.requests)
        bench = Bench(servers, asked_of(options), options.connections)
        measured = bench.measure(cases, rounds=options.rounds)
    single, small, large = measured
    judged = [
        Judged.at_most(MOST, f"CPU a score, batch of {SMALL} ÷ single", ratio(small, single)),
        Judged(
            f"statements a batch of {SMALL} and of {LARGE}: {small.statements:g} and {large.statements:g}",
            "at most 5, the same for any size",
            small.statements == large.statements <= 5,
        ),
    ]
    sys.stdout.write(table_of(measured, anchor=SINGLE, a="score"))
    tell(options, measured, judged=judged, counted={})


if __name__ == "__main__":
    main()
