"""Samples are read wherever they are: in the log, or compacted and gone from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helmont.samples.compaction import Acknowledged, compact, drop
from helmont.samples.errors import Dropped
from helmont.samples.view import view
from helmont.sensors import keeping
from helmont.sensors.models import SampleBatch
from helmont.sensors.receiving import find_sender
from helmont.signals.recording import SECOND
from helmont.signals.wire.moments import moment
from tests.sensors.kit import BEGUN, WEARER, assign, register, send

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db", "home")]


def test_batches_are_read_from_the_log_and_once_compacted_from_the_archive(tmp_path: Path) -> None:
    register()
    key, secret = assign(starts=BEGUN)
    channel = find_sender(secret).channels["wrist"]
    first, second = send(secret, 0), send(secret, 1)
    rows = list(SampleBatch.objects.order_by("revision"))
    entries = [keeping.entry_of(row.revision, row.first, row.last, row.place) for row in rows]
    stream = keeping.stream_of(key, WEARER, channel)
    start = moment(BEGUN, "")

    def whole() -> list[list[float]]:
        return view(entries, keeping.source(stream), channel, start, start + 60 * SECOND).signal.whole()[1].tolist()

    before = whole()
    assert before == (np.concatenate([first, second[250:]]) * channel.resolution).tolist()
    log = keeping.of_this_process().opened()
    log.seal()
    acknowledged = [Acknowledged(stream.number, entry) for entry in entries]
    [manifest] = compact(log, keeping.store(), {stream.number: stream}.__getitem__, lambda _: acknowledged)
    number = WEARER.partition("/")[2]
    assert manifest.files[0].path.startswith(
        f"study={rows[0].study}/channel=wrist/participant={number}/date=2025-03-10/"
    )
    assert (tmp_path / "archive" / manifest.files[0].path).is_file()
    assert drop(log, keeping.store(), lambda _: acknowledged) == [1]
    with pytest.raises(Dropped):
        keeping.read(rows[0].place)
    assert whole() == before
