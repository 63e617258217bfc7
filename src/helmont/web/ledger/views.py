"""The ledger of a study: how long it is, what seals it, and what an outsider can check."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import orjson
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from helmont.core.errors import NotFound
from helmont.core.ledger import checkpoints, export, store, verifier
from helmont.core.ledger.models import Checkpoint as StoredCheckpoint
from helmont.core.ledger.models import Entry
from helmont.core.ledger.tlog.notes import Checkpoint
from helmont.core.permissions import Scope
from helmont.edc.queries.audit import Mask, readable
from helmont.participants.queries import participant_for
from helmont.studies.queries import compiled
from helmont.web.access import act, actor, require_everywhere, study_or_404, today
from helmont.web.audit.trail import Reader
from helmont.web.ledger.withholding import Withholding

SHOWN = 8


def _download(content: str, name: str, kind: str = "text/plain; charset=utf-8") -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_safe
def ledger(request: HttpRequest, study: str) -> HttpResponse:
    """Size, root, the latest checkpoints and the key; ``?entry=`` leads to one entry."""
    found = study_or_404(request, study)
    asked = request.GET.get("entry", "").strip()
    size = store.log_size(study)
    if asked.isdecimal() and len(asked) < 16 and int(asked) < size:
        return redirect("ledger:entry", study, int(asked))
    tree, _tiles = store.open_tree(study, size)
    person, day = actor(request), today(request)
    sealed = list(StoredCheckpoint.objects.filter(log=study).order_by("-size")[:SHOWN])
    context = {
        "size": size,
        "root": tree.root().hex(),
        "checkpoints": sealed,
        "latest": sealed[0] if sealed else None,
        "origin": checkpoints.origin(study),
        "key": checkpoints.verifier_key(study),
        "asked": asked,
        "may_export": person.may("ledger.export", Scope(found.key), day),
        "may_read": bool(person.places("audit.view", study, day)),
    }
    return render(request, "web/ledger/ledger.html", context)


@require_safe
def checkpoint(request: HttpRequest, study: str) -> HttpResponse:
    """The signed note of ``?size=`` entries, or the latest."""
    study_or_404(request, study)
    size = request.GET.get("size", "")
    note = checkpoints.latest_checkpoint(study, int(size) if size.isdecimal() and len(size) < 16 else None)
    if not note:
        raise NotFound(f"{study} checkpoint {size}")
    return _download(note, f"{study}-checkpoint-{Checkpoint.parse(note.rpartition(chr(10) * 2)[0] + chr(10)).size}.txt")


@require_safe
def key(request: HttpRequest, study: str) -> HttpResponse:
    study_or_404(request, study)
    return _download(checkpoints.verifier_key(study) + "\n", f"{study}-key.txt")


@require_safe
def verifier_file(request: HttpRequest, study: str) -> HttpResponse:
    """The program that checks a proof or an export; one file."""
    study_or_404(request, study)
    return _download(Path(verifier.__file__).read_text(encoding="utf-8"), "verifier.py", "text/x-python; charset=utf-8")


class _Reading:
    """One entry, for one person. Raises ``NotFound`` when it is about somebody who is not theirs to see."""

    def __init__(self, request: HttpRequest, study: str, sequence: int) -> None:
        found = study_or_404(request, study)
        person, day = actor(request), today(request)
        entry: Entry | None = Entry.objects.filter(log=study, sequence=sequence).first()
        if entry is None:
            raise NotFound(f"{study} entry {sequence}")
        mask, version = None, found.definition
        if entry.participant:
            row = participant_for(person, study, entry.participant.split("/", 1)[1], day, "audit.view")
            mask, version = Mask(person, row, day), row.definition
        elif not person.may("audit.view", Scope(study), day):
            raise NotFound(f"{study} entry {sequence}")
        self.entry, self.shown = entry, readable(entry, mask)
        # A body goes out whole or not at all: with a value left out, its hash would be another.
        self.whole = bool(entry.body) and len(self.shown.changes) == len(readable(entry).changes)
        if entry.action == "ledger.redact" and person.hidden(Scope(study), day):
            # It restates the entries that it blanked, whatever they were about.
            self.whole = False
        self.study = compiled(study, version)


@require_safe
def entry(request: HttpRequest, study: str, sequence: int) -> HttpResponse:
    """One entry, its place in the tree, and what proves it."""
    reading = _Reading(request, study, sequence)
    tree, _tiles = store.open_tree(study)
    [shown] = Reader(reading.study, get_language() or "en").entries(study, [reading.shown])
    context: dict[str, Any] = {
        "shown": shown,
        "leaf": bytes(reading.entry.leaf).hex(),
        "whole": reading.whole,
        "body": orjson.dumps(orjson.loads(reading.entry.body), option=orjson.OPT_INDENT_2).decode()
        if reading.whole
        else "",
        "size": tree.size,
        "root": tree.root().hex(),
        "inclusion": [value.hex() for value in tree.inclusion_proof(sequence)],
        "sequence": sequence,
        "previous": sequence - 1 if sequence else None,
        "next": sequence + 1 if sequence + 1 < tree.size else None,
    }
    return render(request, "web/ledger/entry.html", context)


@require_safe
def proof(request: HttpRequest, study: str, sequence: int) -> HttpResponse:
    """``proof.json`` for ``verifier.py --proof``; 404 for an entry whose body may not go to this person."""
    reading = _Reading(request, study, sequence)
    if not reading.whole:
        raise NotFound(f"{study} entry {sequence}")
    content = orjson.dumps(export.prove(study, sequence), option=orjson.OPT_INDENT_2).decode()
    return _download(content, f"{study}-entry-{sequence}-proof.json", "application/json")


@require_POST
def export_page(request: HttpRequest, study: str) -> FileResponse:
    """The whole log as a zip archive, recorded in the log itself. What the person may not see is withheld in it."""
    study_or_404(request, study)
    require_everywhere(request, "ledger.export", study)
    act(request, export.ExportLedger(study, request.POST.get("reason", "").strip()))
    archive = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with tempfile.TemporaryDirectory(prefix="helmont-export-") as place:
        folder = Path(place) / study
        export.export(study, folder, withhold=Withholding(actor(request), study, today(request)))
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
            for path in sorted(folder.iterdir()):
                bundle.write(path, f"{study}/{path.name}")
    archive.seek(0)
    return FileResponse(archive, as_attachment=True, filename=f"{study}-ledger-{today(request)}.zip")
