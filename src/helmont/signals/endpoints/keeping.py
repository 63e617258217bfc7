"""Parts of a time as a file, so that a participant's days are reduced once and joined as often as endpoints ask for them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from helmont.signals.channels import Channel, Kind
from helmont.signals.endpoints.movement import Movement
from helmont.signals.endpoints.partition import Heart, Part, Partial, Plain
from helmont.signals.errors import SignalError
from helmont.signals.glucose.readings import Readings
from helmont.signals.heart.intervals import Intervals
from helmont.signals.recording import Signal

Arrays = dict[str, NDArray[Any]]
_LARGEST = 1 << 30
_FORMAT = 1
GAIT = ("start", "bout", "seconds", "height")


def pack(partial: Partial) -> bytes:
    """The partial as a file. Samples of epochs that were cut are not in it: it is for times that begin and end with an epoch."""
    about: dict[str, Any] = {}
    arrays: Arrays = {}
    for name, part in partial.parts.items():
        about[name], own = _taken_apart(part)
        arrays |= {f"{name}.{column}": values for column, values in own.items()}
    said = {
        "format": _FORMAT,
        "start": partial.start,
        "end": partial.end,
        "kinds": dict(partial.kinds),
        "parts": about,
    }
    arrays["about"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # its own option is among the names
    return zstandard.ZstdCompressor(level=3).compress(file.getvalue())


def unpack(data: bytes) -> Partial:
    """What ``pack`` made a file of. Raises ``SignalError`` for anything else."""
    try:
        file = io.BytesIO(zstandard.ZstdDecompressor().decompress(data, max_output_size=_LARGEST))
        with np.load(file, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        said = json.loads(arrays["about"].tobytes())
        kinds = {name: Kind(kind) for name, kind in said["kinds"].items()}
        parts = {name: _put_together(about, _own(arrays, name)) for name, about in said["parts"].items()}
        return Partial(said["start"], said["end"], kinds, parts)
    except (zstandard.ZstdError, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
        raise SignalError("parts", str(error)[:200], "a file of parts as it was written") from None


def _own(arrays: Arrays, name: str) -> Arrays:
    return {key.removeprefix(f"{name}."): values for key, values in arrays.items() if key.startswith(f"{name}.")}


def _taken_apart(part: Part) -> tuple[dict[str, Any], Arrays]:
    """What a part is, and its columns."""
    if isinstance(part, Readings):
        return {"type": "readings", "unit": part.unit, "step": part.step}, {"times": part.times, "values": part.values}
    if isinstance(part, Plain):
        return {"type": "plain"}, {"times": part.times, "values": part.values}
    if isinstance(part, Heart):
        columns: Arrays = {name: getattr(part.intervals, name) for name in ("ends", "milliseconds", "follows")}
        if part.beats is not None:
            columns["beats"] = part.beats
        return {"type": "heart"}, columns
    return _movement_apart(part)


def _movement_apart(part: Movement) -> tuple[dict[str, Any], Arrays]:
    from helmont.signals.epochs import TABLE

    epochs = part.epochs
    loose = epochs.loose
    about = {
        "type": "movement",
        "channel": asdict(loose.channel),
        "scale": loose.scale,
        "offset": loose.offset,
        "calibration": asdict(epochs.calibration),
        "steps": sorted(part.steps),
        "gait": part.gait is not None,
    }
    columns = {name: getattr(epochs, name) for name in TABLE}
    if part.gait is not None:
        columns |= {f"gait.{name}": getattr(part.gait, name) for name in GAIT}
    return about, columns | {f"steps.{name}": times for name, times in part.steps.items()}


def _put_together(about: Mapping[str, Any], columns: Arrays) -> Part:
    if about["type"] == "readings":
        return Readings(columns["times"], columns["values"], about["unit"], about["step"])
    if about["type"] == "plain":
        return Plain(columns["times"], columns["values"])
    if about["type"] == "heart":
        intervals = Intervals(columns["ends"], columns["milliseconds"], columns["follows"])
        return Heart(intervals, columns.get("beats"))
    from helmont.signals.epochs import TABLE, Calibration, Epochs

    said = about["channel"]
    channel = Channel(**said | {"kind": Kind(said["kind"]), "range": tuple(said["range"])})
    loose = Signal(channel, (), tuple(about["scale"]), tuple(about["offset"]))
    numbers = about["calibration"]
    three = {name: tuple(numbers[name]) for name in ("gain", "offset", "slope")}
    calibration = Calibration(**three, reference=numbers["reference"])
    table: dict[str, Any] = {name: columns[name] for name in TABLE}
    epochs = Epochs(**table, loose=loose, calibration=calibration)
    walked = None
    if about.get("gait"):
        from helmont.signals.motion.gait import Gait

        walked = Gait(*(columns[f"gait.{name}"] for name in GAIT))
    return Movement(epochs, {name: columns[f"steps.{name}"] for name in about["steps"]}, walked)
