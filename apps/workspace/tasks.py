"""The Celery job of the staff site: thin, keyword-only, safe to run twice at the same time."""

from django.utils import timezone

from apps.jobs import house_task
from apps.workspace.daily_review import review_days


@house_task("workspace.review_trail", expires=600)
def review_trail() -> None:
    review_days(at=timezone.now())
