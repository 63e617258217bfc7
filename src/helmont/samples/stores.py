"""Where Parquet is kept: a folder of this machine, or any object store that ``obstore`` reaches (S3 and what speaks like it).

Names are relative, with ``/`` between their parts. What is put is there whole or not at all, and durable when ``put`` returns.
Both kinds pass between processes.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import obstore
from obstore.store import ObjectStore, from_url

from helmont.samples.segments import sync, sync_folder
from helmont.signals.errors import SignalError


class Store(Protocol):
    """What is asked of a place for objects."""

    def put(self, name: str, data: bytes) -> None:
        """Keep the bytes under the name, in place of what was there."""

    def get(self, name: str) -> bytes:
        """The bytes under the name. Raises ``FileNotFoundError``."""

    def open(self, name: str) -> BinaryIO:
        """A file to read from anywhere in it. Raises ``FileNotFoundError``."""

    def names(self, prefix: str) -> Iterator[str]:
        """Whatever is kept under a folder's name, in the order of the names."""

    def delete(self, name: str) -> None:
        """Keep it no longer; nothing happens where it is not."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    path: Path

    def put(self, name: str, data: bytes) -> None:
        """Written beside, synchronised, then renamed."""
        path = self.path / name
        created = [parent for parent in path.parents if parent.is_relative_to(self.path) and not parent.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            sync(file.fileno())
        beside.rename(path)
        for folder in {path.parent, *(parent.parent for parent in created)}:
            sync_folder(folder)

    def get(self, name: str) -> bytes:
        """The bytes under the name."""
        return (self.path / name).read_bytes()

    def open(self, name: str) -> BinaryIO:
        """The file itself."""
        return (self.path / name).open("rb")

    def names(self, prefix: str) -> Iterator[str]:
        """Files of the folder and those below; not the ones that were being written."""
        found = (path for path in (self.path / prefix).rglob("*") if path.is_file() and not path.name.startswith("."))
        return iter(sorted(path.relative_to(self.path).as_posix() for path in found))

    def delete(self, name: str) -> None:
        """Remove the file."""
        (self.path / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Objects:
    """An object store: ``obstore.store.S3Store(bucket, prefix=..., endpoint=...)`` for instance."""

    store: ObjectStore

    def put(self, name: str, data: bytes) -> None:
        """An object appears when all of it has arrived."""
        obstore.put(self.store, name, data)

    def get(self, name: str) -> bytes:
        """The bytes under the name."""
        return bytes(obstore.get(self.store, name).bytes())

    def open(self, name: str) -> BinaryIO:
        """Reads are requests for ranges."""
        size = obstore.head(self.store, name)["size"]
        return io.BufferedReader(cast("io.RawIOBase", _Ranges(self.store, name, size)), 1 << 20)

    def names(self, prefix: str) -> Iterator[str]:
        """Objects under the prefix."""
        found = [each["path"] for chunk in obstore.list(self.store, prefix) for each in chunk]
        return iter(sorted(found))

    def delete(self, name: str) -> None:
        """Delete the object."""
        with contextlib.suppress(FileNotFoundError):
            obstore.delete(self.store, name)


class _Ranges(io.RawIOBase):
    """An object as a file."""

    def __init__(self, store: ObjectStore, name: str, size: int) -> None:
        self._store, self._name, self._size, self._at = store, name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        into = memoryview(buffer).cast("B")
        end = min(self._at + len(into), self._size)
        if end <= self._at:
            return 0
        into[: end - self._at] = bytes(obstore.get_range(self._store, self._name, start=self._at, end=end))
        read, self._at = end - self._at, end
        return read


def store_at(address: str) -> Store:
    """The store at a path, or at an address such as ``s3://bucket/prefix``; credentials come from the environment
    (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, ``AWS_ENDPOINT`` of another maker's, ``AWS_ALLOW_HTTP``).

    Raises ``SignalError`` for an address that no store can have.
    """
    if "://" not in address:
        return Folder(Path(address).resolve())
    try:
        return Objects(from_url(address))
    except (obstore.exceptions.BaseError, ValueError) as error:
        raise SignalError(address, str(error), "a path, or s3://bucket/prefix") from None


def kept_in(place: Path | ObjectStore) -> Store:
    """The store in a folder, or in an object store."""
    return Folder(place) if isinstance(place, Path) else Objects(place)
