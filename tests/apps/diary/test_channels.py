"""What leaves the house, seen from the other end: a mail server, an SMS gateway, a push service, a phone."""

import json
import logging.config
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.core.management import call_command
from pytest_django import Settings

from apps.diary import channels
from apps.diary.channels import (
    Message,
    is_push_service,
    public_key_of,
    send_email,
    send_push,
    send_sms,
    write_console,
)
from tests.sinks import (
    HOST,
    HttpServer,
    MailServer,
    Phone,
    from_base64url,
    mail_server,
    push_service,
    sms_gateway,
)

MESSAGE = Message("Tagebuch", "Es ist Zeit für den Eintrag von heute.")
ADDRESS = "patient.one@example.org"


@pytest.fixture
def mail(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.NOTIFY_EMAIL_URL = server.url
        yield server


@pytest.fixture
def gateway(settings: Settings) -> Iterator[HttpServer]:
    with sms_gateway() as server:
        settings.NOTIFY_SMS_URL = f"smseagle://token@{HOST}:{server.server_address[1]}/15551230000"
        yield server


@pytest.fixture
def keys(settings: Settings) -> None:
    """A pair as the command prints it."""
    out = StringIO()
    call_command("vapid_keys", stdout=out)
    for line in out.getvalue().splitlines():
        name, _, value = line.partition("=")
        setattr(settings, name, value)
    settings.VAPID_SUBJECT = "mailto:operator@example.org"


@pytest.fixture
def service(
    tmp_path: Path, settings: Settings, keys: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HttpServer]:
    settings.PUSH_HOSTS = [HOST]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with push_service(tmp_path) as server:
        yield server


@pytest.fixture
def phone(service: HttpServer) -> Phone:
    return Phone(f"https://{HOST}:{service.server_address[1]}/push/one")


def test_a_mail_reaches_the_patient_and_nobody_else(mail: MailServer, settings: Settings) -> None:
    settings.NOTIFY_EMAIL_URL += "&to=operator@example.org"

    assert send_email(ADDRESS, MESSAGE).ok

    assert [recipient for recipient, _ in mail.mails] == [ADDRESS]
    (sent,) = mail.mails_to(ADDRESS)
    assert sent["Subject"] == MESSAGE.title
    assert "diary@example.org" in sent["From"]
    assert sent.get_content_type() == "text/plain"
    assert sent.get_content().strip() == MESSAGE.body


def test_a_text_message_reaches_the_patient_and_nobody_else(gateway: HttpServer) -> None:
    assert send_sms("+49 151 2345678", MESSAGE).ok

    (post,) = gateway.posts
    assert b"491512345678" in post.body
    assert b"15551230000" not in post.body
    assert MESSAGE.body in json.dumps(json.loads(post.body), ensure_ascii=False)
    assert MESSAGE.title not in json.dumps(json.loads(post.body), ensure_ascii=False)


@pytest.mark.parametrize("status", [400, 401, 500, 503])
def test_a_gateway_that_refuses_is_no_success(gateway: HttpServer, status: int) -> None:
    gateway.statuses["/jsonrpc/sms"] = status

    result = send_sms("+49 151 2345678", MESSAGE)

    assert len(gateway.posts) == 1
    assert (result.ok, result.detail) == (False, "the gateway refused it or did not answer")


@pytest.mark.parametrize("url", ["", "nonsense", "nosuchgateway://user@host", "mailto://"])
def test_a_url_that_cannot_be_read_is_no_crash(settings: Settings, url: str) -> None:
    settings.NOTIFY_EMAIL_URL = url

    assert not send_email(ADDRESS, MESSAGE).ok


def test_the_log_holds_no_address(mail: MailServer, settings: Settings, capfd: pytest.CaptureFixture) -> None:
    logging.config.dictConfig(settings.LOGGING)
    send_email(ADDRESS, MESSAGE)
    mail.shutdown()
    mail.server_close()
    send_email(ADDRESS, MESSAGE)

    seen = capfd.readouterr()
    assert ADDRESS not in seen.out + seen.err
    assert ADDRESS not in channels.send_email(ADDRESS, MESSAGE).detail


def test_the_phone_can_read_what_the_push_service_cannot(service: HttpServer, phone: Phone) -> None:
    assert send_push(phone.subscription, MESSAGE, seconds=3600).ok

    (post,) = service.posts_to("/push/one")
    assert phone.open(post.body) == {"title": MESSAGE.title, "body": MESSAGE.body}
    assert MESSAGE.title.encode() not in post.body
    with pytest.raises(InvalidTag):
        Phone(phone.endpoint, auth=phone.auth, key=phone.key).open(
            post.body[:-1] + bytes([post.body[-1] ^ 1])
        )
    with pytest.raises(InvalidTag):
        Phone(phone.endpoint, auth=b"another's secret", key=phone.key).open(post.body)


def test_the_push_service_can_tell_who_sends(service: HttpServer, phone: Phone, settings: Settings) -> None:
    """RFC 8292: a token signed with the key of the subscription, for this service, for less than a day."""
    send_push(phone.subscription, MESSAGE, seconds=3600)

    scheme, _, rest = service.posts[0].headers["Authorization"].partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = fields["t"].split(".")
    raw = from_base64url(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(fields["k"]))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(der, b"another token", ec.ECDSA(hashes.SHA256()))

    said = json.loads(from_base64url(claims))
    assert (scheme, fields["k"]) == ("vapid", settings.VAPID_PUBLIC_KEY)
    assert said["aud"] == phone.endpoint.removesuffix("/push/one")
    assert said["sub"] == "mailto:operator@example.org"
    assert 0 < said["exp"] - time.time() < 24 * 3600


@pytest.mark.parametrize(("seconds", "ttl"), [(3600, "3600"), (-5, "0"), (10**6, str(24 * 3600))])
def test_the_push_service_keeps_it_until_the_window_closes(
    service: HttpServer, phone: Phone, seconds: int, ttl: str
) -> None:
    send_push(phone.subscription, MESSAGE, seconds=seconds)

    assert service.posts[0].headers["TTL"] == ttl


@pytest.mark.parametrize(("status", "is_gone"), [(404, True), (410, True), (429, False), (500, False)])
def test_a_subscription_that_has_ended_is_told_apart(
    service: HttpServer, phone: Phone, status: int, is_gone: bool
) -> None:
    service.statuses["/push/one"] = status

    result = send_push(phone.subscription, MESSAGE, seconds=60)

    assert (result.ok, result.is_gone) == (False, is_gone)


def test_nobody_sends_us_on(service: HttpServer, phone: Phone) -> None:
    service.statuses["/push/one"] = 307
    service.location = phone.endpoint.replace("/push/one", "/elsewhere")

    assert not send_push(phone.subscription, MESSAGE, seconds=60).ok

    assert service.posts_to("/elsewhere") == []


def test_a_key_that_is_not_the_pairs_sends_nothing(
    service: HttpServer, phone: Phone, settings: Settings
) -> None:
    settings.VAPID_PUBLIC_KEY = public_key_of(ec.generate_private_key(ec.SECP256R1()))

    assert "no pair" in send_push(phone.subscription, MESSAGE, seconds=60).detail
    assert service.posts == []


@pytest.mark.parametrize("secret", ["short", "A" * 43, "!" * 43])
def test_a_key_that_is_none_sends_nothing(
    service: HttpServer, phone: Phone, settings: Settings, secret: str
) -> None:
    settings.VAPID_PRIVATE_KEY = secret

    assert send_push(phone.subscription, MESSAGE, seconds=60).detail == "VAPID_PRIVATE_KEY cannot be read"


@pytest.mark.parametrize("broken", [{}, {"p256dh": "AAAA", "auth": "AAAA"}])
def test_a_subscription_without_keys_sends_nothing(
    service: HttpServer, phone: Phone, broken: dict[str, str]
) -> None:
    result = send_push({"endpoint": phone.endpoint, "keys": broken}, MESSAGE, seconds=60)

    assert result.detail == "the phone's subscription cannot be read"
    assert service.posts == []


# fmt: off
ENDPOINTS = [
    ("https://fcm.googleapis.com/fcm/send/abc",                   True),
    ("https://updates.push.services.mozilla.com/wpush/v2/abc",    True),
    ("https://web.push.apple.com/abc",                            True),
    ("https://wns2-par02p.notify.windows.com/w/?token=abc",       True),
    ("http://fcm.googleapis.com/fcm/send/abc",                    False),
    ("https://user:secret@fcm.googleapis.com/abc",                False),
    ("https://fcm.googleapis.com.evil.example/abc",               False),
    ("https://evil-push.apple.com.example/abc",                   False),
    ("https://evilfcm.googleapis.com/abc",                        False),
    ("https://push.apple.com@169.254.169.254/abc",                False),
    ("https://169.254.169.254/latest/meta-data",                  False),
    ("https://localhost:5432/",                                   False),
    ("https://fcm.googleapis.com:notaport/abc",                   False),
    ("https://[::1/abc",                                          False),
    ("file:///etc/passwd",                                        False),
    ("",                                                          False),
]
# fmt: on


@pytest.mark.parametrize(("endpoint", "is_known"), ENDPOINTS)
def test_the_server_posts_to_push_services_only(endpoint: str, is_known: bool) -> None:
    """OWASP API7: no address that a phone made up is ever called."""
    assert is_push_service(endpoint) == is_known


def test_an_unknown_push_service_is_not_called(service: HttpServer, phone: Phone, settings: Settings) -> None:
    settings.PUSH_HOSTS = ["fcm.googleapis.com"]

    assert not send_push(phone.subscription, MESSAGE, seconds=60).ok
    assert service.posts == []


def test_the_console_takes_a_line_a_message(tmp_path: Path, settings: Settings) -> None:
    settings.NOTIFY_CONSOLE = str(tmp_path / "console.log")

    assert write_console("P-1", MESSAGE).ok
    assert write_console("P-2", MESSAGE).ok

    lines = (tmp_path / "console.log").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["to"] for line in lines] == ["P-1", "P-2"]
    assert json.loads(lines[0])["body"] == MESSAGE.body


def test_the_console_may_be_the_standard_output(settings: Settings, capsys: pytest.CaptureFixture) -> None:
    settings.NOTIFY_CONSOLE = "-"

    assert write_console("P-1", MESSAGE).ok

    assert json.loads(capsys.readouterr().out)["title"] == MESSAGE.title


def test_a_console_that_cannot_be_written_is_no_success(tmp_path: Path, settings: Settings) -> None:
    settings.NOTIFY_CONSOLE = str(tmp_path / "no such folder" / "console.log")

    assert not write_console("P-1", MESSAGE).ok


def test_a_channel_is_open_when_all_it_needs_is_set(settings: Settings, keys: None) -> None:
    assert channels.is_open("push")
    assert not any(channels.is_open(name) for name in ("email", "sms", "console"))

    settings.VAPID_SUBJECT = ""
    settings.NOTIFY_SMS_URL = "smseagle://token@host/"

    assert not channels.is_open("push")
    assert channels.is_open("sms")
