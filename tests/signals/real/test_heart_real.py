"""Beats in recordings of PhysioNet: cardiologists' annotations, other detectors, and neurokit2 as a peer.

Record 100 of the MIT-BIH arrhythmia database has two leads and a beat annotated by two cardiologists for each of its 2273.
Record a103l (PhysioNet challenge 2015, a false alarm of asystole) has artefacts; 03700181 (MGH/MF) has broad
beats which point downwards, arterial pressure, and beats of two automatic detectors.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from helmont.signals.channels import Channel, Kind
from helmont.signals.heart import intervals_of_beats, kept, rmssd
from helmont.signals.heart.ecg import ecg_beats
from helmont.signals.heart.intervals import ArtefactRule
from helmont.signals.heart.ppg import ppg_beats
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Stretch, Values
from tests.signals.heart.agreement import agreement
from tests.signals.real import found

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import neurokit2
    import wfdb

BEATS = set("NLRBAaJSVrFejnE/fQ?")
"""Annotations that are beats; the others are changes of rhythm, noise and the like."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, record in (("annotated", "100"), ("disturbed", "a103l"), ("pressure", "03700181")):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found(f"wfdb/**/{record}.hea"), ids=lambda path: path.name)


def lead(path: Path, number: int, kind: Kind = Kind.ECG) -> Signal:
    record = wfdb.rdrecord(str(path.with_suffix("")), channels=[number], physical=False)
    channel = Channel("lead", kind, "mV" if kind is Kind.ECG else "1", rate=float(record.fs))
    return Signal(channel, (Stretch(0, SECOND / record.fs, record.d_signal.astype(np.int32)),))


def annotated_beats(path: Path, extension: str) -> Values:
    with warnings.catch_warnings():  # of pandas, that a keyword which wfdb uses is going away
        warnings.simplefilter("ignore")
        annotations = wfdb.rdann(str(path.with_suffix("")), extension)
    chosen = [sample for sample, symbol in zip(annotations.sample, annotations.symbol, strict=True) if symbol in BEATS]
    return np.array(chosen) / annotations.fs


def seconds(times: Nanoseconds) -> Values:
    return times / SECOND


@pytest.mark.parametrize(("number", "sensitivity"), [(0, 1.0), (1, 0.998)])
def test_the_beats_that_cardiologists_annotated_are_found(annotated: Path, number: int, sensitivity: float) -> None:
    true = annotated_beats(annotated, "atr")
    assert len(true) == 2273
    here = agreement(true, seconds(ecg_beats(lead(annotated, number)).times), 0.15)
    assert here.sensitivity >= sensitivity
    assert here.predictivity == 1.0
    assert np.abs(here.distances).std() < 0.003


def test_intervals_vary_as_those_of_the_annotations(annotated: Path) -> None:
    ours = kept(intervals_of_beats(ecg_beats(lead(annotated, 0))), ArtefactRule())
    lengths = np.diff(annotated_beats(annotated, "atr")) * 1000
    normal = np.abs(lengths[1:] - lengths[:-1]) <= 0.2 * lengths[:-1]
    theirs = np.sqrt(np.mean(np.diff(lengths)[normal & np.append(True, normal[:-1])] ** 2))
    assert rmssd(ours) == pytest.approx(theirs, rel=0.05)


def test_beats_between_artefacts_are_those_that_neurokit_finds(disturbed: Path) -> None:
    signal = lead(disturbed, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clean = neurokit2.ecg_clean(signal.whole()[1][:, 0], 250)
        theirs = neurokit2.ecg_peaks(clean, 250)[1]["ECG_R_Peaks"] / 250
    here = agreement(theirs, seconds(ecg_beats(signal).times), 0.15)
    assert here.missed == 0
    assert here.false <= 14, "the first beat, and those near the artefacts, which neurokit leaves out"


def test_broad_beats_that_point_downwards_are_found(pressure: Path) -> None:
    here = seconds(ecg_beats(lead(pressure, 0)).times)
    for extension, least in (("gqrsh", 1.0), ("sqrs", 0.999)):
        assert agreement(annotated_beats(pressure, extension), here, 0.15).sensitivity >= least


def test_every_pulse_of_the_pressure_follows_a_beat(pressure: Path) -> None:
    """1226 beats; the pulse of the last few may lie after the end."""
    beats, pulses = seconds(ecg_beats(lead(pressure, 0)).times), seconds(ppg_beats(lead(pressure, 1, Kind.PPG)).times)
    delay = np.median(pulses[np.searchsorted(pulses, beats[:-3])] - beats[:-3])
    assert 0.1 < delay < 0.4
    here = agreement(beats + delay, pulses, 0.1)
    assert here.sensitivity > 0.99
    assert here.predictivity > 0.99


@pytest.mark.parametrize(("place", "number"), [("disturbed", 2), ("pressure", 1)])
def test_pulses_are_those_that_neurokit_finds(disturbed: Path, pressure: Path, place: str, number: int) -> None:
    signal = lead(disturbed if place == "disturbed" else pressure, number, Kind.PPG)
    rate = round(signal.channel.rate or 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clean = neurokit2.ppg_clean(signal.whole()[1][:, 0], rate)
        theirs = neurokit2.ppg_findpeaks(clean, rate)["PPG_Peaks"] / rate
    here = agreement(theirs, seconds(ppg_beats(signal).times), 0.15)
    assert here.missed <= 1
    assert here.false <= 1
