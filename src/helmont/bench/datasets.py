"""Live data sets of the pilot: from nothing, after a save, and the tables that are made of them."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from random import Random

from helmont.bench.homes import Home

STUDY = "CDISCPILOT01"
FORMS = ("VS", "VS", "LBCH", "LBHE", "QSNI", "QSCO", "QSDA", "AE", "CM", "EX", "DS", "DM")
"""What is saved, about as often as at a site."""


def measure(home: Home, note: Callable[..., None], quick: bool) -> None:
    """Note how long it takes until data sets are current, from nothing and after saves, and until all tables are set."""
    found = home.call("datasets.from_nothing")
    note(f"data sets of the pilot from nothing, {found['rows']:,.0f} rows", found["seconds"], "s")
    note("… memory it took", found["grown"], "MB")
    found = home.call("datasets.after_saves", 24 if quick else 240)
    note("a save to its participant's rows in all data sets, p50", found["p50"], "ms", 50)
    note("… p99", found["p99"], "ms", 200)
    found = home.call("datasets.tables")
    note(f"{found['outputs']:.0f} tables and figures from current data sets", found["seconds"], "s", 5)
    times = 2 if quick else 8
    once, more = home.call("datasets.made", 1), home.call("datasets.made", times)
    note(f"{times} times as many participants: times the time", more["seconds"] / once["seconds"], "x", times * 1.1)
    note("… times the memory", more["grown"] / once["grown"], "x", times)


def from_nothing() -> dict[str, float]:
    """Seconds to make every data set of the pilot, how many rows they have, and megabytes of memory at the peak."""
    from django.db.models import Sum

    from helmont.core.projections.runner import rebuild
    from helmont.datasets.models import DatasetRows

    before, started = _peak(), time.perf_counter()
    rebuild("datasets")
    seconds = time.perf_counter() - started
    rows = DatasetRows.objects.filter(study=STUDY).aggregate(rows=Sum("count"))["rows"]
    return {"seconds": seconds, "rows": rows, "grown": _peak() - before}


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
    import tempfile
    from datetime import UTC, datetime
    from pathlib import Path

    from helmont.datasets.queries import EVERYTHING, live
    from helmont.reports.publishing import publish_tables

    started = time.perf_counter()
    data = live(STUDY, EVERYTHING)
    event = data.context.study.analyses
    if event is None:
        raise RuntimeError(f"{STUDY} declares no analyses")
    with tempfile.TemporaryDirectory() as folder:
        made = publish_tables(event, data.frames(), Path(folder), datetime.now(UTC), ("txt",))
    return {"seconds": time.perf_counter() - started, "outputs": len({path.stem for path in made})}


def made(times: int) -> dict[str, float]:
    """Seconds and megabytes of memory for the data sets of so many times 60 participants, made and packed one by one."""
    from helmont.datasets.casebooks import casebooks
    from helmont.datasets.definition import current_version, maker_for
    from helmont.datasets.store import packed
    from helmont.participants.models import Participant

    keys = list(Participant.objects.filter(study=STUDY).order_by("key").values_list("key", flat=True)[:60])
    maker = maker_for(STUDY, current_version(STUDY))
    before, started, size = _peak(), time.perf_counter(), 0
    for _ in range(times):
        for casebook in casebooks(STUDY, keys):
            size += sum(len(packed(rows)) for rows in maker.make(casebook).values())
    return {"seconds": time.perf_counter() - started, "grown": _peak() - before, "packed": size / 1e6}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
