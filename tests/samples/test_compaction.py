"""From the log to Parquet: the same samples, whatever interrupts it; and no segment goes before its samples are elsewhere."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore
from pyarrow import parquet

from helmont.samples.archive import Archive, FromArchive, FromBoth
from helmont.samples.compaction import Acknowledged, Manifest, compact, compacted, drop, read_manifests
from helmont.samples.errors import LogError
from helmont.samples.log import Limits, SegmentLog
from helmont.samples.parquet import DAY, Stream, Written
from helmont.samples.pieces import Entry, FromLog, Source
from helmont.samples.records import Location, Record
from helmont.samples.segments import segment_path
from helmont.samples.stores import Folder, Objects, Store, kept_in
from helmont.samples.view import View, view
from helmont.signals.channels import Channel, Kind
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Stretch
from tests.samples import CHILDREN
from tests.samples.objects import bucket_of_a_server

MIDNIGHT = 19_700 * DAY
WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", rate=50.0, resolution=1 / 256, range=(-8.0, 8.0))
PULSE = Channel("pulse", Kind.HEART_RATE, "/min")
STREAMS = {
    1: Stream(1, "HEART-1", "01-001", WRIST, (1 / 256, 1 / 256, 1 / 250), (0.0, 0.01, 0.0)),
    2: Stream(2, "HEART-1", "01-002", WRIST),
    3: Stream(3, "HEART-1", "01/003 é", PULSE),
    4: Stream(4, "HEART-1", "01-002", WRIST),
}


def counts(seed: int, rows: int, axes: int = 3, dtype: type = np.int16) -> np.ndarray:
    return np.random.default_rng(seed).integers(-300, 300, (rows, axes)).astype(dtype)


def batches() -> list[list[Record]]:
    """What was sent, a list for each segment: over midnight, twice, late, of both types, with steps and with times."""
    first = [
        Record.of(1, 1, [Stretch(MIDNIGHT - 30 * SECOND + 7, SECOND / 49.7, counts(1, 3000))]),
        Record.of(2, 2, [Stretch(MIDNIGHT + SECOND, SECOND / 50, counts(2, 100))]),
        Record.of(3, 3, [Stretch.at(MIDNIGHT + np.array([5, 5, 90 * SECOND, DAY + 1, 3 * DAY]), counts(3, 5, 1))]),
    ]
    second = [
        Record.of(2, 4, [Stretch(MIDNIGHT, SECOND / 50, counts(4, 300, dtype=np.int32))]),
        Record.of(1, 5, [Stretch(MIDNIGHT + 10 * SECOND, SECOND / 49.7, counts(5, 4000))]),
        Record.of(4, 6, [Stretch(MIDNIGHT + 3600 * SECOND, SECOND / 50, counts(6, 50))]),
    ]
    third = [
        Record.of(3, 7, [Stretch.at(MIDNIGHT + np.array([5, 60 * SECOND]), counts(7, 2, 1))]),
        Record.of(1, 8, [Stretch(MIDNIGHT - 90 * SECOND, SECOND / 49.7, counts(8, 2000))]),
    ]
    return [first, second, third]


@dataclass
class House:
    """A log, who is told of what, and a store."""

    log: SegmentLog
    store: Store
    told: list[Acknowledged] = field(default_factory=list)

    def append(self, records: Sequence[Record], *, tell: bool = True) -> list[Location]:
        places = self.log.append(records).result()
        if tell:
            self.told += [
                Acknowledged(record.stream, Entry(record.batch, record.first, record.last, place))
                for record, place in zip(records, places, strict=True)
            ]
        return places

    def acknowledged(self, segment: int) -> Iterable[Acknowledged]:
        return [each for each in self.told if each.entry.location.segment == segment]

    def compact(self) -> list[Manifest]:
        return compact(self.log, self.store, STREAMS.__getitem__, self.acknowledged)

    def drop(self) -> list[int]:
        return drop(self.log, self.store, self.acknowledged)

    def view(self, stream: int, source: Source, start: int = MIDNIGHT - DAY, end: int = MIDNIGHT + 4 * DAY) -> View:
        of = STREAMS[stream]
        entries = [each.entry for each in self.told if each.stream == stream]
        return view(entries, source, of.channel, start, end, scale=of.scale, offset=of.offset)

    def content(self) -> dict[str, bytes]:
        return {name: self.store.get(name) for name in self.store.names("")}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with SegmentLog(tmp_path / "log", Limits(reserve=0)) as log:
        house = House(log, Folder(tmp_path / "archive"))
        for segment in batches():
            house.append(segment)
            log.seal()
        yield house


@pytest.fixture(scope="module")
def s3() -> Iterator[Store]:
    with bucket_of_a_server() as bucket:
        yield kept_in(bucket)


def alike(one: View, other: View) -> None:
    """The same samples, batches and duplicates; moments to a nanosecond."""
    assert (one.duplicates, one.batches, len(one.signal)) == (other.duplicates, other.batches, len(other.signal))
    (times, values), (other_times, other_values) = one.signal.whole(), other.signal.whole()
    assert np.abs(times - other_times).max(initial=0) <= 1
    assert np.array_equal(values, other_values)
    assert {s.counts.dtype for s in one.signal.stretches} == {s.counts.dtype for s in other.signal.stretches}


def test_what_is_compacted_reads_as_what_was_in_the_log(house: House) -> None:
    before = {stream: house.view(stream, FromLog(house.log.read)) for stream in STREAMS}
    spans = [(MIDNIGHT - 40 * SECOND, MIDNIGHT + 5), (MIDNIGHT + 5, MIDNIGHT + 20 * SECOND), (MIDNIGHT, MIDNIGHT + DAY)]
    parts = [house.view(1, FromLog(house.log.read), *span) for span in spans]
    [manifest] = house.compact()
    assert (manifest.run, sorted(manifest.batches)) == ((1, 3), [1, 2, 3])
    assert manifest.rows == sum(record.rows for segment in batches() for record in segment)
    assert house.drop() == [1, 2, 3]
    archive = Archive(house.store)
    for stream, found in before.items():
        assert len(found.signal) > 0
        alike(found, house.view(stream, FromArchive.of(archive, STREAMS[stream])))
        alike(found, house.view(stream, FromBoth(house.log.read, archive, STREAMS[stream])))
    for span, part in zip(spans, parts, strict=True):
        alike(part, house.view(1, FromArchive.of(archive, STREAMS[1]), *span))


def test_what_is_in_the_log_and_what_is_compacted_are_read_together(house: House) -> None:
    both = FromBoth(house.log.read, Archive(house.store), STREAMS[1])
    house.append([Record.of(1, 9, [Stretch(MIDNIGHT + 70 * SECOND, SECOND / 49.7, counts(9, 5000))])])
    before = house.view(1, FromLog(house.log.read))
    alike(before, house.view(1, both))
    house.compact()
    assert house.drop() == [1, 2, 3]
    alike(before, house.view(1, both))  # it finds out by itself that segments were dropped
    assert before.batches == (1, 5, 8, 9)


def test_files_lie_where_engines_look_for_them_and_any_of_them_reads_them(house: House) -> None:
    house.compact()
    names = [name for name in house.store.names("") if name.endswith(".parquet")]
    assert names[0] == (
        "study=HEART-1/channel=pulse/participant=01%2F003%20%C3%A9/date=2023-12-09/0000000000000003_000001_000003.parquet"
    )
    assert isinstance(house.store, Folder)
    query = f"""SELECT participant, date::text, count(*), sum(x), bool_and(time::date = date), count(DISTINCT batch)
        FROM read_parquet('{house.store.path}/**/*.parquet', hive_partitioning = true, union_by_name = true)
        WHERE channel = 'wrist' GROUP BY 1, 2 ORDER BY 1, 2"""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(query).fetchall()
    sent = [*batches()[0][0].stretches(), *batches()[1][1].stretches(), *batches()[2][1].stretches()]
    whole = [each.between(MIDNIGHT, MIDNIGHT + DAY) for each in sent]
    wanted = (sum(map(len, whole)), sum(int(each.counts[:, 0].sum()) for each in whole))
    assert [row[:2] for row in found] == [("01-001", "2023-12-08"), ("01-001", "2023-12-09"), ("01-002", "2023-12-09")]
    assert found[1][2:4] == wanted
    assert all(row[4] for row in found)
    assert [row[5] for row in found] == [2, 2, 3]
    file = parquet.ParquetFile(house.store.path / names[0])
    assert file.schema_arrow.field("time").type == pyarrow.timestamp("ns", "UTC")
    assert json.loads(file.metadata.metadata[b"helmont"])["stream"]["participant"] == "01/003 é"


def test_a_file_says_of_which_stream_it_is(house: House) -> None:
    house.compact()
    for name in house.store.names("study=HEART-1/channel=wrist/participant=01-001"):
        assert Written(house.store, name).stream == STREAMS[1]


def test_the_same_batches_give_the_same_bytes_and_nothing_is_done_twice(house: House, tmp_path: Path) -> None:
    house.compact()
    first = house.content()
    assert house.compact() == []
    assert house.content() == first
    again = House(house.log, Folder(tmp_path / "again"), house.told[::-1])
    again.compact()
    assert again.content() == first


def test_orphans_of_a_crash_are_not_compacted(house: House) -> None:
    orphan = Record.of(1, 99, [Stretch(MIDNIGHT + 7200 * SECOND, SECOND / 50, counts(99, 10))])
    house.append([orphan], tell=False)
    house.log.seal()
    [manifest] = house.compact()
    assert manifest.batches[4][0] == 0
    assert house.drop() == [1, 2, 3, 4]
    assert 99 not in house.view(1, FromArchive.of(Archive(house.store), STREAMS[1])).batches


class Interrupted(Exception):
    """The process ended here."""


@dataclass
class Failing:
    """A store with which something happens at some call: before it was done, or after."""

    store: Store
    at: int
    after: bool
    calls: int = 0

    def put(self, name: str, data: bytes) -> None:
        self._counted(partial(self.store.put, name, data))

    def delete(self, name: str) -> None:
        self._counted(partial(self.store.delete, name))

    def _counted(self, call: Callable[[], None]) -> None:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Interrupted
        call()
        if self.calls == self.at:
            raise Interrupted

    def get(self, name: str) -> bytes:
        return self.store.get(name)

    def open(self, name: str) -> BinaryIO:
        return self.store.open(name)

    def names(self, prefix: str) -> Iterator[str]:
        return self.store.names(prefix)


@pytest.mark.slow
def test_wherever_it_is_interrupted_the_next_call_finishes_it(house: House, tmp_path: Path) -> None:
    house.compact()
    whole = house.content()
    calls = len(whole) + 2  # what says that it began is put, and deleted
    for at in range(1, calls + 1):
        for after in (False, True):
            store = Folder(tmp_path / f"{at}{after}")
            other = replace(house, store=Failing(store, at, after))
            with pytest.raises(Interrupted):
                other.compact()
            other.store = store
            finished = list(compacted(store)) != []
            assert finished == (at == calls or (after and at == calls - 1))
            if not finished:
                with_more = other.compact()
                assert [each.run for each in with_more] == [(1, 3)]
            other.compact()
            assert {name: data for name, data in other.content().items() if not name.endswith(".begun")} == whole


def test_a_run_that_was_interrupted_keeps_its_segments_when_more_were_sealed(house: House) -> None:
    store = house.store
    house.store = Failing(store, 4, after=True)
    with pytest.raises(Interrupted):
        house.compact()
    house.store = store
    house.append([Record.of(2, 10, [Stretch(MIDNIGHT + 5 * SECOND, SECOND / 50, counts(10, 10))])])
    house.log.seal()
    assert [each.run for each in house.compact()] == [(1, 3), (4, 4)]
    assert all("_000001_000003." in name or "_000004_000004." in name for name in store.names("study=HEART-1"))


def compact_until_killed(log: Path, archive: Path, told: list[Acknowledged]) -> None:
    """What a process of its own does."""
    house = House(SegmentLog(log, Limits(reserve=0)), Folder(archive), told)
    house.compact()
    house.drop()


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost(house: House, tmp_path: Path) -> None:
    before = {stream: house.view(stream, FromLog(house.log.read)) for stream in STREAMS}
    house.log.close()
    chance = random.Random(2)
    for _ in range(8):
        process = CHILDREN.Process(
            target=compact_until_killed, args=(house.log.folder, tmp_path / "archive", house.told)
        )
        process.start()
        process.join(chance.uniform(0.02, 0.25))
        process.kill()
        process.join()
        with SegmentLog(house.log.folder, Limits(reserve=0)) as log:
            archive = Archive(house.store)
            for stream, found in before.items():
                alike(found, house.view(stream, FromBoth(log.read, archive, STREAMS[stream])))
    with SegmentLog(house.log.folder, Limits(reserve=0)) as log:
        house.log = log
        house.compact()
        house.drop()
        assert all(segment > 3 for segment in log.sealed)


def test_a_batch_acknowledged_late_keeps_its_segment_until_it_is_compacted_too(house: House) -> None:
    late = house.told.pop(0)
    house.compact()
    house.told.append(late)
    with pytest.raises(LogError, match=r"segments \[1\] have batches"):
        house.drop()
    assert house.log.sealed == (1, 2, 3)
    [manifest] = house.compact()
    assert manifest.batches[1][0] == 3
    assert house.drop() == [1, 2, 3]
    assert house.view(1, FromArchive.of(Archive(house.store), STREAMS[1])).batches == (1, 5, 8)


def test_what_was_dropped_is_never_written_over_with_less(house: House) -> None:
    house.compact()
    house.log.drop(2)
    house.told.append(house.told[0]._replace(stream=2))
    with pytest.raises(LogError, match=r"segments \[2\] were dropped"):
        house.compact()


def test_damage_in_a_segment_stops_the_run(house: House) -> None:
    place = house.told[4].entry.location
    with segment_path(house.log.folder, place.segment).open("r+b") as file:
        file.seek(place.offset + place.length - 3)
        file.write(b"\x00\xff\x00")
    with pytest.raises(SignalError, match=r"000002\.seg"):
        house.compact()
    assert list(read_manifests(house.store)) == []


@dataclass(frozen=True)
class Forgetful(Folder):
    """A store that keeps something else than it was given."""

    def put(self, name: str, data: bytes) -> None:
        if name.endswith(".parquet"):
            data = data[:300] + bytes([data[300] ^ 1]) + data[301:]
        Folder.put(self, name, data)


def test_a_store_that_keeps_something_else_is_noticed(house: House) -> None:
    house.store = Forgetful(house.store.path)  # type: ignore[attr-defined]
    with pytest.raises(SignalError, match=r"\.parquet"):
        house.compact()
    assert list(compacted(house.store)) == []


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """One compacted file, and how many samples are in it."""
    folder = tmp_path_factory.mktemp("file")
    with SegmentLog(folder / "log", Limits(reserve=0)) as log:
        house = House(log, Folder(folder / "archive"))
        house.append([Record.of(1, 1, [Stretch(MIDNIGHT, SECOND / 50, counts(1, 500))])])
        log.seal()
        [manifest] = house.compact()
        return house.store.get(manifest.files[0].path), manifest.rows


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_gives_what_was_written(file: tuple[bytes, int], data: st.DataObject) -> None:
    content, rows = file
    store = Objects(MemoryStore())
    damaged = bytearray(content)
    damaged[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    store.put("file", bytes(damaged[: data.draw(st.sampled_from([None, len(content) // 2, len(content) - 1]))]))
    try:
        [stretch] = [piece.load(None) for piece in Written(store, "file").pieces()]
    except SignalError:
        return
    assert len(stretch) == rows
    assert np.array_equal(stretch.counts, counts(1, 500))


@pytest.mark.slow
def test_a_server_that_speaks_s3_does_as_well_as_a_folder(house: House, s3: Store) -> None:
    before = {stream: house.view(stream, FromLog(house.log.read)) for stream in STREAMS}
    house.compact()
    local = house.content()
    house.store = s3
    house.store = Failing(s3, 3, after=True)
    with pytest.raises(Interrupted):
        house.compact()
    house.store = s3
    [manifest] = house.compact()
    assert house.content() == local
    assert house.drop() == [1, 2, 3]
    archive = Archive(s3)
    for stream, found in before.items():
        alike(found, house.view(stream, FromBoth(house.log.read, archive, STREAMS[stream])))
    assert sum(file.size for file in manifest.files) == sum(map(len, local.values())) - len(
        local["compaction/000001_000003.json"]
    )
    with pytest.raises(FileNotFoundError):
        s3.get("nothing")
    with pytest.raises(FileNotFoundError):
        s3.open("nothing")
    s3.delete("nothing")


def test_many_days_are_listed_at_once(tmp_path: Path) -> None:
    with SegmentLog(tmp_path / "log", Limits(reserve=0)) as log:
        house = House(log, Folder(tmp_path / "archive"))
        for day in range(12):
            house.append([Record.of(2, day, [Stretch(MIDNIGHT + day * DAY, SECOND, counts(day, 3))])])
        log.seal()
        house.compact()
        archive = Archive(house.store)
        assert len(archive.files(STREAMS[2].prefix, MIDNIGHT + DAY, MIDNIGHT + 11 * DAY)) == 10
        assert len(archive.files(STREAMS[2].prefix, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)) == 1
        assert archive.files(STREAMS[2].prefix, MIDNIGHT, MIDNIGHT + 12 * DAY, 4) == []
        found = house.view(2, FromArchive.of(archive, STREAMS[2]), MIDNIGHT - DAY, MIDNIGHT + 20 * DAY)
        assert found.batches == tuple(range(12))
