"""``python -m helmont.bench``: measure this machine against what Helmont promises.

Everything happens in temporary homes that are removed afterwards: one per database and figure group. PostgreSQL runs as
a temporary, durable cluster when it is installed. Exit code 1 when a promise is not kept.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import sql
from rich.console import Console

from helmont.bench import (
    amending,
    cluster,
    coding,
    datasets,
    designs,
    exporting,
    ingest,
    listing,
    load,
    samples,
    signals,
    watching,
)
from helmont.bench.figures import Figure, as_json, machine, show
from helmont.bench.homes import Home, serving
from helmont.bench.inside import STUDY
from helmont.bench.plans import page_request, save_plan

REPOSITORY = Path(__file__).resolve().parents[3]


WITHOUT = ("cluster", "designs", "samples", "signals")
"""Parts that need no home."""
WITHIN = ("saves", "ingest", "live", "watching", "records", "listings", "pilot", "datasets")
"""Parts of a database; data sets of ten thousand participants only when they are asked for."""


class Bench:
    """The measurements on one database; ``quick`` takes small ones, to try the bench itself."""

    def __init__(self, database: str, server: str, quick: bool, console: Console) -> None:
        self.database, self.quick, self._server, self._console = database, quick, server, console
        self.figures: list[Figure] = []

    def measure(self, part: str | None = None) -> None:
        """Everything, or one part alone, each in a home in which nothing is yet."""
        note, quick = self._note, self.quick
        measures: dict[str, Callable[[Home], None]] = {
            "saves": self._saves,
            "ingest": lambda home: ingest.measure(home, note, quick),
            "live": self._live,
            "watching": lambda home: watching.measure(home, note, quick),
            "records": self._records,
            "listings": lambda home: listing.measure(home, note, quick),
            "pilot": self._pilot,
            "datasets": self._datasets,
        }
        for name in WITHIN:
            if part == name or (part is None and name != "datasets"):
                with self._home(name) as home:
                    measures[name](home)

    def designs(self) -> None:
        """What needs no database."""
        with tempfile.TemporaryDirectory(prefix="helmont-bench-") as folder:
            designs.measure(Home(Path(folder)), self._note, self.quick)

    def signals(self) -> None:
        """Samples of devices, which need no database either."""
        with tempfile.TemporaryDirectory(prefix="helmont-bench-") as folder:
            signals.measure(Path(folder), self._note, self.quick)

    def cluster(self) -> None:
        """One function over the archive, on one machine and on a cluster."""
        with tempfile.TemporaryDirectory(prefix="helmont-bench-") as folder:
            cluster.measure(Path(folder), self._note, self.quick)

    def samples(self) -> None:
        """The log of samples, beside tables of databases."""
        with tempfile.TemporaryDirectory(prefix="helmont-bench-") as folder:
            samples.measure(Path(folder), self._note, self.quick, postgres_cluster())

    def _note(self, name: str, value: float, unit: str, target: float | None = None, *, at_least: bool = False) -> None:
        figure = Figure(self.database, name, value, unit, target, at_least)
        self.figures.append(figure)
        self._console.print(f"  {self.database}: {name} {value:,.4g} {unit}  {figure.promise}", highlight=False)

    @contextmanager
    def _home(self, name: str) -> Iterator[Home]:
        with tempfile.TemporaryDirectory(prefix="helmont-bench-") as folder:
            url = ""
            if self._server:
                url = f"{self._server}/{name}"
                with psycopg.connect(f"{self._server}/postgres", autocommit=True) as connection:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            home = Home(Path(folder), url)
            home.call("migrate")
            yield home

    def _saves(self, home: Home) -> None:
        """Audited saves of a twenty-item form over HTTP, by fifty signed-in people."""
        people, seconds = (10, 1.0) if self.quick else (50, 10.0)
        sessions = home.call("prepare", people, people)
        with serving(home) as server, load.generator() as run:
            run(load.closed_loop, save_plan(server.port, sessions, 0), people, seconds / 3)
            full = run(load.closed_loop, save_plan(server.port, sessions, 1), people, seconds)
            steady = run(load.open_loop, save_plan(server.port, sessions, 2, follow=True), people, 200.0, seconds)
            memory = server.memory
        if failures := full.failures + steady.failures:
            raise RuntimeError(f"{len(failures)} saves failed; the first: {failures[0]!r}")
        self._note(f"saves of 20 items, {people} connections", full.rate, "/s", 800, at_least=True)
        self._note("… p50", load.percentile(full.latencies, 0.5) * 1000, "ms")
        self._note("… p99", load.percentile(full.latencies, 0.99) * 1000, "ms", 100)
        self._note("saves at 200/s, p50", load.percentile(steady.latencies, 0.5) * 1000, "ms")
        self._note("… p99", load.percentile(steady.latencies, 0.99) * 1000, "ms", 20)
        if len(steady.delays) < steady.expected_events:
            raise RuntimeError(f"{steady.expected_events - len(steady.delays)} events did not arrive")
        self._note("save to event in another browser, p99", load.percentile(steady.delays, 0.99) * 1000, "ms", 500)
        self._note("memory while saving", memory, "MB", 400)

    def _live(self, home: Home) -> None:
        """The same steady load while a sponsor has the live page open, with a table of data sets that follow the saves."""
        people, seconds = (10, 1.0) if self.quick else (50, 10.0)
        sessions = home.call("prepare", people, people, True)
        sponsor = home.call("sponsor")
        with serving(home) as server, load.generator() as run:
            run(load.closed_loop, save_plan(server.port, sessions, 0), people, seconds / 3)
            for run_number, query, what in ((1, "", "its own figures"), (2, "?output=1", "a table of data sets")):
                page = page_request(server.port, sponsor, f"/studies/{STUDY}/live/{query}")
                _settled(f"{server.url}/studies/{STUDY}/live/?output=1", sponsor)
                plan = replace(save_plan(server.port, sessions, run_number, follow=True), page=page)
                steady = run(load.open_loop, plan, people, 200.0, seconds)
                if steady.failures:
                    raise RuntimeError(f"{len(steady.failures)} saves failed; the first: {steady.failures[0]!r}")
                self._note(
                    f"save at 200/s to the sponsor's open page with {what}, p50", _ms(steady.shown, 0.5), "ms", 1000
                )
                self._note("… p99", _ms(steady.shown, 0.99), "ms", 1000)
                self._note("… the page itself, p50", _ms(steady.pages, 0.5), "ms")
                self._note("… saves meanwhile, p99", _ms(steady.latencies, 0.99), "ms")

    def _records(self, home: Home) -> None:
        """A large ledger: verification, proofs, and the matrix of a large study."""
        participants, entries, leaves = (20, 1_500, 20_000) if self.quick else (1_000, 250_000, 1_000_000)
        [session] = home.call("fill", participants, entries)
        report = home.verify()
        if not report["clean"]:
            raise RuntimeError(f"the ledger does not verify: {report['faults'][:3]}")
        self._note(f"ledger verify, {entries:,} entries", report["seconds"], "s", 15)
        self._note(f"first page of the matrix, {participants:,} x 20", home.call("matrix", session) * 1000, "ms", 300)
        self._note(f"inclusion proof at {leaves:,} entries", home.call("proof", leaves) * 1000, "ms", 2)
        amending.measure(home, self._note, participants)

    def _pilot(self, home: Home) -> None:
        """The demonstration trial: loaded through the actions, then served."""
        if not self.quick:
            self._note("replay of the CDISC pilot", home.call("replay"), "s", 90 if self._server else 60)
            session = home.call("session_key", "lena.bakker")
            with serving(home) as server, load.generator() as run:
                plan = load.Plan(
                    "127.0.0.1", server.port, [[page_request(server.port, session, "/studies/CDISCPILOT01/casebooks")]]
                )
                answers = run(load.closed_loop, plan, 1, 5.0)
                self._note("memory while serving the pilot", server.memory, "MB", 400)
            self._note("page of the pilot's matrix, p50", load.percentile(answers.latencies, 0.5) * 1000, "ms")
            exporting.measure(home, self._note, self.quick)
            datasets.measure(home, self._note, large=False)
        coding.measure(home, self._note, self.quick)

    def _datasets(self, home: Home) -> None:
        """Data sets, also of ten thousand participants."""
        self._note("replay of the CDISC pilot", home.call("replay"), "s")
        datasets.measure(home, self._note, large=True)


def _settled(url: str, session: str) -> None:
    """Wait until the data sets have followed the saves before, so that a steady load begins at rest."""
    request = urllib.request.Request(url, headers={"Cookie": f"sessionid={session}"})
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        with urllib.request.urlopen(request) as answer:
            if b" data-behind" not in answer.read():
                return
        time.sleep(0.3)
    raise RuntimeError("the data sets do not come to rest")


def _ms(seconds: Sequence[float], share: float) -> float:
    """A percentile in milliseconds."""
    return load.percentile(seconds, share) * 1000


def postgres_cluster() -> Callable[[], Any] | None:
    """The temporary cluster of the repository's tools; None where there is none (an installed package)."""
    sys.path.insert(0, str(REPOSITORY))
    try:
        from tools.postgres import PostgresError, cluster, program_folder
    except ModuleNotFoundError:
        return None
    try:
        program_folder()
    except PostgresError:
        return None
    return lambda: cluster(durable=True)


