"""An answer as one number: what goes in comes out, to the ends of what a column can hold."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from apps.accounts.models import Clinic
from apps.outcomes.packing import (
    KIND_CODES,
    SCALE_CODES,
    Unpacked,
    by_trial,
    numbers_of,
    packed_answers,
    packed_entries,
)
from apps.trials.models import StimulationTrial
from sctrial.scales import SCALES, ScaleCode
from tests.apps.outcomes.test_frames import copy_of
from tests.factories import make_entries, make_trial

pytestmark = pytest.mark.django_db


def packed(trial: StimulationTrial, regions: Sequence[str]) -> Unpacked:
    rows = packed_entries([trial.pk], regions=regions, in_order=False)
    return by_trial(*numbers_of(rows, place={trial.pk: 0}))


@pytest.mark.parametrize("kind", list(KIND_CODES))
@pytest.mark.parametrize("scale", list(SCALE_CODES))
def test_kind_and_scale_come_out_as_they_went_in(clinic: Clinic, kind: str, scale: str) -> None:
    trial = make_trial(clinic=clinic)
    (first,) = make_entries(trial, {"2026-10-07": 8})
    lowest = SCALES[ScaleCode(scale)]
    value = lowest.to_units(lowest.minimum)
    copy_of(first, supersedes_id=first.pk, kind=kind, scale=scale, value=value)

    found = packed(trial, ["target"])

    day = date(2026, 10, 7).toordinal()
    assert [column.tolist() for column in found] == [
        [0],
        [day],
        [SCALE_CODES[scale]],
        [1],
        [KIND_CODES[kind]],
        [value],
    ]


@pytest.mark.parametrize(
    ("region", "place"), [("target", 1), ("wound", 2), ("elsewhere", 0), ("it's 100 %", 3)]
)
def test_a_region_is_told_by_its_place_among_those_asked_for(clinic: Clinic, region: str, place: int) -> None:
    trial = make_trial(clinic=clinic)
    (first,) = make_entries(trial, {"2026-10-07": 8})
    copy_of(first, supersedes_id=first.pk, region=region)

    assert packed(trial, ["target", "wound", "it's 100 %"]).told.tolist() == [place]


@pytest.mark.parametrize("day", [date(1, 1, 2), date(9999, 12, 31)])
def test_the_first_and_the_last_day_there_are_fit(clinic: Clinic, day: date) -> None:
    trial = make_trial(clinic=clinic)
    (first,) = make_entries(trial, {"2026-10-07": 8})
    copy_of(first, supersedes_id=first.pk, diary_day=day, scale=ScaleCode.VAS_100.value, value=100)

    found = packed(trial, [])

    assert (found.day.tolist(), found.value.tolist()) == ([day.toordinal()], [100])


def test_whether_an_answer_stands_is_told_beside_its_window(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    (first,) = make_entries(trial, {"2026-10-07": 8})
    copy_of(first, value=7, window_no=2, supersedes_id=first.pk)

    rows = packed_answers([trial.pk], region="target", in_order=False)
    found = by_trial(*numbers_of(rows, place={trial.pk: 0}))

    # The lowest bit is whether it stands, the others the window; 0 is the whole day.
    assert dict(zip(found.value.tolist(), found.told.tolist(), strict=True)) == {8: 0, 7: 2 << 1 | 1}


@pytest.mark.parametrize("largest", [3, 1 << 16])
def test_the_answers_of_a_trial_lie_together_in_the_order_they_came(largest: int) -> None:
    trials = np.array([largest, 0, largest, 0], np.int64)

    found = by_trial(trials, np.array([1, 2, 3, 4], np.int64))

    assert found.trial.tolist() == [0, 0, largest, largest]
    assert (found.value + (1 << 23)).tolist() == [2, 4, 1, 3]
