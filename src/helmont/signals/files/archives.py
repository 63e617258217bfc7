"""Zip archives: what they may hold, and their members, read without trusting the sizes that they declare."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from helmont.signals.errors import SignalError
from helmont.zipped import DAMAGE

MOST_MEMBERS = 200_000
LARGEST_STREAMED = 16 << 30  # a member that is read piece by piece
LARGEST_WHOLE = 64 << 20  # a member that is read at once
MOST_EXPANSION = 400  # times its packed size; exports of text reach 30, DEFLATE can reach 1000
SMALL = 1 << 20  # below this any expansion is harmless
CHUNK = 1 << 20

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BROKEN = (*DAMAGE, RuntimeError)  # the last says that a member is encrypted


class Archive:
    """An open zip archive. Every fault of it is a ``SignalError`` with the place ``name``, ``member``."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.name = name
        self._archive = archive
        self._members = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        if len(self._members) > MOST_MEMBERS:
            raise SignalError(name, f"{len(self._members)} members", f"an archive of at most {MOST_MEMBERS}")

    def __contains__(self, member: str) -> bool:
        return member in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def place(self, member: str) -> str:
        """How a member is named in errors."""
        return f"{self.name}, {member}"

    def size(self, member: str) -> int:
        """The unpacked size that the archive declares."""
        return self._members[member].file_size

    def chunks(
        self, member: str, largest: int = LARGEST_STREAMED, broken: list[SignalError] | None = None
    ) -> Iterator[bytes]:
        """The member in pieces of at most 1 MiB. Raises ``SignalError`` for one that is broken, encrypted or a bomb.

        With ``broken``, a fault found on the way goes there instead and ends the member: what came before it holds.
        """
        with self.opened(member, largest) as file:
            while True:
                try:
                    chunk = _read(file, self.place(member))
                except SignalError as error:
                    if broken is None:
                        raise
                    broken.append(error)
                    return
                if not chunk:
                    return
                yield chunk

    @contextmanager
    def opened(self, member: str, largest: int = LARGEST_STREAMED) -> Iterator[IO[bytes]]:
        """The member, open for reading; its declared size is within the limits, and no more than that can be read."""
        info = self._members[member]
        place = self.place(member)
        if info.file_size > largest:
            raise SignalError(place, f"{info.file_size} bytes unpacked", f"at most {largest} bytes")
        if info.file_size > max(SMALL, info.compress_size * MOST_EXPANSION):
            times = info.file_size // max(info.compress_size, 1)
            raise SignalError(place, f"unpacks to {times} times its size", f"at most {MOST_EXPANSION} times")
        try:
            file = self._archive.open(info)
        except _BROKEN as error:
            raise _broken(place, error) from None
        with file:
            yield file

    def whole(self, member: str) -> bytes:
        """All bytes of a small member."""
        return b"".join(self.chunks(member, LARGEST_WHOLE))


@contextmanager
def opened(path: Path, name: str) -> Iterator[Archive]:
    """The archive at a path. Raises ``SignalError`` for one whose table of members is not to be read."""
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise _broken(name, error) from None
    with archive:
        yield Archive(archive, name)


def _read(file: IO[bytes], place: str) -> bytes:
    try:
        return file.read(CHUNK)
    except _BROKEN as error:
        raise _broken(place, error) from None


def _broken(place: str, error: BaseException) -> SignalError:
    return SignalError(place, str(error) or type(error).__name__, "a whole zip archive that is not encrypted")
