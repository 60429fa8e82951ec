"""Settings, routes and processes. Nothing in ``apps`` or ``sctrial`` imports this package."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
