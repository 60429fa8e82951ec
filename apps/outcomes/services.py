"""Freeze the evidence of a trial and judge it. Running twice, or at once, changes nothing."""

import logging
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from apps.outcomes import selectors
from apps.outcomes.models import Assessment, Evidence, TrialCurrency
from apps.trials.models import StimulationTrial
from sctrial import ENGINE_VERSION
from sctrial import evidence as core
from sctrial.criteria import RuleSet
from sctrial.seal import canonical_json
from sctrial.verdict import judge

logger = logging.getLogger(__name__)
# First half of a two-part advisory lock key: "assess".
ASSESS_LOCK = 0x5C7A


@transaction.atomic
def assess(trial_id: UUID, *, at: datetime) -> list[Assessment]:
    """Judge a trial under its own rule set and under all others in force."""
    lock_assessment(trial_id)
    # The version is read before the entries: an entry that lands in between makes the trial stale
    # again, whereas the other order could call an unseen entry assessed.
    trial = StimulationTrial.objects.get(pk=trial_id)
    evidence = selectors.read_evidence(trial)
    frozen = freeze(trial, evidence, at=at)
    rules = selectors.rules_for(trial, on=at.astimezone(UTC).date())
    rows = [assessment_of(frozen, evidence, rule=rule, at=at) for rule in rules]
    Assessment.objects.bulk_create(rows, ignore_conflicts=True)
    mark_current(trial, frozen, at=at)
    return rows


def assess_or_report(trial_id: UUID, *, at: datetime) -> None:
    """One trial that cannot be judged must not keep the others waiting."""
    try:
        assess(trial_id, at=at)
    except Exception:
        logger.exception("trial %s could not be assessed", trial_id)


def lock_assessment(trial_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [ASSESS_LOCK, str(trial_id)])


def freeze(trial: StimulationTrial, evidence: core.Evidence, *, at: datetime) -> Evidence:
    content = canonical_json(evidence.canonical()).decode()
    frozen, _ = Evidence.objects.get_or_create(
        trial=trial, digest=evidence.digest, defaults={"content": content, "frozen_at": at}
    )
    return frozen


def assessment_of(
    frozen: Evidence, evidence: core.Evidence, *, rule: RuleSet, at: datetime
) -> Assessment:
    verdict = judge(evidence, rule_set=rule)
    return Assessment(
        trial_id=frozen.trial_id,
        evidence=frozen,
        evidence_digest=frozen.digest,
        rule_set_id=rule.id,
        rule_set_version=rule.version,
        rule_set_digest=rule.digest,
        engine_version=ENGINE_VERSION,
        answer=verdict.answer.value,
        verdict=verdict.canonical(),
        assessed_at=at,
    )


def mark_current(trial: StimulationTrial, frozen: Evidence, *, at: datetime) -> None:
    row = TrialCurrency(
        trial=trial,
        evidence=frozen,
        evidence_version=trial.evidence_version,
        basis=selectors.basis_of_judgement(on=at.astimezone(UTC).date()),
        assessed_at=at,
    )
    TrialCurrency.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["trial"],
        update_fields=["evidence", "evidence_version", "basis", "assessed_at"],
    )
