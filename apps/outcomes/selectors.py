"""Reads for judging: the facts of a trial as the core wants them, and which trials are not current."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from apps.diary.models import DiaryAnswer, OpioidUse, QuestionnaireResponse
from apps.diary.selectors import standing
from apps.diary.totals import TRANSCRIBED
from apps.outcomes.models import Assessment
from apps.outcomes.querysets import NO_LIMITS, EntryRow, among, standing_entries
from apps.patients.selectors import Before, read_before
from apps.trials.judged import Judged
from apps.trials.models import StimulationTrial
from apps.trials.rules import Rulebook, read_rulebook
from sctrial import ENGINE_VERSION
from sctrial import facts as core
from sctrial.criteria import RuleSet, rule_sets
from sctrial.evidence import Analgesics, Entry, Evidence, Originator, Protocol
from sctrial.phases import DiaryPhase, diary_phase_of
from sctrial.questions import GLOBAL_CHANGES
from sctrial.scales import SCALES, ScaleCode, ScoreKind
from sctrial.seal import digest
from sctrial.windows import Several, parse_window, summarise_window

SATISFACTION, STATED_RELIEF, GLOBAL_CHANGE = "trial_satisfaction", "stated_relief", "global_change"
Read = TypeVar("Read")
ASKED = (SATISFACTION, STATED_RELIEF, GLOBAL_CHANGE)
#: Totals from before the leads, as in ``sctrial.phases.diary_phase_of``.
BASELINE: Final = Q(trial__lead_placed_on=None) | Q(answered_on__lt=F("trial__lead_placed_on"))
TOTALS: Final = BASELINE & Q(instrument__in=TRANSCRIBED, answers__has_key="total")
OTHERS = frozenset(Originator)
#: A phone's answer in the words of a questionnaire; best first, so 1 is the best of a global change.
FROM_A_PHONE: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    SATISFACTION: lambda answer: {"satisfied": answer["choice"] == "yes"},
    STATED_RELIEF: lambda answer: {"percent": answer["number"]},
    GLOBAL_CHANGE: lambda answer: {"answer": GLOBAL_CHANGES.index(answer["choice"]) + 1, "best": 1},
}


@dataclass
class Facts:
    """What the rows hold about one trial, not yet read; ``answers`` has the newest of each instrument.

    ``totals`` are the newest from before the leads, by score, each with its version.
    """

    entries: list[EntryRow] = field(default_factory=list)
    doses: list[tuple[date, Decimal, str]] = field(default_factory=list)
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    totals: dict[str, tuple[str, str]] = field(default_factory=dict)
    before: Before = field(default_factory=Before)


@dataclass(frozen=True, slots=True)
class Bases:
    """One digest a clinic over everything but the evidence that its verdicts depend on."""

    shipped: str
    #: Of the clinics with approved rules of their own.
    own: Mapping[int, str]

    def of(self, clinic_id: int) -> str:
        return self.own.get(clinic_id, self.shipped)


def rules_for(trial: Judged, *, on: date, rulebook: Rulebook) -> list[RuleSet]:
    """The trial's own rule set first, then every other one in force: what each payer would say."""
    own = rulebook.rule_of(trial, on=on)
    known = rulebook.rules_of(trial.clinic_id, on=on).values()
    others = (rule for rule in known if rule.id != own.id and rule.is_in_force(on))
    return [own, *sorted(others, key=lambda rule: rule.id)]


def bases_of_judgement(*, on: date, rulebook: Rulebook) -> Bases:
    basis: dict[str, Any] = {"engine": ENGINE_VERSION, "rules": _in_force(rule_sets().values(), on=on)}
    own = {
        clinic: digest(
            basis
            | {
                "rules": _in_force(rulebook.rules_of(clinic, on=on).values(), on=on),
                "own": rulebook.digests_of(clinic),
            }
        )
        for clinic in rulebook.own
    }
    return Bases(digest(basis), own)


def _in_force(rules: Iterable[RuleSet], *, on: date) -> list[str]:
    return sorted(rule.digest for rule in rules if rule.is_in_force(on))


def is_current(*, on: date, rulebook: Rulebook | None = None) -> Q:
    """Whether a trial's assessments rest on its newest evidence and on the rules and engine in force."""
    bases = bases_of_judgement(on=on, rulebook=read_rulebook() if rulebook is None else rulebook)
    whens = [When(clinic_id=clinic, then=Value(basis)) for clinic, basis in bases.own.items()]
    wanted = Case(*whens, default=Value(bases.shipped), output_field=CharField())
    return Q(currency__evidence_version=F("evidence_version"), currency__basis=wanted)


