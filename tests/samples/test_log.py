"""The log of samples: what was acknowledged is there, whatever happens to the process, the disk or the file."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.samples import log as writing
from helmont.samples.errors import Broken, Busy, Dropped, Full, Locked
from helmont.samples.log import Appended, Limits, SegmentLog
from helmont.samples.reading import Reader
from helmont.samples.records import SIZE, Location, Record
from helmont.samples.segments import HEADER, segment_path
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND
from tests.samples import CHILDREN, START, children, record, same, stretch

SMALL = children.SMALL
MANY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "samples"


@pytest.fixture
def log(folder: Path) -> Iterator[SegmentLog]:
    with SegmentLog(folder, SMALL) as opened:
        yield opened


def run(work: Callable[..., None], *args: object) -> Any:
    """What a process of its own says."""
    here, there = CHILDREN.Pipe(duplex=False)
    with here, there:
        process = CHILDREN.Process(target=work, args=(*args, there))
        process.start()
        assert here.poll(60)
        said = here.recv()
        process.join(60)
    assert process.exitcode == 0
    return said


def test_a_batch_is_read_back_from_where_it_was_put(log: SegmentLog) -> None:
    parts = [stretch(5), stretch(9, samples=7)]
    sent = Record.of(3, 77, parts)
    [place] = log.append([sent]).result()
    found = log.read(place)
    assert found == sent
    assert (found.stream, found.batch, found.rows) == (3, 77, 57)
    assert (found.first, found.last) == (START + 5 * SECOND, START + 9 * SECOND + 6 * SECOND // 50)
    assert same(found.stretches(), parts)
    assert Record.packed(3, 77, sent.blocks) == sent
    assert Reader(log.folder).read(place) == sent


def test_batches_of_many_senders_are_written_together_and_each_is_told_its_own_places(log: SegmentLog) -> None:
    sent = {number: [record(number), record(number + 1000, stream=2)] for number in range(100)}
    told = {}
    for number, records in sent.items():
        told[number] = log.append(records)
        if number % 10 == 0:
            told[number].result()
    for number, records in sent.items():
        assert [log.read(place) for place in told[number].result()] == records
    assert len(log.sealed) > 1
    assert sorted(each.batch for each in log.find(2, 0, 1 << 62)) == [1000 + number for number in range(100)]


def test_a_coroutine_waits_for_the_disk(log: SegmentLog) -> None:
    async def send(number: int) -> list[Location]:
        return await asyncio.wrap_future(log.append([record(number)]))

    async def all_of_them() -> list[list[Location]]:
        return await asyncio.gather(*map(send, range(20)))

    assert [log.read(places[0]).batch for places in asyncio.run(all_of_them())] == list(range(20))


def test_nobody_is_told_before_the_disk_has_confirmed(log: SegmentLog, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, confirmed = threading.Event(), threading.Event()

    def slow(descriptor: int) -> None:
        reached.set()
        assert confirmed.wait(30)
        os.fsync(descriptor)

    monkeypatch.setattr(writing, "sync", slow)
    told = log.append([record(1)])
    assert reached.wait(30)
    assert not told.done()
    assert log.held(1) == []
    confirmed.set()
    assert [each.location for each in log.held(1)] == told.result() if told.result() else None


def test_records_are_found_by_stream_and_span(log: SegmentLog) -> None:
    for number in (3, 1, 2, 900):
        log.append([record(number), record(number, stream=2)]).result()
    second = [each.batch for each in log.find(2, START + 2 * SECOND, START + 4 * SECOND)]
    assert second == [3, 2]
    assert [each.batch for each in log.find(1, START, START + 901 * SECOND)] == [3, 1, 2, 900]
    assert log.find(3, START, START + 901 * SECOND) == []
    assert log.find(1, START + SECOND + log.find(1, START, 1 << 62)[1].last, START + SECOND) == []


def test_what_was_written_is_there_when_the_log_is_opened_again(folder: Path) -> None:
    with SegmentLog(folder, SMALL) as log:
        places = [log.append([record(number)]).result()[0] for number in range(120)]
        sealed = log.sealed
    with SegmentLog(folder, SMALL) as log:
        assert log.damage == ()
        assert log.sealed == sealed
        assert [log.read(place) for place in places] == [record(number) for number in range(120)]
        more = log.append([record(120)]).result()[0]
        assert more > places[-1]
        assert [each.location for each in log.find(1, 0, 1 << 62)] == [*places, more]


def test_a_sealed_segment_can_be_dropped_and_the_others_stay(log: SegmentLog) -> None:
    [first] = log.append([record(1)]).result()
    assert log.seal() == (1,)
    assert log.seal() == (1,)
    [second] = log.append([record(2)]).result()
    assert (first.segment, second.segment) == (1, 2)
    with pytest.raises(ValueError, match="being written"):
        log.drop(2)
    log.drop(1)
    with pytest.raises(Dropped, match="segment 1"):
        log.read(first)
    assert log.read(second) == record(2)
    assert [each.batch for each in log.find(1, 0, 1 << 62)] == [2]


@pytest.mark.slow
def test_two_processes_do_not_write_one_log(log: SegmentLog) -> None:
    with pytest.raises(Locked):
        SegmentLog(log.folder)
    assert run(children.open_the_log, log.folder) == str(os.getpid())
    log.close()
    assert run(children.open_the_log, log.folder) == "opened"


def test_a_closed_log_has_written_everything_and_takes_no_more(log: SegmentLog) -> None:
    told = [log.append([record(number)]) for number in range(50)]
    log.close()
    assert len({each.result()[0] for each in told}) == 50
    with pytest.raises(Broken, match="closed"):
        log.append([record(1)])


@pytest.mark.slow
def test_killed_fifty_times_every_acknowledged_batch_is_there_once_and_unchanged(folder: Path) -> None:
    chance, told = random.Random(1), dict[int, Location]()
    for turn in range(50):
        here, there = CHILDREN.Pipe(duplex=False)
        with here:
            process = CHILDREN.Process(target=children.append_until_killed, args=(folder, turn * 1_000_000, there))
            process.start()
            there.close()
            assert here.poll(60)
            process.join(chance.uniform(0.0, 0.05))
            process.kill()
            process.join()
            with suppress(EOFError):
                while True:
                    told |= {batch: Location(*place) for batch, place in here.recv()}
        with SegmentLog(folder, SMALL) as log:
            there_now = Counter(each.batch for each in log.find(1, 0, 1 << 62))
            assert set(told) <= set(there_now)
            assert set(there_now.values()) == {1}
            this_turn = [batch for batch in told if batch >= turn * 1_000_000]
            assert this_turn
            assert all(log.read(told[batch]) == record(batch) for batch in this_turn)
    with SegmentLog(folder, SMALL) as log:
        assert all(log.read(place) == record(batch) for batch, place in told.items())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Location]]:
    """A log of one segment that is not sealed."""
    folder = tmp_path_factory.mktemp("written") / "samples"
    with SegmentLog(folder, Limits(reserve=0)) as log:
        return folder, [log.append([record(number)]).result()[0] for number in range(8)]


@pytest.mark.slow
@MANY
@given(data=st.data())
def test_a_torn_tail_is_cut_off_and_kept_aside(written: tuple[Path, list[Location]], data: st.DataObject) -> None:
    original, places = written
    folder = original.with_name("torn")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder)
    path = segment_path(folder, 1)
    whole = path.read_bytes()
    end = data.draw(st.integers(HEADER.size, len(whole)))
    garbage = data.draw(st.binary(max_size=100))
    path.write_bytes(whole[:end] + garbage)
    kept = [place for place in places if place.offset + place.length <= end]
    sound = HEADER.size + sum(place.length for place in kept)
    with SegmentLog(folder, SMALL) as log:
        assert [each.location for each in log.held(1)] == kept
        assert [log.read(place) for place in kept] == [record(number) for number in range(len(kept))]
        tail = whole[sound:end] + garbage
        assert sum(each.length for each in log.damage) == len(tail)
        assert all(each.kept is not None and each.kept.read_bytes() == tail for each in log.damage)
        assert log.read(log.append([record(9)]).result()[0]) == record(9)


@pytest.mark.slow
@MANY
@given(data=st.data(), sealed=st.booleans())
def test_damage_costs_the_record_it_hits_and_no_other(
    written: tuple[Path, list[Location]], data: st.DataObject, sealed: bool
) -> None:
    original, places = written
    folder = original.with_name("damaged")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder)
    if sealed:
        with SegmentLog(folder, SMALL) as log:
            log.seal()
    path = segment_path(folder, 1)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(HEADER.size, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    hit = [place for place in places if place.offset <= at < place.offset + place.length]
    with SegmentLog(folder, SMALL) as log:
        for number, place in enumerate(places):
            if place in hit:
                with pytest.raises(SignalError):
                    log.read(place)
            else:
                assert log.read(place) == record(number)
        if not sealed:
            assert [each.location for each in log.held(1)] == [place for place in places if place not in hit]
            assert len(log.damage) == len(hit)
        elif not hit:
            assert [each.location for each in log.held(1)] == places


def test_a_segment_without_its_header_is_reported_and_the_log_goes_on(folder: Path) -> None:
    with SegmentLog(folder, SMALL) as log:
        [place] = log.append([record(1)]).result()
    with segment_path(folder, 1).open("r+b") as file:
        file.write(b"not a segment")
    with SegmentLog(folder, SMALL) as log:
        assert [(each.segment, each.offset) for each in log.damage] == [(1, 0)]
        with pytest.raises(SignalError, match=r"000001.seg"):
            log.read(place)
        assert log.append([record(2)]).result()[0].segment == 2


def test_what_only_looks_like_a_record_is_none(log: SegmentLog) -> None:
    """A device may send anything, a record of a log as well: it is never read as a record of its own."""
    [place] = log.append([record(1)]).result()
    raw = segment_path(log.folder, 1).read_bytes()[place.offset : place.offset + place.length]
    carrier = Record(2, 2, 0, 0, 1, raw)
    [outer] = log.append([carrier]).result()
    log.seal()
    with segment_path(log.folder, 1).open("r+b") as file:
        file.seek(outer.offset + 8)
        file.write(b"\xff")
    for inside in (Location(1, outer.offset + SIZE, place.length), Location(1, outer.offset + 1, 80), outer):
        if inside != Location(1, outer.offset + SIZE, place.length):
            with pytest.raises(SignalError):
                log.read(inside)
    [elsewhere] = log.append([Record(2, 3, 0, 0, 1, raw)]).result()
    with pytest.raises(SignalError, match="no record"):
        log.read(Location(elsewhere.segment, elsewhere.offset + SIZE, len(raw)))


@pytest.mark.parametrize(
    "place", [Location(1, 0, 80), Location(1, 1 << 40, 80), Location(1, HEADER.size, 1 << 40), Location(1, -5, 80)]
)
def test_a_place_where_no_record_is_is_refused(log: SegmentLog, place: Location) -> None:
    log.append([record(1)]).result()
    with pytest.raises(SignalError):
        log.read(place)


def test_a_file_that_may_not_grow_refuses_and_goes_on_later(folder: Path) -> None:
    refused, number, taken = run(children.append_into_a_limit, folder)
    assert "no room for samples" in refused
    assert number > 5
    with SegmentLog(folder, SMALL) as log:
        assert log.damage == ()
        assert sorted(taken) == [*range(number), number + 1]
        assert [each.batch for each in log.held(1)] == sorted(taken)
        assert all(log.read(Location(*place)) == record(batch) for batch, place in taken.items())


@pytest.mark.parametrize("call", ["pwritev", "fdatasync"])
def test_a_full_disk_refuses_loses_nothing_and_goes_on(
    log: SegmentLog, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    [before] = log.append([record(1)]).result()

    def full(descriptor: int, *args: Any) -> int:
        if call == "pwritev":
            os.pwrite(descriptor, args[0][0][:30], args[1])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        failures = iter([True])
        genuine = getattr(os, call)
        patched.setattr(os, call, lambda *args: full(*args) if next(failures, False) else genuine(*args))
        told = log.append([record(2)])
        with pytest.raises(Full, match="No space left"):
            told.result()
    size = segment_path(log.folder, 1).stat().st_size
    assert size == before.offset + before.length
    [after] = log.append([record(3)]).result()
    log.close()
    with SegmentLog(log.folder, SMALL) as again:
        assert again.damage == ()
        assert [each.batch for each in again.held(1)] == [1, 3]
        assert again.read(before) == record(1)
        assert again.read(after) == record(3)


def test_room_is_kept_for_others(folder: Path) -> None:
    with SegmentLog(folder, Limits(reserve=1 << 60)) as log, pytest.raises(Full, match="kept free"):
        log.append([record(1)]).result()


def test_when_the_next_segment_finds_no_room_it_is_begun_later(
    log: SegmentLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_folder: Path, _number: int) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    [first] = log.append([record(1)]).result()
    with monkeypatch.context() as patched:
        patched.setattr(writing, "create", full)
        for _ in range(2):
            with pytest.raises(Full):
                log.seal()
    assert log.read(first) == record(1)
    [second] = log.append([record(2)]).result()
    assert second.segment == 2
    assert [each.batch for each in log.find(1, 0, 1 << 62)] == [1, 2]


def test_after_a_failure_of_the_disk_nothing_is_promised(log: SegmentLog, monkeypatch: pytest.MonkeyPatch) -> None:
    [first] = log.append([record(1)]).result()

    def failing(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(writing, "sync", failing)
    with pytest.raises(Broken, match="Input/output error"):
        log.append([record(2)]).result()
    monkeypatch.undo()
    with pytest.raises(Broken):
        log.append([record(3)])
    assert log.read(first) == record(1)
    log.close()
    with SegmentLog(log.folder, SMALL) as again:
        assert again.read(first) == record(1)
        assert again.append([record(3)]).result()


def test_who_sends_faster_than_the_disk_is_told_when_to_come_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = threading.Event()
    with SegmentLog(folder, Limits(waiting=4_000, reserve=0)) as log:
        log.append([record(0)]).result()
        with monkeypatch.context() as patched:
            patched.setattr(writing, "sync", lambda descriptor: (going.wait(30), os.fsync(descriptor)))
            told: list[Appended] = []
            with pytest.raises(Busy) as refused:
                told.extend(log.append([record(number)]) for number in range(1000))
            assert 0 < log.waiting <= 4_000
            assert 0.05 <= refused.value.retry_after <= 30
            going.set()
            assert all(log.read(each.result()[0]) == record(number) for number, each in enumerate(told))
        assert log.append([record(1)]).result()


@pytest.mark.slow
def test_a_backlog_does_not_fill_the_memory(folder: Path) -> None:
    grown, refused, written = run(children.fill_faster_than_the_disk, folder)
    assert written == 384
    assert refused > 0
    assert grown < 24_000  # kilobytes, of 96 MB sent


@pytest.mark.parametrize(
    ("field", "value"),
    [("stream", 1 << 63), ("batch", -(1 << 63) - 1), ("last", 1 << 64), ("rows", 0), ("rows", 1 << 32)],
)
def test_a_number_that_has_no_room_is_refused_before_it_reaches_the_log(field: str, value: int) -> None:
    with pytest.raises(SignalError, match=field):
        replace(record(1), **{field: value})  # type: ignore[arg-type]


def test_a_batch_without_samples_is_refused() -> None:
    with pytest.raises(SignalError, match="no sample"):
        Record.of(1, 1, [])
    with pytest.raises(SignalError, match="no sample"):
        Record.packed(1, 1, b"")
