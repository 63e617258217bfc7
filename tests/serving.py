"""A real server for the tests in a browser: a prepared home (``tests.staging``), copies of it, a server on each.

Made once per run, whichever of its processes comes first: ``shared_stage()``. A copy costs a folder on SQLite and
``CREATE DATABASE … TEMPLATE`` on PostgreSQL: ``with site(stage, folder) as running: running.url``.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from helmont.bench.homes import Home, Server, serving

ROOT = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("HELMONT_TEST_DATABASE_URL", "").rpartition("/")[0]


def execute(statement: sql.Composed) -> None:
    """Run one statement beside the databases of this run's PostgreSQL server."""
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(statement)


@dataclass(frozen=True)
class Stage:
    """The prepared home, and ways in: per handle the key of a session and the secret of an access token."""

    home: Home
    sessions: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """A running server on a copy of the stage."""

    stage: Stage
    server: Server

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def home(self) -> Path:
        return self.server.home.folder

    def get(self, handle: str, path: str) -> Any:
        """What the API answers that person at ``/api/v1<path>``."""
        return self._ask("GET", handle, path)

    def post(self, handle: str, path: str, **fields: Any) -> Any:
        """Send ``fields`` as JSON and return the answer."""
        return self._ask("POST", handle, path, fields)

    def put(self, handle: str, path: str, **fields: Any) -> Any:
        return self._ask("PUT", handle, path, fields)

    def _ask(self, method: str, handle: str, path: str, fields: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            method=method,
            data=None if fields is None else json.dumps(fields).encode(),
            headers={"Authorization": f"Bearer {self.stage.tokens[handle]}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:2000]}") from None


def _home(folder: Path) -> tuple[Home, sql.Identifier]:
    """A home in ``folder`` and, for PostgreSQL, the name of its database (not made yet)."""
    name = f"stage_{uuid.uuid4().hex[:12]}"
    return Home(folder, f"{SERVER}/{name}" if SERVER else ""), sql.Identifier(name)


def prepare(folder: Path) -> Stage:
    """Make the home that every site is a copy of (``tests.staging``)."""
    folder.mkdir(exist_ok=True)
    home, database = _home(folder)
    if SERVER:
        execute(sql.SQL("CREATE DATABASE {}").format(database))
    done = subprocess.run(
        [sys.executable, "-m", "tests.staging"],
        env=home.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Stage(home, **json.loads(done.stdout.splitlines()[-1]))


def shared_stage() -> Stage:
    """The stage of this run: the first process makes it, and the others wait for it."""
    folder = Path(os.environ["HELMONT_TEST_STATE"]) / "stage"
    folder.mkdir(exist_ok=True)
    made = folder / "stage.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            stage = prepare(folder / "home")
            content = {"database": stage.home.database, "sessions": stage.sessions, "tokens": stage.tokens}
            made.write_text(json.dumps(content))
    content = json.loads(made.read_text())
    return Stage(Home(folder / "home", content["database"]), content["sessions"], content["tokens"])


@contextmanager
def site(stage: Stage, folder: Path, **environment: str) -> Iterator[Site]:
    """A server on a copy of the stage in ``folder``, for as long as the block lasts."""
    shutil.copytree(stage.home.folder, folder, dirs_exist_ok=True)
    home, database = _home(folder)
    if SERVER:
        template = sql.Identifier(stage.home.database.rpartition("/")[2])
        execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, template))
    try:
        with serving(home, **environment) as server:
            yield Site(stage, server)
    finally:
        if SERVER:
            execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
