"""The only door from rows to pandas: diaries as the columns of ``sctrial.columns``."""

from collections.abc import Collection, Sequence
from uuid import UUID

import numpy as np
import pandas as pd

from apps.outcomes.packing import (
    KIND_CODES,
    SCALE_CODES,
    TOLD_AT,
    Unpacked,
    by_trial,
    numbers_of,
    packed_answers,
    packed_entries,
)
from apps.outcomes.querysets import EntryRow, standing_entries
from apps.outcomes.sweeping import LaidBy
from apps.trials.judged import Judged
from sctrial.columns import Ints, diary_frame
from sctrial.diary import NO_DAY, compute_phase_codes
from sctrial.windows import Several

#: No region has a blank name.
OTHER_REGION = ""


def entries_frame(trials: Sequence[Judged]) -> pd.DataFrame:
    """The entries a verdict on ``trials`` may look at; column ``trial`` is the place in ``trials``."""
    return frame_of_rows(list(standing_entries(trials)), trials=trials)


def packed_frame(
    trials: Sequence[Judged], *, regions: Sequence[str], laid_by: LaidBy | None = None
) -> pd.DataFrame:
    """``entries_frame`` by a shorter way, for thousands of trials: regions not asked for are one, "other".

    What is ``laid_by`` is taken from there, where it is still all that is known; it tells ``regions`` apart.
    """
    entries = _read(trials, regions=regions, laid_by=laid_by)
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


def _read(trials: Sequence[Judged], *, regions: Sequence[str], laid_by: LaidBy | None) -> Unpacked:
    place = {trial.id: number for number, trial in enumerate(trials)}
    held = {} if laid_by is None else _still_true(trials, laid_by)
    anew = [trial for trial in trials if trial.id not in held]
    # Where the day's mean counts, the order of its entries means nothing, and sorting is half the cost.
    in_order = any(_is_in_order(trial) for trial in anew)
    rows = packed_entries([trial.id for trial in anew], regions=regions, in_order=in_order)
    columns = [numbers_of(rows, place=place)]
    if laid_by is not None and held:
        columns.append(_taken(laid_by, place=[place[pk] if pk in held else -1 for pk in laid_by.ids]))
    trial, packed = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    return by_trial(trial, packed)


def _still_true(trials: Sequence[Judged], laid_by: LaidBy) -> set[UUID]:
    versions = dict(zip(laid_by.ids, laid_by.versions(), strict=True))
    return {
        trial.id
        for trial in trials
        if versions.get(trial.id) == trial.evidence_version and not _is_in_order(trial)
    }


def _is_in_order(trial: Judged) -> bool:
    return trial.several != Several.MEAN.value


def _taken(laid_by: LaidBy, *, place: Sequence[int]) -> tuple[Ints, Ints]:
    number, packed, stands = laid_by.read()
    trial = _ints(place)[number]
    held = stands & (trial >= 0)
    return trial[held], packed[held]


def read_answers(
    ids: Sequence[UUID], *, region: str, in_order: Collection[UUID], laid_by: LaidBy | None = None
) -> Unpacked:
    """Answers about one region by place in ``ids``; told is whether it STANDS, and its window.

    Of ``in_order`` they come as they were given. What was ``laid_by`` in the same reading, with
    ``told_window``, is taken from there.
    """
    place = {trial: number for number, trial in enumerate(ids)}
    read = ids if laid_by is None or not laid_by.is_told else [pk for pk in ids if pk in in_order]
    columns = [numbers_of(packed_answers(read, region=region, in_order=bool(in_order)), place=place)]
    if laid_by is not None and laid_by.is_told:
        number, packed, stands = laid_by.read()
        trial = _ints([-1 if pk in in_order else place.get(pk, -1) for pk in laid_by.ids])[number]
        told = packed | stands.astype(np.int64) << TOLD_AT
        columns.append((trial[trial >= 0], told[trial >= 0]))
    return by_trial(*(np.concatenate(parts) for parts in zip(*columns, strict=True)))


def frame_of_rows(rows: Sequence[EntryRow], *, trials: Sequence[Judged]) -> pd.DataFrame:
    """Rows in the order of ``standing_entries``, with their entry's id in the further column ``source``."""
    number_of = {trial.id: number for number, trial in enumerate(trials)}
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


def _ordinal_of_placement(trial: Judged) -> int:
    return trial.lead_placed_on.toordinal() if trial.lead_placed_on else NO_DAY
