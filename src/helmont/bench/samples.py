"""The log of samples alone: rows a second of processor time that are durable, and the bytes they take.

Batches of 60 s of made-up acceleration at 100 Hz, packed and appended, 64 to a commit and one to a commit; then read, compacted
into Parquet and read from there. Beside it stand a table of PostgreSQL, filled by binary COPY (what its server used is
counted), and one of DuckDB, both as they wait for the disk. Each is measured in a process of its own and the best of three
counts: what else the machine does can only add to it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from helmont.signals.recording import SECOND, Counts, Stretch

if TYPE_CHECKING:
    from helmont.samples.pieces import Source

START = 1_700_006_400 * SECOND  # 2023-11-15T00:00:00Z
MINUTE = 60 * SECOND
STEP = SECOND / 100
GROUP = 64
LEAST = 20.0
"""Million rows a second of processor time."""


def measure(folder: Path, note: Callable[..., None], quick: bool, postgres: Callable[[], Any] | None) -> None:
    """Note every measure; ``postgres`` gives a durable server for as long as it is open, None: there is none here."""
    groups, turns = (1, 1) if quick else (10, 3)
    _run("prepare", folder, groups)
    engine = [_run("engine", folder, groups) for _ in range(turns)]
    best = {name: max(each[name] for each in engine) for name in engine[0]}
    note(f"samples durable, {GROUP} batches a commit", best["together"], "M rows/CPU-s", LEAST, at_least=True)
    note("… one batch a commit", best["alone"], "M rows/CPU-s")
    note("… on the disk", best["bytes"], "B/row", 3.0)
    note("… read from the log", best["read"], "M rows/CPU-s")
    note("… compacted into Parquet", best["compacted"], "M rows/CPU-s")
    note("… of Parquet", best["parquet"], "B/row")
    note("… read from Parquet", best["archived"], "M rows/CPU-s")
    peers = {"DuckDB": [_run("duckdb", folder, groups) for _ in range(turns)]}
    if postgres is not None:
        with postgres() as url:
            peers["PostgreSQL"] = [_run("postgresql", folder, groups, url) for _ in range(turns)]
    for peer, found in peers.items():
        for name, title in (("together", f"{GROUP} batches a commit"), ("alone", "one batch a commit")):
            rate = max(each[name] for each in found)
            note(f"{peer}, {title}", rate, "M rows/CPU-s")
            note(f"… the log of samples, times {peer}", best[name] / rate, "x", *_wanted(peer, name), at_least=True)
        note(f"{peer}, on the disk", min(each["bytes"] for each in found), "B/row")


def _wanted(peer: str, name: str) -> tuple[float, ...]:
    """What is promised: ten times COPY."""
    return (10.0,) if (peer, name) == ("PostgreSQL", "together") else ()


def _run(name: str, folder: Path, *arguments: object) -> dict[str, float]:
    """Call a function of this module in a process of its own."""
    command = [sys.executable, "-m", "helmont.bench.samples", name, str(folder), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def prepare(folder: Path, groups: int) -> dict[str, float]:
    """Write the counts of the batches, and compile what the log calls."""
    from helmont.samples.records import Record
    from helmont.signals.synthetic_motion import synthetic_recording

    signal = synthetic_recording(3, START, START + groups * GROUP * MINUTE).signals["acceleration"]
    counts = np.concatenate([stretch.counts for stretch in signal.stretches])
    np.save(folder / "counts.npy", counts)
    Record.of(1, 1, [Stretch(START, STEP, counts[:6000])]).stretches()
    return {"rows": len(counts)}


def _batches(folder: Path, groups: int) -> list[Counts]:
    """The counts of each batch."""
    counts = np.load(folder / "counts.npy")
    return np.array_split(counts[: groups * GROUP * 6000], groups * GROUP)


def _rates(
    appending: Callable[[int, Sequence[Counts]], None], batches: Sequence[Counts]
) -> Iterator[tuple[str, float]]:
    """Million rows a second of processor time: all batches, 64 to a commit, then the first 64 with one to a commit.

    ``appending`` is given the number of the first batch and those that become durable together.
    """
    appending(0, batches[:1])
    for name, taken, each in (("together", batches, GROUP), ("alone", batches[:GROUP], 1)):
        used = time.process_time()
        for first in range(0, len(taken), each):
            appending(first, taken[first : first + each])
        yield name, sum(map(len, taken)) / (time.process_time() - used) / 1e6


def engine(folder: Path, groups: int) -> dict[str, float]:
    """The log: appended to, read, compacted, and read again."""
    from helmont.samples.archive import Archive, FromArchive
    from helmont.samples.compaction import Acknowledged, compact
    from helmont.samples.log import Limits, SegmentLog
    from helmont.samples.parquet import Stream
    from helmont.samples.records import Record
    from helmont.samples.stores import Folder
    from helmont.samples.view import Entry, FromLog, view
    from helmont.signals.synthetic_motion import WRIST

    batches = _batches(folder, groups)
    entries: dict[int, Entry] = {}
    found: dict[str, float] = {}
    stream = Stream(1, "BENCH", "1", WRIST.channel)

    def rate(source: Source) -> float:
        used = time.process_time()
        seen = view(entries.values(), source, stream.channel, START, START + len(batches) * MINUTE)
        return len(seen.signal) / (time.process_time() - used) / 1e6

    with tempfile.TemporaryDirectory(dir=folder) as place, SegmentLog(Path(place, "log"), Limits(reserve=0)) as log:

        def append(first: int, counts: Sequence[Counts]) -> None:
            records = [
                Record.of(1, number, [Stretch(START + number * MINUTE, STEP, each)])
                for number, each in enumerate(counts, first)
            ]
            for record, location in zip(records, log.append(records).result(), strict=True):
                entries[record.batch] = Entry(record.batch, record.first, record.last, location)

        found.update(_rates(append, batches))
        held = [each for segment in log.seal() for each in log.held(segment)]
        found["bytes"] = sum(each.location.length for each in held) / sum(each.rows for each in held)
        found["read"] = rate(FromLog(log.read))
        store = Folder(Path(place, "archive"))
        used = time.process_time()
        told = [Acknowledged(1, entry) for entry in entries.values()]
        [manifest] = compact(
            log,
            store,
            lambda _: stream,
            lambda segment: [each for each in told if each.entry.location.segment == segment],
        )
        found["compacted"] = manifest.rows / (time.process_time() - used) / 1e6
        found["parquet"] = sum(file.size for file in manifest.files) / manifest.rows
        found["archived"] = rate(FromArchive.of(Archive(store), stream))
    return found


def duckdb(folder: Path, groups: int) -> dict[str, float]:
    """A table of DuckDB in a file, filled from Arrow."""
    import duckdb as peer
    import pyarrow

    batches = _batches(folder, groups)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place, "samples.duckdb")
        with peer.connect(str(path)) as connection:
            connection.execute("CREATE TABLE samples (stream INTEGER, time BIGINT, x SMALLINT, y SMALLINT, z SMALLINT)")

            def append(first: int, counts: Sequence[Counts]) -> None:
                columns = _columns(first, counts)
                rows = pyarrow.table(dict(zip(("stream", "time", "x", "y", "z"), columns, strict=True)))
                connection.register("arrived", rows)
                connection.execute("INSERT INTO samples SELECT * FROM arrived")
                connection.unregister("arrived")

            found = dict(_rates(append, batches))
            [rows] = connection.execute("SELECT count(*) FROM samples").fetchone() or [0]
            connection.execute("CHECKPOINT")
        return found | {"bytes": path.stat().st_size / rows}


def postgresql(folder: Path, groups: int, url: str) -> dict[str, float]:
    """A table of PostgreSQL with an index over blocks of time (BRIN), filled by binary COPY."""
    import psycopg

    batches = _batches(folder, groups)
    layout = [("fields", ">i2")]
    for name, kind in (("stream", ">i4"), ("time", ">i8"), ("x", ">i2"), ("y", ">i2"), ("z", ">i2")):
        layout += [(f"size of {name}", ">i4"), (name, kind)]
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS samples")
        connection.execute("CREATE TABLE samples (stream int4, time int8, x int2, y int2, z int2)")
        connection.execute("CREATE INDEX ON samples USING brin (time)")
        connection.commit()
        server = _server_of(connection.info.backend_pid)

        def append(first: int, counts: Sequence[Counts]) -> None:
            columns = _columns(first, counts)
            rows = np.empty(len(columns[0]), layout)
            rows["fields"] = len(columns)
            for name, column in zip(("stream", "time", "x", "y", "z"), columns, strict=True):
                rows[name], rows[f"size of {name}"] = column, rows.dtype[name].itemsize
            with connection.cursor().copy("COPY samples FROM STDIN (FORMAT binary)") as copy:
                copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff")
            connection.commit()

        found: dict[str, float] = {}
        before = _used(server)
        for (name, rate), rows in zip(_rates(append, batches), (len(batches), GROUP), strict=True):
            used = _used(server)
            found[name] = 1 / (1 / rate + (used - before) / (rows * 6000 / 1e6))
            before = used
        [size] = connection.execute("SELECT pg_total_relation_size('samples')").fetchone() or [0]
        [count] = connection.execute("SELECT count(*) FROM samples").fetchone() or [1]
        return found | {"bytes": size / count}


def _columns(first: int, counts: Sequence[Counts]) -> list[np.ndarray[Any, Any]]:
    """Stream, time and axes of the rows of some batches."""
    starts = [START + number * MINUTE for number in range(first, first + len(counts))]
    times = [Stretch(start, STEP, each).moments() for start, each in zip(starts, counts, strict=True)]
    rows = np.concatenate(counts)
    return [np.ones(len(rows), np.int32), np.concatenate(times), *(np.ascontiguousarray(axis) for axis in rows.T)]


def _server_of(backend: int) -> list[int]:
    """The processes of the server that a backend belongs to."""
    parent = _status(backend)[1]
    children = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())
    return [parent, *(process for process in children if _status(process)[1] == parent)]


def _used(processes: Sequence[int]) -> float:
    """Seconds of processor time."""
    return sum(_status(process)[2] for process in processes) / os.sysconf("SC_CLK_TCK")


def _status(process: int) -> tuple[str, int, int]:
    """State, parent and ticks of processor time of a process; of one that ended, none."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "", 0, 0
    return fields[0], int(fields[1]), int(fields[11]) + int(fields[12])


MEASURES: dict[str, Callable[..., dict[str, float]]] = {
    "prepare": prepare,
    "engine": engine,
    "duckdb": duckdb,
    "postgresql": postgresql,
}

if __name__ == "__main__":
    measured, where, number, *others = sys.argv[1:]
    print(json.dumps(MEASURES[measured](Path(where), int(number), *others)))
