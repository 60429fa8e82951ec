"""Queries, paths and methods that the API does not have."""

import json
import uuid

import pytest
from django.test import Client

from apps.diary.models import DiaryEntry
from apps.trials.models import StimulationTrial
from tests.bad_inputs.asks import Ask, entry_path
from tests.bad_inputs.catalogue import CASES, Case, covers, in_group
from tests.bad_inputs.conftest import FOREIGN_ENTRY
from tests.bad_inputs.service import Phone, count_rows, faults_of
from tests.factories import make_entry_body

pytestmark = pytest.mark.django_db
LISTS = ("/api/v1/diary/entries", "/api/v1/diary/corrections", "/api/v1/diary/today")
QUERIES = in_group("query", kinds=("query",))


def query_of(case: Case) -> str:
    if case.id == "Q015":
        return "?id__in=" + ",".join(map(str, range(1, 10_001)))
    return str(case.content).replace("<other>", FOREIGN_ENTRY)


MORE_QUERIES = [
    *(
        "?limit=0",
        "?limit=-1",
        "?limit=501",
        "?limit=1e2",
        "?limit=%31%00",
        "?limit=\u0667",
        "?limit=",
        "?limit=true",
    ),
    *(
        "?cursor=%00",
        "?cursor=AAAA",
        "?cursor=%ff%fe",
        "?cursor=" + "A" * 5000,
        "?cursor=cD0nOyBEUk9QIFRBQkxFJw==",
    ),
    *("?cursor=cD0lMDA=", "?cursor=bz0tMQ==", "?cursor=bz0xZTk5", "?cursor=cj0xJnA9eA=="),
    *("?lang=%00", "?lang=" + "a" * 5000, "?lang=../en", "?lang=en&lang=de", "?lang=\u202e"),
    *("?zone=../../etc/passwd", "?zone=%00", "?zone=europe/berlin", "?zone=Factory", "?zone=" + "A" * 5000),
    *(
        "?format=html",
        "?format=api",
        "?_method=DELETE",
        "?trial=" + FOREIGN_ENTRY,
        "?" + "&".join(["a=1"] * 1500),
    ),
]


@covers("Q001", "Q002", "Q005", "Q006", "Q008", "Q009", "Q010", "Q011", "Q012", "Q015", "Q016", "Q018")
@pytest.mark.parametrize("query", [*map(query_of, QUERIES), *MORE_QUERIES], ids=lambda query: query[:40])
def test_a_query_shows_what_is_ones_own_or_is_refused(phone: Phone, foreign: Phone, query: str) -> None:
    own = str(uuid.uuid4())
    phone.ask(Ask("PUT", entry_path(own), json.dumps(make_entry_body()).encode(), 201))

    for address in LISTS:
        answer = phone.ask(Ask("GET", address + query, b"", 200))
        assert answer.status in (200, 400), address
        assert faults_of(Ask("GET", address + query, b"", answer.status), answer) == []
        assert FOREIGN_ENTRY not in answer.response.content.decode()
        if answer.status == 200 and address == LISTS[0]:
            assert [row["id"] for row in answer.json["results"]] == [own]


#: The catalogue's addresses, where ours differ: one of ours that is as wrong.
OUR_PATHS = {
    "P001": "/api/v1/diary/entries/%00/",
    "P004": "/api/v1//diary/entries",
    "P005": "/api/v1/diary/entries/1/",
    "P006": "/api/v1/diary/entries/",
    "P007": "/API/V1/DIARY/ENTRIES",
    "P009": "/api/v2/diary/entries",
}
PATHS = in_group("path")
MORE_PATHS = [
    *(
        "/api/",
        "/api/v1/",
        "/api/v1/diary/",
        "/api/v1/diary/entries/..%2f..%2fdevice",
        "/api/v1/diary/entries/x/y",
    ),
    *(
        "/api/v1/schema/",
        "/api/v1/docs",
        "/metrics",
        "/.git/config",
        "/.env",
        "/debug",
        "/console",
        "/wp-login.php",
    ),
    *(
        "/admin/login/",
        "/api/v1/device/",
        "/api/v1/device%00",
        "/api/v1/device;x=1",
    ),
    *("/api/v1/diary/answers/", "/api/v1/consent/", "/api/v1/pairing/", "/server-status", "/actuator/health"),
]


@covers("P001", "P004", "P005", "P006", "P007", "P009", "P011", "P012", "P013", "P016")
@pytest.mark.parametrize("path", [*(OUR_PATHS.get(case.id, case.content) for case in PATHS), *MORE_PATHS])
def test_an_address_that_is_not_there_is_not_there(phone: Phone, path: str) -> None:
    path = path.partition(" ")[0]
    for method in ("GET", "POST", "PUT", "DELETE"):
        ask = Ask(method, path, b"{}", 404, code="not_found" if path.startswith("/api/") else "")
        answer = phone.ask(ask)
        assert answer.status == 404, answer.response.headers
        assert "Location" not in answer.response
        if path.startswith("/api/"):
            assert faults_of(ask, answer) == []


@covers("P011")
def test_the_staff_pages_send_strangers_to_their_login() -> None:
    for path in ("/staff/", "/staff/jsi18n/", "/staff/auth/user/"):
        response = Client().get(path)
        assert (response.status_code, response["Location"]) == (302, f"/staff/login/?next={path}")


ADDRESSES = ["/api/v1/diary/entries", "/api/v1/device", "/api/v1/pairing", "/api/v1/diary/entries/batch"]


@covers("Q021", "Q029")
@pytest.mark.parametrize("method", ["TRACE", "FOO", "CONNECT", "PROPFIND", "MERGE"])
def test_a_method_that_is_not_there_does_nothing(phone: Phone, method: str) -> None:
    for path in (*ADDRESSES, entry_path(FOREIGN_ENTRY)):
        ask = Ask(method, path, b"", 405, code="method_not_allowed")
        answer = phone.ask(ask)
        assert faults_of(ask, answer) == [], path
        assert phone.token not in answer.response.content.decode()


@covers("Q028")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_with_a_body_changes_nothing(trial: StimulationTrial, phone: Phone, method: str) -> None:
    body = json.dumps(make_entry_body()).encode()
    before = count_rows()

    for path in (*LISTS, "/api/v1/device", entry_path()):
        answer = phone.ask(Ask(method, path, body, 200))
        assert answer.status in ((200, 404) if method != "OPTIONS" else (200, 405)), path

    assert count_rows() == before
    trial.refresh_from_db()
    assert (trial.evidence_version, DiaryEntry.objects.count()) == (0, 0)


def test_the_catalogue_names_the_paths_that_are_asked() -> None:
    assert {case.id for case in PATHS} == {name for name in CASES if CASES[name].group == "path"}
