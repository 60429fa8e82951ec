"""What every rule in force answers for whole cohorts: read, judged and stored as columns, block by block.

The twin of ``apps.outcomes.blocks`` without evidence, sentences and seals: for "what would change" and for
figures over everybody. It never writes an assessment.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import isnan
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from django.db import connection, transaction

from apps.outcomes import selectors
from apps.outcomes.collecting import nothing_to_collect
from apps.outcomes.frames import packed_frame
from apps.outcomes.packing import told_region
from apps.outcomes.querysets import NO_LIMITS, ROOM_FOR_A_BLOCK, STAGE_OUTCOMES, STORE_OUTCOMES, among
from apps.outcomes.sweeping import LaidBy, sweep
from apps.trials.judged import Judged, JudgedRow
from apps.trials.models import StimulationTrial
from apps.trials.rules import Rulebook, read_rulebook
from sctrial.bulk import ANSWERS, Block, judge_block
from sctrial.criteria import RuleSet, rule_sets
from sctrial.evidence import Protocol
from sctrial.phases import DiaryPhase
from sctrial.scales import TARGET
from sctrial.verdict import require_judgeable

logger = logging.getLogger(__name__)
#: One transaction a block, and some 100 MB of columns for so many trials of 50 entries.
LARGEST_BLOCK = 50_000
DaysOf = Callable[[DiaryPhase], Iterable[date]]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One trial with its protocol, what is known beside its diary, and its rules, its own first."""

    trial: Judged
    protocol: Protocol
    beside: selectors.Beside
    rules: tuple[RuleSet, ...]


@dataclass(frozen=True, slots=True)
class Swept:
    """A block of a sweep, and the regions that it tells apart."""

    regions: list[str]
    block: LaidBy


@nothing_to_collect()
@transaction.atomic
def recompute_block(
    trial_ids: Sequence[UUID], *, at: datetime, swept: Swept | None = None
) -> dict[UUID, str]:
    """Store the outcomes of these trials; the kind of error of each that could not be judged.

    Their answers are taken from what was ``swept``, or read.
    """
    with connection.cursor() as cursor:
        cursor.execute(NO_LIMITS)
        cursor.execute(ROOM_FOR_A_BLOCK)
    # Versions before entries, as in services.assess.
    trials = JudgedRow.read(StimulationTrial.objects.filter(pk__in=among(trial_ids)))
    on = at.astimezone(UTC).date()
    rulebook = read_rulebook({trial.clinic_id for trial in trials})
    frame = _frame(trials, rulebook=rulebook, swept=swept)
    cases, failed = _prepare(trials, frame, reading=_Reading(rulebook, on))
    if failed:
        frame = _frame([case.trial for case in cases], rulebook=rulebook, swept=swept)
    if cases:
        bases = selectors.bases_of_judgement(on=on, rulebook=rulebook)
        _store(cases, _judge(cases, frame), bases=bases, at=at)
    return failed


def recompute_everybody(*, size: int, at: datetime) -> Iterator[tuple[int, dict[UUID, str]]]:
    """Store the outcomes of every trial, block by block; of each its size, and as ``recompute_block``."""
    regions = _regions(read_rulebook())
    with sweep(told_region(regions), size=size) as blocks:
        while blocks:
            # Out of the list, so that its ids go with it.
            block = blocks.pop(0)
            yield len(block.ids), recompute_block(block.ids, at=at, swept=Swept(regions, block))


def _frame(trials: Sequence[Judged], *, rulebook: Rulebook, swept: Swept | None) -> pd.DataFrame:
    asked = _regions(rulebook)
    # A rule that was approved since may ask about a region that was not told apart.
    if swept is not None and set(asked) <= set(swept.regions):
        return packed_frame(trials, regions=swept.regions, laid_by=swept.block)
    return packed_frame(trials, regions=asked)


def _regions(rulebook: Rulebook) -> list[str]:
    rules = [*rule_sets().values(), *rulebook.by_digest().values()]
    asked = {
        region for rule in rules for region, _ in (*rule.pairs, *(one for one, _ in rule.windowed_pairs))
    }
    return sorted({TARGET, *asked})


def _prepare(
    trials: Sequence[Judged], frame: pd.DataFrame, *, reading: "_Reading"
) -> tuple[list[Case], dict[UUID, str]]:
    cases, failed = [], {}
    known = selectors.read_beside(trials)
    for number, trial in enumerate(trials):
        try:
            cases.append(reading.case_of(trial, known[trial.id], days_of=_days_in(frame, number)))
        except Exception as error:
            # As in services.assess_or_report: one such trial must not keep the others waiting.
            logger.error("trial %s could not be judged", trial.id, exc_info=error)
            failed[trial.id] = type(error).__name__
    return cases, failed


