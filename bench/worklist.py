"""The worklist of a large clinic beside the bare query that it needs, on a PostgreSQL of its own.

    bin/bench worklist [--trials 5000] [--days 100] [--rounds 7]

The anchor reads what the lists are made of in one plain statement: of every trial its phase, its planned end
and the day of its newest answer. The page is asked through every middleware, signed in; CPU is that of this
process and of its PostgreSQL. Both take turns, the first round warms up. Most trials are decided, as in a
clinic of some years: half of them against an implant, half have one and were seen at every visit. A statement
that only begins or ends a transaction is not counted.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

from bench.assess import backend_seconds, start_django
from config.embedded.services import Services

MOST_STATEMENTS, MOST_TIMES = 12, 3.0
#: So many trials of a hundred run, and wait for a decision; the others are decided.
RUNNING, WAITING, PERCENT = 2, 1, 100
LENGTH = 17
#: What was decided, by where the trial stands.
CHOICES = {"decided": "no_implant", "follow_up": "implant"}
BARE = """
SELECT t.id, t.phase, t.planned_end_on, t.diary_from,
       (SELECT e.diary_day FROM diary_diaryentry e WHERE e.trial_id = t.id ORDER BY e.diary_day DESC LIMIT 1)
FROM trials_stimulationtrial t WHERE t.clinic_id = %s
"""


def make_clinic(*, trials: int, days: int) -> Any:
    """A clinic, and a coordinator of it."""
    from apps.accounts.models import Clinic, StaffMembership, User
    from apps.patients.models import Patient
    from apps.trials.models import StimulationTrial

    now = datetime.now(UTC)
    clinic = Clinic.objects.create(name="Bench", zone="UTC", phone="0")
    user = User.objects.create(username="bench", is_staff=True)
    StaffMembership.objects.create(user=user, clinic=clinic, role="coordinator")
    patients = Patient.objects.bulk_create(
        Patient(clinic=clinic, pseudonym=f"B-{n}", zone="UTC", created_at=now) for n in range(trials)
    )
    made = StimulationTrial.objects.bulk_create(
        StimulationTrial(
            clinic=clinic, patient=patient, created_at=now, **facts_of(n, today=now.date(), days=days)
        )
        for n, patient in enumerate(patients)
    )
    make_entries(made, days=days)
    make_decisions([trial for trial in made if trial.phase in CHOICES], at=now)
    make_implants([trial for trial in made if trial.phase == "follow_up"])
    return clinic, user


def facts_of(n: int, *, today: date, days: int) -> dict[str, Any]:
    """Running ones began of late, the others up to some years ago."""
    kind = n % PERCENT
    is_running = kind < RUNNING
    first = today - timedelta(days=days if is_running else days + n)
    facts = {
        "modality": "SCS",
        "target_area": "low back",
        "rule_set_id": "MAC_NORIDIAN",
        "diary_from": first,
        "lead_placed_on": first + timedelta(days=7),
        "planned_end_on": first + timedelta(days=LENGTH),
        "evidence_version": 1,
    }
    if is_running:
        return facts | {"phase": "trial_active", "planned_end_on": today + timedelta(days=n % 7)}
    over = "follow_up" if n % 2 else "decided"
    ended = {"ended_on": first + timedelta(days=LENGTH), "end_reason": "success"}
    return facts | ended | {"phase": "decision_pending" if kind < RUNNING + WAITING else over}


def make_entries(trials: list[Any], *, days: int) -> None:
    from apps.diary.models import DiaryEntry

    random, now = Random(1), datetime.now(UTC)
    entries = (
        DiaryEntry(
            trial=trial,
            region="target",
            kind="average",
            scale=trial.scale,
            value=random.randint(0, 10),
            diary_day=trial.diary_from + timedelta(days=day),
            captured_at=now,
            utc_offset_minutes=0,
            zone="UTC",
            received_at=now,
            originator="patient",
            instrument_version="1",
            body_sha256="0" * 64,
        )
        for trial in trials
        for day in range(days)
    )
    DiaryEntry.objects.bulk_create(entries, batch_size=10_000)


def make_decisions(trials: list[Any], *, at: datetime) -> None:
    """Signed on a verdict that still stands."""
    from apps.outcomes.models import Assessment, Decision, Evidence, TrialCurrency
    from sctrial import ENGINE_VERSION

    evidence = Evidence.objects.bulk_create(
        Evidence(trial=trial, digest=f"sha256:{n}", content="{}", frozen_at=at)
        for n, trial in enumerate(trials)
    )
    verdicts = Assessment.objects.bulk_create(
        Assessment(
            trial=one.trial,
            evidence=one,
            evidence_digest=one.digest,
            rule_set_id="MAC_NORIDIAN",
            rule_set_version="2023.1",
            rule_set_digest="sha256:0",
            engine_version=ENGINE_VERSION,
            answer="met",
            verdict={},
            certainty={},
            assessed_at=at,
        )
        for one in evidence
    )
    Decision.objects.bulk_create(
        Decision(trial=one.trial, assessment=one, choice=CHOICES[one.trial.phase], decided_at=at)
        for one in verdicts
    )
    TrialCurrency.objects.bulk_create(
        TrialCurrency(trial=one.trial, evidence=one, evidence_version=1, basis="", assessed_at=at)
        for one in evidence
    )


def make_implants(trials: list[Any]) -> None:
    """On the day the trial ended, and every visit is recorded."""
    from apps.trials.models import FollowUp, PermanentImplant
    from sctrial.aftercare import MONTHS

    implants = PermanentImplant.objects.bulk_create(
        PermanentImplant(trial=trial, implanted_on=trial.ended_on) for trial in trials
    )
    FollowUp.objects.bulk_create(
        FollowUp(implant=implant, month=month, seen_on=implant.implanted_on)
        for implant in implants
        for month in MONTHS
    )


def cpu_of(work: Callable[[], object]) -> float:
    """Milliseconds of this process and of its PostgreSQL."""
    before = time.process_time() + backend_seconds()
    work()
    return 1000 * (time.process_time() + backend_seconds() - before)


def compare(clinic: Any, user: Any, *, rounds: int) -> tuple[list[tuple[float, float]], int]:
    """CPU of page and anchor, a pair a round; and the statements of a page."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    client.force_login(user)

    def page() -> None:
        if client.get("/staff/").status_code != 200:
            raise SystemExit("the worklist was not shown")

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE, [clinic.pk])
            cursor.fetchall()

    pairs = [(cpu_of(page), cpu_of(bare)) for _ in range(rounds + 1)][1:]
    with CaptureQueriesContext(connection) as captured:
        page()
    return pairs, sum(query["sql"] not in ("BEGIN", "COMMIT") for query in captured)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with Services.temporary() as services:
        start_django(services)
        clinic, user = make_clinic(trials=options.trials, days=options.days)
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        pairs, statements = compare(clinic, user, rounds=options.rounds)
    ratios = [page / bare for page, bare in pairs]
    sys.stdout.write(
        f"{options.trials} trials, {options.trials * options.days} answers; {options.rounds} rounds\n"
        f"CPU ms, medians: worklist {median(page for page, _ in pairs):.1f}, "
        f"bare query {median(bare for _, bare in pairs):.1f}\n"
        f"worklist ÷ bare query: {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}); "
        f"asked: at most {MOST_TIMES}\n"
        f"statements of the worklist: {statements}; asked: at most {MOST_STATEMENTS}\n"
    )


if __name__ == "__main__":
    main()
