"""The cohort report beside the scan that it needs: bin/bench report [--trials 2000] [--rounds 3].

Ours is what stands behind the page: every figure of one question, from rows in PostgreSQL. Beside it two
anchors, fetched and nothing more. The scan is two plain statements: the day's mean of the target pain of each
trial and day, and of each trial its verdict under its own rule set. "All it reads" is those two, and one
plain statement for each other table that figures are made of: which windows were answered, who the patients
are, the stated relief, implants, visits, events, devices. CPU is of this process and its PostgreSQL together,
in turns, each ratio of one round. The collector of rings is off for all three, as the report has it: on, the
scan alone takes twice as long. ``--profile`` tells where ours goes instead.
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

OURS, SCAN, ALL = "the whole report", "the scan it needs", "all it reads, plainly"
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
OTHERS = (
    """
    SELECT trial.*, patient.*, identity.born_on, clinic.name, implant.implanted_on, explant.explanted_on,
           explant.reason
    FROM trials_stimulationtrial trial
    JOIN patients_patient patient ON patient.id = trial.patient_id
    JOIN accounts_clinic clinic ON clinic.id = trial.clinic_id
    LEFT JOIN patients_patientidentity identity ON identity.patient_id = patient.id
    LEFT JOIN trials_permanentimplant implant ON implant.trial_id = trial.id
    LEFT JOIN trials_explant explant ON explant.implant_id = implant.id
    """,
    """
    SELECT currency.trial_id, held.certainty, evidence.content::jsonb -> 'facts' ->> 'stated_relief'
    FROM trials_stimulationtrial trial JOIN outcomes_trialcurrency currency ON currency.trial_id = trial.id
    JOIN outcomes_evidence evidence ON evidence.id = currency.evidence_id
    JOIN outcomes_assessment held ON held.evidence_id = evidence.id AND held.rule_set_id = trial.rule_set_id
    """,
    """
    SELECT DISTINCT trial_id, diary_day, window_no FROM diary_diaryentry
    WHERE region = 'target' AND NOT is_void
    """,
    "SELECT trial_id, min(paired_at) FROM diary_patientdevice GROUP BY trial_id",
    "SELECT implant_id, seen_on, pain FROM trials_followup ORDER BY seen_on, id",
    "SELECT implant_id, revised_on FROM trials_revision",
    "SELECT * FROM trials_adverseevent",
    "SELECT patient_id, code, body_region FROM patients_diagnosis ORDER BY id",
    "SELECT patient_id, count(*) FROM patients_conservativetherapy GROUP BY patient_id",
    "SELECT trial_id, waveform FROM trials_programinterval ORDER BY started_on, id",
    "SELECT trial_id, name FROM trials_externalstimulator ORDER BY given_on, id",
    "SELECT * FROM outcomes_decision",
    "SELECT decision_id, meaning, document::jsonb -> 'decision' FROM outcomes_signature",
)


def fetch(*statements: str) -> list[int]:
    """How many rows each has."""
    from django.db import connection

    from apps.outcomes.collecting import nothing_to_collect

    found = []
    with nothing_to_collect(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            found.append(len(cursor.fetchall()))
    return found


def scan() -> list[int]:
    return fetch(DAYS, VERDICTS)


def all_it_reads() -> list[int]:
    return fetch(DAYS, VERDICTS, *OTHERS)


def report() -> Any:
    from apps.accounts.models import Clinic, Role
    from apps.cohorts.question import CohortQuestion
    from apps.cohorts.reports.report import report_of
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
        ways = {SCAN: scan, ALL: all_it_reads, OURS: report}
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, way in ways.items():
                seconds[name].append(spent_on(way, server=server))
    tell(seconds, trials=options.trials, entries=entries)


def tell(seconds: dict[str, list[float]], *, trials: int, entries: int) -> None:
    out = sys.stdout.write
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out(f"{trials} trials, {entries} entries; {len(seconds[OURS])} rounds; peak {peak:.0f} MiB\n")
    for name, spent in seconds.items():
        out(f"{name:22} {median(spent):8.2f} s CPU {median(spent) / trials * 1e6:9.0f} us a trial\n")
    for anchor in (SCAN, ALL):
        pairs = [a / b for a, b in zip(seconds[OURS], seconds[anchor], strict=True)]
        found = median(pairs)
        judged = "met" if found <= MOST_TIMES else "NOT met"
        out(f"report ÷ {anchor}: {found:.1f} ({min(pairs):.1f}-{max(pairs):.1f}); at most 3: {judged}\n")
    out(f"{machine()}; load {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    main()
