"""Reads for judging: the facts of a trial as the core wants them, and which trials are not current."""

from datetime import date
from fractions import Fraction
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.diary.models import DiaryEntry, OpioidUse, QuestionnaireResponse
from apps.outcomes.models import Assessment
from apps.trials.models import StimulationTrial
from sctrial import ENGINE_VERSION
from sctrial.criteria import RuleSet, rule_sets
from sctrial.evidence import Analgesics, Entry, Evidence, Protocol
from sctrial.phases import DiaryPhase, diary_phase_of
from sctrial.scales import SCALES, ScaleCode, ScoreKind
from sctrial.seal import digest
from sctrial.windows import Several, parse_window, summarise_window

SATISFACTION = "trial_satisfaction"
ENTRY_COLUMNS = ("id", "diary_day", "region", "kind", "value")


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
    current = Q(
        currency__evidence_version=F("evidence_version"), currency__basis=basis_of_judgement(on=on)
    )
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


def read_evidence(trial: StimulationTrial) -> Evidence:
    """Everything a verdict on ``trial`` may look at. Superseded answers are left out, nothing else is."""
    scale = SCALES[ScaleCode(trial.scale)]
    rows = (
        DiaryEntry.objects.filter(trial=trial, scale=trial.scale, superseded_by__isnull=True)
        .order_by("diary_day", "captured_at", "line", "id")
        .values_list(*ENTRY_COLUMNS)
    )
    entries = tuple(
        Entry(
            day=day,
            phase=diary_phase_of(day, lead_placed_on=trial.lead_placed_on),
            region=region,
            kind=ScoreKind(kind),
            value=scale.from_units(value),
            source=str(entry_id),
        )
        for entry_id, day, region, kind, value in rows
    )
    return Evidence(
        protocol=read_protocol(trial),
        entries=entries,
        analgesics=_read_analgesics(trial, entries),
        satisfied=_read_satisfaction(trial),
    )


def read_protocol(trial: StimulationTrial) -> Protocol:
    return Protocol(
        baseline_window=parse_window(trial.baseline_window),
        trial_window=parse_window(trial.trial_window),
        several=Several(trial.several),
        scale=ScaleCode(trial.scale),
    )


def _read_analgesics(trial: StimulationTrial, entries: tuple[Entry, ...]) -> Analgesics:
    """Mean dose over the same days as the pain scores; a phase without a noted dose stays unknown."""
    doses = list(OpioidUse.objects.filter(trial=trial).values_list("day", "mme", "table_version"))
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


def _read_satisfaction(trial: StimulationTrial) -> bool | None:
    """The newest answer; not asked yet is not "no"."""
    newest = (
        QuestionnaireResponse.objects.filter(trial=trial, instrument=SATISFACTION)
        .order_by("-answered_on", "-id")
        .first()
    )
    return None if newest is None else bool(newest.answers["satisfied"])
