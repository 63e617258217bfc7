"""Trial designs: what their tables, characteristics and simulations take, in seconds of processor time.

Each is measured in a process of its own, since a process keeps what it has enumerated, and the least of three counts: what else
the machine does can only add to it. Beside some stands what R needed for the same on another machine; R is not measured here.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from helmont.bench.homes import Home

TRUTH = (0.05, 0.15, 0.3, 0.45, 0.6)
PAGE = "what the page of designs shows first"
FIRST = "from helmont.design import Boin; Boin(doses=5, target=0.3).decision_table()"


Work = Callable[[], object]


@dataclass(frozen=True)
class Measure:
    """``load`` is given how many trials to simulate, loads all that takes, and gives the work that is measured."""

    load: Callable[[int], Work]
    most: float | None = None
    """Seconds of processor time that it may take."""
    trials: int = 0
    beside: str = ""
    elapses: bool = False
    """How long it takes matters as well: it runs on all processors."""


def measure(home: Home, note: Callable[..., None], quick: bool) -> None:
    """Note every measure; ``quick`` ones simulate a hundredth of the trials, once."""
    for name, each in MEASURES.items():
        trials = each.trials // 100 if quick else each.trials
        found = [home.call("designs.seconds", name, trials) for _ in range(1 if quick else 3)]
        title = name + (f", {trials:,} trials" if trials else "")
        note(title + (f" ({each.beside})" if each.beside else ""), min(cpu for cpu, _ in found), "s", each.most)
        if each.elapses:
            note("… from beginning to end", min(elapsed for _, elapsed in found), "s")
    note("first answer of a new process", min(_first() for _ in range(2 if quick else 4)), "s", 1)


def seconds(name: str, trials: int) -> tuple[float, float]:
    """Processor time, that of child processes included, and time elapsed."""
    work = MEASURES[name].load(trials)
    started, before = time.perf_counter(), time.process_time() + _of_children()
    work()
    return time.process_time() + _of_children() - before, time.perf_counter() - started


def _of_children() -> float:
    """Processor time of processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _first() -> float:
    """From the start of Python to a decision table; the first time may have to compile the modules."""
    before = _of_children()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", FIRST], env=environment, check=True)
    return _of_children() - before


def _boin(trials: int, processes: int | None = 1) -> Work:
    from helmont.design import Boin

    return partial(Boin(doses=5, target=0.3).simulate, TRUTH, trials, processes=processes)


def _exact(_trials: int, cohorts: int) -> Work:
    from helmont.design import Boin

    return partial(Boin(doses=5, target=0.3, cohorts=cohorts).exact, TRUTH)


def _page(_trials: int) -> Work:
    """What ``/designs/`` shows before anything is chosen: 10 cohorts of 3, the table, the ways ahead, two truths."""
    from django.http import QueryDict

    from helmont.web.designs.asking import asked
    from helmont.web.designs.showing import averages, shown

    def work() -> object:
        found = asked(QueryDict())
        return shown(found), averages(found)

    return work


def _crm(trials: int) -> Work:
    from helmont.design import Crm, skeleton

    return partial(Crm(skeleton(0.05, 0.3, 3, 5), 0.3, patients=24).simulate, TRUTH, trials)


def _blrm(trials: int) -> Work:
    from helmont.design import Blrm

    return partial(Blrm((10.0, 20.0, 40.0, 60.0, 90.0), 40.0).simulate, TRUTH, trials)


def _backfilling(trials: int) -> Work:
    from helmont.design import BackfillBoin

    return partial(BackfillBoin(5, 0.3).simulate, TRUTH, TRUTH, trials)


def _adaptive(trials: int) -> Work:
    from helmont.design import ResponseAdaptive

    return partial(ResponseAdaptive(3, 90).simulate, (0.2, 0.3, 0.4), trials)


def _bounds(_trials: int) -> Work:
    from helmont.design import Mams

    return Mams(4, 3, p=0.65, p0=0.55, upper="triangular", lower="triangular").bounds


def _survival(trials: int) -> Work:
    from math import log

    from helmont.design import GroupSequential, Survival, simulate_survival

    looks, survival = GroupSequential(3, 0.025, 0.2, "OF"), Survival(0.7, log(2) / 12, (24,), 0)
    return partial(simulate_survival, looks, survival, 300, (60, 120, 180), trials, 1)


MEASURES = {
    "BOIN, 5 doses, 10 cohorts of 3": Measure(_boin, 0.05, 10_000, "4.5 s: BOIN 2.7.2 of R"),
    "BOIN on all processors": Measure(partial(_boin, processes=None), trials=1_000_000, elapses=True),
    "BOIN exact, 5 doses, 10 cohorts of 3": Measure(partial(_exact, cohorts=10), 0.3),
    "BOIN exact, 5 doses, 20 cohorts of 3": Measure(partial(_exact, cohorts=20), 2),
    PAGE: Measure(_page, 0.2),
    "CRM, 24 patients": Measure(_crm, 0.2, 1_000, "10.7 s: dfcrm 0.2.2.1 of R"),
    "BLRM, 30 patients": Measure(_blrm, trials=1_000),
    "BOIN with backfilling, 5 doses, 10 cohorts of 3": Measure(_backfilling, trials=1_000),
    "response-adaptive, 3 arms, 90 patients": Measure(_adaptive, trials=1_000),
    "MAMS, triangular bounds of 4 arms, 3 stages": Measure(_bounds, 1, beside="82.7 s: MAMS 3.0.2 of R"),
    "survival, 3 looks, 300 participants": Measure(_survival, 1.2, 10_000, "1.2 s: rpact 4.5 of R"),
}
