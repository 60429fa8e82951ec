"""One pain score over HTTP: CPU of all servers, beside a plain view with one INSERT and beside a tutorial's.

    bin/bench ingest [--rounds 7] [--requests 400] [--connections 4] [--gthread] [--keep-alive]
                     [--instructions] [--json FILE]

Every variant runs once a round, in turn; the first round warms up and is dropped. Ratios are of pairs of one
round. CPU is that of gunicorn, PostgreSQL and Valkey with all their children, never that of the load.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import partial

from bench.instructions import measure_instructions
from bench.rounds import Bench, Case, Measured, ratio
from bench.servers import machines
from bench.tables import Judged, arguments, asked_of, table_of, tell
from bench.variants import NAIVE, NAIVE_SAME_WORK, OURS, PLAIN, VARIANTS, prepare, requests_of

#: The last one does what the fourth does, and more of it in libraries that differ from release to release.
COUNTED = tuple(each for each in VARIANTS if each is not NAIVE_SAME_WORK)
MOST_CPU, MOST_INSTRUCTIONS, LEAST_NAIVE = 1.6, 2.2, 4.0


def main() -> None:
    parser = arguments(__doc__, requests=400)
    parser.add_argument("--instructions", action="store_true", help="count them too, under valgrind")
    options = parser.parse_args()
    with machines() as servers:
        phones = prepare(servers)
        cases = [
            Case(each.name, each, partial(requests_of, each, phones), options.requests) for each in VARIANTS
        ]
        bench = Bench(servers, asked_of(options), options.connections)
        measured = bench.measure(cases, rounds=options.rounds)
        counted = measure_instructions(COUNTED, phones, machines=servers) if options.instructions else {}
    sys.stdout.write(table_of(measured, anchor=PLAIN.name, a="score"))
    sys.stdout.write("".join(f"{each.name}: {each.does}\n" for each in VARIANTS))
    tell(options, measured, judged=judge(measured, counted), counted=counted)


def judge(measured: Sequence[Measured], counted: Mapping[str, float]) -> list[Judged]:
    found = {each.case.name: each for each in measured}
    ours, plain, naive, same_work = (found[each.name] for each in (OURS, PLAIN, NAIVE, NAIVE_SAME_WORK))
    judged = [
        Judged.at_most(MOST_CPU, "CPU of ours ÷ P", ratio(ours, plain)),
        Judged.at_least(LEAST_NAIVE, "CPU of naive ÷ ours", ratio(naive, ours)),
        Judged.at_least(LEAST_NAIVE, "CPU of naive+work ÷ ours", ratio(same_work, ours)),
    ]
    if counted:
        times = counted[OURS.name] / counted[PLAIN.name]
        judged.append(
            Judged(
                f"instructions of ours ÷ P: {times:.2f}",
                f"at most {MOST_INSTRUCTIONS}",
                times <= MOST_INSTRUCTIONS,
            )
        )
    return judged


if __name__ == "__main__":
    main()
