"""The server is killed while fifty people are saving: whatever it acknowledged is there, and nothing is half there."""

from __future__ import annotations

import http.client
import json
import random
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
import pytest

from helmont.bench.homes import Home, Server, serving, start
from helmont.bench.inside import STUDY, VISITS, form_key, values
from helmont.bench.plans import CSRF

KILLS = 3


@dataclass
class Saver(threading.Thread):
    """One person who saves one form after the other until the server is gone."""

    server: Server
    session: str
    number: int
    first_turn: int
    acknowledged: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    #: the save that was asked for and not answered: its form and what was entered
    in_flight: tuple[str, dict[str, str]] | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        with (
            closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)) as connection,
            suppress(OSError, http.client.HTTPException),  # the server is gone
        ):
            self._save_on(connection)

    def _save_on(self, connection: http.client.HTTPConnection) -> None:
        headers = {"Cookie": f"csrftoken={CSRF}; sessionid={self.session}", "X-CSRFToken": CSRF}
        for step in count():
            key, entered = form_key(self.number, step % VISITS), values(self.first_turn + step)
            self.in_flight = (key, entered)
            body = json.dumps({"values": entered, "complete": True, "reason": "Read the source again"})
            connection.request("PUT", f"/api/v1/forms/{key}", body, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.in_flight = None
            if answer.status == 200:
                self.acknowledged.append((json.loads(content)["sequence"], key, entered))
            else:
                self.refused.append(f"{answer.status} {content[:200]!r}")


def read(home: Home, statement: str) -> list[tuple[Any, ...]]:
    """Rows straight from the database, past Helmont."""
    if home.database:
        with psycopg.connect(home.database) as connection:
            return connection.execute(statement.encode()).fetchall()
    reader = sqlite3.connect(home.folder / "helmont.sqlite3")
    try:
        return reader.execute(statement).fetchall()
    finally:
        reader.close()


def kill_while_saving(home: Home, sessions: Sequence[str], turn: int, after: float) -> list[Saver]:
    """Start a server, let everybody save, kill it ``after`` seconds from the first acknowledgement."""
    server = start(home)
    try:
        savers = [Saver(server, session, number, turn) for number, session in enumerate(sessions)]
        for saver in savers:
            saver.start()
        deadline = time.monotonic() + 30
        while not any(saver.acknowledged for saver in savers) and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(after)
    finally:
        server.process.kill()
        server.process.wait()
    for saver in savers:
        saver.join(30)
        assert not saver.is_alive()
    return savers


@pytest.mark.slow
@pytest.mark.database
def test_whatever_was_acknowledged_survives_a_kill_and_nothing_is_half_there(home: Home, sessions: list[str]) -> None:
    seed = random.randrange(2**32)
    moments = random.Random(seed)
    acknowledged: dict[int, tuple[str, dict[str, str]]] = {}
    # What a form may hold: its last save that was acknowledged, or one that died on the way since.
    possible: dict[str, list[dict[str, str]]] = {}
    for kill in range(KILLS):
        savers = kill_while_saving(home, sessions, 1000 * kill, moments.uniform(0.1, 1.5))
        assert not [refusal for saver in savers for refusal in saver.refused]
        new = {sequence: (key, entered) for saver in savers for sequence, key, entered in saver.acknowledged}
        assert new, f"nothing was saved before the kill (seed {seed})"
        assert not new.keys() & acknowledged.keys(), "a sequence was given twice"
        acknowledged |= new
        possible |= {key: [entered] for _, (key, entered) in sorted(new.items())}
        for key, entered in (saver.in_flight for saver in savers if saver.in_flight):
            possible.setdefault(key, []).append(entered)

        report = home.verify()
        assert report["clean"], f"seed {seed}: {report['faults'][:3]}"

        entries = dict(read(home, f"SELECT sequence, body FROM ledger_entry WHERE log = '{STUDY}'"))
        for sequence, (key, entered) in acknowledged.items():
            entry = json.loads(entries[sequence])
            assert entry["record"] == f"form:{key}"
            told = next(change["set"] for change in entry["changes"] if change["record"] == f"form:{key}")
            wrong = [item for item in entered if told.get(f"data/{item}", [None, entered[item]])[1] != entered[item]]
            assert "data/REMARK" in told
            assert not wrong

        # A form holds what the last acknowledged save entered, or the whole of one that was on its way when the server died.
        rows = read(home, "SELECT key, CAST(data AS TEXT) FROM edc_form")
        state = {key: json.loads(data) for key, data in rows}
        for key in {key for key, _ in acknowledged.values()}:
            assert any({item: state[key].get(item) for item in entered} == entered for entered in possible[key])

    with serving(home) as again:
        assert again.process.poll() is None
