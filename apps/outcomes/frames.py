"""The only door from rows to pandas: diaries as the columns of ``sctrial.columns``."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

import numpy as np
import pandas as pd

from apps.outcomes.querysets import (
    DAY_AT,
    HALF,
    KIND_AT,
    SCALE_AT,
    TOLD_AT,
    EntryRow,
    Packed,
    packed_answers,
    packed_entries,
    standing_entries,
)
from apps.trials.models import StimulationTrial
from sctrial.columns import KINDS, Ints, diary_frame
from sctrial.diary import NO_DAY, compute_phase_codes
from sctrial.scales import ScaleCode
from sctrial.totals import Flags
from sctrial.windows import Several

#: No region has a blank name.
OTHER_REGION = ""
KIND_CODES = {kind.value: code for code, kind in enumerate(KINDS)}
SCALE_CODES = {scale.value: code for code, scale in enumerate(ScaleCode)}


def entries_frame(trials: Sequence[StimulationTrial]) -> pd.DataFrame:
    """The entries a verdict on ``trials`` may look at; column ``trial`` is the place in ``trials``."""
    return frame_of_rows(list(standing_entries(trials)), trials=trials)


def packed_frame(trials: Sequence[StimulationTrial], *, regions: Sequence[str]) -> pd.DataFrame:
    """``entries_frame`` by a shorter way, for thousands of trials: regions not asked for are one, "other"."""
    # Where the day's mean counts, the order of its entries means nothing, and sorting is half the cost.
    in_order = any(trial.several != Several.MEAN.value for trial in trials)
    rows = packed_entries(
        trials, regions=regions, kinds=list(KIND_CODES), scales=list(SCALE_CODES), in_order=in_order
    )
    entries = unpack(rows, place={trial.pk: number for number, trial in enumerate(trials)})
    scales = _ints([SCALE_CODES[trial.scale] for trial in trials])
    entries = entries.where(entries.scale == scales[entries.trial])
    placed = _ints([_ordinal_of_placement(each) for each in trials])
    region: pd.Categorical[str] = pd.Categorical.from_codes(
        entries.told, categories=pd.Index([OTHER_REGION, *regions])
    )
    return diary_frame(
        trial=entries.trial,
        day=entries.day,
        phase=compute_phase_codes(entries.day, lead_placed_on=placed[entries.trial]),
        region=region,
        kind=entries.kind,
        value=entries.value,
        sequence=np.arange(len(entries.day), dtype=np.int64),
    )


def read_answers(ids: Sequence[UUID], *, region: str, in_order: bool) -> "Unpacked":
    """Answers about one region, standing or not, by place in ``ids``; told is ``STANDING_AND_WINDOW``."""
    rows = packed_answers(
        ids, region=region, kinds=list(KIND_CODES), scales=list(SCALE_CODES), in_order=in_order
    )
    return unpack(rows, place={trial: number for number, trial in enumerate(ids)})


class Unpacked(NamedTuple):
    """An element an entry: the place of its trial, and what was packed beside its value."""

    trial: Ints
    day: Ints
    scale: Ints
    told: Ints
    kind: Ints
    value: Ints

    def where(self, held: Flags) -> "Unpacked":
        return self if held.all() else Unpacked(*(column[held] for column in self))


def unpack(rows: Packed, *, place: Mapping[UUID, int]) -> Unpacked:
    """By the place of the trial, and within one in the order of ``rows``; the scale is as in SCALE_CODES."""
    numbered = sorted(((place[trial], packed) for trial, packed in rows), key=itemgetter(0))
    trial = np.repeat(_ints([n for n, _ in numbered]), _ints([len(packed) // 8 for _, packed in numbered]))
    packed = np.frombuffer(b"".join(packed for _, packed in numbered), dtype=">i8").astype(np.int64)
    return Unpacked(
        trial=trial,
        day=packed >> DAY_AT,
        scale=_bits(packed, SCALE_AT, DAY_AT) - 1,
        told=_bits(packed, TOLD_AT, SCALE_AT),
        kind=_bits(packed, KIND_AT, TOLD_AT) - 1,
        value=_bits(packed, 0, KIND_AT) - HALF,
    )


def _bits(packed: Ints, begin: int, end: int) -> Ints:
    return packed >> begin & (1 << end - begin) - 1


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
