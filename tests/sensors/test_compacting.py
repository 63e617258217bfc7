"""Samples go from the log to the archive, and only what is safely there leaves the log."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from helmont.core.jobs.processes import Apart
from helmont.samples.archive import Archive
from helmont.samples.compaction import compacted, read_manifests
from helmont.samples.errors import Locked
from helmont.samples.log import SegmentLog
from helmont.samples.stores import Folder, Objects
from helmont.samples.view import view
from helmont.sensors import compacting, keeping
from helmont.sensors.compacting import Compaction, Streams, compact_now
from helmont.sensors.models import SampleBatch
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND
from helmont.signals.wire.moments import moment
from tests.cast import STUDY
from tests.samples.objects import bucket_of_a_server
from tests.sensors.kit import BEGUN, assign, register, send

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db", "home")]


def worn(label: str = "W-001") -> tuple[str, str]:
    register(label)
    return assign(label, starts=BEGUN)


def whole(key: str) -> list[list[float]]:
    """Every sample of the wrist of an assignment, wherever it is."""
    rows = SampleBatch.objects.filter(assignment=key)
    stream = Streams(keeping.folder())(keeping.number_of(f"{key}#wrist"))
    entries = [keeping.entry_of(row.revision, row.first, row.last, row.place) for row in rows]
    start = moment(BEGUN, "")
    found = view(entries, keeping.source(stream), stream.channel, start, start + 3600 * SECOND)
    values: list[list[float]] = found.signal.whole()[1].tolist()
    return values


def test_what_was_acknowledged_is_in_the_archive_and_its_segments_are_dropped(home: Path) -> None:
    one, secret = worn()
    other, another = worn("W-002")
    for number in (0, 3, 1):
        send(secret, number)
    send(another, 2)
    before = whole(one), whole(other)
    assert compact_now() == ([], [])  # nothing is sealed
    [manifest], dropped = compact_now(seal=True)
    assert (dropped, manifest.rows) == ([1], 2000)
    assert (whole(one), whole(other)) == before
    for row in SampleBatch.objects.all():
        stream = Streams(keeping.folder())(keeping.number_of(f"{row.assignment}#wrist"))
        [stretch] = keeping.stretches_of(stream, keeping.entry_of(row.revision, row.first, row.last, row.place))
        assert len(stretch) == row.samples
    send(secret, 7)
    [second], dropped = compact_now(seal=True)
    assert (second.run, dropped, second.rows) == ((2, 2), [2], 500)
    assert compact_now(seal=True) == ([], [])
    assert len(whole(one)) == len(before[0]) + 500
    assert [run.first for run in compacted(Folder(home / "archive"))] == [1, 2]


def test_what_was_never_recorded_is_nobodys() -> None:
    key, secret = worn()
    counts = send(secret, 0)
    row = SampleBatch.objects.get()
    lost = keeping.read(row.place)
    keeping.keep_now(lost)  # the server fell before the ledger had it
    keeping.keep_now(type(lost)(lost.stream + 1, 9, lost.first, lost.last, lost.rows, lost.blocks))
    [manifest], dropped = compact_now(seal=True)
    assert (manifest.rows, dropped) == (500, [1])
    assert len(whole(key)) == len(counts)


def test_a_segment_stays_while_a_batch_is_under_way(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    _key, secret = worn()
    send(secret, 0)
    monkeypatch.setattr(compacting, "PATIENCE", 0.05)
    with keeping.under_way():
        assert compact_now(seal=True) == ([], [])
        assert not list(Folder(home / "archive").names(""))
    [manifest], dropped = compact_now()
    assert (manifest.rows, dropped) == (500, [1])


def test_what_does_not_read_back_is_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    key, secret = worn()
    send(secret, 0)
    before = whole(key)
    put = Folder.put
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "put", lambda self, name, data: put(self, name, data[: len(data) // 2]))
        with pytest.raises(SignalError):
            compact_now(seal=True)
    assert whole(key) == before
    [manifest], dropped = compact_now()
    assert (manifest.rows, dropped) == (500, [1])
    assert whole(key) == before


def test_nothing_is_done_while_another_process_writes_the_log(home: Path) -> None:
    with SegmentLog(home / "samples"), pytest.raises(Locked):
        compact_now(seal=True)


def test_a_batch_that_is_damaged_keeps_its_segment(home: Path) -> None:
    _key, secret = worn()
    send(secret, 0)
    keeping.of_this_process().opened().seal()
    keeping.of_this_process().close()
    place = keeping.location_of(SampleBatch.objects.get().place)
    with (home / "samples" / "000001.seg").open("r+b") as file:
        file.seek(place.offset + place.length - 3)
        file.write(b"\xff\x00\xff")
    with pytest.raises(SignalError, match=r"000001\.seg"):
        compact_now()
    assert (home / "samples" / "000001.seg").exists()
    assert list(read_manifests(Folder(home / "archive"))) == []


def test_the_service_does_nothing_before_this_process_writes_the_log(home: Path) -> None:
    service = Compaction(3600)
    assert service.turn() == []
    assert not (home / "samples").exists()


class Here:
    """In the place of a process of its own, which would not see what this test has not committed."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        assert function.__name__ == "_beside"
        compacting.write(*arguments)

    def wait(self, _seconds: float) -> bool:
        return True


