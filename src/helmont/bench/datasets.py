"""Live data sets of the pilot: from nothing to the whole package, after a save, the tables, and a trial many times as large."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from helmont.bench.homes import Home

if TYPE_CHECKING:
    import polars as pl

STUDY = "CDISCPILOT01"
PACKAGE = Path(__file__).resolve().parents[3] / "studies" / STUDY.lower()
FORMS = ("VS", "VS", "LBCH", "LBHE", "QSNI", "QSCO", "QSDA", "AE", "CM", "EX", "DS", "DM")
"""What is saved, about as often as at a site."""
TIMES = (1, 4, 40)
"""The pilot's 254 participants so many times over."""


def measure(home: Home, note: Callable[..., None], large: bool) -> None:
    """Note how long everything takes from nothing and after saves, and how time and memory grow with the trial."""
    found = home.call("datasets.from_nothing")
    note(f"data sets of the pilot from nothing, {found['rows']:,.0f} rows", found["seconds"], "s")
    made = home.call("datasets.package")
    note(f"its whole package from current data sets, {made['files']:.0f} files", made["seconds"], "s")
    note("… both together", found["seconds"] + made["seconds"], "s", 60)
    note("… memory of the process that writes it", made["memory"], "MB")
    note("… of the largest of those that help", made["helpers"], "MB")
    found = home.call("datasets.tables")
    note(f"{found['outputs']:.0f} tables and figures from current data sets", found["seconds"], "s", 5)
    found = home.call("datasets.after_saves", 240)
    note("a form that changed to its participant's rows in all data sets, p50", found["p50"], "ms", 50)
    note("… p99", found["p99"], "ms", 200)
    for what in ("datasets", "tables"):
        first = None
        for times in TIMES if large else TIMES[:2]:
            found = home.call("datasets.grown", what, times)
            note(f"{what} of {found['participants']:,.0f} participants", found["seconds"], "s")
            note("… memory at the peak", found["memory"], "MB")
            if first is not None:  # no faster than linearly, but for what clocks differ by
                note(f"… {times} times the trial takes times the time", found["seconds"] / first, "x", times * 1.1)
            first = first or found["seconds"]


def from_nothing() -> dict[str, float]:
    """Seconds to make every data set of the pilot on all cores, and how many rows they have."""
    from django.db.models import Sum

    from helmont.cli.setup import on_cores
    from helmont.core.projections.runner import rebuild
    from helmont.datasets.models import DatasetRows

    started = time.perf_counter()
    with on_cores(None):
        rebuild("datasets")
    seconds = time.perf_counter() - started
    rows = DatasetRows.objects.filter(study=STUDY).aggregate(rows=Sum("count"))["rows"]
    return {"seconds": seconds, "rows": rows}


def package() -> dict[str, float]:
    """Seconds to write the whole package on all cores, its files, and megabytes at the peak: here and in a helper."""
    import tempfile

    from helmont.cli.setup import on_cores
    from helmont.datasets.points import data_and_point
    from helmont.reports.package import Package
    from helmont.reports.submission import Sources, make_package

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        made = Package(Path(folder))
        with on_cores(None):
            data, point = data_and_point(STUDY)
            make_package(made, data.context.study, data.frames(), point, Sources.read(STUDY, PACKAGE))
    seconds = time.perf_counter() - started
    helpers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    return {"seconds": seconds, "files": len(made.digests), "memory": _peak(), "helpers": helpers}


