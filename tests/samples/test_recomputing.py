"""Endpoints anew from the archive: as from the recording itself, and to the last digit the same wherever they are computed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helmont.samples.compaction import Acknowledged, compact
from helmont.samples.correcting import Worn
from helmont.samples.log import Limits, SegmentLog
from helmont.samples.mapping import Cluster, Corrected, PartitionError, partitions
from helmont.samples.parquet import DAY, Stream
from helmont.samples.pieces import Entry
from helmont.samples.recomputing import Person, Summarised, recompute, workers
from helmont.samples.records import Record
from helmont.samples.stores import Folder, Store
from helmont.signals.channels import Channel, Kind
from helmont.signals.endpoints import Zones, catalogue
from helmont.signals.endpoints.analysing import analyse
from helmont.signals.endpoints.computing import Reason
from helmont.signals.endpoints.definition import Window
from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Signal, Stretch
from tests.samples.test_mapping import short_folder

MIDNIGHT = 19_700 * DAY
WRIST = Channel("wrist", Kind.ACCELERATION, "[g]", rate=20.0, resolution=1 / 256)
CGM = Channel("cgm", Kind.GLUCOSE, "mmol/L", resolution=0.1)
HEART = Channel("heart", Kind.ECG, "mV", rate=10.0, resolution=0.01)
BRUSSELS = Zones("Europe/Brussels")
PEOPLE = {("HEART-1", number): Person(BRUSSELS) for number in ("01-001", "01-002")}
DEFINITIONS = [each for each in catalogue().values() if each.window is not Window.VISIT and Kind.ECG not in each.kinds]


def moving(seed: int, hours: int) -> Stretch:
    """A wrist that lies in one position after another, each a few minutes, and is shaken now and then."""
    rng = np.random.default_rng(seed)
    rows = hours * 3600 * 20
    directions = rng.normal(size=(rows // 3000 + 1, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    held = np.repeat(directions, 3000, axis=0)[:rows] * 1.02
    shaken = np.repeat(rng.random(rows // 1500 + 1) < 0.3, 1500)[:rows, None]
    values = held + rng.normal(0, 0.01, (rows, 3)) + shaken * rng.normal(0, 0.4, (rows, 3))
    return Stretch(
        MIDNIGHT + 7 * 3600 * SECOND, SECOND / 20, np.clip(np.rint(values * 256), -2048, 2047).astype(np.int16)
    )


def glucose(seed: int, hours: int) -> Stretch:
    counts = 60 + np.cumsum(np.random.default_rng(seed).integers(-2, 3, hours * 12))
    times = MIDNIGHT + 3600 * SECOND + np.arange(hours * 12) * 300 * SECOND
    return Stretch.at(times, np.clip(counts, 25, 200).astype(np.int16)[:, None])


SIGNALS = {
    ("01-001", WRIST): moving(1, 30),
    ("01-002", WRIST): moving(2, 26),
    ("01-001", CGM): glucose(3, 40),
    ("01-002", HEART): Stretch(MIDNIGHT, SECOND / 10, np.zeros((3600, 1), np.int16)),
}


def archived(folder: Path, signals: dict[tuple[str, Channel], Stretch]) -> Store:
    """A store of what was sent, in batches of an hour; streams are numbered in their order."""
    store = Folder(folder / "archive")
    told: list[Acknowledged] = []
    streams = {
        number: Stream(number, "HEART-1", who, channel) for number, (who, channel) in enumerate(signals, start=1)
    }
    with SegmentLog(folder / "log", Limits(reserve=0)) as log:
        for number, stretch in zip(streams, signals.values(), strict=True):
            hours = range(stretch.start, stretch.end, 3600 * SECOND)
            records = [
                Record.of(number, 1000 * number + hour, [stretch.between(begin, begin + 3600 * SECOND)])
                for hour, begin in enumerate(hours)
            ]
            places = log.append(records).result()
            told += [
                Acknowledged(number, Entry(record.batch, record.first, record.last, place))
                for record, place in zip(records, places, strict=True)
            ]
        log.seal()
        compact(
            log, store, streams.__getitem__, lambda segment: [e for e in told if e.entry.location.segment == segment]
        )
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return archived(tmp_path_factory.mktemp("recomputed"), SIGNALS)


@pytest.fixture(scope="module")
def here(store: Store) -> Sequence[Summarised]:
    return list(recompute(store, partitions(store), DEFINITIONS, PEOPLE))


def test_results_are_those_of_the_recording_itself(here: Sequence[Summarised]) -> None:
    assert [(each.study, each.participant) for each in here] == [("HEART-1", "01-001"), ("HEART-1", "01-002")]
    for each in here:
        signals = {
            channel.name: Signal(channel, (stretch,))
            for (who, channel), stretch in SIGNALS.items()
            if who == each.participant
        }
        wanted = analyse(signals, BRUSSELS, DEFINITIONS)
        known = {(one.endpoint, one.version, one.label): one for one in each.results}
        assert sum(len(signal) for signal in signals.values()) == each.rows
        assert wanted.results
        for one in wanted.results:
            if one.start >= max(signal.span[1] for signal in signals.values()):
                assert one.reason is Reason.NO_DATA  # of a night after the end
                continue
            again = known[one.endpoint, one.version, one.label]
            assert (again.start, again.end, again.reason, again.digest) == (one.start, one.end, one.reason, one.digest)
            if one.value is None:
                assert again.value is None
            elif one.endpoint == "steps":  # a filter begins elsewhere
                assert again.value == pytest.approx(one.value, rel=0.02)
            else:
                moves = Kind.ACCELERATION in catalogue()[f"{one.endpoint}@{one.version}"].kinds
                assert again.value == pytest.approx(one.value, rel=1e-3 if moves else 1e-9)  # calibrated by other days
    values = {(one.endpoint, one.label): one.value for one in here[0].results}
    assert values["enmo_mean", "2023-12-09"]
    assert values["time_in_range", "2023-12-09"] is not None


def test_what_cannot_be_read_is_told_and_the_rest_computed(here: Sequence[Summarised]) -> None:
    assert here[0].refused == ()
    assert len(here[1].refused) == 1
    assert here[1].refused[0].startswith("heart 2023-12-09: ")


@pytest.mark.slow
def test_a_pool_gives_the_same_to_the_last_digit(store: Store, here: Sequence[Summarised]) -> None:
    told: list[tuple[int, int]] = []
    with workers("processes:2") as pool:
        found = recompute(
            store, partitions(store), DEFINITIONS, PEOPLE, on=pool, progress=lambda done, of: told.append((done, of))
        )
        assert list(found) == list(here)
    assert told == [(done, 11) for done in range(1, 12)]


@pytest.mark.slow
def test_a_cluster_gives_the_same_to_the_last_digit(
    store: Store, here: Sequence[Summarised], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    with short_folder() as folder, Cluster(workers=2, object_store_memory=1 << 27, _temp_dir=folder) as cluster:
        assert list(recompute(store, partitions(store), DEFINITIONS, PEOPLE, on=cluster)) == list(here)


def test_what_somebody_else_wore_counts_for_them(store: Store) -> None:
    start = MIDNIGHT + 3600 * SECOND
    lent = Corrected(3, "01-001", worn=(Worn(start + 10 * 3600 * SECOND, start + 20 * 3600 * SECOND, "01-002"),))
    mean = [catalogue()["glucose_mean@1"]]
    days = partitions(store, "HEART-1", "cgm")
    found = list(
        recompute(store, [*days, *(replace(day, participant="01-002") for day in days)], mean, corrections=[lent])
    )
    assert [each.rows for each in found] == [30 * 12, 10 * 12]
    everybody = SIGNALS["01-001", CGM].counts[120:240, 0]
    [value] = [one.value for one in found[1].results if one.value is not None]
    assert value == pytest.approx(18.01559 * 0.1 * everybody.mean())


def test_a_damaged_file_names_its_day(tmp_path: Path) -> None:
    store = archived(tmp_path, {("01-001", CGM): glucose(5, 20)})
    [path] = (tmp_path / "archive").rglob("*.parquet")
    data = path.read_bytes()
    for place in (20, len(data) // 2):  # among samples, and in what describes them
        path.write_bytes(data[:place] + bytes(40) + data[place + 40 :])
        with pytest.raises(PartitionError, match="01-001 on 2023-12-09, cgm"):
            list(recompute(store, partitions(store), [catalogue()["glucose_mean@1"]]))


def test_nothing_in_the_archive_is_no_result(tmp_path: Path) -> None:
    assert list(recompute(Folder(tmp_path), [], DEFINITIONS)) == []


def test_where_it_is_computed_is_read_from_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr("helmont.samples.recomputing.Cluster", lambda *at, **more: asked.append({"at": at, **more}))
    monkeypatch.setattr("helmont.samples.recomputing.processes", lambda count: asked.append({"processes": count}))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    for where in ("ray", "ray:3", "ray://head:10001", "processes:4"):
        workers(where)
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    workers("ray")
    assert asked == [
        {"at": ("auto",)},
        {"at": (), "workers": 3},
        {"at": ("ray://head:10001",)},
        {"processes": 4},
        {"at": ("head:6379",)},
    ]
    with workers("here") as nobody:
        assert nobody is None
    for wrong in ("spark", "processes", "processes:0", "processes:two", "ray:-1"):
        with pytest.raises(SignalError, match="processes:4"):
            workers(wrong)


def test_workers_need_no_django() -> None:
    """A worker loads this module, and computes with what it loads."""
    said = "import sys, helmont.samples.recomputing; print(sum(name.split('.')[0] == 'django' for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
