"""Reading records of a log by where they lie; any number of threads and processes may, while another process writes."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

from helmont.samples.errors import Dropped
from helmont.samples.records import Location, Record, read
from helmont.samples.segments import salt_of, segment_path
from helmont.signals.errors import SignalError

T = TypeVar("T")
FILES = 64


class Recent(Generic[T]):
    """What was used last, at most so many."""

    def __init__(self, most: int) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[int, T](), threading.Lock()

    def get(self, number: int) -> T | None:
        """What is kept under ``number``."""
        with self._lock:
            if (found := self._kept.get(number)) is not None:
                self._kept.move_to_end(number)
            return found

    def put(self, number: int, what: T) -> T:
        """Keep it; what was not used for longest goes."""
        with self._lock:
            self._kept[number] = what
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return what

    def forget(self, number: int | None = None) -> None:
        """Keep it no longer; without a number, nothing."""
        with self._lock:
            if number is None:
                self._kept.clear()
            else:
                self._kept.pop(number, None)


class _File:
    """An open segment, closed once nobody reads it any more."""

    def __init__(self, folder: Path, number: int) -> None:
        self.descriptor = -1
        path = segment_path(folder, number)
        try:
            self.descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            raise Dropped(folder, number) from None
        self.salt = salt_of(self.descriptor, number, path.name)

    def __del__(self) -> None:
        if self.descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(self.descriptor)


class Reader:
    """The records of the log in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = Recent[_File](FILES)

    def read(self, location: Location) -> Record:
        """The record there. Raises ``SignalError`` when it is damaged or is not one, ``Dropped`` when its segment is gone."""
        segment, offset, length = location
        file = self._files.get(segment) or self._files.put(segment, _File(self.folder, segment))
        try:
            return read(_bytes(file.descriptor, offset, length), file.salt)
        except SignalError as error:
            place = f"{segment_path(self.folder, segment).name}, byte {offset}"
            raise SignalError(place, error.found, error.accepted) from None

    def forget(self, segment: int | None = None) -> None:
        """Let go of the file of a segment; without a number, of all."""
        self._files.forget(segment)


class Segments:
    """Some sealed segments of the log in ``folder``, which another process writes: to be compacted."""

    def __init__(self, folder: Path, sealed: Sequence[int]) -> None:
        self.sealed = tuple(sorted(sealed))
        self._reader = Reader(folder)

    def read(self, location: Location) -> Record:
        """As ``Reader.read``."""
        return self._reader.read(location)


def _bytes(descriptor: int, offset: int, length: int) -> bytes:
    """So many bytes of a file, which is known to have them before room is made for them."""
    size = os.fstat(descriptor).st_size
    if offset < 0 or length < 0 or offset + length > size:
        raise SignalError("", f"{length} bytes in a segment of {size}", "a record of the segment")
    return os.pread(descriptor, length, offset)
