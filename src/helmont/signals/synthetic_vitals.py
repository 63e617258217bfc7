"""Heart and glucose signals that are made up from a seed, with what is true of them, for tests and for simulated devices.

The same arguments give the same samples everywhere. Lengths of intervals go in slow waves about their mean, with a wave of
breathing, one of 0.1 Hz and noise on them; an electrocardiogram is a sum of bell curves at P, Q, R, S and T, as in McSharry
PE and others 2003, IEEE Transactions on Biomedical Engineering 50:289-294; glucose is a daily wave with meals on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helmont.signals.channels import Channel, Kind
from helmont.signals.recording import SECOND, Nanoseconds, Signal, Stretch, Values

_WAVES = ((-0.17, 0.025, 0.12), (-0.03, 0.010, -0.10), (0.0, 0.011, 1.0), (0.03, 0.012, -0.22), (0.26, 0.045, 0.28))
"""Of P, Q, R, S and T: seconds after R, width in seconds, height in mV."""
MINUTE, DAY = 60 * SECOND, 86_400 * SECOND


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticHeart:
    """A signal, and the times of the beats that it was made from."""

    signal: Signal
    beats: Nanoseconds


def synthetic_beats(seed: int, start: int, seconds: float, rate: float = 65.0, variability: float = 1.0) -> Nanoseconds:
    """The times of beats from ``start`` on for so many seconds, about ``rate`` a minute; ``variability`` scales its waves."""
    random = np.random.default_rng((seed, 1))
    count = round(seconds * rate / 60 * 1.5) + 10
    nominal = np.arange(count) * 60 / rate
    waves = 0.03 * np.sin(2 * np.pi * 0.25 * nominal) + 0.02 * np.sin(2 * np.pi * 0.1 * nominal + 1.0)
    for height, minutes in zip(random.uniform(0.01, 0.05, 6), random.uniform(1, 200, 6), strict=True):
        waves += height * np.sin(2 * np.pi * (nominal / (60 * minutes) + random.random()))
    waves += random.normal(0, 0.006, count)
    lengths = 60 / rate * np.clip(1 + variability * waves, 0.5, 1.8)
    moments = 0.3 + np.cumsum(lengths) - lengths[0]
    beats: Nanoseconds = start + np.rint(moments[moments < seconds - 0.2] * SECOND).astype(np.int64)
    return beats


def synthetic_intervals(
    seed: int, start: int, seconds: float, rate: float = 65.0, name: str = "beats"
) -> SyntheticHeart:
    """The intervals between the beats in milliseconds, each at the time it ended."""
    beats = synthetic_beats(seed, start, seconds, rate)
    counts = np.rint(np.diff(beats) / 1e6).astype(np.int32)[:, None]
    return SyntheticHeart(Signal(Channel(name, Kind.INTERBEAT_INTERVAL, "ms"), (Stretch.at(beats[1:], counts),)), beats)


def synthetic_ecg(
    seed: int,
    start: int,
    seconds: float,
    rate: float = 65.0,
    sampled: float = 250.0,
    noise: float = 0.02,
    name: str = "ecg",
) -> SyntheticHeart:
    """One lead in mV at ``sampled`` Hz, on a wandering baseline with white noise of ``noise`` mV."""
    beats = synthetic_beats(seed, start, seconds, rate)
    moments = np.arange(round(seconds * sampled)) / sampled
    lead = 0.15 * np.sin(2 * np.pi * 0.2 * moments) + np.random.default_rng((seed, 2)).normal(0, noise, len(moments))
    lead += _around((beats - start) / SECOND, moments, _WAVES)
    channel = Channel(name, Kind.ECG, "mV", rate=sampled, resolution=0.005, range=(-10.0, 10.0))
    return SyntheticHeart(_counted(channel, start, lead), beats)


def synthetic_ppg(
    seed: int,
    start: int,
    seconds: float,
    rate: float = 65.0,
    sampled: float = 64.0,
    noise: float = 0.01,
    name: str = "ppg",
) -> SyntheticHeart:
    """A pulse wave with its systolic top 0.25 s after each beat and a smaller one 0.25 s later; ``beats`` are those tops."""
    beats = synthetic_beats(seed, start, seconds - 0.3, rate)
    moments = np.arange(round(seconds * sampled)) / sampled
    wave = 0.3 * np.sin(2 * np.pi * 0.2 * moments) + np.random.default_rng((seed, 3)).normal(0, noise, len(moments))
    wave += _around((beats - start) / SECOND, moments, ((0.25, 0.08, 1.0), (0.5, 0.10, 0.35)))
    channel = Channel(name, Kind.PPG, "1", rate=sampled, resolution=0.001)
    return SyntheticHeart(_counted(channel, start, wave), beats + SECOND // 4)


def _around(beats: Values, moments: Values, waves: tuple[tuple[float, float, float], ...]) -> Values:
    """The sum of the bell curves of the beat before each moment and of the one after it."""
    after = np.searchsorted(beats, moments)
    total = np.zeros(len(moments))
    for number in (after - 1, after):
        there = (number >= 0) & (number < len(beats))
        since = moments - beats[np.clip(number, 0, len(beats) - 1)]
        for offset, width, height in waves:
            total += np.where(there, height * np.exp(-0.5 * ((since - offset) / width) ** 2), 0.0)
    return total


def _counted(channel: Channel, start: int, values: Values) -> Signal:
    assert channel.rate is not None  # evenly sampled
    counts = np.clip(np.rint(values / channel.resolution), -32_768, 32_767).astype(np.int16)[:, None]
    return Signal(channel, (Stretch(start, SECOND / channel.rate, counts),))


def synthetic_rates(seed: int, start: int, seconds: float, every: float = 5.0, name: str = "heart_rate") -> Signal:
    """Heart rates of a watch each ``every`` seconds: lower at night (UTC), higher in bouts of exercise."""
    random = np.random.default_rng((seed, 4))
    times = start + np.rint(np.arange(round(seconds / every)) * every * SECOND).astype(np.int64)
    hour = (times % DAY) / (3600 * SECOND)
    rates = 66 - 9 * np.cos(2 * np.pi * (hour - 3) / 24) + random.normal(0, 2.5, len(times))
    bout = int(random.integers(8, 19))
    rates += 45 * np.exp(-0.5 * ((hour - bout - 0.5) / 0.25) ** 2)
    counts = np.clip(np.rint(rates), 35, 220).astype(np.int16)[:, None]
    return Signal(Channel(name, Kind.HEART_RATE, "/min", rate=1 / every), (Stretch(start, every * SECOND, counts),))


def synthetic_glucose(
    seed: int,
    start: int,
    days: float,
    mean: float = 130.0,
    spread: float = 1.0,
    lost: float = 0.02,
    name: str = "glucose",
) -> Signal:
    """A reading in mg/dL every five minutes; ``lost`` is the share of readings that go missing, some in rows.

    Three meals a day about 7, 12 and 18 o'clock UTC each raise glucose for three hours; ``spread`` scales all but the mean.
    """
    random = np.random.default_rng((seed, 5))
    times = start + np.arange(round(days * 288)) * 5 * MINUTE + random.integers(-2, 3, round(days * 288)) * SECOND
    values = mean + 12 * spread * np.sin(2 * np.pi * (times % DAY) / DAY - 2.0)
    for day in range(int(start // DAY) - 1, int(times[-1] // DAY) + 1 if len(times) else 0):
        for hour in (7, 12, 18):
            meal = day * DAY + (hour + random.normal(0, 0.4)) * 3600 * SECOND
            height = spread * random.uniform(30, 90)
            since = np.clip((times - meal) / (45 * MINUTE), 0, None)
            values = values + height * since * np.exp(1 - since)
    level = np.zeros(len(times))
    noise = random.normal(0, 2.0 * spread, len(times))
    for number in range(1, len(times)):
        level[number] = 0.9 * level[number - 1] + noise[number]
    counts = np.clip(np.rint(values + level), 40, 400).astype(np.int16)[:, None]
    there = random.random(len(times)) >= lost / 2
    for begin in np.flatnonzero(random.random(len(times)) < lost / 24):
        there[begin : begin + 12] = False
    channel = Channel(name, Kind.GLUCOSE, "mg/dL", rate=1 / 300, range=(40.0, 400.0))
    return Signal(channel, (Stretch.at(times[there], counts[there]),))
