"""Which reads and files of a clinic somebody should look at again: taken at night, or very many at once.

What is back-dated, and what changed a verdict, is known further up: apps/outcomes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from django.db.models.functions import ExtractHour

from apps.audit.history import Act
from apps.audit.models import TAKEN, AuditEvent


@dataclass(frozen=True, slots=True)
class Period:
    """Of one clinic, from ``since`` up to and without ``until``; ``zone`` is the clinic's."""

    clinic: int
    zone: ZoneInfo
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is listed: settings of operation, explained in docs/operations.md."""

    #: Whole hours on the clinic's clock; the night may go over midnight.
    night_from: int = 22
    night_until: int = 6
    #: More records than this, read by one person within so long.
    reads: int = 50
    reads_within: timedelta = timedelta(minutes=10)
    #: Later than this after what it tells of.
    backdated: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Burst(Act):
    """Windows with too many records, as long as they touch; ``at`` is their end.

    ``most`` is the most records in any one of them.
    """

    first_at: datetime
    most: int


@dataclass(frozen=True, slots=True)
class Taking(Act):
    """One file: what was done, of which sort and which row, and the number of the event."""

    action: str
    of: str
    about: str
    event: int


def taken_at_night(period: Period, *, limits: Limits) -> list[Taking]:
    """Files that were made, asked for or taken away, newest first."""
    after, before = Q(hour__gte=limits.night_from), Q(hour__lt=limits.night_until)
    at_night = after | before if limits.night_from > limits.night_until else after & before
    events = AuditEvent.objects.filter(
        clinic_id=period.clinic, action__in=TAKEN, at__gte=period.since, at__lt=period.until
    )
    found = events.annotate(hour=ExtractHour("at", tzinfo=period.zone)).filter(at_night).order_by("-id")
    columns = ("at", "actor", "action", "object_type", "object_id", "id")
    return [Taking(*row) for row in found.values_list(*columns)]


#: A window ends with each read, and both of its ends belong to it. A record that is read twice in it counts
#: once: a read counts in the windows that end from it on, but for those that reach back to the read of the
#: same record before it, and stops counting behind the window that begins with it. So one pass in the order
#: of time adds and takes away; of one instant first what begins to count, then the windows, then the rest.
MANY_READS: Final = """
    WITH looks AS (
        SELECT actor, at,
            lag(at) OVER (PARTITION BY actor, object_type, object_id ORDER BY at)
                + %(within)s::interval AS again_after,
            first_value(at) OVER (
                PARTITION BY actor ORDER BY at RANGE BETWEEN %(within)s::interval PRECEDING AND CURRENT ROW
            ) AS first_at
        FROM audit_auditevent
        WHERE clinic_id = %(clinic)s AND action = 'look' AND object_id <> ''
            AND at >= %(since)s - %(within)s::interval AND at < %(until)s
    ), steps(actor, at, turn, change, first_at) AS (
        SELECT actor, greatest(at, again_after), CASE WHEN again_after >= at THEN 2 ELSE 0 END, 1,
            NULL::timestamptz FROM looks
        UNION ALL SELECT actor, at + %(within)s::interval, 2, -1, NULL FROM looks
        UNION ALL (SELECT DISTINCT actor, at, 1, 0, first_at FROM looks WHERE at >= %(since)s)
    ), counted AS (
        SELECT *, sum(change) OVER (PARTITION BY actor ORDER BY at, turn) AS records FROM steps
    ), windows AS (
        SELECT actor, at, first_at, records FROM counted WHERE turn = 1 AND records > %(most)s
    ), begun AS (
        SELECT *, first_at > lag(at) OVER in_order IS NOT FALSE AS is_first
        FROM windows WINDOW in_order AS (PARTITION BY actor ORDER BY at)
    ), numbered AS (
        SELECT *, count(*) FILTER (WHERE is_first) OVER (PARTITION BY actor ORDER BY at) AS burst FROM begun
    )
    SELECT max(at), actor, min(first_at), max(records) FROM numbered
    GROUP BY actor, burst ORDER BY max(at) DESC, actor
"""


def many_reads(period: Period, *, limits: Limits) -> list[Burst]:
    """Who read more records than ``limits.reads`` within any ``limits.reads_within``, newest first."""
    asked: dict[str, Any] = {
        "clinic": period.clinic,
        "since": period.since,
        "until": period.until,
        "most": limits.reads,
        "within": limits.reads_within,
    }
    with connection.cursor() as cursor:
        cursor.execute(MANY_READS, asked)
        return [Burst(*row) for row in cursor.fetchall()]