def after_saves(saves: int) -> dict[str, float]:
    """Milliseconds from a form that changed to the participant's rows written."""
    from django.db import transaction

    from helmont.datasets.making import remake
    from helmont.datasets.models import DatasetRows

    chance = Random(1648)
    keys = sorted(set(DatasetRows.objects.filter(study=STUDY, dataset="ADSL").values_list("participant", flat=True)))
    took = []
    for number in range(saves + 10):
        due = {chance.choice(keys): {chance.choice(FORMS)}}
        started = time.perf_counter()
        remade = remake(STUDY, due)
        with transaction.atomic():
            remade.write(0)
        if number >= 10:  # the first ones load what is kept afterwards
            took.append((time.perf_counter() - started) * 1000)
    took.sort()
    return {"p50": took[len(took) // 2], "p99": took[int(len(took) * 0.99)]}


def tables() -> dict[str, float]:
    """Seconds to set every table and figure as text from the data sets as they are."""
    from helmont.datasets.queries import EVERYTHING, live

    started = time.perf_counter()
    data = live(STUDY, EVERYTHING, _needed())
    outputs = _set(data.context.study.analyses, data.frames())
    return {"seconds": time.perf_counter() - started, "outputs": outputs}


def grown(what: str, times: int) -> dict[str, float]:
    """Seconds and megabytes for the data sets or tables of the pilot so many times over.

    Data sets are made and packed of every casebook so many times, tables of frames in which every participant is so many.
    """
    from helmont.participants.models import Participant

    people = times * Participant.objects.filter(study=STUDY).count()
    started = time.perf_counter()
    seconds = _datasets_of(times) if what == "datasets" else _tables_of(times)
    return {
        "participants": people,
        "seconds": seconds or time.perf_counter() - started,
        "memory": max(_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6),
    }


def _datasets_of(times: int) -> float:
    from helmont.cli.setup import on_cores
    from helmont.datasets.definition import current_version
    from helmont.datasets.making import batched
    from helmont.participants.models import Participant
    from helmont.sharing import in_parts

    version = current_version(STUDY)
    keys = list(Participant.objects.filter(study=STUDY).order_by("key").values_list("key", flat=True))
    with on_cores(None):
        parts = [(version, part) for part in batched(keys)]
        for _ in in_parts(_packed, islice(parts, 2)):  # each process has read the study before it is timed
            pass
        started = time.perf_counter()
        for _ in in_parts(_packed, (part for _ in range(times) for part in parts)):
            pass
        return time.perf_counter() - started


def _packed(version: str, keys: list[str]) -> int:
    """Bytes of the packed data sets of some participants."""
    from helmont.datasets.casebooks import casebooks
    from helmont.datasets.definition import maker_for
    from helmont.datasets.store import packed

    maker = maker_for(STUDY, version)
    return sum(len(packed(rows)) for book in casebooks(STUDY, keys) for rows in maker.make(book).values())


def _tables_of(times: int) -> float:
    import polars as pl

    from helmont.datasets.queries import EVERYTHING, live

    data = live(STUDY, EVERYTHING, _needed())
    event = data.context.study.analyses
    if event is None:
        raise RuntimeError(f"{STUDY} declares no analyses")
    person = event.participant

    def many(frame: pl.DataFrame) -> pl.DataFrame:
        copies = [frame.with_columns(pl.col(person) + f"-{copy}") for copy in range(times)]
        whole = pl.concat(copies, rechunk=True)
        return whole.with_columns(pl.int_range(whole.height, dtype=pl.Int64).alias("_row"))

    frames = {name: many(frame) for name, frame in data.frames().items()}
    started = time.perf_counter()
    _set(event, frames)
    return time.perf_counter() - started


def _needed() -> dict[str, set[str]]:
    """The data sets that the analyses read, with the variables that they may read."""
    from helmont.datasets.definition import current_version
    from helmont.reports.sight import variables_of
    from helmont.studies.queries import compiled

    event = compiled(STUDY, current_version(STUDY)).study.analyses
    if event is None:
        raise RuntimeError(f"{STUDY} declares no analyses")
    return variables_of(event)


def _set(event: Any, frames: Mapping[str, pl.DataFrame]) -> int:
    """Set every table and figure as text; how many there are."""
    import tempfile
    from datetime import UTC, datetime

    from helmont.reports.publishing import publish_tables

    with tempfile.TemporaryDirectory() as folder:
        made = publish_tables(event, frames, Path(folder), datetime.now(UTC), ("txt",))
    return len({path.stem for path in made})


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
