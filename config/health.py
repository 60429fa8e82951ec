"""Liveness touches nothing; readiness names what is missing."""

from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse


def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    problems = _database_problems()
    warnings = _doorbell_warnings()
    status = 503 if problems else 200
    return JsonResponse({"problems": problems, "warnings": warnings}, status=status)


def _database_problems() -> list[str]:
    try:
        executor = MigrationExecutor(connection)
        plan: list[Any] = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return ["database unreachable"]
    return ["migrations not applied"] if plan else []


def _doorbell_warnings() -> list[str]:
    """Redis down delays verdicts by one reconciler round; entries are still taken."""
    url = settings.REDIS_URL.replace("redis+socket://", "unix://")
    try:
        redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5).ping()
    except (redis.RedisError, OSError):
        return ["redis unreachable: verdicts follow within one reconciler round"]
    return []
