"""Movement: what a participant's week of 100 Hz acceleration takes, in processor time and in memory.

The week is made up, written as one file for each day of blocks as they are stored, and read again by each measure, in a process
of its own: 60.48 million rows. Before, that process has computed the first day, so that what is compiled is loaded. Beside it
stands scikit-digital-health, where it is installed: the same files, as the arrays of seconds and g that it takes.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from helmont.signals.recording import SECOND, Signal

START = 1_700_006_400 * SECOND  # 2023-11-15T00:00:00Z
DAY = 86_400 * SECOND
ROWS = 8_640_000
PEER = "skdh"
ELSEWHERE = (("wristpy", 47.0, 8000.0), ("GGIR", 217.0, 2100.0))
"""Of programs that cannot be installed beside this one: processor time and memory for a week like it, told for comparison."""


def measure(folder: Path, note: Callable[..., None], quick: bool) -> None:
    """Note every measure; a quick week is a day long."""
    days = 1 if quick else 7
    _run("week", folder, days)
    rows = f"{days * ROWS / 1e6:.2f} million rows"
    for name, title, most, memory in (
        ("activity", f"daily ENMO and activity minutes, {rows}", 3.0, 500.0),
        ("everything", f"with calibration, non-wear, bouts, sleep and steps, {rows}", 15.0, 1500.0),
    ):
        found = [_run(name, folder, days) for _ in range(1 if quick else 3)]
        note(title, min(each["seconds"] for each in found), "s", most)
        note("… memory at most", max(each["memory"] for each in found), "MB", memory)
    if not quick and importlib.util.find_spec(PEER):
        peer = _run("peer", folder, days)
        note(f"… the same by scikit-digital-health, {rows}", peer["seconds"], "s")
        note("… memory at most", peer["memory"], "MB")
    if not quick:
        for name, seconds, megabytes in ELSEWHERE:
            note(f"… such a week by {name}, measured before on such a machine: not of this run", seconds, "s")
            note("… memory at most, not of this run", megabytes, "MB")


def _run(name: str, folder: Path, days: int) -> dict[str, float]:
    """Call a function of this module in a process of its own: its processor time and its memory."""
    command = [sys.executable, "-m", "helmont.bench.signals", name, str(folder), str(days)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def week(folder: Path, days: int) -> dict[str, Any]:
    """Write the days, and compile what the other measures call."""
    from helmont.signals.packing import pack_all
    from helmont.signals.synthetic_motion import synthetic_recording

    for day in range(days):
        signals = synthetic_recording(3, START + day * DAY, START + (day + 1) * DAY).signals
        for name, signal in signals.items():
            (folder / f"{name}-{day}").write_bytes(pack_all(signal.stretches))
    return {"days": days}


def _day(folder: Path, name: str, day: int) -> Signal:
    """A day's samples of a channel, from its file."""
    from helmont.signals.packing import unpack_all
    from helmont.signals.synthetic_motion import WARMTH, WRIST

    channel = WRIST.channel if name == "acceleration" else WARMTH
    return Signal(channel, tuple(unpack_all((folder / f"{name}-{day}").read_bytes())))


def _days(days: int) -> Iterator[tuple[int, int]]:
    for day in range(days):
        yield START + day * DAY, START + (day + 1) * DAY


def activity(folder: Path, days: int) -> list[tuple[float, float, float]]:
    """Mean ENMO, sedentary minutes and those of MVPA of each day."""
    from helmont.signals.epochs import epochs
    from helmont.signals.motion import activity
    from helmont.signals.motion.summary import USUAL

    found = []
    for day, (start, end) in enumerate(_days(days)):
        table = epochs(_day(folder, "acceleration", day))
        minutes = activity.minutes(table, start, end, USUAL.cuts)
        found.append((activity.mean(table, start, end), minutes.sedentary, minutes.mvpa))
    return found


def everything(folder: Path, days: int) -> list[dict[str, float]]:
    """Calibration from all days, then epochs again, both algorithms of non-wear, a day's numbers, nights and steps."""
    from helmont.signals.epochs import epochs, merge
    from helmont.signals.motion.calibration import calibrate
    from helmont.signals.motion.nonwear import detach, van_hees
    from helmont.signals.motion.sleep import night
    from helmont.signals.motion.steps import steps
    from helmont.signals.motion.summary import day as summary

    warmth = [_day(folder, "temperature", day) for day in range(days)]
    first = merge([epochs(_day(folder, "acceleration", day), temperature=warmth[day]) for day in range(days)])
    calibration = calibrate(first).calibration
    tables, walked = [], []
    for day in range(days):
        signal = _day(folder, "acceleration", day)
        tables.append(epochs(signal, calibration, warmth[day]))
        walked.append(float(len(steps(signal, "wrist", calibration))))
    table = merge(tables)
    off = van_hees(table)
    worn = table.outside(off)
    found = []
    for day, (start, end) in enumerate(_days(days)):
        numbers = summary(worn, start, end) | {"steps": walked[day]}
        slept = night(worn, start + DAY // 2, end + DAY // 2)
        found.append(numbers | ({"sleep": slept.sleep} if slept else {}))
    detach(table)
    return found


def peer(folder: Path, days: int) -> object:
    """Calibration, non-wear, activity and sleep by scikit-digital-health, without days to plot or results to write."""
    from skdh import Pipeline
    from skdh.activity import ActivityLevelClassification
    from skdh.preprocessing import AccelThresholdWearDetection, CalibrateAccelerometer, GetDayWindowIndices
    from skdh.sleep import Sleep

    signals = [_day(folder, "acceleration", day) for day in range(days)]
    whole = [signal.whole() for signal in signals]
    seconds = np.concatenate([moments for moments, _ in whole]) / 1e9
    acceleration = np.concatenate([values for _, values in whole])
    del signals, whole
    pipeline = Pipeline()
    pipeline.add(CalibrateAccelerometer())
    pipeline.add(AccelThresholdWearDetection())
    pipeline.add(GetDayWindowIndices(bases=[0, 12], periods=[24, 24]))
    pipeline.add(Sleep(day_window=(12, 24)))
    pipeline.add(ActivityLevelClassification(day_window=(0, 24)))
    return pipeline.run(time=seconds, accel=acceleration, fs=100.0)


MEASURES: dict[str, Callable[[Path, int], object]] = {
    "week": week,
    "activity": activity,
    "everything": everything,
    "peer": peer,
}


def main(name: str, folder: str, days: str) -> None:
    """Print what a measure took: processor time once its code is loaded, and the most memory."""
    if name in ("activity", "everything"):
        MEASURES[name](Path(folder), 1)
    before = time.process_time()
    MEASURES[name](Path(folder), int(days))
    used = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    sys.stdout.write(json.dumps({"seconds": used, "memory": memory}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
