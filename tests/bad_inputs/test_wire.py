"""What only bytes on a socket can say: lengths that lie, hosts that are none, phones that fall silent."""

import json
import re
import uuid
from collections.abc import Iterator

import pytest

from apps.diary.models import DiaryEntry
from tests.bad_inputs.asks import BATCH, entry_path
from tests.bad_inputs.catalogue import covers
from tests.bad_inputs.service import INSIDE, Phone
from tests.factories import make_entry_body
from tests.races.web import Web, http, read_all, running_web, status_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
MOST_SILENT = 60.0
BODY = json.dumps(make_entry_body()).encode()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Web]:
    with running_web(tmp_path_factory.mktemp("web") / "web.log") as web:
        yield web


def put(
    phone: Phone, *, length: int | None = None, body: bytes = BODY, headers: tuple[str, ...] = ()
) -> bytes:
    return http("PUT", entry_path(), body=body, length=length, headers=(bearer(phone), *headers))


def bearer(phone: Phone) -> str:
    return f"Authorization: Bearer {phone.token}"


def lies(phone: Phone) -> dict[str, tuple[bytes, tuple[int, ...]]]:
    """Name, request, and the answers that are right. 0 is a closed connection without one."""
    chunked = "Transfer-Encoding: chunked"
    second = b"GET /livez HTTP/1.1\r\nHost: testserver\r\n\r\n"
    host = b"Host: testserver\r\n"
    return {
        "H024 chunked with a length": (put(phone, headers=(chunked,)), (400,)),
        "H024 smuggled": (put(phone, body=b"0\r\n\r\n" + second, length=5, headers=(chunked,)), (400,)),
        "H025 negative length": (put(phone, length=-1), (400,)),
        "two lengths": (put(phone, headers=("Content-Length: 2",)), (400,)),
        "length in words": (put(phone).replace(b"Content-Length: ", b"Content-Length: x"), (400,)),
        "length with a sign": (put(phone).replace(b"Content-Length: ", b"Content-Length: +"), (400,)),
        "unknown coding": (put(phone, headers=("Transfer-Encoding: gzip",)), (400, 501)),
        "H010 another host": (put(phone).replace(host, b"Host: evil.example\r\n"), (400,)),
        "H011 two hosts in one": (put(phone).replace(host, b"Host: testserver, evil\r\n"), (400,)),
        "two host headers": (put(phone).replace(host, host + b"Host: evil.example\r\n"), (400,)),
        "NUL in the address": (http("GET", "/api/v1/device\0", headers=(bearer(phone),)), (400,)),
        "another host's address": (http("GET", "//evil.example/api/v1/device"), (404,)),
        "up and out": (http("GET", "/static/../../config/settings.py"), (404,)),
        "P016": (http("GET", "/static/../settings.py"), (404,)),
        "Q021 trace": (http("TRACE", "/", headers=(bearer(phone),)), (405,)),
        "an endless address": (http("GET", "/" + "a" * 9000), (414,)),
        "an endless header": (http("GET", "/livez", headers=("X: " + "y" * 9000,)), (400, 431)),
        "200 headers": (http("GET", "/livez", headers=tuple(f"X-{n}: y" for n in range(200))), (400, 431)),
        "bare line feeds": (b"GET /livez HTTP/1.1\nHost: testserver\n\n", (400,)),
        "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n", (0, 400)),
        "HTTP 0.9": (b"GET /livez\r\n\r\n", (400,)),
        "HTTP 9": (b"GET /livez HTTP/9.9\r\nHost: testserver\r\n\r\n", (400, 505)),
    }


@covers("H010", "H011", "H024", "H025", "P016", "Q021")
def test_no_lie_on_the_wire_is_believed(web: Web, phone: Phone) -> None:
    wrong = {}
    for name, (raw, statuses) in lies(phone).items():
        answer = web.say(raw)
        once = len(re.findall(rb"HTTP/1\.1 [0-9]{3}", answer)) <= 1
        if status_of(answer) not in statuses or not once or INSIDE.search(answer.decode("latin-1")):
            wrong[name] = answer

    assert wrong == {}
    assert DiaryEntry.objects.count() == 0
    assert status_of(web.say(put(phone))) == 201


@covers("H023", "H026")
def test_phones_that_fall_silent_store_nothing_and_block_nobody(web: Web, phone: Phone) -> None:
    """Twice as many as the server has threads: said half, waiting for a go-ahead, saying nothing at all."""
    whole = put(phone)
    halves = [whole[: -len(BODY) // 2]] * 3
    heads = [whole[:40]]
    waiting = [put(phone, body=b"", length=len(BODY), headers=("Expect: 100-continue",))] * 3
    silent = [web.connect(timeout=MOST_SILENT) for _ in range(8)]
    try:
        for wire, said in zip(silent, [*halves, *waiting, *heads, b""], strict=True):
            wire.sendall(said)

        assert status_of(web.say(put(phone), timeout=MOST_SILENT)) == 201
    finally:
        for wire in silent:
            wire.close()

    assert DiaryEntry.objects.count() == 1


@covers("B009")
def test_a_backlog_cut_off_in_the_middle_is_stored_whole_when_it_is_sent_again(
    web: Web, phone: Phone
) -> None:
    items = [make_entry_body(id=str(uuid.uuid4())) for _ in range(500)]
    body = json.dumps({"entries": items}).encode()
    whole = http("POST", BATCH, body=body, headers=(bearer(phone),))

    with web.connect() as wire:
        wire.sendall(whole[: len(whole) - len(body) // 2])
    assert DiaryEntry.objects.count() == 0

    with web.connect(timeout=60.0) as wire:
        wire.sendall(whole)
        answer = read_all(wire)

    assert status_of(answer) == 207
    assert DiaryEntry.objects.count() == 500
