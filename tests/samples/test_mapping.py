"""One function over every participant's day: the same results, in the same order, wherever it runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from helmont.samples.compaction import Acknowledged, compact
from helmont.samples.correcting import Drift, Worn
from helmont.samples.log import Limits, SegmentLog
from helmont.samples.mapping import (
    Cluster,
    Corrected,
    Part,
    Partition,
    PartitionError,
    map_partitions,
    partitions,
    processes,
)
from helmont.samples.parquet import DAY, Stream
from helmont.samples.pieces import Entry
from helmont.samples.records import Record
from helmont.samples.stores import Folder, Store
from helmont.signals.channels import Channel, Kind
from helmont.signals.recording import SECOND, Stretch
from tests.samples import peak

MIDNIGHT = 19_700 * DAY
WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", rate=50.0, resolution=1 / 256)
PEOPLE = ("01-001", "01-002", "01-003")
DATES = ("2023-12-09", "2023-12-10", "2023-12-11")


def archive_of(folder: Path, batches: Sequence[tuple[int, Record]]) -> Store:
    """A store of what participants (by number) sent."""
    store = Folder(folder / "archive")
    with SegmentLog(folder / "log", Limits(reserve=0)) as log:
        places = log.append([record for _, record in batches]).result()
        log.seal()
        told = [
            Acknowledged(record.stream, Entry(record.batch, record.first, record.last, place))
            for (_, record), place in zip(batches, places, strict=True)
        ]
        streams = {record.stream: Stream(record.stream, "HEART-1", PEOPLE[who], WRIST) for who, record in batches}
        compact(
            log, store, streams.__getitem__, lambda segment: (e for e in told if e.entry.location.segment == segment)
        )
    return store


def batch(stream: int, number: int, start: int, rows: int, step: float = SECOND / 50) -> Record:
    counts = np.random.default_rng(number).integers(-400, 400, (rows, 3)).astype(np.int16)
    return Record.of(stream, number, [Stretch(start, step, counts)])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Three participants, three days each, some of it sent twice."""
    sent = [
        (who, batch(who, 10 * who + 3 * day + turn, MIDNIGHT + day * DAY + turn * 30 * SECOND, 2000))
        for who in range(3)
        for day in range(3)
        for turn in range(2)
    ]
    return archive_of(tmp_path_factory.mktemp("mapped"), sent)


def figures(part: Part) -> tuple[str, float, int]:
    """Something of every sample, and a figure whose last digits depend on the order of additions."""
    seen = hashlib.sha256()
    total, rows = 0.0, 0
    for stream, view in part.views():
        assert stream.participant == part.partition.participant
        for stretch in view.signal.stretches:
            seen.update(stretch.counts.tobytes() + stretch.moments().tobytes())
            total += float(np.linalg.norm(view.signal.values(stretch), axis=1).mean())
            rows += len(stretch)
    return seen.hexdigest(), total, rows


def test_partitions_are_the_days_of_participants(store: Store) -> None:
    every = [Partition("HEART-1", "wrist", who, date) for who in PEOPLE for date in DATES]
    assert partitions(store) == every
    assert partitions(store, "HEART-1", participant="01-002") == every[3:6]
    assert partitions(store, "HEART-1", "wrist", "01-003") == every[6:]
    assert partitions(store, "HEART-2") == []
    assert every[1].span == (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)


def test_a_part_reads_its_day_and_more_when_it_is_asked(store: Store) -> None:
    [_, day, *_] = partitions(store)
    part = Part(day, store)
    [(stream, view)] = part.views()
    assert (stream.participant, stream.channel) == ("01-001", WRIST)
    assert len(view.signal) == 3500
    assert (view.duplicates, len(view.batches)) == (500, 2)
    assert view.spans == (day.span,)
    [(_, wider)] = part.views(before=DAY, after=20 * SECOND)
    assert len(wider.signal) == 3500 + 3500 + 1000
    assert Part(Partition("HEART-1", "wrist", "01-009", DATES[0]), store).views() == []


@pytest.mark.slow
def test_processes_give_what_one_gives_and_in_the_same_order(store: Store) -> None:
    told: list[tuple[int, Partition]] = []
    of = partitions(store)
    here = list(map_partitions(figures, store, of, progress=lambda done, which: told.append((done, which))))
    assert told == list(enumerate(of, 1))
    assert [partition for partition, _ in here] == of
    assert all(rows == 3500 for _, (_, _, rows) in here)
    assert len({digest for _, (digest, _, _) in here}) == 9
    with processes(2) as workers:
        assert list(map_partitions(figures, store, of, on=workers, ahead=3)) == here


