"""Freeze the evidence of a trial and judge it. Running twice, or at once, changes nothing."""

import logging
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from apps.outcomes import selectors
from apps.outcomes.models import Assessment, Evidence, TrialCurrency
from apps.outcomes.querysets import insert_new
from apps.trials.models import StimulationTrial
from apps.trials.rules import Rulebook, read_rulebook
from sctrial import ENGINE_VERSION
from sctrial import evidence as core
from sctrial.assurance import certainty_of
from sctrial.criteria import RuleSet
from sctrial.seal import canonical_json
from sctrial.side_by_side import judge_all
from sctrial.verdict import Verdict

logger = logging.getLogger(__name__)
# First half of a two-part advisory lock key: "assess".
ASSESS_LOCK = 0x5C7A


@transaction.atomic
def assess(trial_id: UUID, *, at: datetime) -> list[Assessment]:
    """Judge a trial under its own rule set and under all others in force."""
    lock_assessments([trial_id])
    # The version is read before the entries: an entry that lands in between makes the trial stale
    # again, whereas the other order could call an unseen entry assessed.
    trial = StimulationTrial.objects.get(pk=trial_id)
    evidence = selectors.read_evidence(trial)
    frozen = freeze({trial_id: evidence}, at=at)
    rulebook = read_rulebook([trial.clinic_id])
    rules = selectors.rules_for(trial, on=at.astimezone(UTC).date(), rulebook=rulebook)
    rows = [
        assessment_of(frozen[trial_id], evidence, one.verdict, rule=one.rule_set, at=at)
        for one in judge_all(evidence, rules=rules)
    ]
    insert_new(rows)
    mark_current([trial], frozen, at=at, rulebook=rulebook)
    return rows


def assess_or_report(trial_id: UUID, *, at: datetime) -> None:
    """One trial that cannot be judged must not keep the others waiting."""
    try:
        assess(trial_id, at=at)
    except Exception:
        logger.exception("trial %s could not be assessed", trial_id)


# By lock key, not by id: keys are hashes, and two that share some must take them in the same order.
LOCK_TRIALS = """
SELECT pg_advisory_xact_lock(%s, key)
FROM (SELECT DISTINCT hashtext(id) AS key FROM unnest(%s::text[]) AS ids(id) ORDER BY key) AS keys
"""


def lock_assessments(trial_ids: Collection[UUID]) -> None:
    """Wait until nobody else assesses these trials, and keep them until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_TRIALS, [ASSESS_LOCK, [str(trial_id) for trial_id in trial_ids]])


def freeze(evidence: Mapping[UUID, core.Evidence], *, at: datetime) -> dict[UUID, Evidence]:
    """The frozen row of each trial's evidence, written where there is none yet. Content is not loaded."""
    frozen = _frozen(evidence)
    missing = [
        Evidence(
            trial_id=trial_id,
            digest=each.digest,
            content=canonical_json(each.canonical()).decode(),
            frozen_at=at,
        )
        for trial_id, each in evidence.items()
        if trial_id not in frozen
    ]
    if not missing:
        return frozen
    insert_new(missing)
    return _frozen(evidence)


def _frozen(evidence: Mapping[UUID, core.Evidence]) -> dict[UUID, Evidence]:
    rows = Evidence.objects.filter(
        trial__in=list(evidence), digest__in=[each.digest for each in evidence.values()]
    )
    # A digest may be shared: trials without an entry have the same evidence.
    return {row.trial_id: row for row in rows.defer("content") if row.digest == evidence[row.trial_id].digest}


def assessment_of(
    frozen: Evidence, evidence: core.Evidence, verdict: Verdict, *, rule: RuleSet, at: datetime
) -> Assessment:
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
        certainty=certainty_of(evidence, verdict=verdict, rule_set=rule).canonical(),
        assessed_at=at,
    )


def mark_current(
    trials: Collection[StimulationTrial],
    frozen: Mapping[UUID, Evidence],
    *,
    at: datetime,
    rulebook: Rulebook,
) -> None:
    """Note that the assessments have come as far as these readings of the trials."""
    bases = selectors.bases_of_judgement(on=at.astimezone(UTC).date(), rulebook=rulebook)
    rows = [
        TrialCurrency(
            trial=trial,
            evidence=frozen[trial.pk],
            evidence_version=trial.evidence_version,
            basis=bases.of(trial.clinic_id),
            assessed_at=at,
        )
        for trial in trials
    ]
    TrialCurrency.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["trial"],
        update_fields=["evidence", "evidence_version", "basis", "assessed_at"],
    )
