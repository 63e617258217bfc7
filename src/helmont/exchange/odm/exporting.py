"""A study's data as one ODM file: its state, or every change with its audit record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import IO, Any

from helmont.core.errors import NotFound
from helmont.core.ledger import store
from helmont.core.ledger.models import Entry
from helmont.core.ledger.store import snapshot
from helmont.core.people.models import Person
from helmont.core.permissions import Actor
from helmont.core.signatures.models import Signature
from helmont.core.transactions import format_time
from helmont.core.writer import perform
from helmont.exchange.actions import NoteExport
from helmont.exchange.odm.state import state
from helmont.exchange.odm.trail import trail
from helmont.exchange.odm.visible import Visible
from helmont.standards.odm.clinical import Head, Piece, stream_clinical
from helmont.standards.odm.names import Version
from helmont.standards.odm.records import Administration, Location, Meaning, User
from helmont.studies.models import Site
from helmont.studies.queries import compiled
from helmont.study.model import Study

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Exported:
    """What an export holds. ``records`` are participants, or in an audit trail the entries about them."""

    format: str
    contents: str
    records: int
    participants: int
    as_of: int
    size: int
    sha256: str
    hidden: str

    def note(self, study: str) -> NoteExport:
        return NoteExport(
            study, self.format, self.contents, self.as_of, self.participants, self.size, self.sha256, self.hidden
        )


def export_odm(
    actor: Actor, study: str, target: IO[bytes], today: date, *, version: Version = "1.3.2", audit: bool = True,
    progress: Progress = lambda _done, _total: None, source: dict[str, Any] | None = None,
) -> Exported:  # fmt: skip
    """Write what ``actor`` may see to ``target``, and note it in the ledger. Raises ``NotFound`` or ``NotPermitted``.

    ``audit`` makes a transactional file of the whole audit trail; otherwise a snapshot of the present state. The data are
    those of one moment, while others go on writing. ``progress`` is told of entries of a trail, of a snapshot only that it
    began and ended: it may write to the database, which a snapshot does not allow.
    """
    visible = Visible(actor, study, today)
    digest, size, records = sha256(), 0, 0
    progress(0, sum(1 for _ in visible.participants()))
    # Entries do not change, so a trail up to a given one needs no snapshot, and its progress can be written meanwhile.
    with nullcontext() if audit else snapshot():
        participants = sum(1 for _ in visible.participants())
        as_of = store.log_size(study)
        for piece in stream_odm(visible, version=version, audit=audit, stop=as_of):
            target.write(piece.data)
            digest.update(piece.data)
            size += len(piece.data)
            records = piece.subjects
            if audit:
                progress(min(records, as_of), as_of)
    progress(1, 1)
    contents = "audit trail" if audit else "snapshot"
    hidden = visible.lacking()
    made = Exported(f"ODM {version}", contents, records, participants, as_of, size, digest.hexdigest(), hidden)
    perform(made.note(study), actor, source=source or {"channel": "command"})
    return made


def stream_odm(
    visible: Visible, *, version: Version = "1.3.2", audit: bool = True, start: int = 0, stop: int | None = None,
    study_oid: str = "", metadata: bool = True,
) -> Iterator[Piece]:  # fmt: skip
    """The file piece by piece. ``start`` and ``stop`` choose entries of an audit trail; ``study_oid`` names the study."""
    end = store.log_size(visible.study) if stop is None else stop
    head = Head(
        f"{visible.study}.{'audit' if audit else 'state'}.{end}",
        transactional=audit,
        as_of=format_time(datetime.now(UTC)),
        study_oid=study_oid,
        granularity="All" if metadata else "AllClinicalData",
    )
    subjects = trail(visible, start, end) if audit else state(visible)
    people = administration(visible)
    yield from stream_clinical(head, definitions(visible), people, subjects, version, metadata=metadata)


def definitions(visible: Visible) -> list[Study]:
    """The versions of the study that visible participants are under, the one new participants start under first."""
    from helmont.studies.models import Study as StudyRow

    current = StudyRow.objects.filter(key=visible.study).values_list("definition", flat=True).first()
    if current is None:
        raise NotFound(visible.study)
    used = {participant.definition for participant in visible.participants()}
    return [compiled(visible.study, version).study for version in [current, *sorted(used - {current})]]


def administration(visible: Visible) -> Administration:
    """The people, sites and signatures' meanings that the study's record names."""
    handles = set(Entry.objects.filter(log=visible.study).order_by().values_list("actor", flat=True).distinct()) | {
        "helmont"
    }
    names = dict(Person.objects.filter(handle__in=handles).values_list("handle", "name"))
    sites = {participant.site for participant in visible.participants()}
    meanings = dict(
        Signature.objects.filter(key__startswith=f"{visible.study}/")
        .order_by("key")
        .values_list("meaning", "statement")
    )
    return Administration(
        [User(handle, names.get(handle, handle)) for handle in sorted(handles)],
        [
            Location(site.number, site.name, site.country, site.timezone)
            for site in Site.objects.filter(study=visible.study, number__in=sites).order_by("number")
        ],
        [Meaning(name, statement) for name, statement in sorted(meanings.items())],
    )
