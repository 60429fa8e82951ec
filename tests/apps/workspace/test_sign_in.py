"""The door: wrong passwords are counted, locked out, written down and told; a good one is written down."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.factors import LOCKED_FOR
from apps.accounts.models import Clinic, SignInTries, User
from apps.audit.models import AuditEvent
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db
DOOR = "/staff/login/"
CLOCK = re.compile(r"\d\d:\d\d")
WRONG = "wrong-password-of-nobody"


def knock(name: str, password: str, client: Client | None = None) -> Any:
    return (client or Client()).post(DOOR, {"username": name, "password": password, "next": "/staff/"})


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_who_signs_in_and_out_is_in_the_trail(clinic: Clinic, clinician: User) -> None:
    client = Client()

    assert knock("clinician", PASSWORD, client).status_code == 302
    client.post("/staff/logout/")

    events = AuditEvent.objects.filter(action__in=["sign_in", "sign_out"]).order_by("id")
    assert [(one.action, one.actor, one.clinic_id) for one in events] == [
        ("sign_in", f"staff:{clinician.pk}", clinic.pk),
        ("sign_out", f"staff:{clinician.pk}", clinic.pk),
    ]


def test_the_fifth_wrong_password_locks_the_name_even_for_the_right_one(clinician: User) -> None:
    answers = [knock("clinician", WRONG) for _ in range(5)]
    right = knock("clinician", PASSWORD)

    assert [answer.status_code for answer in answers] == [200] * 5
    assert right.status_code == 200
    assert "Locked after 5 wrong tries until" in right.content.decode()
    assert actions() == ["wrong_sign_in"] * 4 + ["lock_sign_in"], "a try at a shut door is no news"


def test_a_lock_runs_out_and_counting_begins_anew(clinician: User) -> None:
    for _ in range(5):
        knock("clinician", WRONG)
    SignInTries.objects.update(locked_until=timezone.now())

    assert knock("clinician", WRONG).status_code == 200
    assert knock("clinician", PASSWORD).status_code == 302
    assert not SignInTries.objects.exists()


def test_whoever_is_signed_in_stays_so_while_a_stranger_locks_the_name(clinician: User) -> None:
    client = Client()
    knock("clinician", PASSWORD, client)

    for _ in range(5):
        knock("clinician", WRONG)

    assert client.get("/staff/").status_code == 200


def test_a_name_that_nobody_has_is_answered_and_locked_alike(clinician: User) -> None:
    """What stands in the box may be a password: the trail does not keep it."""
    known, unknown = ([knock(name, WRONG) for _ in range(6)] for name in ("clinician", "my-secret-word"))

    for one, other in zip(known, unknown, strict=True):
        words = [CLOCK.sub("", answer.context["form"].errors.as_text()) for answer in (one, other)]
        assert words[0] == words[1]
    written = json.dumps(list(AuditEvent.objects.values("actor", "object_id", "detail")))
    assert "my-secret-word" not in written
    assert WRONG not in written


def test_the_site_admins_are_told_once_and_by_mail_alone_of_that_it_happened(
    clinician: User, site_admin: User, settings: Any, tmp_path: Path
) -> None:
    settings.NOTIFY_CONSOLE = str(tmp_path / "messages")
    site_admin.email = "admin@clinic.example"
    site_admin.save()

    for _ in range(7):
        knock("clinician", WRONG)

    told = (tmp_path / "messages").read_text()
    assert told.count("Sign-in was locked") == 1
    assert "admin@clinic.example" in told
    assert "clinician" not in told


def test_tries_of_yesterday_are_forgotten(clinician: User) -> None:
    knock("somebody", WRONG)
    SignInTries.objects.update(last_at=timezone.now() - 50 * LOCKED_FOR)

    knock("clinician", WRONG)

    assert SignInTries.objects.count() == 1
