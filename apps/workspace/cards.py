"""What else waits for a person, at the head of the worklist: read by one statement, whatever the role."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, QuerySet, Subquery

from apps.accounts.models import User
from apps.workspace.daily_review import days_of_worklist, reviewed
from apps.workspace.emergency_review import to_assess
from apps.workspace.import_page import imports_to_decide
from apps.workspace.permissions import Access


def cards_of(access: Access, user: User, *, at: datetime) -> dict[str, Any]:
    """Counts of lists, 0 where nothing of the kind is this person's, and the days of the review."""
    lists: dict[str, QuerySet[Any] | None] = {
        "to_assess": to_assess(access),
        "imports_to_decide": imports_to_decide(access, user),
    }
    days = reviewed(access, at=at)
    asked: dict[str, Any] = {name: _length(rows) for name, rows in lists.items() if rows is not None}
    if days is not None:
        asked["days"] = ArraySubquery(days)
    found = _read(user, asked)
    counts = {name: found.get(name, 0) for name in lists}
    return counts | {"reviews": list(days_of_worklist(found.get("days", [])))}


def _length(rows: QuerySet[Any]) -> Subquery:
    # A Count would group by row, and give nothing where there is no row.
    count = Func("pk", function="COUNT", output_field=IntegerField())
    return Subquery(rows.order_by().annotate(length=count).values("length"))


def _read(user: User, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    return User.objects.filter(pk=user.pk).values(**asked).get() if asked else {}
