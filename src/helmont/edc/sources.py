"""The files of pseudonymised source copies: ``HELMONT_HOME/sources/<sha256>``, apart from answers, since they do not stay."""

from __future__ import annotations

import hashlib
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.jobs.schedule import scheduled
from helmont.core.permissions import service
from helmont.edc.models import SourceCopy

MAGIC = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
TEXT = "text/plain"
MOST_MB = 20


def store_copy(upload: UploadedFile[bytes]) -> dict[str, str]:
    """Keep an upload; returns its ``file`` (sha256), ``name``, ``size`` and ``type``. Raises ``Invalid``."""
    size = upload.size or 0
    if not 0 < size <= MOST_MB * 1_000_000:
        raise Invalid([Fault("file", _("The file is empty or too large."), _("at most %d MB") % MOST_MB)])
    content = upload.read()
    kind = next((kind for kind, head in MAGIC.items() if content.startswith(head)), "")
    if not kind and _decoded(content) is not None:
        kind = TEXT
    if not kind:
        accepted = ", ".join([*MAGIC, TEXT])
        raise Invalid([Fault("file", _("This kind of file is not accepted."), accepted)])
    digest = hashlib.sha256(content).hexdigest()
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as copy:
        copy.write(content)
        copy.flush()
        os.fsync(copy.fileno())
    Path(copy.name).replace(folder / digest)
    name = Path((upload.name or "file").replace("\\", "/")).name[-200:]
    return {"file": digest, "name": name, "size": str(size), "type": kind}


def stored_copy(digest: str) -> Path:
    """Where the copy of that hash lies; raises ``NotFound``."""
    path = _folder() / digest
    if len(digest) != 64 or not digest.isalnum() or not path.is_file():
        raise NotFound("file")
    return path


def readable_text(path: Path, kind: str) -> str | None:
    """The text of a copy, if Helmont can read it: plain text. A scan or a PDF takes a person."""
    return _decoded(path.read_bytes()) if kind == TEXT else None


def remove_copy(digest: str, *, besides: str) -> None:
    """Remove the file, unless another copy that is still offered has the same content."""
    if not SourceCopy.objects.filter(file__file=digest, status="offered").exclude(key=besides).exists():
        (_folder() / digest).unlink(missing_ok=True)


def _decoded(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if any(ord(sign) < 32 and sign not in "\t\n\r\f" for sign in text) else text


def _folder() -> Path:
    return Path(settings.HOME) / "sources"


@scheduled("source copies", every=3600)
def withdraw_old_copies(today: str = "") -> None:
    """Copies whose time is over, today or on the day given, are withdrawn by the installation."""
    from helmont.core.writer import perform
    from helmont.edc.actions.sources import WithdrawSource

    today = today or datetime.now(UTC).date().isoformat()
    over = SourceCopy.objects.filter(status="offered", until__lt=today).values_list("key", flat=True)
    for key in over:
        perform(WithdrawSource(key, "Its time is over."), service("helmont", "system"))
