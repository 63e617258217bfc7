"""A file as its reader sees it: the path, the name under which it is spoken of, and the zone of clocks that have none."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from helmont.signals.errors import SignalError

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Source:
    """One file. ``name`` appears in errors and findings; ``timezone`` (IANA) is where its local times hold."""

    path: Path
    name: str
    timezone: str = "UTC"

    def byte(self, offset: int) -> str:
        """The place of a byte."""
        return f"{self.name}, byte {offset}"

    def line(self, number: int) -> str:
        """The place of a line, counted from 1."""
        return f"{self.name}, line {number}"

    def size(self) -> int:
        """The length in bytes. Raises ``SignalError`` for a file that is not there."""
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise SignalError(self.name, error.strerror or "unreadable", "a file that can be read") from None

    def mapped(self) -> Bytes:
        """The bytes, read from the disk as they are asked for; they cannot be written."""
        if not self.size():
            return np.empty(0, np.uint8)
        with self.path.open("rb") as file:
            return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)

    def head(self, length: int) -> bytes:
        """At most so many of the first bytes. Raises ``SignalError`` for a file that cannot be read."""
        with self.opened() as file:
            return file.read(length)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, open for reading bytes. Raises ``SignalError`` when it cannot be opened."""
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise SignalError(self.name, error.strerror or "unreadable", "a file that can be read") from None
        with file:
            yield file
