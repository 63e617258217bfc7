"""ODM of the whole pilot with its audit trail."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

from helmont.bench.homes import Home


def measure(home: Home, note: Callable[..., None], _quick: bool) -> None:
    """Note the time, and by how much the process grew beyond what it took before the first byte."""
    found = home.call("exporting.odm")
    note(f"ODM export of the pilot with audit, {found['megabytes']:.0f} MB", found["seconds"], "s", 30)
    note("… memory it took while writing", found["grown"], "MB", 100)


def odm() -> dict[str, float]:
    """Seconds, megabytes written (10^6 bytes), and megabytes of memory at the peak above the beginning."""
    from datetime import date

    from helmont.core.people.queries import load_actor
    from helmont.exchange.odm.exporting import stream_odm
    from helmont.exchange.odm.visible import Visible

    visible, written = Visible(load_actor("lena.bakker"), "CDISCPILOT01", date.today()), 0
    before = _peak()
    started = time.perf_counter()
    with Path(os.devnull).open("wb") as target:
        for piece in stream_odm(visible):
            written += target.write(piece.data)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "megabytes": written / 1e6, "grown": _peak() - before}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
