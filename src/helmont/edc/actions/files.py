"""Files that were uploaded as answers: kept by what is in them, under ``HELMONT_HOME/files/<sha256>``.

A file is stored before its answer is saved; the ledger entry of that save holds its hash, which proves the content.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from helmont.core.errors import Fault, Invalid, NotFound
from helmont.study.model import FileRule

# What a file begins with, whatever its name says (IANA media type -> magic bytes).
MAGIC = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
LONGEST_NAME = 255


def store(upload: UploadedFile[bytes], rule: FileRule) -> dict[str, object]:
    """Keep the upload; returns the item value ``{"file", "name", "size", "type"}``. Raises ``Invalid``.

    Types that cannot be told by their first bytes are not accepted, whatever the rule says.
    """
    size = upload.size or 0
    accepted = [kind for kind in (rule.types or MAGIC) if kind in MAGIC]
    if not 0 < size <= rule.max_mb * 1_000_000:
        raise Invalid([Fault("file", _("The file is empty or too large."), _("at most %d MB") % rule.max_mb)])
    head = upload.read(16)
    upload.seek(0)
    kind = next((kind for kind in accepted if head.startswith(MAGIC[kind])), None)
    if kind is None:
        raise Invalid([Fault("file", _("This kind of file is not accepted."), ", ".join(accepted))])
    name = Path((upload.name or "file").replace("\\", "/")).name[-LONGEST_NAME:]
    return {"file": keep(upload), "name": name, "size": size, "type": kind}


def stored(digest: str) -> Path:
    """Where the file of that hash lies; raises ``NotFound``."""
    path = _folder() / digest
    if len(digest) != 64 or not digest.isalnum() or not path.is_file():
        raise NotFound("file")
    return path


def keep(upload: UploadedFile[bytes]) -> str:
    """Keep the content, whatever it is; returns its SHA-256."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as copy:
        for chunk in upload.chunks():
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    Path(copy.name).replace(folder / digest.hexdigest())
    return digest.hexdigest()


def _folder() -> Path:
    return Path(settings.HOME) / "files"
