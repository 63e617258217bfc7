"""Signed notes and checkpoints of C2SP (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint), with Ed25519.

A checkpoint says how many entries a log has and what their root hash is. The log signs it; a sponsor or site that keeps
a copy can sign the same text as a witness (`cosign`). Only signature type 0x01 (Ed25519 over the note text) is used.

    signer = Signer.generate("trials.example/CDISCPILOT01")
    note = Checkpoint("trials.example/CDISCPILOT01", 4711, root).sign(signer)
    Checkpoint.open(note, [Verifier.parse(vkey)])
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .merkle import HASH_SIZE

ED25519 = b"\x01"
SIGNATURE_SIZE = 64
MAX_SIGNATURES = 64
_PRIVATE = "PRIVATE+KEY+"
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteError(ValueError):
    """A note, checkpoint or key is malformed, or is not signed by a known key; the message says which and why."""


@dataclass(frozen=True)
class Verifier:
    """A public key that may sign notes: its name and 32 bytes of Ed25519 public key."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != HASH_SIZE:
            raise NoteError(f"key {self.name}: {len(self.public)} bytes where an Ed25519 public key has {HASH_SIZE}")

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || 0x0A || 0x01 || public key)."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        """The vkey text: name + key id in hex + base64(0x01 || public key)."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """Read the vkey text. Raises `NoteError` if it is malformed or its key id is not that of the key."""
        name, key_id, public = _parse_key(vkey.strip(), "vkey")
        verifier = cls(name, public)
        if verifier.key_id.hex() != key_id:
            raise NoteError(f"vkey of {name}: key id {key_id} is not that of the key, {verifier.key_id.hex()}")
        return verifier

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether `signature` (64 bytes) is this key's over the note text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key that signs notes. Its text form is a secret: whoever holds it can sign another history."""

    def __init__(self, name: str, seed: bytes) -> None:
        if len(seed) != HASH_SIZE:
            raise NoteError(f"key {name}: {len(seed)} bytes where an Ed25519 private key has {HASH_SIZE}")
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """A new random key. Raises `NoteError` if the name is empty or has white space or a plus."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, skey: str) -> "Signer":
        """Read what `private_text` wrote. Raises `NoteError`, which never repeats the key."""
        skey = skey.strip()
        if not skey.startswith(_PRIVATE):
            raise NoteError(f"private key: accepted is text that begins with {_PRIVATE}")
        name, key_id, seed = _parse_key(skey.removeprefix(_PRIVATE), "private key")
        signer = cls(name, seed)
        if signer.verifier.key_id.hex() != key_id:
            raise NoteError(f"private key of {name}: key id {key_id} is not that of the key")
        return signer

    @property
    def name(self) -> str:
        return self.verifier.name

    def private_text(self) -> str:
        """`PRIVATE+KEY+` name + key id in hex + base64(0x01 || seed): the form Go's sumdb/note reads."""
        key = b64encode(ED25519 + self._seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{key}"

    def signature_line(self, text: str) -> str:
        """The line that signs the note text, ending in a newline."""
        blob = b64encode(self.verifier.key_id + self._key.sign(text.encode())).decode()
        return f"— {self.name} {blob}\n"


@dataclass(frozen=True)
class Note:
    """An opened note: its text (with the final newline), who verifiably signed it, and signatures of unknown keys."""

    text: str
    signed_by: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def sign_note(text: str, *signers: Signer) -> str:
    """The signed note. Raises `NoteError` unless the text ends in a newline and has no other control characters."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("note text: accepted is text that ends in a newline and has no other control characters")
    if not signers:
        raise NoteError("note: at least one signer is needed")
    return text + "\n" + "".join(signer.signature_line(text) for signer in signers)


def cosign(note: str, *signers: Signer) -> str:
    """The note with further signatures over the same text. A key that signed before is not added again."""
    text, signatures = _split_note(note)
    there = {(name, key_id) for name, key_id, _ in signatures}
    new = [signer for signer in signers if (signer.name, signer.verifier.key_id) not in there]
    return note + "".join(signer.signature_line(text) for signer in new)


def open_note(note: str, verifiers: Iterable[Verifier]) -> Note:
    """Check a note against known keys; signatures of unknown keys are ignored, as signed-note asks.

    Raises `NoteError` if the note is malformed, a known key's signature is false, or no known key signed.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    text, signatures = _split_note(note)
    signed_by: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for name, key_id, signature in signatures:
        verifier = known.get((name, key_id))
        if verifier is None:
            unknown[f"{name}+{key_id.hex()}"] = None
        elif verifier.verifies(text, signature):
            signed_by[name] = None
        else:
            raise NoteError(f"note: the signature of {name} is not over this text")
    if not signed_by:
        accepted = ", ".join(verifier.name for verifier in known.values()) or "none"
        raise NoteError(f"note: signed by {', '.join(unknown) or 'nobody'}; known keys: {accepted}")
    return Note(text, tuple(signed_by), tuple(unknown))


@dataclass(frozen=True)
class Checkpoint:
    """Size and root hash (32 bytes) of a log at one moment; `origin` names the log."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.root) != HASH_SIZE:
            raise NoteError(
                f"checkpoint of {self.origin!r}: accepted is a size of 0 or more and a {HASH_SIZE} byte root"
            )
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line or _CONTROL.search(line):
                raise NoteError(f"checkpoint: {line!r} is not a non-empty line without control characters")

    def text(self) -> str:
        """The note text: origin, size, base64 root hash and extension lines."""
        return "\n".join([self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions]) + "\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a note text, unverified. Raises `NoteError` naming the line that is wrong."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3:
            raise NoteError(f"checkpoint: {len(lines)} lines where origin, size and root hash are needed")
        origin, size, root, *extensions = lines
        if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size):
            raise NoteError(f"checkpoint line 2: {size!r:.40} is not a decimal number without leading zeroes")
        return cls(origin, int(size), _decode(root, "checkpoint line 3"), tuple(extensions))

    def sign(self, *signers: Signer) -> str:
        """The checkpoint as a signed note."""
        return sign_note(self.text(), *signers)

    @classmethod
    def open(cls, note: str, verifiers: Iterable[Verifier]) -> "Checkpoint":
        """Verify a signed note (see `open_note`) and read the checkpoint in it."""
        return cls.parse(open_note(note, verifiers).text)


def _split_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Text and signatures (name, key id, signature) of a note, unverified."""
    if _CONTROL.search(note):
        raise NoteError("note: it holds control characters other than newline")
    text, blank, block = note.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise NoteError("note: accepted is text, an empty line and signature lines, each ending in a newline")
    lines = block.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"note: {len(lines)} signatures; accepted are up to {MAX_SIGNATURES}")
    signatures = []
    for number, line in enumerate(lines, start=1):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        blob = _decode(encoded, f"note: signature line {number}")
        if dash != "—" or not _NAME.fullmatch(name) or len(blob) <= 4:
            raise NoteError(f"note: signature line {number} is not '— name base64(key id || signature)'")
        signatures.append((name, blob[:4], blob[4:]))
    return text + "\n", signatures


def _parse_key(text: str, what: str) -> tuple[str, str, bytes]:
    """Name, key id in hex and the 32 key bytes of the text form of a key."""
    parts = text.split("+", 2)  # base64 may hold a plus, name and key id may not
    if len(parts) != 3:
        raise NoteError(f"{what}: accepted is name+key id+base64 key")
    name, key_id, encoded = parts
    data = _decode(encoded, f"{what} of {name}")
    if data[:1] != ED25519:
        raise NoteError(f"{what} of {name}: key type 0x{data[:1].hex()}; accepted is 0x01, Ed25519")
    return name, key_id, data[1:]


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or _CONTROL.search(name):
        raise NoteError(f"key name {name!r}: accepted is text without white space or plus")


def _decode(text: str, where: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise NoteError(f"{where}: not base64 ({error})") from error
