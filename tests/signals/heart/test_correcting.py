"""Artefacts among intervals: kinds by hand, against neurokit2, and what is left after correction."""

from __future__ import annotations

import warnings
from importlib import import_module

import numpy as np
import pytest

from helmont.signals.heart import ArtefactRule, intervals_of_beats, kept, rmssd
from helmont.signals.heart.beats import Beats
from helmont.signals.heart.correcting import Artefact, artefacts, corrected
from helmont.signals.heart.intervals import Intervals
from helmont.signals.recording import SECOND, Values
from helmont.signals.synthetic_vitals import synthetic_beats

START = 1_700_000_000 * SECOND


def beats(seed: int) -> Values:
    """Ten minutes of beats, in whole milliseconds from the start."""
    return np.rint((synthetic_beats(seed, START, 600) - START) / 1e6)


def disturbed(seed: int) -> Values:
    """The same with a beat in fifteen early, missing, doubled or late."""
    random, true = np.random.default_rng(seed), beats(seed)
    found: list[float] = []
    chosen = set(random.choice(np.arange(20, len(true) - 20, 15), 12, replace=False).tolist())
    for number, beat in enumerate(true):
        change = random.integers(4) if number in chosen else None
        early = true[number - 1] + 0.5 * (beat - true[number - 1])
        found += {None: [beat], 0: [early], 1: [], 2: [beat, beat + 300], 3: [beat + 200]}[change]
    return np.rint(np.array(found))


def as_intervals(moments: Values) -> Intervals:
    times = START + np.rint(moments * 1e6).astype(np.int64)
    return intervals_of_beats(Beats(times, np.zeros(len(times), np.int32)))


@pytest.mark.parametrize("seed", range(12))
def test_kinds_are_those_that_neurokit_finds(seed: int) -> None:
    moments = disturbed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, _ = import_module("neurokit2.signal.signal_fixpeaks")._find_artifacts(
            moments.astype(int), sampling_rate=1000
        )
    ours = artefacts(np.diff(moments))
    names = {
        Artefact.ECTOPIC: "ectopic",
        Artefact.MISSED: "missed",
        Artefact.EXTRA: "extra",
        Artefact.MISPLACED: "longshort",
    }
    assert np.count_nonzero(ours) > 5
    for kind, name in names.items():
        assert (np.flatnonzero(ours == kind) + 1).tolist() == list(theirs[name]), name


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ([700.0, 1620.0, 810.0], Artefact.MISSED),
        ([800.0, 300.0, 510.0, 805.0], Artefact.EXTRA),
    ],
)
def test_each_kind_by_hand(change: list[float], kind: Artefact) -> None:
    """Between intervals that go up and down with the breath."""
    steady = 810 + 30 * np.sin(np.arange(60) * 1.1)
    found = artefacts(np.concatenate([steady, change[1:], steady]))
    assert found[60] == kind


def test_steady_intervals_have_no_artefacts() -> None:
    assert not artefacts(np.full(300, 800.0)).any()
    assert not artefacts(np.diff(beats(1))).any()
    for few in range(4):
        assert artefacts(np.array([800.0, 300.0, 2000.0])[:few]).tolist() == [0] * min(few, 3)


@pytest.mark.parametrize("seed", range(6))
def test_after_correction_variability_is_near_that_of_the_true_beats(seed: int) -> None:
    """A beat in fifty is wrong, half of them by less than a third of a second, which is not always seen."""
    rule = ArtefactRule(difference=None)
    true = rmssd(kept(as_intervals(beats(seed)), rule))
    wrong = as_intervals(disturbed(seed))
    found = corrected(wrong)
    assert rmssd(kept(wrong, rule)) > 1.8 * true
    assert rmssd(kept(found.intervals, rule)) == pytest.approx(true, rel=0.4)
    assert 0.5 < found.share < 5
    assert found.of == len(wrong)


def test_missing_beats_are_added_and_extra_ones_taken_away_where_they_were() -> None:
    true = beats(3)
    gone = np.delete(true, [100, 200])
    found = corrected(as_intervals(gone))
    assert found.found[Artefact.MISSED] == 2
    assert len(found.intervals) == len(true) - 1
    assert np.cumsum(found.intervals.milliseconds)[99] == pytest.approx(true[100] - true[0], abs=40)
    extra = np.sort(np.append(true, [true[150] + 290]))
    again = corrected(as_intervals(extra))
    assert again.found[Artefact.EXTRA] == 1
    assert again.intervals.milliseconds == pytest.approx(np.diff(true), abs=25)


def test_every_run_is_corrected_for_itself() -> None:
    one, two = as_intervals(beats(1)), as_intervals(disturbed(2))
    times = np.concatenate([one.ends, two.ends + 3600 * SECOND])
    lengths = np.concatenate([one.milliseconds, two.milliseconds])
    both = corrected(Intervals(times, lengths, np.concatenate([one.follows, two.follows])))
    assert both.found == corrected(two).found
    assert both.intervals.milliseconds[: len(one)] == pytest.approx(one.milliseconds)
    assert np.count_nonzero(~both.intervals.follows) == 2
    none = corrected(Intervals.none())
    assert len(none.intervals) == 0
    assert np.isnan(none.share)
