"""Pinned snapshots: the data of a study as of one ledger entry, in a DuckDB file that never changes.

A file holds what its maker may see, and the same of every site: a privilege that they lack anywhere is left out
everywhere, so that what a snapshot holds is said in a few words, and opening it needs no less than making it did.
Tables: one a form and repeating group, ``items`` (a row each value), ``participants``, ``encounters``, ``queries``,
and ``snapshot``, which says of which study and entry it is. When something is redacted, the files are removed.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Any, ClassVar

import duckdb
from django.conf import settings
from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.ledger import store as ledger
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.edc.items import privileges
from helmont.edc.queries.worklist import visible_queries
from helmont.listings.definition import ALL
from helmont.listings.layout import ITEMS, versions_of, wide_table
from helmont.listings.models import Snapshot
from helmont.listings.sources import NUMBER, Rights, Source, hidden_values, rights, source, sources
from helmont.listings.store import columns
from helmont.studies.models import Site, Study
from helmont.studies.queries import compiled

OPENING = "export.read"
LONGEST_TITLE = 200
_names = itertools.count()
NAMED = (
    "r._participant AS participant, r._site AS site, r._country AS country, r._encounter AS encounter,"
    " try_cast(r._visit_date AS DATE) AS visit_date, r._line AS line"
)


@dataclass(frozen=True)
class MakeSnapshot(Action):
    """Record a snapshot whose file was just made: who made it, as of which entry, its hash, and what it leaves out."""

    name: ClassVar[str] = "listings.make_snapshot"
    permission: ClassVar[str] = "snapshot.make"
    study: str
    title: str
    size: int
    root: str
    sha256: str
    bytes: int
    hidden: str
    sites: str

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        key = tx.new_key(f"{self.study}/snapshots")
        tx.create(
            "snapshot",
            key,
            study=self.study,
            title=checked_title(self.title),
            maker=actor.handle,
            made=tx.timestamp,
            size=self.size,
            root=self.root,
            sha256=self.sha256,
            bytes=self.bytes,
            hidden=self.hidden,
            blinded="allocation" in self.hidden.split(),
            sites=self.sites,
        )
        return {"key": key}


@dataclass(frozen=True)
class Made:
    """A file that was made, and what it holds."""

    path: Path
    size: int
    root: str
    sha256: str
    bytes: int
    hidden: str
    sites: str

    def action(self, study: str, title: str) -> MakeSnapshot:
        return MakeSnapshot(study, title, self.size, self.root, self.sha256, self.bytes, self.hidden, self.sites)


def folder_of(study: str) -> Path:
    return Path(settings.HOME, "snapshots", study)


def file_of(snapshot: Snapshot) -> Path:
    """Where the snapshot's file is; raises ``NotFound`` when it was removed because of a redaction."""
    path = folder_of(snapshot.study) / f"{snapshot.sha256}.duckdb"
    if not path.is_file():
        raise NotFound(snapshot.key)
    return path


def remove_files(study: str) -> None:
    """Remove every snapshot's file; their records stay in the ledger."""
    folder = folder_of(study)
    for path in folder.glob("*.duckdb") if folder.is_dir() else ():
        path.unlink(missing_ok=True)


def checked_title(title: str) -> str:
    """The title, stripped; raises ``Invalid`` when there is none, or too much."""
    title = title.strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise Invalid([Fault("title", _("A snapshot needs a title."), _("1 to %d characters") % LONGEST_TITLE)])
    return title


def make_file(actor: Actor, study: Study, today: date) -> Made:
    """Write what the actor may see of the study, as of now. Raises ``NotFound`` where they may make no snapshot."""
    held = uniform(rights(actor, study.key, today, MakeSnapshot.permission), study.key)
    folder = folder_of(study.key)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    everywhere = held.sites == _all_sites(study.key)
    with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as making:
        path = Path(making, "snapshot.duckdb")
        with columns(study.key).reading(writing=True) as (connection, size), _attached(connection, path) as out:
            _write(connection, out, actor, study, held, today)
            root = ledger.open_tree(study.key, size)[0].root().hex()
            about = [study.key, study.definition, size, root, " ".join(sorted(held.privileges))]
            connection.execute(
                f"CREATE TABLE {out}.snapshot (study VARCHAR, definition VARCHAR, ledger_entries BIGINT,"
                " ledger_root VARCHAR, left_out VARCHAR)"
            )
            connection.execute(f"INSERT INTO {out}.snapshot VALUES (?, ?, ?, ?, ?)", about)
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        length = path.stat().st_size
        path = path.replace(folder / f"{digest}.duckdb")
    hidden = " ".join(sorted(held.privileges))
    return Made(path, size, root, digest, length, hidden, "" if everywhere else " ".join(sorted(held.sites)))


