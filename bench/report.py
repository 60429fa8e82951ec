"""The cohort report beside the scan that it needs: bin/bench report [--trials 2000] [--rounds 3].

Ours is what stands behind the page: every figure of one question, from rows in PostgreSQL. The anchor is two
plain statements, fetched: the day's mean of the target pain of each trial and day, and of each trial its
verdict under its own rule set. CPU is this process's and its PostgreSQL's together, in turns, each ratio
of one round; ``--profile`` tells where ours goes instead.
"""

import argparse
import cProfile
import os
import pstats
import resource
import sys
from datetime import timedelta
from statistics import median
from typing import Any

from bench.assess import NOW, start_django
from bench.recompute import spent_on
from bench.report_rows import make_reported
from bench.rounds import WrongRun
from bench.tables import machine
from config.embedded.services import Services

OURS, SCAN = "the whole report", "the scan it needs"
AT = NOW + timedelta(days=400)
MOST_TIMES = 3.0
DAYS = """
SELECT entry.trial_id, entry.diary_day, avg(entry.value)
FROM diary_diaryentry entry WHERE entry.region = 'target' AND entry.kind = 'average'
GROUP BY entry.trial_id, entry.diary_day
"""
VERDICTS = """
SELECT trial.id, trial.lead_placed_on, trial.ended_on, held.answer, held.verdict -> 'reduction' ->> 'exact',
       held.verdict -> 'baseline' ->> 'mean', held.verdict -> 'trial' ->> 'mean'
FROM trials_stimulationtrial trial JOIN outcomes_trialcurrency currency ON currency.trial_id = trial.id
JOIN outcomes_assessment held ON held.evidence_id = currency.evidence_id
     AND held.rule_set_id = trial.rule_set_id
"""


def scan() -> tuple[int, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(DAYS)
        days = len(cursor.fetchall())
        cursor.execute(VERDICTS)
        return days, len(cursor.fetchall())


def report() -> Any:
    from apps.accounts.models import Clinic, Role
    from apps.cohorts.question import CohortQuestion
    from apps.cohorts.report import report_of
    from apps.workspace.permissions import Access

    access = Access({Clinic.objects.get().pk: Role.ANALYST})
    return report_of(CohortQuestion(), access=access, at=AT, shared=False)


def require_right(made: Any, *, trials: int) -> None:
    n = {figure.key: figure.n for figure in made.figures}
    if n["flow"] != trials or n["answers_by_day"] != trials:
        raise WrongRun(f"the report is about other trials: {n}")


def profiled() -> None:
    profile = cProfile.Profile()
    profile.runcall(report)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(60)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="of one report, instead")
    options = parser.parse_args()
    os.environ["DATABASE_OPTIONS"] = "-c statement_timeout=0"
    with Services.temporary() as services:
        start_django(services)
        entries = make_reported(options.trials)
        require_right(report(), trials=options.trials)
        if options.profile:
            profiled()
            return
        assert services.postgres
        assert services.postgres.process
        server = services.postgres.process.pid
        seconds: dict[str, list[float]] = {OURS: [], SCAN: []}
        for _ in range(options.rounds):
            seconds[SCAN].append(spent_on(scan, server=server))
            seconds[OURS].append(spent_on(report, server=server))
    tell(seconds, trials=options.trials, entries=entries)


def tell(seconds: dict[str, list[float]], *, trials: int, entries: int) -> None:
    pairs = [a / b for a, b in zip(seconds[OURS], seconds[SCAN], strict=True)]
    out = sys.stdout.write
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out(f"{trials} trials, {entries} entries; {len(pairs)} rounds; peak {peak:.0f} MiB\n")
    for name, spent in seconds.items():
        out(f"{name:20} {median(spent):8.2f} s CPU {median(spent) / trials * 1e6:9.0f} us a trial\n")
    found = median(pairs)
    judged = "met" if found <= MOST_TIMES else "NOT met"
    out(f"report ÷ scan {found:.1f} ({min(pairs):.1f}-{max(pairs):.1f}); asked: at most 3: {judged}\n")
    out(f"{machine()}; load {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