def _days_in(frame: pd.DataFrame, number: int) -> DaysOf:
    def days_of(phase: DiaryPhase) -> Iterable[date]:
        # The rows of a trial lie together.
        begin, end = np.searchsorted(frame["trial"].to_numpy(), np.array([number, number + 1]))
        rows = frame.iloc[begin:end]
        return [date.fromordinal(day) for day in rows.loc[rows["phase"] == phase.value, "day"].tolist()]

    return days_of


@dataclass(frozen=True)
class _Reading:
    """What many trials share is read once, and handed on as the same object."""

    rulebook: Rulebook
    on: date
    _rules: dict[str, tuple[RuleSet, ...]] = field(default_factory=dict)
    _beside: dict[object, selectors.Beside] = field(default_factory=dict)

    def case_of(self, trial: Judged, facts: selectors.Facts, *, days_of: DaysOf) -> Case:
        protocol = selectors.read_protocol(trial)
        require_judgeable(protocol)
        return Case(trial, protocol, self._beside_of(trial, facts, days_of), self._rules_of(trial))

    def _rules_of(self, trial: Judged) -> tuple[RuleSet, ...]:
        # Which version of a clinic's own rule judges depends on the trial.
        if trial.clinic_id in self.rulebook.own:
            return tuple(selectors.rules_for(trial, on=self.on, rulebook=self.rulebook))
        if trial.rule_set_id not in self._rules:
            found = selectors.rules_for(trial, on=self.on, rulebook=self.rulebook)
            self._rules[trial.rule_set_id] = tuple(found)
        return self._rules[trial.rule_set_id]

    def _beside_of(self, trial: Judged, facts: selectors.Facts, days_of: DaysOf) -> selectors.Beside:
        if facts.doses or facts.before.therapies or facts.before.reviews:
            return selectors.beside_of(trial, facts=facts, days_of=days_of)
        # Without doses and a record, nothing else of a trial is looked at.
        told = json.dumps(facts.answers, sort_keys=True) if facts.answers else ""
        key = selectors.lead_days_of(trial), told
        if key not in self._beside:
            self._beside[key] = selectors.beside_of(trial, facts=facts, days_of=days_of)
        return self._beside[key]


def _judge(cases: Sequence[Case], frame: pd.DataFrame) -> Block:
    # Trials by the thousand share one tuple of rules.
    lists = {id(case.rules): case.rules for case in cases}.values()
    return judge_block(
        frame,
        protocols=[case.protocol for case in cases],
        rules={rule.digest: rule for rules in lists for rule in rules}.values(),
        analgesics=[case.beside.analgesics for case in cases],
        satisfied=[case.beside.satisfied for case in cases],
        facts=[case.beside.facts for case in cases],
    )


def _rows(
    cases: Sequence[Case], block: Block, *, bases: selectors.Bases, answers: "_Answers"
) -> Iterator[Row]:
    own: dict[str, tuple[list[Any], ...]] = {}
    for number, case in enumerate(cases):
        rule, trial = case.rules[0], case.trial
        if rule.digest not in own:
            columns = (column.tolist() for column in block.certainty_of(rule))
            own[rule.digest] = (block.percents_of(rule), *columns)
        percent, *certainty = (column[number] for column in own[rule.digest])
        figures = (None if isnan(figure) else figure for figure in certainty)
        pattern = answers.place(number, rules=case.rules)
        yield trial.id, trial.evidence_version, bases.of(trial.clinic_id), pattern, percent or "", *figures


class _Answers:
    """Answers by rule set; few patterns occur, so each is written once, and named by its place."""

    def __init__(self, block: Block) -> None:
        self._codes = block.answers
        self._rule = {rule.digest: place for place, rule in enumerate(block.rules)}
        self._places: dict[tuple[int, bytes], int] = {}
        self.texts: list[str] = []

    def place(self, number: int, *, rules: tuple[RuleSet, ...]) -> int:
        codes = self._codes[number]
        # The tuple lives as long as the cases do.
        key = id(rules), codes.tobytes()
        if key not in self._places:
            self._places[key] = len(self.texts)
            self.texts.append(json.dumps(self._by_rule(codes.tolist(), rules)))
        return self._places[key]

    def _by_rule(self, codes: Sequence[int], rules: Iterable[RuleSet]) -> Mapping[str, str]:
        return {rule.id: ANSWERS[codes[self._rule[rule.digest]]].value for rule in rules}


def _store(cases: Sequence[Case], block: Block, *, bases: selectors.Bases, at: datetime) -> None:
    answers = _Answers(block)
    with connection.cursor() as cursor:
        cursor.execute(STAGE_OUTCOMES)
        with cursor.copy("COPY staged_outcome FROM STDIN") as copy:
            for row in _rows(cases, block, bases=bases, answers=answers):
                copy.write_row(row)
        cursor.execute(STORE_OUTCOMES, {"answers": answers.texts, "at": at})
        cursor.execute("DROP TABLE staged_outcome")
