"""The Celery application. Tasks are declared with ``apps.jobs.house_task`` only."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_init

from apps.row_security import EVERYTHING
from config.postgres.base import show_on_open_connections
from config.postgres.scope import ask_as_the_process, ask_for, serve_every_clinic

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("sctrial")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def serve_as_job(name: str) -> None:
    """Every clinic's rows, and what is changed is kept under the job's name; once more costs no statement."""
    ask_for(EVERYTHING, actor=f"job:{name}")
    show_on_open_connections()


@worker_init.connect
def serve(**signal: Any) -> None:
    """Before the worker forks: its processes serve every clinic, and no person."""
    serve_every_clinic()


@task_prerun.connect
def name_the_job(task: Any, **signal: Any) -> None:
    serve_as_job(task.name)


@task_postrun.connect
def name_nobody(**signal: Any) -> None:
    ask_as_the_process()


@worker_init.connect
def load_channels(**signal: Any) -> None:
    """Before the worker forks: its processes share what is read once."""
    from apps.diary.channels import load_plugins

    load_plugins()
