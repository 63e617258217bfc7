"""Whatever happens to a file, its reader returns a recording or says what is wrong, quickly."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.signals.errors import SignalError
from helmont.signals.files import read
from tests.signals.encoders import actigraph, axivity, edf, geneactiv, wfdb
from tests.signals.files import test_apple_health as apple
from tests.signals.files import test_cgm as cgm
from tests.signals.files import test_fitbit as fitbit
from tests.signals.files import test_garmin as garmin
from tests.signals.files import test_movement_csv as tables
from tests.signals.files import test_open_mhealth as mhealth

START = datetime(2024, 3, 1, 10)
COUNTS = np.random.default_rng(3).integers(-500, 500, (900, 3)).astype(np.int16)
SIX = np.hstack([COUNTS, COUNTS])[:200]
LOG = actigraph.log(COUNTS, 1_709_287_200, 30) + actigraph.record(14, 1_709_287_230, b"\x10\x3c\x00\x04")


def gt3x(log: bytes) -> bytes:
    return actigraph.archive({"info.txt": actigraph.info(START), "log.bin": log})


TRACK = edf.Track("ECG II", "mV", COUNTS[:, 0].astype(np.int32).reshape(30, 30))
HEADER = b"r1 2 125/125(7) 100 17:27:45 15/08/1994\nr1.dat 212x4 2000(3)/mV 12 0 0 0 0 MCL1\nr1.dat 212:3 9/mV 12 0 0 0 0 V\n"
DATA = wfdb.samples(212, COUNTS[:500, 1].astype(np.int32))
MARKS = wfdb.annotations([(20, 1), (90, 5), (5000, 8), (6000, 28)], resolution=500)


def record(header: bytes, data: bytes, marks: bytes) -> bytes:
    return actigraph.archive({"r1.hea": header, "r1.dat": data, "r1.atr": marks})


SAMPLES: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "axivity packed": (axivity.file(COUNTS, START, axivity.Setting(packed=True)), bytes),
    "axivity words": (axivity.file(SIX, START, axivity.Setting(per_g=4096, degrees=1000)), bytes),
    "geneactiv": (geneactiv.file(COUNTS, START, geneactiv.Setting()), bytes),
    "actigraph log": (LOG, gt3x),
    "actigraph archive": (gt3x(LOG), bytes),
    "edf": (edf.file([TRACK], kind="EDF+D", notes=[edf.Notes([(3 * n, 1, ["x"])]) for n in range(30)]), bytes),
    "bdf": (edf.file([TRACK], kind="BDF"), bytes),
    "wfdb header": (HEADER, lambda header: record(header, DATA, MARKS)),
    "wfdb signals": (DATA, lambda data: record(HEADER, data, MARKS)),
    "wfdb annotations": (MARKS, lambda marks: record(HEADER, DATA, marks)),
    "clarity": (cgm.clarity(("2024-10-27T02:55:00", "High"), ("2024-10-27T02:00:00", "101")), bytes),
    "libre": (cgm.libre("27-10-2024 00:00,0,5.5,,", "27-10-2024 00:07,1,,6.1,"), bytes),
    "open mhealth": (json.dumps([{"heart_rate": mhealth.pair(60, "beats/min"), **mhealth.DURING}] * 3).encode(), bytes),
    "apple health": (apple.export(*(apple.record("HeartRate", "61", "count/min", n) for n in range(9))), bytes),
    "fitbit": (json.dumps(fitbit.HEART).encode(), bytes),
    "fit": (garmin.fit(9), bytes),
    "actigraph csv": (tables.actilife(*["325,85,176,2,7,0,5,0,0"] * 30, mode=61), bytes),
    "actigraph raw csv": (tables.actilife(*["0.1,0.2,-0.9"] * 30, first="date format M/d/yyyy at 30 Hz"), bytes),
    "axivity csv": (tables.axivity(COUNTS[:50], [1 / 256] * 3), bytes),
}

Change = tuple[str, int, bytes]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["cut", "put", "insert", "remove"]), st.integers(0, 1 << 20), st.binary(min_size=1, max_size=9)
    ),
    min_size=1,
    max_size=6,
)


def damaged(content: bytes, changes: list[Change]) -> bytes:
    for kind, place, data in changes:
        at = place % (len(content) + 1)
        if kind == "cut":
            content = content[:at]
        elif kind == "put":
            content = content[:at] + data + content[at + len(data) :]
        elif kind == "insert":
            content = content[:at] + data + content[at:]
        else:
            content = content[:at] + content[at + len(data) :]
    return content


def attempt(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        with suppress(SignalError):
            recording = read(path)
            assert any(len(signal) for signal in recording.signals.values())


@pytest.mark.parametrize("kind", SAMPLES)
@settings(max_examples=60, deadline=None)
@given(changes=CHANGES)
def test_a_damaged_file_is_read_or_refused(kind: str, changes: list[Change]) -> None:
    content, finished = SAMPLES[kind]
    attempt(finished(damaged(content, changes)))


@pytest.mark.parametrize(
    "start", [b"MD\xfc\x03", b"AX\xfc\x01", b"Device Identity GENEActiv\r\n", b"PK\x03\x04", b"\x1f\x8b\x08"]
)
@settings(max_examples=40, deadline=None)
@given(rest=st.binary(max_size=3000))
def test_noise_behind_a_true_beginning_is_refused_or_read(start: bytes, rest: bytes) -> None:
    attempt(start + rest)


@settings(max_examples=40, deadline=None)
@given(log=st.binary(max_size=3000))
def test_noise_in_a_log_is_refused_or_read(log: bytes) -> None:
    attempt(gt3x(log))


def test_a_log_of_separators_alone_takes_no_longer_than_another() -> None:
    """Each could begin a record of 7710 bytes; their checksums are told from one pass."""
    attempt(gt3x(bytes([0x1E]) * 700_000 + LOG))
