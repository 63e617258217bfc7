"""Which format a file has, told by its content, and the recording in it."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from helmont.signals.errors import SignalError
from helmont.signals.files import (
    actigraph,
    actigraph_csv,
    apple_health,
    archives,
    axivity,
    axivity_csv,
    cgm,
    clock,
    edf,
    fitbit,
    garmin,
    garmin_days,
    geneactiv,
    open_mhealth,
    wfdb,
)
from helmont.signals.files.archives import Archive
from helmont.signals.files.source import Source
from helmont.signals.recording import Recording

HEAD = 64 << 10  # bytes by which a file is recognised
LARGEST = 8 << 30  # bytes that one packed file may have when unpacked
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: what people call it, whether the first bytes are of one, and how it is read."""

    label: str
    recognised: Callable[[bytes], bool]
    read: Callable[[Source], Recording]


@dataclass(frozen=True, slots=True)
class Packed:
    """A kind of zip archive."""

    label: str
    recognised: Callable[[Archive], bool]
    read: Callable[[Source, Archive], Recording]


FORMATS = (
    Format("Axivity .cwa", axivity.recognised, axivity.read),
    Format("GENEActiv .bin", geneactiv.recognised, geneactiv.read),
    Format("ActiGraph .csv", actigraph_csv.recognised, actigraph_csv.read),
    Format("Axivity .csv", axivity_csv.recognised, axivity_csv.read),
    Format("EDF, EDF+ or BDF", edf.recognised, edf.read),
    Format("glucose of Dexcom Clarity, LibreView or a table of id, time and gl", cgm.recognised, cgm.read),
    Format("Apple Health export.xml", apple_health.recognised, apple_health.read),
    Format("Garmin .fit", garmin.recognised, garmin.read),
    Format("Garmin days (UDSFile JSON)", garmin_days.recognised, garmin_days.read),
    Format("Fitbit JSON", fitbit.recognised, fitbit.read),
    Format("Open mHealth JSON", open_mhealth.recognised, open_mhealth.read),
    Format("WFDB .hea with its files beside it", wfdb.recognised, wfdb.read),
)
ARCHIVES = (
    Packed("ActiGraph .gt3x", actigraph.recognised, actigraph.read),
    Packed("Apple Health export.zip", apple_health.archived, apple_health.read_archive),
    Packed("Fitbit days of Google Takeout in a zip archive", fitbit.archived, fitbit.read_archive),
    Packed("Garmin's export of an account in a zip archive", garmin_days.archived, garmin_days.read_archive),
    Packed("a WFDB record in a zip archive", wfdb.archived, wfdb.read_archive),
)


def accepted() -> str:
    """The formats that can be read, for people."""
    return ", ".join(entry.label for entry in (*FORMATS, *ARCHIVES)) + ", or one such file in a zip archive or gzip"


def read(path: Path, *, name: str = "", timezone: str = "UTC") -> Recording:
    """The recording in a file of any of the formats.

    ``name`` is what errors and findings call the file (default: the name of the path). Clocks that do not say where they
    are run in ``timezone``; how, the module ``clock`` states. Raises ``SignalError`` with the place of what is wrong.
    """
    clock.zone(timezone)
    return _read(Source(Path(path), name or Path(path).name, timezone), within=False)


def _read(source: Source, within: bool) -> Recording:
    head = source.head(HEAD)
    if head.startswith(archives.ZIP) and not within:
        with archives.opened(source.path, source.name) as archive:
            return _unzipped(source, archive)
    if head.startswith(GZIP) and not within:
        return _unpacked(source, _gunzipped(source))
    for entry in FORMATS:
        if entry.recognised(head):
            return entry.read(source)
    found = "an empty file" if not head else f"a file that begins with {head[:16]!r}"
    raise SignalError(source.name, found, accepted())


def _unzipped(source: Source, archive: Archive) -> Recording:
    for entry in ARCHIVES:
        if entry.recognised(archive):
            return entry.read(source, archive)
    members = [member for member in archive if not member.startswith("__MACOSX/")]
    if len(members) != 1:
        raise SignalError(source.name, f"a zip archive of {len(members)} files", accepted())
    inner = replace(source, name=archive.place(members[0]))
    return _unpacked(inner, archive.chunks(members[0], LARGEST))


def _unpacked(source: Source, chunks: Iterable[bytes]) -> Recording:
    """The recording in what comes out of an archive, by way of a file that is gone afterwards."""
    with tempfile.NamedTemporaryFile(prefix="helmont-signals-") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        return _read(replace(source, path=Path(file.name)), within=True)


def _gunzipped(source: Source) -> Iterator[bytes]:
    """The content of a gzip file, within the limits of archives."""
    taken = given = 0
    with source.opened() as file:
        unpacking = zlib.decompressobj(31)
        while chunk := file.read(1 << 20):
            taken += len(chunk)
            while chunk:
                try:
                    piece = unpacking.decompress(chunk, archives.CHUNK)
                except zlib.error as error:
                    raise SignalError(source.byte(taken - len(chunk)), str(error), "a whole gzip file") from None
                given += len(piece)
                if given > LARGEST or given > max(archives.SMALL, taken * archives.MOST_EXPANSION):
                    limits = f"at most {LARGEST} bytes and {archives.MOST_EXPANSION} times the packed size"
                    raise SignalError(source.byte(taken), f"{given} bytes unpacked so far", limits)
                yield piece
                chunk = unpacking.unconsumed_tail
                if unpacking.eof:
                    chunk = unpacking.unused_data
                    unpacking = zlib.decompressobj(31)
        if taken and not given:
            raise SignalError(source.byte(taken), "nothing", "a whole gzip file")
