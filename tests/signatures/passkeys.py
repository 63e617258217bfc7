"""An authenticator in software: makes a passkey and signs with it, as WebAuthn level 2 sections 6.5 and 6.3.3 say."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData

ORIGIN = "http://localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Passkey:
    """One key for one host. ``verifies`` is whether it asked for the PIN or the finger."""

    host: str = "localhost"
    origin: str = ORIGIN
    verifies: bool = True
    identifier: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0

    def create(self, challenge: str) -> dict[str, Any]:
        """The answer to ``navigator.credentials.create``; ``challenge`` is base64url as in the options."""
        public = ES256.from_cryptography_key(self.key.public_key())
        attested = AttestedCredentialData.create(b"\0" * 16, self.identifier, public)
        data = self._authenticator_data(ATTESTED) + bytes(attested)
        return self._answer(
            {
                "clientDataJSON": websafe_encode(self._client_data("webauthn.create", challenge)),
                "attestationObject": websafe_encode(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
            }
        ) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def get(self, challenge: str, user: str = "") -> dict[str, Any]:
        """The answer to ``navigator.credentials.get``."""
        self.count += 1
        data = self._authenticator_data()
        client = self._client_data("webauthn.get", challenge)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(user.encode()) if user else None,
            }
        )

    def _authenticator_data(self, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": websafe_encode(self.identifier),
            "rawId": websafe_encode(self.identifier),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
