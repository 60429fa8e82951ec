"""How a message leaves the house: e-mail, text message and web push, all through apprise, or the console.

A channel knows no trial and no patient: it takes an address and a text. What comes back says whether a
gateway has taken the message, never what it said: its words may hold an address. Where gateways stand and
how to log in there are URLs of the operator's; a recipient in them is replaced by the one that is meant.
"""

import base64
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.plugins import N_MGR, url_to_dict
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

#: The name under which the one subscription of a message is known inside the plugin.
PHONE = "phone"
#: What a gateway takes longer for is noted as failed, though it may still have sent it.
SECONDS_TO_ANSWER = 10.0
#: A push service keeps a message no longer than this; reminders are over long before.
LONGEST_KEPT = 24 * 3600


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Result:
    """Whether a gateway has taken a message. ``is_gone``: the phone's subscription has ended for good."""

    ok: bool
    detail: str = ""
    is_gone: bool = False


HANDED_OVER = Result(ok=True)


def is_open(channel: str) -> bool:
    """Whether the operator has set the channel up."""
    return all(getattr(settings, name) for name in SETTINGS[channel])


SETTINGS: Mapping[str, tuple[str, ...]] = {
    "push": ("VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY", "VAPID_SUBJECT"),
    "email": ("NOTIFY_EMAIL_URL",),
    "sms": ("NOTIFY_SMS_URL",),
    "console": ("NOTIFY_CONSOLE",),
}


def load_plugins() -> None:
    """Read apprise's plugins now: a second of work that nobody should wait for with a claim in hand."""
    if any(is_open(channel) for channel in ("push", "email", "sms")):
        N_MGR.load_modules()


def send_email(address: str, message: Message) -> Result:
    return _send_by_url(settings.NOTIFY_EMAIL_URL, address, title=message.title, body=message.body)


def send_sms(number: str, message: Message) -> Result:
    return _send_by_url(settings.NOTIFY_SMS_URL, number, body=message.body)


def send_push(subscription: Mapping[str, Any], message: Message, *, seconds: int) -> Result:
    """Encrypted for the phone (RFC 8291); the push service drops it after ``seconds``."""
    if not is_push_service(str(subscription.get("endpoint", ""))):
        return Result(ok=False, detail="not a push service that this clinic sends to")
    try:
        key = vapid_key(settings.VAPID_PRIVATE_KEY)
    except ValueError:
        return Result(ok=False, detail="VAPID_PRIVATE_KEY cannot be read")
    if public_key_of(key) != settings.VAPID_PUBLIC_KEY:
        return Result(ok=False, detail="VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY are no pair")
    return _push(subscription, message, key=key, seconds=seconds)


def write_console(recipient: str, message: Message) -> Result:
    """One JSON line a message, into the file of NOTIFY_CONSOLE or, when that is "-", to standard output."""
    line = json.dumps({"to": recipient, "title": message.title, "body": message.body}, ensure_ascii=False)
    if settings.NOTIFY_CONSOLE == "-":
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        return HANDED_OVER
    try:
        with Path(settings.NOTIFY_CONSOLE).open("a", encoding="utf-8") as console:
            console.write(line + "\n")
    except OSError as error:
        return Result(ok=False, detail=f"NOTIFY_CONSOLE: {type(error).__name__}")
    return HANDED_OVER


def is_push_service(endpoint: str) -> bool:
    """Whether the server may post to an address that a phone named: only to services the operator knows."""
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.username is not None or parts.password is not None:
        return False
    known: list[str] = settings.PUSH_HOSTS
    return any(host == name or (name.startswith(".") and host.endswith(name)) for name in known)


def vapid_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The private key as `manage.py vapid_keys` writes it: 32 bytes in base64url. Raises ValueError."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != 32:
        raise ValueError("a VAPID key has 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def public_key_of(key: ec.EllipticCurvePrivateKey) -> str:
    """As browsers take it for ``applicationServerKey``: the uncompressed point in base64url."""
    form = serialization.PublicFormat.UncompressedPoint
    point = key.public_key().public_bytes(serialization.Encoding.X962, form)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def _push(
    subscription: Mapping[str, Any], message: Message, *, key: ec.EllipticCurvePrivateKey, seconds: int
) -> Result:
    with _key_file(key) as path:
        subject = settings.VAPID_SUBJECT.removeprefix("mailto:")
        fields = {"schema": "vapid", "subscriber": subject, "targets": [PHONE], "keyfile": str(path)}
        plugin: Any = _plugin(fields)
        if plugin is None or not plugin.subscriptions.add(dict(subscription), name=PHONE):
            return Result(ok=False, detail="the phone's subscription cannot be read")
        # The plugin's own limit of a minute would lose it on every phone that lies asleep.
        plugin.ttl = max(0, min(seconds, LONGEST_KEPT))
        text = json.dumps({"title": message.title, "body": message.body}, ensure_ascii=False)
        result = _notify(plugin, body=text)
        if PHONE in plugin.subscriptions:
            return result
        return Result(ok=False, detail="the phone's subscription has ended", is_gone=True)


@contextmanager
def _key_file(key: ec.EllipticCurvePrivateKey) -> Iterator[Path]:
    """The plugin reads its key from a file only: one of ours alone, gone after the message."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as handle:
        handle.write(_pem(key.private_numbers().private_value))
        handle.flush()
        yield Path(handle.name)


@lru_cache(maxsize=4)
def _pem(secret: int) -> bytes:
    return ec.derive_private_key(secret, ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _send_by_url(url: str, recipient: str, *, body: str, title: str = "") -> Result:
    fields = url_to_dict(url, secure_logging=True)
    plugin = _plugin({**fields, "targets": [recipient], "format": "text"}) if fields else None
    if plugin is None:
        return Result(ok=False, detail="the URL of the gateway cannot be read")
    return _notify(plugin, title=title, body=body)


def _plugin(fields: Mapping[str, Any]) -> NotifyBase | None:
    # Nothing is kept on disk, and no gateway sends us on to an address that nobody has set up.
    asset = AppriseAsset(app_id="diary", storage_mode="memory", pem_autogen=False, secure_logging=True)
    return Apprise.instantiate({**fields, "redirect": "no", "rto": SECONDS_TO_ANSWER}, asset=asset)


def _notify(plugin: NotifyBase, **content: str) -> Result:
    try:
        taken = plugin.notify(**content)
    except Exception as error:  # Whatever a plugin throws, the reminder is closed as not sent.
        return Result(ok=False, detail=type(error).__name__)
    return HANDED_OVER if taken else Result(ok=False, detail="the gateway refused it or did not answer")
