"""What a report reads beside the diary, for made-up trials: verdicts, the end of each trial, implants.

The verdicts are those of the first trials, judged by the product and repeated for all others: what a report
costs does not depend on what they say.
"""

from datetime import timedelta
from typing import Any

from bench.assess import NOW, STARTS
from bench.cohort_rows import make_cohort

JUDGED = 100
LENGTH = 17
#: Of each judged trial one row, numbered; and of all others, each with the number of the one that it repeats.
REPEATED = """
WITH judged AS (SELECT trial_id, evidence_id, row_number() OVER (ORDER BY trial_id) - 1 AS n
                FROM outcomes_trialcurrency),
other AS (SELECT trial.id, (row_number() OVER (ORDER BY trial.id)) % (SELECT count(*) FROM judged) AS n
          FROM trials_stimulationtrial trial WHERE trial.id NOT IN (SELECT trial_id FROM judged))
"""
EVIDENCE = """
INSERT INTO outcomes_evidence (trial_id, digest, content, frozen_at)
SELECT other.id, held.digest, held.content, held.frozen_at
FROM other JOIN judged USING (n) JOIN outcomes_evidence held ON held.id = judged.evidence_id
"""
ASSESSMENTS = """
INSERT INTO outcomes_assessment (trial_id, evidence_id, {columns})
SELECT other.id, own.id, {columns}
FROM other JOIN judged USING (n) JOIN outcomes_assessment held ON held.evidence_id = judged.evidence_id
JOIN outcomes_evidence own ON own.trial_id = other.id
"""
CURRENCY = """
INSERT INTO outcomes_trialcurrency (trial_id, evidence_id, evidence_version, basis, assessed_at)
SELECT evidence.trial_id, evidence.id, 0, '', frozen_at FROM outcomes_evidence evidence
WHERE evidence.trial_id NOT IN (SELECT trial_id FROM outcomes_trialcurrency)
"""


def make_reported(trials: int) -> int:
    """The number of entries of a cohort that ended; every second one is implanted and was seen since."""
    from django.db import connection

    entries = make_cohort(trials)
    with connection.cursor() as cursor:
        # Triggers and foreign keys guard a clinic's record, which this is not.
        cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")
        end_trials()
        judge_some()
        make_implants()
        columns = ", ".join(copied_columns())
        for statement in (REPEATED + EVIDENCE, REPEATED + ASSESSMENTS.format(columns=columns), CURRENCY):
            cursor.execute(statement)
            # Without it the next one is planned for a hundred rows, and joins a hundred thousand in loops.
            cursor.execute("ANALYZE outcomes_evidence")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
    return entries


def copied_columns() -> list[str]:
    from apps.outcomes.models import Assessment

    own = {"id", "trial_id", "evidence_id"}
    return [str(field.column) for field in Assessment._meta.concrete_fields if field.column not in own]


def end_trials() -> None:
    from apps.trials.models import StimulationTrial

    ended_on = STARTS + timedelta(days=LENGTH)
    StimulationTrial.objects.update(phase="ended", ended_on=ended_on, end_reason="success")


def judge_some() -> None:
    from apps.outcomes.blocks import assess_block
    from apps.trials.models import StimulationTrial

    ids = StimulationTrial.objects.order_by("pk").values_list("pk", flat=True)[:JUDGED]
    assess_block(list(ids), at=NOW)


def make_implants() -> None:
    from apps.trials.models import FollowUp, PermanentImplant, StimulationTrial

    ids = list(StimulationTrial.objects.order_by("pk").values_list("pk", flat=True))[::2]
    day = STARTS + timedelta(days=LENGTH + 30)
    made: list[Any] = PermanentImplant.objects.bulk_create(
        (PermanentImplant(trial_id=pk, implanted_on=day) for pk in ids), batch_size=5000
    )
    seen_on = day + timedelta(days=30)
    FollowUp.objects.bulk_create(
        (FollowUp(implant=one, month=1, seen_on=seen_on, pain=n % 11) for n, one in enumerate(made)),
        batch_size=5000,
    )