def test_the_service_seals_at_last_what_does_not_fill_a_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    key, secret = worn()
    send(secret, 0)
    before = whole(key)
    monkeypatch.setattr(compacting, "TURNS", 2)
    monkeypatch.setattr(compacting, "Apart", Here)
    service = Compaction(3600)
    assert [service.turn() for _ in range(4)] == [[], [1], [], []]
    assert whole(key) == before


class Endless:
    """In the place of a process that has much to do."""

    def __init__(self, *_arguments: Any) -> None:
        self.given_up = False
        STARTED.append(self)

    def wait(self, _seconds: float) -> bool:
        STOP.set()
        return False

    def give_up(self) -> None:
        self.given_up = True


STARTED: list[Endless] = []
STOP = threading.Event()


def test_a_server_that_ends_gives_up_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    _key, secret = worn()
    send(secret, 0)
    keeping.of_this_process().opened().seal()
    monkeypatch.setattr(compacting, "Apart", Endless)
    service = Compaction(0.01)
    service.start()
    assert STOP.wait(30)
    service.stop()
    assert [each.given_up for each in STARTED] == [True]
    assert keeping.of_this_process().opened().sealed == (1,)


def test_samples_go_to_a_server_that_speaks_s3(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    key, secret = worn()
    send(secret, 0)
    send(secret, 1)
    before = whole(key)
    with bucket_of_a_server() as bucket:
        for name, value in {
            "ACCESS_KEY_ID": "key",
            "SECRET_ACCESS_KEY": "secret",
            "REGION": "us-east-1",
            "ENDPOINT": str(bucket.config["endpoint"]),
            "ALLOW_HTTP": "true",
        }.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        settings.HELMONT_SAMPLES_STORE = "s3://samples/of/helmont"
        [manifest], dropped = compact_now(seal=True)
        assert (manifest.rows, dropped) == (1000, [1])
        assert whole(key) == before
        store = keeping.store()
        assert isinstance(store, Objects)
        assert {name.partition("/")[0] for name in store.names("")} == {"compaction", f"study={STUDY}"}
        assert Archive(store).has(1)


def test_a_setting_that_is_no_place_is_refused(settings: Any) -> None:
    settings.HELMONT_SAMPLES_STORE = "ftp://somewhere/else"
    with pytest.raises(SignalError, match="s3://bucket/prefix"):
        keeping.store()


def test_a_process_beside_says_how_it_ended() -> None:
    work = Apart(int, "7")
    while not work.wait(1.0):
        pass
    work = Apart(time.sleep, 3600)
    assert not work.wait(0.01)
    work.give_up()
    with pytest.raises(ChildProcessError):
        work.wait(1.0)
