"""The review lists counted day by day, so that nobody has to think of looking: once a day and clinic."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from apps.accounts.models import Clinic
from apps.audit.models import DailyReview
from apps.diary.channels import Message
from apps.workspace.permissions import Access
from apps.workspace.review import A_DAY, KINDS, REVIEW, count_of, days_of, limits, today_of, url_of
from apps.workspace.telling import tell_site_admins

#: So many days stay on the worklist, and are counted later where nothing counted meanwhile.
DAYS: Final = 7
TITLE: Final = "Review of the trail"
BODY: Final = "To look at in the trail of {clinic} of {day}: {count}.\n\n{url}\n"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one clinic with something to look at."""

    clinic: Clinic
    day: date
    url: str
    #: Heading and count of each list that has a row.
    lists: tuple[tuple[str, int], ...]


def review_days(*, at: datetime) -> None:
    """Count what has not been counted of the last days, for every clinic; tell of yesterday by mail."""
    for clinic in Clinic.objects.order_by("pk"):
        yesterday = today_of(clinic, at=at) - A_DAY
        for day in _not_counted(clinic, yesterday):
            counts = _count(clinic, day, at=at)
            if counts and any(counts.values()) and day == yesterday:
                _tell(clinic, day, count=sum(counts.values()))


def _not_counted(clinic: Clinic, yesterday: date) -> list[date]:
    days = [yesterday - n * A_DAY for n in reversed(range(DAYS))]
    known = DailyReview.objects.filter(clinic_id=clinic.pk, day__in=days).values_list("day", flat=True)
    return [day for day in days if day not in set(known)]


@transaction.atomic
def _count(clinic: Clinic, day: date, *, at: datetime) -> dict[str, int] | None:
    """None where another worker has counted the same day meanwhile."""
    counts = count_of(days_of(clinic, day, day), limits=limits())
    row, is_new = DailyReview.objects.get_or_create(
        clinic_id=clinic.pk, day=day, defaults={"counts": counts, "made_at": at}
    )
    return row.counts if is_new else None


def _tell(clinic: Clinic, day: date, *, count: int) -> None:
    """How much and where, nothing of whom."""
    url = f"{settings.PUBLIC_URL}{url_of(clinic.pk, day, day)}"
    tell_site_admins(clinic, Message(TITLE, BODY.format(clinic=clinic.name, day=day, count=count, url=url)))


def reviewed(access: Access, *, at: datetime) -> QuerySet[DailyReview, Any] | None:
    """The days that stay on the worklist, newest first, each as JSON; None for who may not review."""
    clinics = access.clinics("view", resource=REVIEW)
    if not clinics:
        return None
    rows = DailyReview.objects.filter(clinic_id__in=clinics, day__gte=at.date() - (DAYS + 1) * A_DAY)
    name = Clinic.objects.filter(pk=OuterRef("clinic_id")).values("name")
    told = JSONObject(clinic="clinic_id", name=Subquery(name), day="day", counts="counts")
    return rows.order_by("-day", "clinic_id").values(told=told)


def days_of_worklist(told: Iterable[Mapping[str, Any]]) -> Iterator[Day]:
    """What ``reviewed`` gave, without the days on which there was nothing."""
    for row in told:
        clinic, day = Clinic(pk=row["clinic"], name=row["name"]), date.fromisoformat(row["day"])
        counts = row["counts"]
        found = tuple((kind.heading, counts[kind.code]) for kind in KINDS if counts.get(kind.code))
        if found:
            yield Day(clinic, day, url_of(clinic.pk, day, day), found)
