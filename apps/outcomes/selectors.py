"""Reads for judging: the facts of a trial as the core wants them, and which trials are not current."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.diary.models import OpioidUse, QuestionnaireResponse
from apps.outcomes.models import Assessment
from apps.outcomes.querysets import EntryRow, standing_entries
from apps.trials.models import StimulationTrial
from sctrial import ENGINE_VERSION
from sctrial.criteria import RuleSet, rule_sets
from sctrial.evidence import Analgesics, Entry, Evidence, Protocol
from sctrial.phases import DiaryPhase, diary_phase_of
from sctrial.scales import SCALES, ScaleCode, ScoreKind
from sctrial.seal import digest
from sctrial.windows import Several, parse_window, summarise_window

SATISFACTION = "trial_satisfaction"


@dataclass
class Facts:
    """What the rows hold about one trial, not yet read."""

    entries: list[EntryRow] = field(default_factory=list)
    doses: list[tuple[date, Decimal, str]] = field(default_factory=list)
    satisfaction: Mapping[str, Any] | None = None


def rules_for(trial: StimulationTrial, *, on: date) -> list[RuleSet]:
    """The trial's own rule set first, then every other one in force: what each payer would say."""
    known = rule_sets()
    own = known[trial.rule_set_id]
    others = (rule for rule in known.values() if rule.id != own.id and rule.is_in_force(on))
    return [own, *sorted(others, key=lambda rule: rule.id)]


def basis_of_judgement(*, on: date) -> str:
    """One digest over everything but the evidence that a verdict depends on."""
    rules = sorted(rule.digest for rule in rule_sets().values() if rule.is_in_force(on))
    return digest({"engine": ENGINE_VERSION, "rules": rules})


def stale_trials(*, on: date) -> QuerySet[StimulationTrial, UUID]:
    """Ids of trials whose assessments lag behind their evidence, or rest on other rules or another engine."""
    current = Q(currency__evidence_version=F("evidence_version"), currency__basis=basis_of_judgement(on=on))
    stale = StimulationTrial.objects.exclude(current).order_by("id")
    return stale.values_list("pk", flat=True)


def current_assessments(trial: StimulationTrial) -> list[Assessment]:
    """The assessments of the newest evidence, the trial's own rule set first; empty before the first job."""
    if not hasattr(trial, "currency"):
        return []
    found = Assessment.objects.filter(
        trial=trial, evidence_id=trial.currency.evidence_id, engine_version=ENGINE_VERSION
    )
    return sorted(found, key=lambda row: (row.rule_set_id != trial.rule_set_id, row.rule_set_id))


def blocks_of(trials: QuerySet[StimulationTrial, UUID], *, size: int) -> Iterator[list[UUID]]:
    """The ids in ``trials``, ascending, so many at a time; that some leave the set meanwhile does no harm."""
    block = list(trials.order_by("pk")[:size])
    while block:
        yield block
        block = list(trials.order_by("pk").filter(pk__gt=block[-1])[:size])


def read_evidence(trial: StimulationTrial) -> Evidence:
    """Everything a verdict on ``trial`` may look at. Superseded answers are left out, nothing else is."""
    return evidence_of(trial, facts=read_facts([trial])[trial.pk])


def read_facts(trials: Sequence[StimulationTrial]) -> dict[UUID, Facts]:
    """Entries, doses and satisfaction of every trial given, by three statements however many there are."""
    facts = {trial.pk: Facts() for trial in trials}
    for row in standing_entries(trials):
        facts[row[0]].entries.append(row)
    doses = OpioidUse.objects.filter(trial__in=list(facts))
    for trial_id, day, mme, table in doses.values_list("trial_id", "day", "mme", "table_version"):
        facts[trial_id].doses.append((day, mme, table))
    responses = QuestionnaireResponse.objects.filter(trial__in=list(facts), instrument=SATISFACTION)
    newest = responses.order_by("trial_id", "-answered_on", "-id").distinct("trial_id")
    for trial_id, answers in newest.values_list("trial_id", "answers"):
        facts[trial_id].satisfaction = answers
    return facts


def evidence_of(trial: StimulationTrial, *, facts: Facts) -> Evidence:
    """The facts as the core wants them. Raises what the core raises about rows that it cannot read."""
    entries = tuple(_entry(trial, row) for row in facts.entries)
    return Evidence(
        protocol=read_protocol(trial),
        entries=entries,
        analgesics=_analgesics(trial, facts, entries),
        # The newest answer; not asked yet is not "no".
        satisfied=None if facts.satisfaction is None else bool(facts.satisfaction["satisfied"]),
    )


def _entry(trial: StimulationTrial, row: EntryRow) -> Entry:
    _, entry_id, day, region, kind, value = row
    return Entry(
        day=day,
        phase=diary_phase_of(day, lead_placed_on=trial.lead_placed_on),
        region=region,
        kind=ScoreKind(kind),
        value=_points(trial.scale, value),
        source=str(entry_id),
    )


@cache
def _points(scale: str, units: int) -> Fraction:
    # A scale has few answers and a clinic many of each.
    return SCALES[ScaleCode(scale)].from_units(units)


def read_protocol(trial: StimulationTrial) -> Protocol:
    return Protocol(
        baseline_window=parse_window(trial.baseline_window),
        trial_window=parse_window(trial.trial_window),
        several=Several(trial.several),
        scale=ScaleCode(trial.scale),
    )


def _analgesics(trial: StimulationTrial, facts: Facts, entries: tuple[Entry, ...]) -> Analgesics:
    """Mean dose over the same days as the pain scores; a phase without a noted dose stays unknown."""
    doses = facts.doses
    if not doses:
        return Analgesics()
    protocol = read_protocol(trial)
    means = {
        phase: summarise_window(
            {day: Fraction(mme) for day, mme, _ in doses if _phase_of(trial, day) is phase},
            window=protocol.baseline_window if phase is DiaryPhase.BASELINE else protocol.trial_window,
            first_day=min((e.day for e in entries if e.phase is phase), default=None),
            last_day=max((e.day for e in entries if e.phase is phase), default=None),
        ).mean
        for phase in DiaryPhase
    }
    tables = sorted({table for _, _, table in doses})
    return Analgesics(means[DiaryPhase.BASELINE], means[DiaryPhase.TRIAL], " + ".join(tables))


def _phase_of(trial: StimulationTrial, day: date) -> DiaryPhase:
    return diary_phase_of(day, lead_placed_on=trial.lead_placed_on)
