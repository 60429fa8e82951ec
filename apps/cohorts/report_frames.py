"""The days of a cohort as columns, for the figures of its report: block by block, a number a cell.

The tables that leave the house hold the same days with all that is known about each
(``apps.cohorts.diary_rows``); a figure looks at five numbers of them, and a row in Python would cost more
than all that is computed from it.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final
from uuid import UUID

import numpy as np
import pandas as pd

from apps.cohorts.cohort import Cohort, anchor_of
from apps.diary.compliance import Closed, closed_windows
from apps.outcomes.frames import packed_frame
from apps.trials.models import StimulationTrial
from sctrial.columns import PHASE_DTYPE, PHASES, Ints
from sctrial.diary import derive_window_days
from sctrial.evidence import Protocol
from sctrial.scales import TARGET, ScaleCode, ScoreKind
from sctrial.windows import Several, parse_window

#: Trials read at once: each statement stays far below the time that a page has.
BLOCK: Final = 1000
WHOLE_PHASE: Final = parse_window("whole-phase")
AVERAGE: Final = (TARGET, ScoreKind.AVERAGE)
#: Of several windows a day the worst counts.
STATES: Final = ("answered", "excused", "missed")
PAIN: Final = ("trial", "day", "phase", "numerator", "denominator")
WINDOWS: Final = ("trial", "day", "state")
Columns = tuple[Ints, ...]


def read_days(cohort: Cohort, *, block: int = BLOCK) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days of average target pain, and days with a closed window; a row a trial and day, by trial and day.

    Both have ``trial_id``, ``diary_day`` and ``diary_on``, an ordinal. The first has ``phase`` and ``value``
    in points, which is exactly ``numerator / denominator``; the second has ``state``, a place in STATES.
    """
    pain: list[Columns] = []
    windows: list[Columns] = []
    place = {trial: number for number, trial in enumerate(cohort.ids)}
    for trials in _blocks(cohort.ids, size=block):
        of = np.array([place[trial.pk] for trial in trials], np.int64)
        pain.append(_pain(trials, of=of))
        windows.append(_windows(trials, place, cohort=cohort))
    days = _frame(pain, PAIN, cohort=cohort)
    days["phase"] = pd.Categorical.from_codes(days["phase"], dtype=PHASE_DTYPE)
    days["value"] = days["numerator"] / days["denominator"]
    closed = _frame(windows, WINDOWS, cohort=cohort)
    by_day = closed.groupby(["trial_id", "diary_on", "diary_day"], observed=True)
    return days, by_day["state"].max().reset_index()


def _blocks(ids: Sequence[UUID], *, size: int) -> Iterator[list[StimulationTrial]]:
    left = iter(ids)
    while block := list(islice(left, size)):
        rows = StimulationTrial.objects.filter(pk__in=block).select_related("patient")
        yield list(rows.order_by("pk"))


def _pain(trials: Sequence[StimulationTrial], *, of: Ints) -> Columns:
    protocols = [
        Protocol(WHOLE_PHASE, WHOLE_PHASE, several=Several(trial.several), scale=ScaleCode(trial.scale))
        for trial in trials
    ]
    found = derive_window_days(packed_frame(trials, regions=[TARGET]), protocols=protocols, pair=AVERAGE)
    trial, phase = np.divmod(found.cell, len(PHASES))
    return of[trial], found.day, phase, found.points, found.parts * found.per_point


def _windows(trials: Sequence[StimulationTrial], place: dict[UUID, int], *, cohort: Cohort) -> Columns:
    closed = closed_windows(trials, at=cohort.at)
    rows = [
        (place[trial], window.day.toordinal(), _state(window))
        for trial, of_trial in closed.items()
        for window in of_trial
    ]
    return tuple(np.array(rows, np.int64).reshape(-1, len(WINDOWS)).T)


def _state(window: Closed) -> int:
    if window.timeliness is not None:
        return 0
    return 1 if window.excused else 2


def _frame(blocks: Sequence[Columns], names: Sequence[str], *, cohort: Cohort) -> pd.DataFrame:
    empty = np.empty(0, np.int64)
    columns: dict[str, Any] = {
        name: np.concatenate([block[n] for block in blocks]) if blocks else empty
        for n, name in enumerate(names)
    }
    trial, day = columns.pop("trial"), columns.pop("day")
    told = [cohort.names(pk)["trial_id"] for pk in cohort.ids]
    frame = pd.DataFrame(
        {
            "trial_id": pd.Categorical(np.array(told, object)[trial], categories=sorted(told)),
            "diary_on": day,
            "diary_day": _study_days(day, anchor=_anchors(cohort)[trial]),
            **columns,
        }
    )
    return frame.sort_values(["trial_id", "diary_on"], kind="stable", ignore_index=True)


def _anchors(cohort: Cohort) -> Ints:
    return np.array([anchor_of(facts).toordinal() for facts in cohort.facts], np.int64)


def _study_days(day: Ints, *, anchor: Ints) -> Ints:
    """``compute_study_day`` of whole columns: there is no day 0."""
    after = day - anchor
    return np.where(after >= 0, after + 1, after)
