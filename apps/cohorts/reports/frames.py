"""The days of a cohort as columns, for the figures of its report: block by block, a number a cell.

The tables that leave the house hold the same days with all that is known about each
(``apps.cohorts.diary_rows``); a figure looks at five numbers of them, and a row in Python would cost more
than all that is computed from it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import numpy as np
import pandas as pd
from django.db.models import Min

from apps.cohorts.cohort import Cohort, anchor_of
from apps.diary.closed_days import Answers, Expected, find_closed_days
from apps.diary.models import PatientDevice
from apps.diary.policies import schedule_from
from apps.outcomes.frames import read_answers
from apps.outcomes.packing import KIND_CODES, SCALE_CODES, Unpacked, told_window
from apps.outcomes.sweeping import LaidBy, sweep
from apps.trials.models import StimulationTrial
from sctrial.columns import PHASE_DTYPE, PHASES, Ints, diary_frame
from sctrial.diary import NO_DAY, compute_phase_codes, derive_window_days
from sctrial.evidence import Protocol
from sctrial.scales import TARGET, ScaleCode, ScoreKind
from sctrial.windows import Several, parse_window

#: Trials read at once, which bounds the memory that their answers take.
BLOCK: Final = 20_000
WHOLE_PHASE: Final = parse_window("whole-phase")
AVERAGE: Final = (TARGET, ScoreKind.AVERAGE)
PAIN: Final = ("trial", "diary_on", "phase", "numerator", "denominator")
WINDOWS: Final = ("trial", "diary_on", "state")
Columns = tuple[Ints, ...]
#: Places in the cohort, and what was laid by of a block that holds these trials.
Block = tuple[Sequence[int], LaidBy | None]
Row = Mapping[str, Any]


def read_days(cohort: Cohort, *, block: int = BLOCK) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days of average target pain, and days with a closed window; a row a trial and day, by trial and day.

    Both have ``trial_id``, ``diary_day`` and ``diary_on``, an ordinal. The first has ``phase`` and ``value``
    in points, which is exactly ``numerator / denominator``; the second has ``state``, a place in STATES.
    """
    pain: list[Columns] = []
    windows: list[Columns] = []
    paired = _paired(cohort)
    with _blocks(cohort, size=block) as blocks:
        for places, laid_by in blocks:
            facts = [cohort.facts[place] for place in places]
            in_order = {row["id"] for row in facts if row["several"] != Several.MEAN.value}
            ids = [row["id"] for row in facts]
            answers = read_answers(ids, region=TARGET, in_order=in_order, laid_by=laid_by)
            pain.append(_in_cohort(_pain(facts, answers), places))
            windows.append(_in_cohort(_windows(facts, answers, paired, at=cohort.at), places))
    days = _frame(pain, PAIN, cohort=cohort)
    days["phase"] = pd.Categorical.from_codes(days["phase"], dtype=PHASE_DTYPE)
    days["value"] = days["numerator"] / days["denominator"]
    return days, _frame(windows, WINDOWS, cohort=cohort)


@contextmanager
def _blocks(cohort: Cohort, *, size: int) -> Iterator[Iterable[Block]]:
    """So many trials at a time; by one pass over all answers where most of those are asked about anyway."""
    count = len(cohort.facts)
    if count <= size or count * 2 < StimulationTrial.objects.count():
        yield [(range(begin, min(begin + size, count)), None) for begin in range(0, count, size)]
        return
    place = {facts["id"]: number for number, facts in enumerate(cohort.facts)}
    with sweep(told_window(region=TARGET), size=size) as swept:
        yield [([place[pk] for pk in laid_by.ids if pk in place], laid_by) for laid_by in swept]


def _in_cohort(columns: Columns, places: Sequence[int]) -> Columns:
    """With places in the cohort instead of those in the block."""
    return np.array(places, np.int64)[columns[0]], *columns[1:]


def _paired(cohort: Cohort) -> dict[UUID, datetime]:
    """When each trial got its first phone."""
    rows = PatientDevice.objects.filter(trial__in=cohort.among).order_by()
    return dict(rows.values_list("trial_id").annotate(Min("paired_at")))


def _pain(facts: Sequence[Row], answers: Unpacked) -> Columns:
    scales = np.array([SCALE_CODES[row["scale"]] for row in facts], np.int64)
    of_average = answers.kind == KIND_CODES[ScoreKind.AVERAGE.value]
    stands = (answers.told & 1 == 1) & of_average & (answers.scale == scales[answers.trial])
    entries = answers.where(stands)
    placed = np.array([_ordinal(row["lead_placed_on"]) for row in facts], np.int64)
    nothing = np.zeros(len(entries.day), np.int64)
    frame = diary_frame(
        trial=entries.trial,
        day=entries.day,
        phase=compute_phase_codes(entries.day, lead_placed_on=placed[entries.trial]),
        region=pd.Categorical.from_codes(nothing, categories=pd.Index([TARGET])),
        kind=entries.kind,
        value=entries.value,
        sequence=np.arange(len(entries.day), dtype=np.int64),
    )
    protocols = [_protocol(row["several"], row["scale"]) for row in facts]
    found = derive_window_days(frame, protocols=protocols, pair=AVERAGE)
    trial, phase = np.divmod(found.cell, len(PHASES))
    return trial, found.day, phase, found.points, found.parts * found.per_point


@cache
def _protocol(several: str, scale: str) -> Protocol:
    return Protocol(WHOLE_PHASE, WHOLE_PHASE, several=Several(several), scale=ScaleCode(scale))


def _ordinal(day: date | None) -> int:
    return NO_DAY if day is None else day.toordinal()


def _windows(
    facts: Sequence[Row], answers: Unpacked, paired: Mapping[UUID, datetime], *, at: datetime
) -> Columns:
    expected = [
        Expected(
            schedule_from(row["diary_windows"], row["day_starts_at_hour"]),
            row["patient__zone"],
            row["diary_from"],
            row["ended_on"],
            paired.get(row["id"]),
            row["consent_withdrawn_at"],
        )
        for row in facts
    ]
    return find_closed_days(expected, Answers(answers.trial, answers.day, answers.told >> 1), at=at)


def _frame(blocks: Sequence[Columns], names: Sequence[str], *, cohort: Cohort) -> pd.DataFrame:
    empty = np.empty(0, np.int64)
    columns: dict[str, Ints] = {
        name: np.concatenate([block[n] for block in blocks]) if blocks else empty
        for n, name in enumerate(names)
    }
    rank, told = _ranked(cohort)
    trial, day = columns.pop("trial"), columns["diary_on"]
    # A day needs 22 bits.
    order = np.argsort(rank[trial] << 22 | day, kind="stable")
    anchor = np.array([anchor_of(facts).toordinal() for facts in cohort.facts], np.int64)
    return pd.DataFrame(
        {
            "trial_id": pd.Categorical.from_codes(rank[trial][order], categories=pd.Index(told)),
            "diary_on": day[order],
            "diary_day": _study_days(day, anchor=anchor[trial])[order],
            **{name: column[order] for name, column in columns.items() if name != "diary_on"},
        }
    )


def _ranked(cohort: Cohort) -> tuple[Ints, list[str]]:
    """Of each trial the place of its name among the sorted ones, and those."""
    names = [cohort.trial_names[pk] for pk in cohort.ids]
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return rank, [names[place] for place in order]


def _study_days(day: Ints, *, anchor: Ints) -> Ints:
    """``compute_study_day`` of whole columns: there is no day 0."""
    after = day - anchor
    return np.where(after >= 0, after + 1, after)
