"""Which events carry a time before that of the event before them in their chain (docs/adr/0027).

It is worked out from the neighbours whenever it is shown: both times and both places are under the hashes.
"""

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from apps.audit.models import AuditEvent, AuditLink
from sctrial.trail import step_back


def with_places(events: "QuerySet[AuditEvent]") -> QuerySet[Any]:
    """Each event with its ``place`` in the chain and ``at_before``, the time of the one before it."""
    own = AuditLink.objects.filter(event_id=OuterRef("pk"))
    before = AuditLink.objects.filter(chain=OuterRef("chain"), place=OuterRef("place") - 1)
    placed = events.annotate(chain=Subquery(own.values("chain")), place=Subquery(own.values("place")))
    placed = placed.annotate(id_before=Subquery(before.values("event_id")))
    times = AuditEvent.objects.filter(pk=OuterRef("id_before")).values("at")
    return placed.annotate(at_before=Subquery(times))


def step_of(event: Any) -> timedelta:
    """How far the event's time lies before that of the one before it; 0 where it does not."""
    return step_back(event.at, after=event.at_before) if event.at_before else timedelta()