def stale_trials(*, on: date) -> QuerySet[StimulationTrial, UUID]:
    """Ids of trials whose assessments lag behind their evidence, or rest on other rules or another engine."""
    stale = StimulationTrial.objects.exclude(is_current(on=on)).order_by("id")
    return stale.values_list("pk", flat=True)


def current_assessments(trial: StimulationTrial) -> list[Assessment]:
    """The assessments of the newest evidence, the trial's own rule set first; empty before the first job."""
    if not hasattr(trial, "currency"):
        return []
    found = Assessment.objects.filter(
        trial=trial, evidence_id=trial.currency.evidence_id, engine_version=ENGINE_VERSION
    ).select_related("evidence")
    return sorted(found, key=lambda row: (row.rule_set_id != trial.rule_set_id, row.rule_set_id))


# Of the assessments that stand, so that a changed rule shows what it would change.
COUNT_OUTCOMES = """
SELECT told.key, told.value, count(*), count(*) FILTER (WHERE assessed.answer <> told.value)
FROM outcomes_trialoutcome outcome CROSS JOIN LATERAL jsonb_each_text(outcome.answers) told
LEFT JOIN outcomes_trialcurrency currency ON currency.trial_id = outcome.trial_id
LEFT JOIN LATERAL (
    SELECT answer FROM outcomes_assessment held
    WHERE held.evidence_id = currency.evidence_id AND held.rule_set_id = told.key
    ORDER BY held.id DESC LIMIT 1
) assessed ON true
GROUP BY told.key, told.value ORDER BY told.key
"""


def count_outcomes() -> dict[str, Counter[str]]:
    """By rule set: trials by answer, and ``different`` where the assessment that stands answers otherwise."""
    found: dict[str, Counter[str]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NO_LIMITS)
        cursor.execute(COUNT_OUTCOMES)
        for rule, answer, trials, different in cursor.fetchall():
            found.setdefault(rule, Counter()).update({answer: trials, "different": different})
    return found


def blocks_of(trials: QuerySet[StimulationTrial, UUID], *, size: int) -> Iterator[list[UUID]]:
    """The ids in ``trials``, ascending, so many at a time; that some leave the set meanwhile does no harm."""
    block = list(trials.order_by("pk")[:size])
    while block:
        yield block
        block = list(trials.order_by("pk").filter(pk__gt=block[-1])[:size])


def read_evidence(trial: StimulationTrial) -> Evidence:
    """Everything a verdict on ``trial`` may look at. Superseded answers are left out, nothing else is."""
    return evidence_of(trial, facts=read_facts([trial])[trial.pk])


def read_facts(trials: Sequence[Judged]) -> dict[UUID, Facts]:
    """Entries, doses, answers and patients' records of every trial given, by six statements in all."""
    facts = read_beside(trials)
    for row in standing_entries(trials):
        facts[row[0]].entries.append(row)
    return facts


def read_beside(trials: Sequence[Judged]) -> dict[UUID, Facts]:
    """``read_facts`` without the entries."""
    before = read_before({trial.patient_id for trial in trials})
    facts = {trial.id: Facts(before=before[trial.patient_id]) for trial in trials}
    of_them = among(facts)
    doses = OpioidUse.objects.filter(trial__in=of_them, is_void=False)
    for trial_id, day, mme, table in doses.values_list("trial_id", "day", "mme", "table_version"):
        facts[trial_id].doses.append((day, mme, table))
    answered_on: dict[tuple[UUID, str], date] = {}
    for row in newest_responses(of_them, Q(instrument__in=ASKED) | TOTALS):
        if row.instrument in TRANSCRIBED:
            facts[row.trial_id].totals[row.instrument] = (row.answers["total"], row.version)
            continue
        facts[row.trial_id].answers[row.instrument] = row.answers
        answered_on[row.trial_id, row.instrument] = row.answered_on
    for trial_id, question, day, answer in _newest_from_phones(of_them):
        # Of the same day, the patient's own word counts.
        if day >= answered_on.get((trial_id, question), day):
            facts[trial_id].answers[question] = FROM_A_PHONE[question](answer)
    return facts


def newest_responses(trials: RawSQL, asked: Q = TOTALS) -> "QuerySet[QuestionnaireResponse]":
    """The newest standing response to each instrument, of those that are ``asked`` for."""
    rows = QuestionnaireResponse.objects.filter(asked, trial__in=trials, is_void=False)
    newest = rows.order_by("trial_id", "instrument", "-answered_on", "-id")
    return newest.distinct("trial_id", "instrument")


def _newest_from_phones(trials: RawSQL) -> Iterable[tuple[UUID, str, date, Mapping[str, Any]]]:
    """The last standing answer to each question that a rule may ask."""
    asked = DiaryAnswer.objects.filter(trial__in=trials, question__in=ASKED)
    newest = standing(asked).order_by("trial_id", "question", "-diary_day", "-captured_at", "-id")
    return newest.distinct("trial_id", "question").values_list("trial_id", "question", "diary_day", "answer")


