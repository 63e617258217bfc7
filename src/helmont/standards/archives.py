"""ZIP archives that somebody brings: opened within limits, and with one kind of error whatever is wrong with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from helmont.zipped import DAMAGE


class BadArchive(ValueError):
    """The archive is not used: what is wrong, and in ``accepted`` what would be accepted."""

    def __init__(self, message: str, accepted: str) -> None:
        super().__init__(message)
        self.accepted = accepted


def is_archive(content: bytes) -> bool:
    return zipfile.is_zipfile(io.BytesIO(content))


def unpack(content: bytes, *, most_files: int, most_bytes: int) -> dict[str, bytes]:
    """Name in the archive to content. Reads at most ``most_bytes``, whatever the archive claims. Raises ``BadArchive``."""
    found: dict[str, bytes] = {}
    left = most_bytes
    with _opened(content, most_files) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            with archive.open(member) as stream:
                found[member.filename] = stream.read(left + 1)
            left -= len(found[member.filename])
            if left < 0:
                raise BadArchive("the archive unpacks to too much", f"at most {most_bytes} bytes")
    return found


@contextmanager
def _opened(content: bytes, most_files: int) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(member.flag_bits & 0x1 for member in archive.infolist()):
                raise BadArchive("the archive is encrypted", "a ZIP without a password")
            if len(archive.infolist()) > most_files:
                raise BadArchive(f"the archive holds {len(archive.infolist())} files", f"at most {most_files}")
            yield archive
    except BadArchive:
        raise
    except DAMAGE as error:
        raise BadArchive(f"the archive cannot be read: {error}", "a whole ZIP archive") from error
