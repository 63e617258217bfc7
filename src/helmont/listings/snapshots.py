"""Pinned snapshots: the data of a study as of one ledger entry, in a DuckDB file that never changes.

A file holds what its maker may see, and the same of every site: a privilege that they lack anywhere is left out
everywhere, so that what a snapshot holds is said in a few words, and opening it needs no less than making it did.
Tables: one a form and repeating group, ``items`` (a row each value), ``participants``, ``encounters``, ``queries``,
and ``snapshot``, which says of which study and entry it is. When something is redacted, the files are removed.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.core.ledger import store as ledger
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.edc.items import privileges
from helmont.listings.layout import versions_of
from helmont.listings.models import Snapshot
from helmont.listings.snapshot_tables import Told, write_tables
from helmont.listings.sources import Rights, rights
from helmont.listings.store import columns
from helmont.studies.models import Site, Study

OPENING = "export.read"
LONGEST_TITLE = 200


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


def make_file(actor: Actor, study: Study, today: date, told: Told = lambda _done, _total: None) -> Made:
    """Write what the actor may see of the study, as of now. Raises ``NotFound`` where they may make no snapshot.

    ``told`` hears how many tables are written, of how many.
    """
    held = uniform(rights(actor, study.key, today, MakeSnapshot.permission), study.key)
    folder = folder_of(study.key)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    everywhere = held.sites == _all_sites(study.key)
    with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as making:
        path = Path(making, "snapshot.duckdb")
        with columns(study.key).reading(writing=True) as (connection, size):
            root = ledger.open_tree(study.key, size)[0].root().hex()
            about = [study.key, study.definition, size, root, " ".join(sorted(held.privileges))]
            write_tables(connection, path, about, actor, study, held, today, told)
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