def uniform(held: Rights, study: str) -> Rights:
    """The rights of somebody to whom what is hidden anywhere is hidden everywhere."""
    hidden = {
        (name, item): held.sites
        for version in versions_of(study)
        for name, form in version.forms.items()
        for item, privilege in privileges(form).items()
        if privilege in held.privileges
    }
    return replace(held, hidden=hidden)


def snapshots_for(actor: Actor, study: str, today: date) -> list[Snapshot]:
    """The snapshots that the person may open, the newest first: those that leave out what is hidden from the person."""
    held = rights(actor, study, today, OPENING)
    every = held.sites >= _all_sites(study)
    return [
        each
        for each in Snapshot.objects.filter(study=study).order_by("-made")
        if held.privileges <= frozenset(each.hidden.split())
        and (every if not each.sites else frozenset(each.sites.split()) <= held.sites)
    ]


def snapshot_for(actor: Actor, key: str, today: date) -> Snapshot:
    """One snapshot; raises ``NotFound``."""
    found = next((each for each in snapshots_for(actor, key.split("/", 1)[0], today) if each.key == key), None)
    if found is None:
        raise NotFound(key)
    return found


def _all_sites(study: str) -> frozenset[str]:
    return frozenset(Site.objects.filter(study=study).values_list("number", flat=True))


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[str]:
    name = f"out_{next(_names)}"
    connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS {name}")
    try:
        yield name
        connection.execute("COMMIT")
        connection.execute(f"CHECKPOINT {name}")
    finally:
        connection.execute(f"DETACH {name}")


def _write(
    connection: duckdb.DuckDBPyConnection, out: str, actor: Actor, study: Study, held: Rights, today: date
) -> None:
    sites = f"IN ({', '.join(_text(site) for site in sorted(held.sites))})" if held.sites else "IS NULL AND false"
    mine, entered = f"p.site {sites}", f"r._site {sites}"
    connection.execute(
        f"CREATE TABLE {out}.participants AS SELECT p.number AS participant, p.site, p.country, p.status,"
        f" try_cast(p.screened AS DATE) AS screened FROM participants p WHERE {mine} ORDER BY p.number"
    )
    connection.execute(
        f"CREATE TABLE {out}.encounters AS SELECT p.number AS participant, p.site, e.oid AS encounter, e.number,"
        " e.status, try_cast(e.date AS DATE) AS date, try_cast(e.ended AS DATE) AS ended"
        f" FROM encounters e JOIN participants p ON p.key = e.participant WHERE {mine} ORDER BY p.number, e.date, e.key"
    )
    connection.execute(
        f"CREATE TABLE {out}.items AS SELECT {NAMED}, r._form AS form, r.item_key, r.item, r.item_group, r.row, r.value,"
        f" r.number, r.verified, r._revision AS ledger_entry FROM {ITEMS} r"
        f" WHERE {entered} AND NOT ({hidden_values(held)}) ORDER BY r._key, r.item_key"
    )
    definition = compiled(study.key, study.definition)
    for form, group, _title in sources(definition, "en"):
        if form != ALL:
            about = source(definition, form, group, held, "en")
            _write_form(connection, out, about, entered)
    connection.execute(
        f"CREATE TABLE {out}.queries (query VARCHAR, participant VARCHAR, site VARCHAR, form_key VARCHAR, item_key VARCHAR,"
        " edit_check VARCHAR, status VARCHAR, opened TIMESTAMP, messages INTEGER)"
    )
    rows = [
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
    for start in range(0, len(rows), 500):
        some = rows[start : start + 500]
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(some))
        connection.execute(f"INSERT INTO {out}.queries VALUES {marks}", [value for row in some for value in row])


def _hides(held: Rights, form_key: str, item_key: str) -> bool:
    parts = form_key.split("/")
    return (parts[3], item_key.rpartition(".")[2]) in held.hidden


def _write_form(connection: duckdb.DuckDBPyConnection, out: str, about: Source, entered: str) -> None:
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
        f" WHERE {entered} ORDER BY r._key, r._row"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
