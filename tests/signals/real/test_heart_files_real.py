"""Real WFDB records, against what the ``wfdb`` package reads of them and what is known of record 100."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helmont.signals.files import read
from helmont.signals.recording import SECOND
from tests.signals.real import found

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # wfdb builds a table in a way that pandas will drop
    import wfdb

NAMES = {"MLII": "ecg_mlii", "V5": "ecg_v5", "MCL1": "ecg_mcl1", "II": "ecg_ii", "V": "ecg_v", "PLETH": "ppg_pleth"}


def on(*patterns: str) -> Callable[[Any], Any]:
    """Runs a test on every such file; without one there is no test."""
    files = [file for pattern in patterns for file in found(pattern)]
    return pytest.mark.parametrize("path", files, ids=[file.name for file in files]) if files else lambda _: None


@on("wfdb/sample-data/*.hea")
def test_signals_agree_with_the_wfdb_package(path: Path) -> None:
    theirs = wfdb.rdrecord(str(path.with_suffix("")), smooth_frames=False)
    recording = read(path)
    compared = 0
    for name, values in zip(theirs.sig_name, theirs.e_p_signal, strict=True):
        if name in NAMES:
            signal = recording.signals[NAMES[name]]
            ours = np.full(len(values), np.nan)
            start = signal.span[0]
            for part in signal.stretches:
                first = round((part.start - start) / part.step)
                ours[first : first + len(part)] = signal.values(part)[:, 0]
            assert np.allclose(ours, values, rtol=0, atol=1e-9, equal_nan=True)
            compared += 1
    assert compared == len(recording.signals) - ("interbeat_interval" in recording.signals)
    assert not [finding for finding in recording.findings if "sum" in finding.message]


@on("wfdb/sample-data/100.hea")
def test_record_100_has_the_beats_that_the_database_states(path: Path) -> None:
    """2239 normal beats, 33 atrial premature ones and a ventricular one (MIT-BIH arrhythmia database directory)."""
    marks = read(path).details["annotations"]["atr"]
    counts = Counter(marks.symbols.tolist())
    assert (counts["N"], counts["A"], counts["V"], len(marks.beats())) == (2239, 33, 1, 2273)


@on("wfdb/sample-data/*.atr", "wfdb/sample-data/*.*qrs*")
def test_annotations_agree_with_the_wfdb_package(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        theirs = wfdb.rdann(str(path.with_suffix("")), path.suffix[1:])
    recording = read(path.with_suffix(".hea"))
    beats = [sample for sample, symbol in zip(theirs.sample, theirs.symbol, strict=True) if symbol in "NAV"]
    start = recording.signals[next(iter(recording.signals))].span[0]
    ours = recording.details["annotations"][path.suffix[1:]].beats()
    assert np.abs((ours - start) / SECOND - np.array(beats) / theirs.fs).max() < 1e-6
    assert len(ours) == len(beats)
