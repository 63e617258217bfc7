"""An installation of its own for a test: a home folder, a fresh database, and the ``helmont`` command on them."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

REPOSITORY = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("HELMONT_TEST_DATABASE_URL", "")


class Installation:
    """``home`` holds all state; ``database_url`` is empty for SQLite."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.home = home
        self.database_url = database_url
        self.environment = {
            **os.environ,
            "HELMONT_HOME": str(home),
            "HELMONT_DATABASE_URL": database_url,
            "DJANGO_SETTINGS_MODULE": "helmont.settings",
        }

    def run(self, *arguments: str, code: int = 0, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run ``helmont ARGUMENTS`` and hold it to its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "helmont", *arguments],
            env=self.environment,
            cwd=REPOSITORY,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        assert "Traceback" not in done.stderr, done.stderr[-4000:]
        return done

    def python(self, program: str) -> str:
        """What a Python program prints that runs on this installation, with Django set up."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{program}"],
            env=self.environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@contextmanager
def installation(home: Path) -> Iterator[Installation]:
    """A new installation on SQLite, or on the PostgreSQL server of this run in a database of its own."""
    if not SERVER:
        yield Installation(home, "")
        return
    name = f"helmont_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield Installation(home, urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}")))
    finally:
        with psycopg.connect(SERVER, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
