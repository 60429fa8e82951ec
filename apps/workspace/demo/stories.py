"""The made-up trials: one for each thing that a trial can turn out to be. Nobody in them exists.

Scores that decide a story are written out or drawn from a range that cannot change its verdict.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from apps.workspace.demo.cast import NORTH, SOUTH
from apps.workspace.demo.older import older
from apps.workspace.demo.plot import Mishap, Program, Said, Story, after, before
from sctrial.phases import EndReason
from sctrial.scales import TARGET

Tell = Callable[[Random, date], Story]
WOUND: Final = "wound"
WEEK: Final = 7
NOON: Final = time(12)
FINISHED_FOR: Final = timedelta(days=21)
TONIC: Final = Program("Program A", "tonic", 50, 0, None, contacts="2- 3+ 4-", coverage_percent=90)

INFECTION: Final = {
    "serious_because": "hospital",
    "related_to": "procedure",
    "relation": "probable",
    "action": "lead_removal",
    "outcome": "recovered",
}


def stories(*, seed: int, today: date) -> list[Story]:
    # Each story draws from a generator of its own, so that a new story leaves the others as they are.
    told = [tell(Random(f"{seed}/{tell.__name__}"), today) for tell in STORIES]  # noqa: S311 — nothing secret
    return [*told, *older(seed=seed, today=today)]


def _weeks_ago(today: date, weeks: int) -> date:
    return today - timedelta(days=WEEK * weeks)


def _drawn(rng: Random, low: int, high: int, *, days: int = WEEK) -> list[int]:
    return [rng.randint(low, high) for _ in range(days)]


def clear_responder(rng: Random, today: date) -> Story:
    return Story(
        "Clear responder",
        NORTH,
        "N-01",
        "Demo Patient One",
        _weeks_ago(today, 5),
        # At best 7 against 3: never less than 4/7 = 57 %.
        {TARGET: before(*_drawn(rng, 7, 9)) | after(*_drawn(rng, 1, 3))},
        doses=(30, 20),
        satisfied=True,
        stated=80,
        end=EndReason.SUCCESS,
        programs=(TONIC,),
    )


def borderline(rng: Random, today: date) -> Story:
    return Story(
        "Borderline: 49.8 % shows as 50 % and fails",
        NORTH,
        "N-02",
        "Demo Patient Two",
        _weeks_ago(today, 4),
        {TARGET: before(8, 7, 8, 7, 8, 7, 8) | after(*_drawn(rng, 5, 7, days=2), 4, 4, 3, 4, 4)},
        doses=(20, 20),
        modality="DRG",
        level="L4",
        trial_window="last-n-days:5",
        satisfied=True,
        stated=60,
        end=EndReason.FAILURE_INADEQUATE_RELIEF,
        programs=(Program("Program A", "drg_lf", 20, 0, None),),
    )


def on_the_boundary(rng: Random, today: date) -> Story:
    return Story(
        "Exactly 50 %, which is enough",
        NORTH,
        "N-03",
        "Demo Patient Three",
        _weeks_ago(today, 6),
        {TARGET: before(7, 7, 6, 8, 7, 7, 7) | after(*_drawn(rng, 4, 6, days=3), 3, 4, 4, 3)},
        doses=(20, 20),
        trial_window="last-n-days:4",
        satisfied=True,
        end=EndReason.SUCCESS,
        programs=(TONIC,),
    )


def non_responder(rng: Random, today: date) -> Story:
    return Story(
        "Non-responder",
        NORTH,
        "N-04",
        "Demo Patient Four",
        _weeks_ago(today, 8),
        # At most 8 against 5: never more than 3/8 = 38 %.
        {TARGET: before(*_drawn(rng, 6, 8)) | after(*_drawn(rng, 5, 7))},
        doses=(60, 60),
        satisfied=False,
        end=EndReason.FAILURE_INADEQUATE_RELIEF,
        programs=(TONIC,),
    )


def worse(rng: Random, today: date) -> Story:
    return Story(
        "Worse with stimulation",
        SOUTH,
        "S-01",
        "Demo Patient Five",
        _weeks_ago(today, 7),
        {TARGET: before(5, 6, 5, 6, 5) | after(*_drawn(rng, 5, 7, days=2), 6, 7, 7)},
        doses=(10, 15),
        satisfied=False,
        end=EndReason.FAILURE_SIDE_EFFECT,
        programs=(Program("Program A", "hd", 1000, 0, None),),
    )


def silent(rng: Random, today: date) -> Story:
    return Story(
        "Silent: the leads are in, no answer for three days",
        NORTH,
        "N-05",
        "Demo Patient Six",
        today - timedelta(days=6),
        {TARGET: before(*_drawn(rng, 7, 8)) | after(*_drawn(rng, 2, 3, days=3))},
        doses=(15, 15),
        programs=(Program("Program A", "hf10", 10_000, 0, None),),
    )


def infection(rng: Random, today: date) -> Story:
    return Story(
        "Ended early by an infection",
        NORTH,
        "N-06",
        "Demo Patient Seven",
        _weeks_ago(today, 4),
        {TARGET: before(7, 7, 7, 7, 7, 7, 7) | after(rng.randint(5, 6), 3, 3, 4)},
        doses=(20, 20),
        end=EndReason.ENDED_EARLY_INFECTION,
        programs=(TONIC,),
        mishaps=(
            Mishap(3, "infection", "moderate", True, "Redness where the lead leaves the skin", INFECTION),
        ),
        level="C5",
    )


def program_change(rng: Random, today: date) -> Story:
    return Story(
        "A change of program that helped",
        SOUTH,
        "S-02",
        "Demo Patient Eight",
        _weeks_ago(today, 5),
        {TARGET: before(*_drawn(rng, 7, 8)) | after(6, 7, 6, 6, 7, *_drawn(rng, 2, 3, days=5))},
        doses=(30, 20),
        satisfied=True,
        end=EndReason.SUCCESS,
        programs=(
            Program("Program A", "tonic", 50, 0, 4, contacts="5- 6+", coverage_percent=40),
            Program("Program B", "burst", 40, 5, None),
        ),
    )


def traveller(rng: Random, today: date) -> Story:
    """A week that holds the end or start of summer time in Berlin, then home by way of Reykjavik."""
    change = last_clock_change("Europe/Berlin", until=today - FINISHED_FOR)
    return Story(
        "Traveller: three zones and a clock change",
        SOUTH,
        "S-03",
        "Demo Patient Nine",
        change + timedelta(days=4),
        {TARGET: before(*_drawn(rng, 7, 8)) | after(*_drawn(rng, 2, 3))},
        doses=(20, 20),
        satisfied=True,
        end=EndReason.SUCCESS,
        programs=(TONIC,),
        zones={-WEEK: "Europe/Berlin", -2: "Atlantic/Reykjavik", -1: SOUTH.zone},
    )


def zero_baseline(rng: Random, today: date) -> Story:
    return Story(
        "No pain at baseline, so no percent",
        SOUTH,
        "S-04",
        "Demo Patient Ten",
        _weeks_ago(today, 9),
        {TARGET: before(*[0] * WEEK) | after(*_drawn(rng, 0, 2))},
        doses=(0, 0),
        modality="DRG",
        level="L4",
        satisfied=True,
        end=EndReason.INDETERMINATE_MISSING_DATA,
        programs=(Program("Program A", "drg_lf", 20, 0, None),),
    )


def fewer_opioids(rng: Random, today: date) -> Story:
    return Story(
        "30 % less pain, half the opioids",
        SOUTH,
        "S-05",
        "Demo Patient Eleven",
        _weeks_ago(today, 5),
        {TARGET: before(5, 5, 5, 6, 4, 5, 5) | after(*_drawn(rng, 4, 5, days=3), 4, 3, 4, 3)},
        doses=(60, 30),
        trial_window="last-n-days:4",
        satisfied=True,
        end=EndReason.SUCCESS,
        programs=(Program("Program A", "fast", 90, 0, None),),
    )


def several_a_day(rng: Random, today: date) -> Story:
    return Story(
        "Three answers a day",
        SOUTH,
        "S-06",
        "Demo Patient Twelve",
        _weeks_ago(today, 6),
        {TARGET: _thrice(rng, 7, 9, first=-WEEK) | _thrice(rng, 1, 3, first=0)},
        doses=(10, 10),
        modality="DRG",
        level="L4",
        satisfied=True,
        end=EndReason.SUCCESS,
        programs=(Program("Program A", "drg_lf", 20, 0, None),),
    )


def wound_pain(rng: Random, today: date) -> Story:
    return Story(
        "Wound pain beside the target pain",
        NORTH,
        "N-07",
        "Demo Patient Thirteen",
        _weeks_ago(today, 3),
        {
            TARGET: before(*_drawn(rng, 7, 8)) | after(*_drawn(rng, 1, 3)),
            WOUND: after(8, 7, rng.randint(5, 6), rng.randint(3, 4), 2, 1, 0),
        },
        doses=(20, 20),
        satisfied=True,
        end=EndReason.SUCCESS,
        programs=(TONIC,),
    )


def second_day(rng: Random, today: date) -> Story:
    return Story(
        "Running, on its second day",
        NORTH,
        "N-08",
        "Demo Patient Fourteen",
        today - timedelta(days=1),
        {TARGET: before(*_drawn(rng, 7, 8)) | after(rng.randint(2, 3))},
        doses=(20, 20),
        programs=(TONIC,),
    )


def _thrice(rng: Random, low: int, high: int, *, first: int) -> dict[int, Said]:
    return {first + number: tuple(_drawn(rng, low, high, days=3)) for number in range(WEEK)}


def last_clock_change(zone: str, *, until: date) -> date:
    """The newest day, ``until`` at most, on which clocks in ``zone`` were set."""
    day = until
    while _noon_offset(day, zone) == _noon_offset(day - timedelta(days=1), zone):
        day -= timedelta(days=1)
    return day


def _noon_offset(day: date, zone: str) -> timedelta | None:
    return datetime.combine(day, NOON, ZoneInfo(zone)).utcoffset()


STORIES: Final[tuple[Tell, ...]] = (
    clear_responder,
    borderline,
    on_the_boundary,
    non_responder,
    worse,
    silent,
    infection,
    program_change,
    traveller,
    zero_baseline,
    fewer_opioids,
    several_a_day,
    wound_pain,
    second_day,
)