def evidence_of(trial: Judged, *, facts: Facts) -> Evidence:
    """The facts as the core wants them. Raises what the core raises about rows that it cannot read."""
    entries = tuple(_entry(trial, row) for row in facts.entries)

    def days_of(phase: DiaryPhase) -> Iterable[date]:
        return [entry.day for entry in entries if entry.phase is phase]

    beside = beside_of(trial, facts=facts, days_of=days_of)
    return Evidence(
        protocol=read_protocol(trial),
        entries=entries,
        analgesics=beside.analgesics,
        satisfied=beside.satisfied,
        facts=beside.facts,
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What a verdict may look at beside the diary."""

    analgesics: Analgesics
    satisfied: bool | None
    facts: core.Facts


def beside_of(trial: Judged, *, facts: Facts, days_of: Callable[[DiaryPhase], Iterable[date]]) -> Beside:
    """``days_of`` gives the days of a phase's diary, which bound the days whose doses count."""
    return Beside(
        analgesics=_analgesics(trial, facts, days_of),
        satisfied=_answer(facts, SATISFACTION, lambda answers: bool(answers["satisfied"])),
        facts=core.Facts(
            stated_relief=_answer(facts, STATED_RELIEF, lambda answers: Fraction(answers["percent"])),
            global_change=_answer(
                facts,
                GLOBAL_CHANGE,
                lambda answers: core.GlobalChange(answer=answers["answer"], best=answers["best"]),
            ),
            scores={
                code: core.BeforeAndAfter(baseline=Fraction(total), version=version)
                for code, (total, version) in facts.totals.items()
            },
            lead_days=lead_days_of(trial),
            eligibility=facts.before.eligibility(
                on=trial.lead_placed_on or trial.diary_from, placed_on=trial.lead_placed_on
            ),
            attested=facts.before.attested(placed_on=trial.lead_placed_on),
        ),
    )


def _answer(facts: Facts, instrument: str, read: Callable[[Mapping[str, Any]], Read]) -> Read | None:
    """The newest answer; not asked yet is not "no"."""
    answers = facts.answers.get(instrument)
    return None if answers is None else read(answers)


def lead_days_of(trial: Judged) -> int | None:
    """Known once the leads are out: a verdict may not change because a day has passed."""
    if trial.lead_placed_on is None or trial.ended_on is None:
        return None
    return (trial.ended_on - trial.lead_placed_on).days


def _entry(trial: Judged, row: EntryRow) -> Entry:
    _, entry_id, day, region, kind, value, originator = row
    return Entry(
        day=day,
        phase=diary_phase_of(day, lead_placed_on=trial.lead_placed_on),
        region=region,
        kind=ScoreKind(kind),
        value=_points(trial.scale, value),
        source=str(entry_id),
        originator=Originator(originator) if originator in OTHERS else None,
    )


@cache
def _points(scale: str, units: int) -> Fraction:
    # A scale has few answers and a clinic many of each.
    return SCALES[ScaleCode(scale)].from_units(units)


def read_protocol(trial: Judged) -> Protocol:
    return _protocol(trial.baseline_window, trial.trial_window, trial.several, trial.scale)


@cache
def _protocol(baseline_window: str, trial_window: str, several: str, scale: str) -> Protocol:
    # Trials by the hundred thousand share a handful; what cannot be read raises and is not kept.
    return Protocol(
        baseline_window=parse_window(baseline_window),
        trial_window=parse_window(trial_window),
        several=Several(several),
        scale=ScaleCode(scale),
    )


def _analgesics(trial: Judged, facts: Facts, days_of: Callable[[DiaryPhase], Iterable[date]]) -> Analgesics:
    """Mean dose over the same days as the pain scores; a phase without a noted dose stays unknown."""
    doses = facts.doses
    if not doses:
        return Analgesics()
    protocol = read_protocol(trial)
    means = {
        phase: summarise_window(
            {day: Fraction(mme) for day, mme, _ in doses if _phase_of(trial, day) is phase},
            window=protocol.baseline_window if phase is DiaryPhase.BASELINE else protocol.trial_window,
            first_day=min(days_of(phase), default=None),
            last_day=max(days_of(phase), default=None),
        ).mean
        for phase in DiaryPhase
    }
    tables = sorted({table for _, _, table in doses})
    return Analgesics(means[DiaryPhase.BASELINE], means[DiaryPhase.TRIAL], " + ".join(tables))


def _phase_of(trial: Judged, day: date) -> DiaryPhase:
    return diary_phase_of(day, lead_placed_on=trial.lead_placed_on)
