"""When a patient is reminded of an open window: the moments of a day, and which of them is due.

Wall-clock arithmetic like the schedule it stands on: a reminder at six in the evening comes at six on a
day of 23, 24 or 25 hours. What was sent already comes in as facts, so that asking twice, late, or after the
windows were changed never makes a second reminder of the same thing.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from sctrial.schedule import Schedule

#: The cadence of a published diary: at the opening, 2 hours later and 1 hour before the close
#: (ipf-comfort-study.com, FAQ: opens 19:00, again 21:00 and 22:00).
AFTER_OPENING: Final = timedelta(hours=2)
BEFORE_CLOSE: Final = timedelta(hours=1)
MOST_A_DAY: Final = 3
#: Two reminders nearer than this are one reminder too many. A default of this project.
APART: Final = timedelta(hours=1)


class Step(StrEnum):
    """Which reminder of a window, in their order."""

    OPEN = "open"
    LATER = "later"
    LAST = "last"
    #: Staff ask by hand. It stands in no plan, and stands in the way of none but for an hour.
    ASKED = "asked"


_ORDER: Final = {step: n for n, step in enumerate(Step)}
#: What is kept first when a day of several windows has more moments than it may have reminders.
_WORTH: Final = {Step.OPEN: 0, Step.LAST: 1, Step.LATER: 2}


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Wall clock during which nothing is sent, the end excluded; it may run past midnight.

    Beginning and ending at the same time is no quiet at all.
    """

    begins: time
    ends: time

    def holds(self, local: datetime) -> bool:
        clock = local.time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def after(self, local: datetime) -> datetime:
        """The first moment from ``local`` on that is not quiet."""
        if not self.holds(local):
            return local
        same_day = datetime.combine(local.date(), self.ends)
        return same_day if same_day > local else same_day + timedelta(days=1)

    def before(self, local: datetime) -> datetime:
        """``local``, or the beginning of the quiet hours that run up to it."""
        if not self.holds(local - datetime.resolution):
            return local
        same_day = datetime.combine(local.date(), self.begins)
        return same_day if same_day < local else same_day - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """From wall clock ``at`` on, and until the window closes, the patient is to be reminded."""

    window: int
    step: Step
    at: datetime
    opens: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A reminder of this diary day that somebody has claimed; ``at`` is an instant with its zone."""

    window: int
    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The moments of one diary day in order, and the rules under which they may be sent."""

    moments: tuple[Moment, ...]
    quiet: QuietHours
    most: int

    def due(self, now: datetime, *, answered: Collection[int], sent: Collection[Sent]) -> Moment | None:
        """What is to be sent at ``now``, an instant in the patient's zone; None is the usual answer.

        Of moments that were slept through only the latest is left. ``sent`` stands whatever became of the
        windows since: no more than ``most`` a day, an hour apart, none of a window after a later one.
        """
        if not self._has_room(now, sent):
            return None
        local = now.replace(tzinfo=None)
        reached = [m for m in self.moments if m.at <= local < m.until and m.window not in answered]
        moment = max(reached, key=lambda one: one.at, default=None)
        return None if moment is None or _is_spent(moment, sent, zone=now.tzinfo) else moment

    def ask(self, now: datetime, *, answered: Collection[int], sent: Collection[Sent]) -> Moment | None:
        """What staff may ask for by hand at ``now``: a window that is open and not answered, once each.

        The rules are those of every other reminder: quiet hours, no more than ``most`` a day, an hour apart.
        """
        if not self._has_room(now, sent):
            return None
        local = now.replace(tzinfo=None)
        asked = {one.window for one in sent if one.step is Step.ASKED}
        open_now = [
            m for m in self.moments if m.opens <= local < m.until and m.window not in {*answered, *asked}
        ]
        found = max(open_now, key=lambda one: one.at, default=None)
        return found and replace(found, step=Step.ASKED, at=local)

    def _has_room(self, now: datetime, sent: Collection[Sent]) -> bool:
        is_full = len({(one.window, one.step) for one in sent}) >= self.most
        if is_full or self.quiet.holds(now.replace(tzinfo=None)):
            return False
        # In UTC: two instants of one zone are subtracted as wall clocks.
        return all(now.astimezone(UTC) - one.at.astimezone(UTC) >= APART for one in sent)


def _is_spent(moment: Moment, sent: Collection[Sent], *, zone: tzinfo | None) -> bool:
    """Whether this step of the window, or a later one, went out: by its number, or while it was open.

    Windows that are edited may change their numbers; what came this evening came for this evening.
    """
    return any(
        one.step is not Step.ASKED
        and _ORDER[one.step] >= _ORDER[moment.step]
        and (
            one.window == moment.window
            or moment.opens <= one.at.astimezone(zone).replace(tzinfo=None) < moment.until
        )
        for one in sent
    )


def plan_day(schedule: Schedule, day: date, *, quiet: QuietHours, most: int = MOST_A_DAY) -> DayPlan:
    """The reminders of ``day``: at most ``most``, none in quiet hours, at least an hour apart in a window.

    A step that falls into quiet hours moves to their edge inside the window: the opening waits for their
    end, the last hour is counted back from their beginning. A diary that is open all day is window 1.
    """
    moments = [
        Moment(number or 1, step, at, opens, closes)
        for number, opens, closes in schedule.times_on(day)
        for step, at in _steps(opens, closes, quiet)
    ]
    # Later windows first: there is no window after them in which the day could still be answered.
    moments.sort(key=lambda moment: (_WORTH[moment.step], -moment.window))
    return DayPlan(tuple(sorted(moments[:most], key=lambda moment: moment.at)), quiet, most)


def _steps(opens: datetime, closes: datetime, quiet: QuietHours) -> Iterator[tuple[Step, datetime]]:
    """The steps of one window that have room in it, each at its wall clock."""
    first, end = quiet.after(opens), quiet.before(closes)
    if first >= end:
        return
    yield Step.OPEN, first
    later, last = quiet.after(first + AFTER_OPENING), end - BEFORE_CLOSE
    has_last = last >= first + APART and not quiet.holds(last)
    if later < end and (not has_last or later + APART <= last):
        yield Step.LATER, later
    if has_last:
        yield Step.LAST, last
