"""One function over participants' days in the archive: in this process, in a pool, and on a Ray cluster of this machine.

The archive is made up: days of 100 Hz acceleration as Parquet, 69 million rows. Two functions are mapped over its days: one that
only makes epochs and counts minutes of activity, and the whole of what endpoints are computed from (epochs, steps, what is
carried over midnight). What counts is the processor time within the function, after a first turn in which what is compiled was
loaded; and that all give the same.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helmont.signals.recording import SECOND

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from helmont.samples.mapping import Part
    from helmont.samples.stores import Store

START = 1_700_006_400 * SECOND  # 2023-11-15T00:00:00Z
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def measure(folder: Path, note: Callable[..., None], quick: bool) -> None:
    """Note every measure; quick days are an hour long, and no cluster is started."""
    places = ["here", "pool"] + (["ray"] if not quick and importlib.util.find_spec("ray") else [])
    _run("prepare", folder, quick)
    found = {place: _run(place, folder, quick) for place in places}
    rows = f"{found['here']['rows'] / 1e6:.2f} million rows"
    names = {"here": "in one process", "pool": "in a pool of two", "ray": "on a Ray cluster of two"}
    for name, title in (("activity", "ENMO and minutes of activity"), ("everything", "epochs and steps")):
        for place in places:
            note(f"{title}, {rows}, {names[place]}", found[place][name], "M rows/core-s")
            note("… by the clock", found[place][f"{name} clock"], "M rows/s")
        if len({found[place][f"{name} digest"] for place in places}) > 1:
            raise RuntimeError(f"{title}: not the same everywhere")


def _run(name: str, folder: Path, quick: bool) -> dict[str, Any]:
    """Call a function of this module in a process of its own."""
    command = [sys.executable, "-m", "helmont.bench.cluster", name, str(folder), str(int(quick))]
    quiet = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(command, env=os.environ | quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def prepare(folder: Path, quick: bool) -> dict[str, Any]:
    """Write the archive: four participants for two days, or for an hour."""
    from helmont.samples.compaction import Acknowledged, compact
    from helmont.samples.log import SegmentLog
    from helmont.samples.parquet import Stream
    from helmont.samples.pieces import Entry
    from helmont.samples.records import Record
    from helmont.samples.stores import Folder
    from helmont.signals.synthetic_motion import WRIST, synthetic_recording

    told: list[Acknowledged] = []
    streams: dict[int, Stream] = {}
    spans = [(START, START + HOUR)] if quick else [(START + day * DAY, START + (day + 1) * DAY) for day in range(2)]
    with SegmentLog(folder / "log") as log:
        for person in range(1, 5):
            streams[person] = Stream(person, "BENCH", f"01-{person:04}", WRIST.channel)
            for start, end in spans:
                signal = synthetic_recording(person, start, end).signals["acceleration"]
                for begin in range(start, end, HOUR):
                    part = signal.between(begin, begin + HOUR)
                    record = Record.of(person, begin // HOUR, part.stretches)
                    [place] = log.append([record]).result()
                    entry = Entry(record.batch, record.first, record.last, place)
                    told.append(Acknowledged(person, entry))
        log.seal()
        store = Folder(folder / "archive")
        compact(
            log, store, streams.__getitem__, lambda segment: [e for e in told if e.entry.location.segment == segment]
        )
    return {}


def activity(part: Part) -> Any:
    """Mean ENMO and minutes of activity of a day."""
    from helmont.signals.epochs import epochs
    from helmont.signals.motion import activity as counted
    from helmont.signals.motion.summary import USUAL

    [(_stream, view)] = part.views()
    table = epochs(view.signal)
    start, end = part.partition.span
    minutes = counted.minutes(table, start, end, USUAL.cuts)
    return len(view.signal), [counted.mean(table, start, end), minutes.sedentary, minutes.light, minutes.mvpa]


def everything(part: Part) -> Any:
    """What endpoints are computed from: how many samples, and a digest of all of it."""
    from helmont.samples.reducing import Known, reduced
    from helmont.signals.endpoints.movement import Movement

    found = reduced(part, Known())
    seen = hashlib.sha256()
    for each in found.partial.parts.values() if found.partial else ():
        if isinstance(each, Movement):
            for values in (each.epochs.enmo, each.epochs.angle, each.epochs.mean, each.steps["wrist"]):
                seen.update(values.tobytes())
    return found.rows, seen.hexdigest()


MAPPED: dict[str, Callable[[Part], Any]] = {"activity": activity, "everything": everything}


@dataclass(frozen=True)
class Timed:
    """A function that also tells the processor time it took."""

    name: str

    def __call__(self, part: Part) -> tuple[float, Any]:
        before = time.process_time()
        found = MAPPED[self.name](part)
        return time.process_time() - before, found


def _mapped(store: Store, on: Executor | None, quick: bool) -> dict[str, Any]:
    """Each function over all days, twice; the second turn counts."""
    from helmont.samples.mapping import map_partitions, partitions

    of = partitions(store)
    said: dict[str, Any] = {}
    for name in MAPPED:
        for _ in range(1 if quick else 2):
            before = time.perf_counter()
            found = [result for _, result in map_partitions(Timed(name), store, of, on=on)]
            clock = time.perf_counter() - before
        said["rows"] = sum(rows for _, (rows, _) in found)
        said[name] = said["rows"] / sum(seconds for seconds, _ in found) / 1e6
        said[f"{name} clock"] = said["rows"] / clock / 1e6
        said[f"{name} digest"] = hashlib.sha256(pickle.dumps([result for _, result in found])).hexdigest()
    return said


@contextmanager
def _ray() -> Iterator[Executor]:
    from helmont.samples.mapping import Cluster

    # The path of a socket is short.
    with (
        tempfile.TemporaryDirectory(prefix="helmont-ray-", dir="/tmp") as folder,
        Cluster(workers=2, object_store_memory=1 << 27, _temp_dir=folder) as workers,
    ):
        yield workers


def main(name: str, folder: str, quick: str) -> None:
    """Print what a measure found, as JSON."""
    if name == "prepare":
        sys.stdout.write(json.dumps(prepare(Path(folder), quick == "1")) + "\n")
        return
    from helmont.samples.recomputing import workers
    from helmont.samples.stores import Folder

    where: AbstractContextManager[Executor | None] = (
        _ray() if name == "ray" else workers("here" if name == "here" else "processes:2")
    )
    with where as on:
        said = _mapped(Folder(Path(folder) / "archive"), on, quick == "1")
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    # What is sent to workers is of a module that they can load, which this one is under its own name only.
    from helmont.bench.cluster import main as run

    run(*sys.argv[1:])
