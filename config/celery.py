"""The Celery application. Tasks are declared with ``apps.jobs.house_task`` only."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from config.postgres.scope import serve_every_clinic

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("sctrial")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def serve(**signal: Any) -> None:
    """Before the worker forks: its processes serve every clinic, and no person."""
    serve_every_clinic()


@worker_init.connect
def load_channels(**signal: Any) -> None:
    """Before the worker forks: its processes share what is read once."""
    from apps.diary.channels import load_plugins

    load_plugins()
