"""Every answer carries a request id; a database that cannot answer is a 503, never a 2xx or a bare 500."""

import json
import uuid

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry
from tests.factories import make_device, make_entry_body, make_trial

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("0af7651916cd43dd8448eb211c80319c", True), ("short", False), ("<script>alert(1)</script>", False)],
)
def test_a_sound_request_id_is_kept_and_any_other_replaced(sent: str, kept: bool) -> None:
    response = Client().get("/livez", headers={"X-Request-Id": sent})

    assert (response["X-Request-Id"] == sent) is kept
    assert len(response["X-Request-Id"]) >= 8


def test_an_answer_that_cannot_be_stored_in_time_is_a_503_and_can_be_sent_again(clinic: Clinic) -> None:
    _, token = make_device(make_trial(clinic=clinic), at=timezone.now())
    address, body = f"/api/v1/diary/entries/{uuid.uuid4()}", json.dumps(make_entry_body())
    headers = {"Authorization": f"Bearer {token}"}

    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("LOCK TABLE diary_diaryentry IN ACCESS EXCLUSIVE MODE")
        locked = Client().put(address, body, content_type="application/json", headers=headers)
        other.rollback()
    again = Client().put(address, body, content_type="application/json", headers=headers)

    assert (locked.status_code, locked.json()["code"]) == (503, "unavailable")
    assert int(locked["Retry-After"]) > 0
    assert locked["Content-Type"] == "application/problem+json"
    assert (again.status_code, DiaryEntry.objects.count()) == (201, 1)
