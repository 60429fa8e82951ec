"""Real servers on loopback that take what reminders send: a mail server, a push service, an SMS gateway.

And a phone that can open a push message with its own keys, after RFC 8291 and RFC 8188.
"""

import base64
import email
import email.policy
import json
import secrets
import socketserver
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
UNCOMPRESSED = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP (RFC 5321) as a client needs. ``is_silent``: takes the call and says nothing."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _MailHandler)
        self.mails: list[tuple[str, EmailMessage]] = []
        self.is_silent = False
        self.called = threading.Event()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"mailto://{HOST}:{self.server_address[1]}?from=diary@example.org&mode=insecure"

    def mails_to(self, address: str) -> list[EmailMessage]:
        return [mail for recipient, mail in self.mails if recipient == address]


class _MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.called.set()
        if self.server.is_silent:
            self.server.released.wait(60)
            return
        recipients: list[str] = []
        self._say("220 sink")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self._keep(recipients)
            if verb == b"RCPT":
                recipients.append(line.split(b"<")[1].split(b">")[0].decode())
            self._say("221 bye" if verb == b"QUIT" else "250 fine")
            if verb == b"QUIT":
                return

    def _keep(self, recipients: list[str]) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.mails += [(recipient, mail) for recipient in recipients]

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@dataclass(frozen=True)
class Post:
    path: str
    headers: dict[str, str]
    body: bytes


class HttpServer(ThreadingHTTPServer):
    """Keeps every POST; answers with the status set for its path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _HttpHandler)
        self.posts: list[Post] = []
        self.statuses: dict[str, int] = defaultdict(lambda: 201)
        self.location = ""

    def posts_to(self, path: str) -> list[Post]:
        return [post for post in self.posts if post.path == path]


class _HttpHandler(BaseHTTPRequestHandler):
    server: HttpServer
    answers: ClassVar[bytes] = b'{"result": [{"status": "ok", "message_id": "1"}]}'

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.posts.append(Post(self.path, dict(self.headers.items()), body))
        self.send_response(self.server.statuses[self.path])
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.answers)))
        self.end_headers()
        self.wfile.write(self.answers)

    def log_message(self, *args: Any) -> None:
        """Nothing: a test's output is the test's own."""


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with serving(server):
        yield server
        server.released.set()


@contextmanager
def sms_gateway() -> Iterator[HttpServer]:
    server = HttpServer()
    with serving(server):
        yield server


@contextmanager
def push_service(folder: Path) -> Iterator[HttpServer]:
    """Over TLS with a certificate of its own: ``folder / "ca.pem"`` is what a client has to trust."""
    server = HttpServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        yield server


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push service of the tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "ca.pem").write_bytes(pem)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(pem + secret)
    return folder / "server.pem"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Phone:
    """A browser's end of web push: keys that never leave it, and the subscription it gives away."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def subscription(self) -> dict[str, Any]:
        keys = {"p256dh": base64url(self._public), "auth": base64url(self.auth)}
        return {"endpoint": self.endpoint, "keys": keys}

    @property
    def _public(self) -> bytes:
        return self.key.public_key().public_bytes(*UNCOMPRESSED)

    def open(self, body: bytes) -> dict[str, Any]:
        """The message in ``body``: header of RFC 8188 section 2.1, keys of RFC 8291 section 3.4."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= size
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        secret = _derive(shared, self.auth, b"WebPush: info\0" + self._public + sender, 32)
        content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(content_key).decrypt(nonce, record, None)
        # The last record ends with 2, and zeros after it.
        text, delimiter, _ = padded.rstrip(b"\0").rpartition(b"\x02")
        assert delimiter
        message: dict[str, Any] = json.loads(text)
        return message


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
