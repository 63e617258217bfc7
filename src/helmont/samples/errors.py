"""Why the log does not take samples now. What is wrong with the samples themselves is a ``SignalError``."""

from __future__ import annotations

from pathlib import Path


class LogError(Exception):
    """The log does not take, or no longer holds, what was asked."""


class Busy(LogError):
    """So much waits to be written that no more is taken in: come back after ``retry_after`` seconds."""

    def __init__(self, waiting: int, retry_after: float) -> None:
        self.waiting, self.retry_after = waiting, retry_after
        super().__init__(f"{waiting} bytes wait to be written; come back after {retry_after:.1f} s")


class Full(LogError):
    """There is no room for it on the disk. Nothing that was acknowledged is touched; it goes on once there is room."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder, self.reason = folder, reason
        super().__init__(f"{folder}: no room for samples: {reason}")


class Locked(LogError):
    """Another process writes this log."""

    def __init__(self, folder: Path, process: str) -> None:
        self.folder, self.process = folder, process
        super().__init__(f"{folder}: written by process {process or 'unknown'}")


class Broken(LogError):
    """The disk failed, so that nothing can be promised until the log is opened again; or the log was closed."""


class Dropped(LogError):
    """The segment is no longer there: its records were compacted."""

    def __init__(self, folder: Path, segment: int) -> None:
        self.folder, self.segment = folder, segment
        super().__init__(f"{folder}: segment {segment} is not there")