@contextmanager
def short_folder() -> Iterator[str]:
    """A cluster has sockets in it, and the path of a socket may have at most 107 bytes."""
    folder = tempfile.mkdtemp(prefix="helmont-ray-", dir="/tmp")
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.mark.slow
def test_a_cluster_gives_the_same_to_the_last_bit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    of = partitions(store)
    here = list(map_partitions(figures, store, of))
    with short_folder() as folder, Cluster(workers=2, object_store_memory=1 << 27, _temp_dir=folder) as workers:
        assert list(map_partitions(figures, store, of, on=workers)) == here
        with pytest.raises(PartitionError, match="01-002 on 2023-12-09, wrist: ZeroDivisionError"):
            list(map_partitions(failing, store, of, on=workers))


def failing(part: Part) -> str:
    """Fails on the second participant."""
    if part.partition.participant == PEOPLE[1]:
        raise ZeroDivisionError("a day without samples")
    return part.partition.date


@pytest.mark.parametrize("pooled", [False, True])
def test_a_failure_names_its_partition(store: Store, pooled: bool) -> None:
    given: list[str] = []
    workers = processes(1) if pooled else None
    try:
        with pytest.raises(PartitionError) as failed:
            given.extend(date for _, date in map_partitions(failing, store, partitions(store), on=workers, ahead=2))
    finally:
        if workers is not None:
            workers.shutdown()
    assert failed.value.partition == Partition("HEART-1", "wrist", "01-002", DATES[0])
    assert failed.value.reason == "ZeroDivisionError: a day without samples"
    assert "in failing" in failed.value.details
    assert given == list(DATES)


def dying(part: Part) -> int:
    """The process that works on it is killed."""
    os.kill(os.getpid(), signal.SIGKILL)
    return part.partition.span[0]


@pytest.mark.slow
def test_a_process_that_is_killed_is_no_silence(store: Store) -> None:
    with processes(1) as workers, pytest.raises(PartitionError, match="01-001 on 2023-12-09, wrist: whoever worked"):
        list(map_partitions(dying, store, partitions(store), on=workers))


def resident(part: Part) -> int:
    """Kilobytes that the process had at most, until now."""
    rows = sum(len(view.signal) for _, view in part.views())
    assert rows == 1_000_000
    return peak()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_partitions(tmp_path: Path) -> None:
    store = archive_of(
        tmp_path, [(0, batch(1, day, MIDNIGHT + day * DAY, 1_000_000, SECOND / 100)) for day in range(8)]
    )
    with processes(1) as workers:
        used = [size for _, size in map_partitions(resident, store, partitions(store), on=workers)]
    assert len(used) == 8
    assert used[-1] < used[1] + 30_000
    assert used[-1] < 400_000


def seen(part: Part) -> list[tuple[int, int]]:
    """How many samples each stream gave."""
    return [(stream.number, len(view.signal)) for stream, view in part.views()]


@pytest.fixture
def borrowed(tmp_path: Path) -> Store:
    """Two streams on one day, 100 s of each."""
    sent = [(0, batch(7, 1, MIDNIGHT + 3600 * SECOND, 5000)), (1, batch(8, 2, MIDNIGHT + 3600 * SECOND, 5000))]
    return archive_of(tmp_path, sent)


def test_what_somebody_else_wore_is_theirs(borrowed: Store) -> None:
    lent = Worn(MIDNIGHT + 3610 * SECOND, MIDNIGHT + 3640 * SECOND, PEOPLE[1])
    nobody = Worn(MIDNIGHT + 3690 * SECOND, MIDNIGHT + 9000 * SECOND, None)
    corrections = [Corrected(7, PEOPLE[0], worn=(lent, nobody))]
    found = dict(map_partitions(seen, borrowed, partitions(borrowed), corrections=corrections))
    assert list(found.values()) == [[(7, 3000)], [(7, 1500), (8, 5000)]]


def test_clocks_are_put_right_and_batches_taken_back_in_parts_too(borrowed: Store) -> None:
    late = Drift(((MIDNIGHT, MIDNIGHT + DAY - 3650 * SECOND),))
    corrections = [Corrected(7, PEOPLE[0], drift=late), Corrected(8, PEOPLE[1], withdrawn=frozenset({2}))]
    days = [Partition("HEART-1", "wrist", who, date) for who in PEOPLE[:2] for date in DATES[:2]]
    found = [given for _, given in map_partitions(seen, borrowed, days, corrections=corrections)]
    assert found == [[(7, 2500)], [(7, 2500)], [(8, 0)], []]