@click.command()
@click.option("--quick", is_flag=True, help="Small measurements, to try the bench itself; they promise nothing.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Also write the figures to this file.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="Measure one database only.")
@click.option(
    "--part",
    type=click.Choice([*WITHIN, *WITHOUT]),
    help="This part alone; data sets also of 10,000 participants.",
)
def main(quick: bool, path: Path | None, only: str | None, part: str | None) -> None:
    """Measure saves, events, verification, proofs, listings, pages, coding, exports and samples of devices on both databases.

    And trial designs, which need none.
    """
    console = Console()
    line = machine()
    console.print(line, highlight=False)
    figures: list[Figure] = []
    bench = Bench("none", "", quick, console)
    if part in (None, "designs"):
        bench.designs()
    if part in (None, "signals"):
        bench.signals()
    if part in (None, "samples"):
        bench.samples()
    if part in (None, "cluster"):
        bench.cluster()
    figures += bench.figures
    if only != "postgresql" and part not in WITHOUT:
        bench = Bench("SQLite", "", quick, console)
        bench.measure(part)
        figures += bench.figures
    if only != "sqlite" and part not in WITHOUT:
        postgres = postgres_cluster()
        if postgres is None:
            console.print("PostgreSQL is not installed here (Debian: apt-get install postgresql); it is not measured.")
        else:
            with postgres() as url:
                bench = Bench("PostgreSQL", url.rpartition("/")[0], quick, console)
                bench.measure(part)
                figures += bench.figures
    show(console, figures)
    if path is not None:
        path.write_text(json.dumps(as_json(line, figures), indent=2, ensure_ascii=False) + "\n")
    if not quick and any(figure.met is False for figure in figures):
        sys.exit(1)


if __name__ == "__main__":
    main()
