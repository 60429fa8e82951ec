"""An authenticator in software: real keys, real signatures, and every lie that a test asks of it."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG
PRESENT_AND_VERIFIED = FLAG.UP | FLAG.UV
#: The address of the service in the tests.
ORIGIN = "http://testserver"


@dataclass
class SoftAuthenticator:
    """One credential. ``count`` is what the device says next; None for one that does not count."""

    count: int | None = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, options: Mapping[str, Any], **lies: Any) -> str:
        """The answer to ``navigator.credentials.create``."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        data = self._data(lies.get("rp_id", options["rp"]["id"]), lies, flags=FLAG.AT, credential=credential)
        client = _client("webauthn.create", options, lies)
        response = {"attestationObject": websafe_encode(AttestationObject.create("none", data, {}))}
        return self._answer(client, response)

    def prove(self, options: Mapping[str, Any], **lies: Any) -> str:
        """The answer to ``navigator.credentials.get``."""
        data = self._data(lies.get("rp_id", options["rpId"]), lies)
        client = _client("webauthn.get", options, lies)
        signed = lies.get("key", self.key).sign(data + sha256(client), ec.ECDSA(SHA256()))
        response = {"authenticatorData": websafe_encode(data), "signature": websafe_encode(signed)}
        if "handle" in lies:
            response["userHandle"] = websafe_encode(lies["handle"])
        return self._answer(client, response)

    def _data(
        self, rp_id: str, lies: Mapping[str, Any], *, flags: int = 0, credential: bytes = b""
    ) -> AuthenticatorData:
        stated = self._count() if "count" not in lies else lies["count"]
        flags |= lies.get("flags", PRESENT_AND_VERIFIED)
        return AuthenticatorData.create(sha256(rp_id.encode()), FLAG(flags), stated, credential)

    def _count(self) -> int:
        if self.count is None:
            return 0
        self.count += 1
        return self.count - 1

    def _answer(self, client: bytes, response: dict[str, str]) -> str:
        name = websafe_encode(self.credential_id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "authenticatorAttachment": "platform",
                "clientExtensionResults": {},
                "response": {"clientDataJSON": websafe_encode(client)} | response,
            }
        )


def _client(kind: str, options: Mapping[str, Any], lies: Mapping[str, Any]) -> CollectedClientData:
    return CollectedClientData.create(
        lies.get("type", kind),
        lies.get("challenge", websafe_decode(options["challenge"])),
        lies.get("origin", ORIGIN),
        cross_origin=lies.get("cross_origin", False),
    )
