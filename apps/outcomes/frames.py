"""The only door from rows to pandas: diaries as the columns of ``sctrial.columns``."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from apps.outcomes.querysets import (
    DAY_AT,
    HALF,
    KIND_AT,
    REGION_AT,
    EntryRow,
    packed_entries,
    standing_entries,
)
from apps.trials.models import StimulationTrial
from sctrial.columns import KINDS, Ints, diary_frame
from sctrial.diary import NO_DAY, compute_phase_codes
from sctrial.windows import Several

#: No region has a blank name.
OTHER_REGION = ""
KIND_CODES = {kind.value: code for code, kind in enumerate(KINDS)}


def entries_frame(trials: Sequence[StimulationTrial]) -> pd.DataFrame:
    """The entries a verdict on ``trials`` may look at; column ``trial`` is the place in ``trials``."""
    return frame_of_rows(list(standing_entries(trials)), trials=trials)


def packed_frame(trials: Sequence[StimulationTrial], *, regions: Sequence[str]) -> pd.DataFrame:
    """``entries_frame`` by a shorter way, for thousands of trials: regions not asked for are one, "other"."""
    # Where the day's mean counts, the order of its entries means nothing, and sorting is half the cost.
    in_order = any(trial.several != Several.MEAN.value for trial in trials)
    rows = packed_entries(trials, regions=regions, kinds=list(KIND_CODES), in_order=in_order)
    number = _ints([n - 1 for n, _ in rows])
    trial = np.repeat(number, _ints([len(packed) // 8 for _, packed in rows]))
    packed = np.frombuffer(b"".join(packed for _, packed in rows), dtype=">i8").astype(np.int64)
    day = packed >> DAY_AT
    placed = _ints([_ordinal_of_placement(each) for each in trials])
    codes = packed >> REGION_AT & (1 << DAY_AT - REGION_AT) - 1
    region: pd.Categorical[str] = pd.Categorical.from_codes(
        codes, categories=pd.Index([OTHER_REGION, *regions])
    )
    return diary_frame(
        trial=trial,
        day=day,
        phase=compute_phase_codes(day, lead_placed_on=placed[trial]),
        region=region,
        kind=(packed >> KIND_AT & (1 << REGION_AT - KIND_AT) - 1) - 1,
        value=(packed & (1 << KIND_AT) - 1) - HALF,
        sequence=np.arange(len(packed), dtype=np.int64),
    )


def frame_of_rows(rows: Sequence[EntryRow], *, trials: Sequence[StimulationTrial]) -> pd.DataFrame:
    """Rows in the order of ``standing_entries``, with their entry's id in the further column ``source``."""
    number_of = {trial.pk: number for number, trial in enumerate(trials)}
    of, ids, days, regions, kinds, values, _ = zip(*rows, strict=True) if rows else ((),) * 7
    trial = _ints([number_of[pk] for pk in of])
    day = _ints([each.toordinal() for each in days])
    placed = _ints([_ordinal_of_placement(each) for each in trials])
    frame = diary_frame(
        trial=trial,
        day=day,
        phase=compute_phase_codes(day, lead_placed_on=placed[trial]),
        region=pd.Categorical(regions, categories=sorted(set(regions))),
        kind=_ints([KIND_CODES[kind] for kind in kinds]),
        value=_ints(values),
        sequence=np.arange(len(rows), dtype=np.int64),
    )
    return frame.assign(source=list(ids))


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _ordinal_of_placement(trial: StimulationTrial) -> int:
    return trial.lead_placed_on.toordinal() if trial.lead_placed_on else NO_DAY
