"""Made-up trials by the hundred thousand: 17 days, 3 scores a day, 2 in 100 missing, rows shuffled."""

from datetime import timedelta
from typing import Any

from bench.assess import BASELINE_DAYS, NOW, STARTS

ENTRIES = """
INSERT INTO diary_diaryentry ({columns})
SELECT {values}
FROM trials_stimulationtrial trial, generate_series(0, 16) day, generate_series(0, 2) hour
WHERE random() >= 0.02 ORDER BY random()
"""
BATCH = 10_000
CAPTURED = f"TIMESTAMPTZ '{NOW.isoformat()}' - (17 - day) * INTERVAL '1 day' - hour * INTERVAL '1 hour'"
#: What an entry holds, as SQL; other columns may be null.
VALUES = {
    "id": "gen_random_uuid()",
    "trial_id": "trial.id",
    "region": "'target'",
    "kind": "'average'",
    "scale": "trial.scale",
    "value": "CASE WHEN day < 7 THEN 4 + floor(random() * 7) ELSE floor(random() * 8) END",
    "diary_day": "trial.diary_from + day",
    "captured_at": CAPTURED,
    "timeliness": "'on_time'",
    "utc_offset_minutes": "0",
    "zone": "'UTC'",
    "received_at": CAPTURED,
    "originator": "'patient'",
    "entered_by": "''",
    "language": "'en'",
    "instrument_version": "'1'",
    "app_version": "''",
    "body_sha256": "repeat('0', 64)",
}


def make_cohort(trials: int) -> int:
    """The number of entries made."""
    from django.db import connection

    with connection.cursor() as cursor:
        # Triggers and foreign keys guard a clinic's record, which this is not.
        cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")
        cursor.execute("SELECT setseed(0.5)")
        make_trials(trials)
        cursor.execute(ENTRIES.format(columns=", ".join(VALUES), values=", ".join(VALUES.values())))
        made = int(cursor.rowcount)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
    return made


def make_trials(count: int) -> None:
    from apps.accounts.models import Clinic
    from apps.patients.models import Patient
    from apps.trials.models import StimulationTrial

    clinic = Clinic.objects.create(name="Bench", zone="UTC", phone="0")
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        patients = Patient.objects.bulk_create(
            Patient(clinic=clinic, pseudonym=f"B-{n}", zone="UTC", created_at=NOW) for n in numbers
        )
        StimulationTrial.objects.bulk_create(trial_of(clinic, patient) for patient in patients)


def trial_of(clinic: Any, patient: Any) -> Any:
    from apps.trials.models import StimulationTrial

    return StimulationTrial(
        clinic=clinic,
        patient=patient,
        modality="SCS",
        target_area="low back",
        rule_set_id="MAC_NORIDIAN",
        baseline_window="whole-phase",
        trial_window="whole-phase",
        phase="trial_active",
        diary_from=STARTS,
        lead_placed_on=STARTS + timedelta(days=BASELINE_DAYS),
        created_at=NOW,
    )
