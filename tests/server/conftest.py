"""Servers on homes of their own, copied from one that is made once per test process."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from helmont.bench.homes import Home, Server, free_port, serving

PEOPLE = 50
MOSQUITTO = """
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 1000
"""


class Template:
    """The study of the bench with ``PEOPLE`` participants and site coordinators, each visit begun; and copies of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = os.environ.get("HELMONT_TEST_DATABASE_URL", "").rpartition("/")[0]
        self._run = uuid.uuid4().hex[:10]
        self._home = self._make("template", "")
        self._home.call("migrate")
        self.sessions: list[str] = self._home.call("prepare", PEOPLE, PEOPLE)

    def _make(self, name: str, template: str) -> Home:
        folder = self._folder / name
        if template:
            shutil.copytree(self._folder / template, folder)
        else:
            folder.mkdir()
        if not self._server:
            return Home(folder)
        database = f"{name}_{self._run}"
        source = f"{template}_{self._run}" if template else "template1"
        self._execute("CREATE DATABASE {} TEMPLATE {}", database, source)
        return Home(folder, f"{self._server}/{database}")

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(f"{self._server}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]  # our own text

    @contextmanager
    def copy(self) -> Iterator[Home]:
        """A copy for as long as the block lasts."""
        name = f"copy_{uuid.uuid4().hex[:8]}"
        home = self._make(name, "template")
        try:
            yield home
        finally:
            shutil.rmtree(home.folder)
            if self._server:
                self._execute("DROP DATABASE {} WITH (FORCE)", f"{name}_{self._run}")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("homes"))


@pytest.fixture
def sessions(template: Template) -> list[str]:
    """A session key of each signed-in coordinator; they are the same in every copy."""
    return template.sessions


@pytest.fixture
def home(template: Template) -> Iterator[Home]:
    """A home of the test's own."""
    with template.copy() as copy:
        yield copy


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    """A server on the test's own home."""
    with serving(home) as running:
        yield running


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """The port of a Mosquitto of the test's own."""
    port = free_port()
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(MOSQUITTO.format(port=port))
    command = ["/usr/sbin/mosquitto", "-c", str(settings)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)
