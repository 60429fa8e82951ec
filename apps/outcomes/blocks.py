"""Assess many trials together: the rows of ``services.assess``, by a fixed number of statements a block."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import connection, transaction

from apps.outcomes import selectors, services
from apps.outcomes.frames import frame_of_rows
from apps.outcomes.models import Assessment
from apps.outcomes.querysets import NO_LIMITS, insert_new
from apps.trials.models import StimulationTrial
from apps.trials.rules import Rulebook, read_rulebook
from sctrial import ENGINE_VERSION
from sctrial import evidence as core
from sctrial.criteria import RuleSet
from sctrial.diary import compute_figures
from sctrial.evaluate import Figures
from sctrial.verdict import Verdict, conclude, judge, require_judgeable

logger = logging.getLogger(__name__)
# Each trial of a block holds one lock until the block ends, and PostgreSQL keeps them all in one table
# of some 6400 places (max_locks_per_transaction times max_connections) that everybody shares.
LARGEST_BLOCK = 2000


@dataclass
class Report:
    """What became of some trials; ``failed`` has the kind of error for each that could not be judged."""

    trials: int = 0
    written: int = 0
    found: int = 0
    failed: dict[UUID, str] = field(default_factory=dict)

    def add(self, other: "Report") -> None:
        self.trials += other.trials
        self.written += other.written
        self.found += other.found
        self.failed |= other.failed


@dataclass(frozen=True)
class Case:
    """One trial, ready to be judged."""

    trial: StimulationTrial
    facts: selectors.Facts
    evidence: core.Evidence
    rules: list[RuleSet]


def assess_block(trial_ids: Sequence[UUID], *, at: datetime) -> Report:
    """Judge these trials in one transaction, or one by one when that cannot be done."""
    try:
        return _assess_together(trial_ids, at=at)
    except Exception:
        logger.exception("a block of %s trials could not be assessed together", len(trial_ids))
    return _assess_one_by_one(trial_ids, at=at)


@transaction.atomic
def _assess_together(trial_ids: Sequence[UUID], *, at: datetime) -> Report:
    with connection.cursor() as cursor:
        cursor.execute(NO_LIMITS)
    services.lock_assessments(trial_ids)
    # Versions before entries, as in services.assess.
    trials = list(StimulationTrial.objects.filter(pk__in=trial_ids).order_by("pk"))
    rulebook = read_rulebook({trial.clinic_id for trial in trials})
    cases, failed = _prepare(trials, on=at.astimezone(UTC).date(), rulebook=rulebook)
    frozen = services.freeze({case.trial.pk: case.evidence for case in cases}, at=at)
    known = _known_assessments(frozen)
    wanted = {
        case.trial.pk: [rule for rule in case.rules if (case.trial.pk, rule.digest) not in known]
        for case in cases
    }
    rows = [
        services.assessment_of(
            frozen[case.trial.pk], case.evidence, _conclude(case, figures, rule=rule), rule=rule, at=at
        )
        for case, figures in _figures([case for case in cases if wanted[case.trial.pk]])
        for rule in wanted[case.trial.pk]
    ]
    insert_new(rows)
    services.mark_current([case.trial for case in cases], frozen, at=at, rulebook=rulebook)
    found = sum(len(case.rules) for case in cases) - len(rows)
    return Report(len(trials), written=len(rows), found=found, failed=failed)


def _prepare(
    trials: Sequence[StimulationTrial], *, on: date, rulebook: Rulebook
) -> tuple[list[Case], dict[UUID, str]]:
    cases, failed = [], {}
    facts = selectors.read_facts(trials)
    for trial in trials:
        try:
            cases.append(_case_of(trial, facts[trial.pk], on=on, rulebook=rulebook))
        except Exception as error:
            # As in services.assess_or_report: one such trial must not keep the others waiting.
            failed[trial.pk] = _reported(trial.pk, error)
    return cases, failed


def _case_of(trial: StimulationTrial, facts: selectors.Facts, *, on: date, rulebook: Rulebook) -> Case:
    evidence = selectors.evidence_of(trial, facts=facts)
    require_judgeable(evidence.protocol)
    return Case(trial, facts, evidence, selectors.rules_for(trial, on=on, rulebook=rulebook))


def _known_assessments(frozen: Mapping[UUID, object]) -> set[tuple[UUID, str]]:
    rows = Assessment.objects.filter(evidence__in=list(frozen.values()), engine_version=ENGINE_VERSION)
    return set(rows.values_list("trial_id", "rule_set_digest"))


def _figures(cases: Sequence[Case]) -> list[tuple[Case, Figures]]:
    figures = compute_figures(
        frame_of_rows(
            [row for case in cases for row in case.facts.entries], trials=[case.trial for case in cases]
        ),
        protocols=[case.evidence.protocol for case in cases],
        pairs=sorted({pair for case in cases for rule in case.rules for pair in rule.pairs}),
        analgesics=[case.evidence.analgesics for case in cases],
        satisfied=[case.evidence.satisfied for case in cases],
        facts=[case.evidence.facts for case in cases],
    )
    return list(zip(cases, figures, strict=True))


def _conclude(case: Case, figures: Figures, *, rule: RuleSet) -> Verdict:
    # Columns are made in the windows of the trial; a rule that fixes its own is judged by itself.
    if rule.windowed_pairs:
        return judge(case.evidence, rule_set=rule)
    return conclude(figures, rule_set=rule)


def _assess_one_by_one(trial_ids: Collection[UUID], *, at: datetime) -> Report:
    report = Report()
    for trial_id in trial_ids:
        report.add(_assess_alone(trial_id, at=at))
    return report


def _assess_alone(trial_id: UUID, *, at: datetime) -> Report:
    try:
        before = Assessment.objects.filter(trial=trial_id).count()
        judged = len(services.assess(trial_id, at=at))
        written = Assessment.objects.filter(trial=trial_id).count() - before
        return Report(trials=1, written=written, found=judged - written)
    except Exception as error:
        # A server that is gone fails every trial alike; then this raises and ends the run.
        connection.close_if_unusable_or_obsolete()
        connection.ensure_connection()
        return Report(trials=1, failed={trial_id: _reported(trial_id, error)})


def _reported(trial_id: UUID, error: Exception) -> str:
    logger.error("trial %s could not be assessed", trial_id, exc_info=error)
    return type(error).__name__
