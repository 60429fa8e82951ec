"""Headers that others put there: never trusted, never fatal."""

import json
import uuid

import pytest
from django.conf import LazySettings
from django.test import Client

from apps.accounts.models import User
from apps.diary.models import DiaryEntry, PatientDevice
from apps.diary.throttling import REST_SECONDS, rate_of, take
from apps.trials.models import StimulationTrial
from tests.bad_inputs.asks import Ask, entry_path
from tests.bad_inputs.catalogue import covers
from tests.bad_inputs.service import Answer, Phone, faults_of
from tests.factories import make_entry_body
from tests.faults.processes import wait_until

pytestmark = pytest.mark.django_db
LIST, TODAY, DEVICE = "/api/v1/diary/entries", "/api/v1/diary/today", "/api/v1/device"


def put(status: int, *, code: str = "", **headers: str) -> Ask:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask("PUT", entry_path(), json.dumps(make_entry_body()).encode(), status, code=code, headers=named)


def checked(phone: Phone, ask: Ask) -> Answer:
    answer = phone.ask(ask)
    assert faults_of(ask, answer) == []
    return answer


HOSTS = ["evil.example", "testserver, evil", "testserver@evil.example", "testserver/x"]


@covers("H010", "H011")
@pytest.mark.parametrize("host", HOSTS)
def test_a_request_for_another_host_is_refused(phone: Phone, host: str) -> None:
    checked(phone, put(400, code="bad_request", Host=host))


@covers("H013")
def test_a_forwarded_host_writes_no_address(phone: Phone) -> None:
    for _ in range(2):
        checked(phone, put(201))

    page = checked(
        phone, Ask("GET", f"{LIST}?limit=1", b"", 200, headers={"X-Forwarded-Host": "evil.example"})
    )

    assert page.json["next"].startswith("http://testserver/api/v1/diary/entries?")
    assert "evil" not in page.response["Link"]


@covers("H014")
def test_a_forwarded_address_gives_no_new_allowance(settings: LazySettings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"pairing": "3/600"}
    settings.BEHIND_PROXY = False
    ask = Ask("POST", "/api/v1/pairing", b'{"code": "AAAA-AAAA"}', 400)
    # Where another test has killed Valkey, it is left alone for a while.
    wait_until(lambda: take(rate_of("device"), whose="nobody") is not None, within=2 * REST_SECONDS)
    # An address of documentation that nobody has used yet.
    client = Client(REMOTE_ADDR=f"2001:db8::{uuid.uuid4().hex[:4]}")

    statuses = [
        client.post(
            ask.path,
            ask.raw,
            content_type="application/json",
            headers={"X-Forwarded-For": f"127.0.0.{number}"},
        ).status_code
        for number in range(60)
    ]

    # One may trickle in again: 3 in 600 s is one in 200 s.
    assert statuses[:3] == [400] * 3
    assert statuses.count(429) >= 60 - 3 - 1


@covers("H016")
@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_override_deletes_nothing(
    device: tuple[PatientDevice, str], phone: Phone, name: str
) -> None:
    checked(phone, Ask("GET", DEVICE, b"", 200, headers={name: "DELETE"}))
    checked(phone, Ask("POST", DEVICE, b"{}", 405, headers={name: "DELETE"}))

    assert PatientDevice.objects.get(pk=device[0].pk).revoked_at is None


@covers("H017")
@pytest.mark.parametrize(
    "name", ["X-User-Id", "X-Trial-Id", "Remote-User", "X-Remote-User", "X-Forwarded-User"]
)
def test_nobody_is_somebody_by_header(
    trial: StimulationTrial, phone: Phone, foreign: Phone, name: str
) -> None:
    stranger = str(StimulationTrial.objects.exclude(pk=trial.pk).get().pk)

    checked(phone, put(201, **{name.replace("-", "_"): stranger}))
    checked(Phone(""), put(401, code="not_authenticated", Authorization="", **{name.replace("-", "_"): "1"}))

    assert DiaryEntry.objects.filter(trial=trial).count() == 1


@covers("H018", "A011")
def test_a_session_of_the_staff_pages_is_worth_nothing_here(phone: Phone, coordinator: User) -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(coordinator)
    browser = Phone("", client)

    for origin in ("https://evil.example", "http://testserver", "null"):
        ask = put(401, code="not_authenticated", Authorization="", Origin=origin)
        assert "Access-Control-Allow-Origin" not in checked(browser, ask).response


@covers("H020")
def test_ranges_are_not_served(phone: Phone) -> None:
    ranges = "bytes=" + ",".join(["0-0,1-1,2-2"] * 1000)

    whole = checked(phone, Ask("GET", DEVICE, b"", 200))
    asked = checked(phone, Ask("GET", DEVICE, b"", 200, headers={"Range": ranges}))

    assert asked.response.content == whole.response.content


@covers("H021")
@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html", 406),
        ("application/xml", 406),
        ("image/*", 406),
        ("application/json; q=0.1, text/html", 200),
        ("*/*", 200),
        ("x" * 5000, 406),
    ],
)
def test_only_json_is_served(phone: Phone, accept: str, status: int) -> None:
    checked(phone, Ask("GET", DEVICE, b"", status, headers={"Accept": accept}))


@covers("H022")
@pytest.mark.parametrize("languages", ["a" * 5000, "de;q=1e999999", ",;=" * 1000, "*", "\u00e9", "en\ud7ff"])
def test_a_wild_accept_language_gets_a_day_in_some_language(phone: Phone, languages: str) -> None:
    answer = checked(phone, Ask("GET", TODAY, b"", 200, headers={"Accept-Language": languages}))

    assert answer.json["language"] in ("en", "de", "es")


@covers("H029")
def test_the_id_in_the_address_is_the_only_key(phone: Phone) -> None:
    for _ in range(2):
        checked(phone, put(201, Idempotency_Key="k" * 5000))


@covers("H031")
def test_an_upgrade_is_not_taken(phone: Phone) -> None:
    checked(phone, put(201, Connection="Upgrade", Upgrade="h2c", HTTP2_Settings="AAMAAABkAAQAAP__"))


@pytest.mark.parametrize(
    "request_id", ["x" * 65, "a\r\nSet-Cookie: x=1", "../../log", "", "<script>", "\u00e9" * 9]
)
def test_a_request_id_is_taken_over_only_when_it_is_plain(phone: Phone, request_id: str) -> None:
    answer = checked(phone, put(201, X_Request_Id=request_id))

    assert answer.response["X-Request-Id"] != request_id
