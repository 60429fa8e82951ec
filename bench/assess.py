"""`manage.py assess --all` beside one job a trial, on a PostgreSQL of its own, rows to stored verdicts.

    bin/bench assess [--trials 1000] [--alone 100] [--block 1000]

CPU time of this process and of its PostgreSQL. One job a trial, ``services.assess``, is the anchor.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from config.embedded.services import Services

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "bench-only-" + "0" * 50,
    "LOG_LEVEL": "WARNING",
    "DEMO": "1",
    "ALLOWED_HOSTS": "localhost",
}
NOW = datetime(2026, 3, 20, 18, 0, tzinfo=UTC)
STARTS = date(2026, 3, 2)
DAYS, BASELINE_DAYS, SCORES_A_DAY = 17, 7, 3


def start_django(services: Services) -> None:
    os.environ.update(services.environment() | ENVIRONMENT)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def make_trials(count: int) -> list[Any]:
    """Ids of made-up trials with 7 baseline and 10 trial days, 3 scores a day."""
    from apps.accounts.models import Clinic
    from apps.patients.models import Patient
    from apps.trials.models import StimulationTrial

    clinic = Clinic.objects.create(name="Bench", zone="UTC", phone="0")
    patients = Patient.objects.bulk_create(
        Patient(clinic=clinic, pseudonym=f"B-{n}", zone="UTC", created_at=NOW) for n in range(count)
    )
    trials = StimulationTrial.objects.bulk_create(
        StimulationTrial(
            clinic=clinic,
            patient=patient,
            modality="SCS",
            target_area="low back",
            rule_set_id="MAC_NORIDIAN",
            phase="trial_active",
            diary_from=STARTS,
            lead_placed_on=STARTS + timedelta(days=BASELINE_DAYS),
            created_at=NOW,
        )
        for patient in patients
    )
    make_entries(trials)
    return sorted(trial.pk for trial in trials)


def make_entries(trials: list[Any]) -> None:
    from apps.diary.models import DiaryEntry

    random = Random(1)
    entries = (
        DiaryEntry(
            trial=trial,
            region="target",
            kind="average",
            scale=trial.scale,
            value=random.randint(0, 10),
            diary_day=STARTS + timedelta(days=day),
            captured_at=NOW - timedelta(days=DAYS - day, hours=hour),
            utc_offset_minutes=0,
            zone="UTC",
            received_at=NOW,
            originator="patient",
            instrument_version="1",
            body_sha256="0" * 64,
        )
        for trial in trials
        for day in range(DAYS)
        for hour in range(SCORES_A_DAY)
    )
    DiaryEntry.objects.bulk_create(entries, batch_size=5000)


def backend_seconds() -> float:
    """CPU time so far of the server process behind this connection."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
    # Its time on a processor in nanoseconds; the times of /proc/PID/stat are ticks of ten milliseconds.
    on_processor, _ = Path(f"/proc/{pid}/schedstat").read_text(encoding="utf-8").split(maxsplit=1)
    return int(on_processor) / 1e9


@contextmanager
def measured(name: str, *, trials: int, found: dict[str, tuple[float, float]]) -> Iterator[None]:
    client, server = time.process_time(), backend_seconds()
    yield
    spent = time.process_time() - client, backend_seconds() - server
    found[name] = (spent[0] / trials * 1000, spent[1] / trials * 1000)


def compare(ids: list[Any], *, alone: int, block: int) -> dict[str, tuple[float, float]]:
    from apps.outcomes import services
    from apps.outcomes.blocks import assess_block

    found: dict[str, tuple[float, float]] = {}
    first, rest = ids[:alone], ids[alone:]
    blocks = [rest[n : n + block] for n in range(0, len(rest), block)]
    with measured("one job a trial (anchor)", trials=len(first), found=found):
        for trial_id in first:
            services.assess(trial_id, at=NOW)
    for name in ("in blocks", "in blocks, all known already"):
        with measured(name, trials=len(rest), found=found):
            for each in blocks:
                assess_block(each, at=NOW)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--alone", type=int, default=100)
    parser.add_argument("--block", type=int, default=1000)
    options = parser.parse_args()
    with Services.temporary() as services:
        start_django(services)
        ids = make_trials(options.trials + options.alone)
        found = compare(ids, alone=options.alone, block=options.block)
    anchor = sum(next(iter(found.values())))
    sys.stdout.write(f"{'work':30} {'CPU ms a trial':>15} {'PostgreSQL ms':>14} {'anchor ÷ it':>12}\n")
    for name, (client, server) in found.items():
        ratio = anchor / (client + server)
        sys.stdout.write(f"{name:30} {client:15.3f} {server:14.3f} {ratio:12.1f}\n")


if __name__ == "__main__":
    main()
