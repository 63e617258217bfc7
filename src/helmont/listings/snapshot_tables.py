"""What a snapshot's file holds: the tables, for one person's rights."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from helmont.core.permissions import Actor
from helmont.edc.queries.worklist import visible_queries
from helmont.listings.bases import quoted
from helmont.listings.definition import ALL
from helmont.listings.layout import ITEMS, wide_table
from helmont.listings.sources import NUMBER, Rights, Source, hidden_values, source, sources
from helmont.studies.models import Study
from helmont.studies.queries import compiled

Told = Callable[[int, int], object]
_names = itertools.count()
NAMED = (
    "r._participant AS participant, r._site AS site, r._country AS country, r._encounter AS encounter,"
    " try_cast(r._visit_date AS DATE) AS visit_date, r._line AS line"
)


def write_tables(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    about: Sequence[Any],
    actor: Actor,
    study: Study,
    held: Rights,
    today: date,
    told: Told,
) -> None:
    """Write a new file at ``path`` from what the connection's transaction sees; ``about`` is the row of ``snapshot``."""
    with _attached(connection, path) as out:
        definition = compiled(study.key, study.definition)
        forms = [each[:2] for each in sources(definition, "en") if each[0] != ALL]
        written = itertools.count(1)
        steps = len(forms) + 3
        _write_whole(connection, out, held, about)
        told(next(written), steps)
        _write_items(connection, out, held)
        told(next(written), steps)
        for form, group in forms:
            _write_form(connection, out, source(definition, form, group, held, "en"), held)
            told(next(written), steps)
        _write_queries(connection, out, _queries(actor, study, held, today))
        told(steps, steps)


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[str]:
    name = f"out_{next(_names)}"
    connection.execute(f"ATTACH '{quoted(path)}' AS {name}")
    try:
        yield name
        connection.execute("COMMIT")
        connection.execute(f"CHECKPOINT {name}")
    finally:
        connection.execute(f"DETACH {name}")


def _at(column: str, held: Rights) -> str:
    """SQL that keeps rows at the person's sites."""
    sites = ", ".join(_text(site) for site in sorted(held.sites))
    return f"{column} IN ({sites})" if sites else "false"


def _write_whole(connection: duckdb.DuckDBPyConnection, out: str, held: Rights, about: Sequence[Any]) -> None:
    """The tables of what was made, of participants and of encounters."""
    connection.execute(
        f"CREATE TABLE {out}.snapshot (study VARCHAR, definition VARCHAR, ledger_entries BIGINT,"
        " ledger_root VARCHAR, left_out VARCHAR)"
    )
    connection.execute(f"INSERT INTO {out}.snapshot VALUES (?, ?, ?, ?, ?)", about)
    connection.execute(
        f"CREATE TABLE {out}.participants AS SELECT p.number AS participant, p.site, p.country, p.status,"
        f" try_cast(p.screened AS DATE) AS screened FROM participants p WHERE {_at('p.site', held)} ORDER BY p.number"
    )
    connection.execute(
        f"CREATE TABLE {out}.encounters AS SELECT p.number AS participant, p.site, e.oid AS encounter, e.number,"
        " e.status, try_cast(e.date AS DATE) AS date, try_cast(e.ended AS DATE) AS ended"
        f" FROM encounters e JOIN participants p ON p.key = e.participant WHERE {_at('p.site', held)}"
        " ORDER BY p.number, e.date, e.key"
    )


def _write_items(connection: duckdb.DuckDBPyConnection, out: str, held: Rights) -> None:
    connection.execute(
        f"CREATE TABLE {out}.items AS SELECT {NAMED}, r._form AS form, r.item_key, r.item, r.item_group, r.row, r.value,"
        f" r.number, r.verified, r._revision AS ledger_entry FROM {ITEMS} r"
        f" WHERE {_at('r._site', held)} AND NOT ({hidden_values(held)}) ORDER BY r._key, r.item_key"
    )


def _queries(actor: Actor, study: Study, held: Rights, today: date) -> list[list[Any]]:
    """The queries that the person may see, on what the snapshot holds."""
    return [
        [
            q.key,
            q.participant_id.split("/", 1)[1],
            q.site,
            q.form,
            q.item,
            q.rule,
            q.status,
            q.opened[:26],
            len(q.messages),
        ]
        for q in visible_queries(actor, study.key, study.definition, today).order_by("key")
        if q.site in held.sites and not _hides(held, q.form, q.item)
    ]


def _write_queries(connection: duckdb.DuckDBPyConnection, out: str, rows: Sequence[Sequence[Any]]) -> None:
    connection.execute(
        f"CREATE TABLE {out}.queries (query VARCHAR, participant VARCHAR, site VARCHAR, form_key VARCHAR, item_key VARCHAR,"
        " edit_check VARCHAR, status VARCHAR, opened TIMESTAMP, messages INTEGER)"
    )
    for start in range(0, len(rows), 500):
        some = rows[start : start + 500]
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(some))
        connection.execute(f"INSERT INTO {out}.queries VALUES {marks}", [value for row in some for value in row])


def _hides(held: Rights, form_key: str, item_key: str) -> bool:
    parts = form_key.split("/")
    return (parts[3], item_key.rpartition(".")[2]) in held.hidden


def _write_form(connection: duckdb.DuckDBPyConnection, out: str, about: Source, held: Rights) -> None:
    """A table of one form, or of the rows of a repeating group: items by their ids, numbers as numbers."""
    named = [f"{NAMED}, r._status AS form_status, r._revision AS ledger_entry"]
    if about.group:
        named.append("r._row AS row")
    for each in about.columns.values():
        if each.item is None or each.single:
            continue
        named.append(f'{each.order if each.kind == NUMBER else each.expression} AS "{each.id}"')
        if each.item.units:
            named.append(f'{each.expression} AS "{each.id}_ENTERED"')
    name = f"{about.form}_{about.group}" if about.group else about.form
    connection.execute(
        f'CREATE TABLE {out}."{name}" AS SELECT {", ".join(named)} FROM "{wide_table(about.form, about.group)}" r'
        f" WHERE {_at('r._site', held)} ORDER BY r._key, r._row"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
