"""The ways to take one pain score that are measured beside each other, and the phones that send them."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from bench.servers import HOST, ROOT, Machines

OURS_DATABASE, NAIVE_DATABASE = "sctrial", "naive"
PHONES = 200


@dataclass(frozen=True)
class Phone:
    trial: str
    token: str


@dataclass(frozen=True)
class Variant:
    """One way: what serves it, and where its rows go."""

    name: str
    does: str
    app: str
    settings: str
    database: str
    table: str
    replays: bool = False

    def environment(self, machines: Machines) -> dict[str, str]:
        return machines.environment(database=self.database) | {"DJANGO_SETTINGS_MODULE": self.settings}

    def request(self, phone: Phone, *, score_id: str, value: int, captured_at: str) -> bytes:
        body = answer_of(value=value, captured_at=captured_at)
        if self.replays:
            return http("PUT", f"/api/v1/diary/entries/{score_id}", body, token=f"Bearer {phone.token}")
        body |= {"id": score_id, "trial": phone.trial}
        path = "/api/v1/scores/" if self.table == NAIVE.table else "/api/v1/scores"
        return http("POST", path, body, token=f"Token {phone.token}")


DJANGO = "django.core.wsgi:get_wsgi_application()"
PLAIN = Variant(
    "P",
    "plain view, json.loads, one raw INSERT; no middleware, token, check, trail or job",
    DJANGO,
    "bench.naive.plain_settings",
    NAIVE_DATABASE,
    "naive_plainscore",
)
PLAIN_IN_PRODUCTION = Variant(
    "P+middleware",
    "the same view behind our settings and middleware",
    DJANGO,
    "bench.naive.plain_in_production_settings",
    NAIVE_DATABASE,
    "naive_plainscore",
)
OURS = Variant(
    "ours",
    "PUT /api/v1/diary/entries/{id}: the whole of production, job rung",
    "config.wsgi:application",
    "config.settings",
    OURS_DATABASE,
    "diary_diaryentry",
    replays=True,
)
NAIVE = Variant(
    "naive",
    "ModelViewSet, ModelSerializer, TokenAuthentication, startproject's middleware; no trail, no job",
    DJANGO,
    "bench.naive.settings",
    NAIVE_DATABASE,
    "naive_score",
)
NAIVE_SAME_WORK = Variant(
    "naive+work",
    "the same with a trail, the trial's version, UserRateThrottle and a job for each, in one transaction",
    DJANGO,
    "bench.naive.same_work_settings",
    NAIVE_DATABASE,
    "naive_score",
)
VARIANTS = (PLAIN, PLAIN_IN_PRODUCTION, OURS, NAIVE, NAIVE_SAME_WORK)


def answer_of(*, value: int, captured_at: str) -> dict[str, object]:
    """What a phone sends of one score, the same for every variant."""
    return {
        "region": "target",
        "kind": "average",
        "value": value,
        "captured_at": captured_at,
        "zone": "Etc/UTC",
        "instrument_version": "nrs-average-24h/1",
        "app_version": "1.0.0",
    }


def http(method: str, path: str, body: object, *, token: str) -> bytes:
    """One request as a phone's client sends it, with what the proxy adds."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = (
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        "User-Agent: bench",
        "Accept: application/json",
        f"Authorization: {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: 192.0.2.1",
    )
    return "\r\n".join([*head, "", ""]).encode() + content


def requests_of(variant: Variant, phones: Sequence[Phone], count: int, at: datetime) -> list[bytes]:
    """New scores of all phones in turn."""
    random = Random(count)
    captured_at = at.isoformat(timespec="seconds")
    return [
        variant.request(
            phones[number % len(phones)],
            score_id=str(uuid4()),
            value=random.randint(0, 10),
            captured_at=captured_at,
        )
        for number in range(count)
    ]


def prepare(machines: Machines) -> list[Phone]:
    """Tables in both databases, and the same phones in both."""
    with psycopg.connect(machines.url(OURS_DATABASE), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAIVE_DATABASE)))
    migrate(OURS, machines)
    migrate(NAIVE, machines)
    # Tables without migrations come last: they refer to those with.
    migrate(NAIVE, machines, "--run-syncdb")
    phones = [Phone(str(uuid4()), secrets.token_hex(20)) for _ in range(PHONES)]
    fill_naive(machines, phones)
    fill_ours(machines, phones)
    return phones


def migrate(variant: Variant, machines: Machines, *flags: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0", *flags],
        cwd=ROOT,
        env=os.environ | variant.environment(machines) | {"PYTHONPATH": str(ROOT)},
        check=True,
    )


def fill_naive(machines: Machines, phones: Sequence[Phone]) -> None:
    user = """
        WITH made AS (
            INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff,
                                   is_active, date_joined)
            VALUES (%(trial)s, '', false, '', '', '', false, true, now()) RETURNING id
        ), token AS (
            INSERT INTO authtoken_token (key, created, user_id) SELECT %(token)s, now(), id FROM made
        )
        INSERT INTO naive_trial (id, patient_id, version) SELECT %(trial)s::uuid, id, 0 FROM made
    """
    with psycopg.connect(machines.url(NAIVE_DATABASE)) as connection, connection.cursor() as cursor:
        cursor.executemany(user, [{"trial": phone.trial, "token": phone.token} for phone in phones])


def fill_ours(machines: Machines, phones: Sequence[Phone]) -> None:
    """Trials of made-up patients in their second week, a paired phone each."""
    os.environ.update(OURS.environment(machines))
    import django

    django.setup()
    from apps.accounts.models import Clinic
    from apps.diary.authentication import hash_secret
    from apps.diary.models import PatientDevice
    from apps.patients.models import Patient
    from apps.trials.models import StimulationTrial

    now = datetime.now(UTC)
    clinic = Clinic.objects.create(name="Bench", zone="UTC", phone="0")
    for number, phone in enumerate(phones):
        patient = Patient.objects.create(clinic=clinic, pseudonym=f"B-{number}", zone="UTC", created_at=now)
        trial = StimulationTrial.objects.create(
            id=UUID(phone.trial),
            clinic=clinic,
            patient=patient,
            modality="SCS",
            target_area="low back",
            rule_set_id="MAC_NORIDIAN",
            phase="trial_active",
            diary_from=now.date() - timedelta(days=14),
            lead_placed_on=now.date() - timedelta(days=7),
            created_at=now,
        )
        PatientDevice.objects.create(trial=trial, token_sha256=hash_secret(phone.token), paired_at=now)
