"""The investigator's certified copy: everything about the site's participants that the investigator may see, in formats
that last, with the means to prove it without Helmont.

    README.txt         what this is and how to check it
    casebooks/         one PDF/A document a participant
    data/              the values as CSV, one file a form
    ledger/            every entry about these participants, the hashes of all others, the state, a signed checkpoint, the key
                       and the verifier (helmont.core.ledger.export)
    MANIFEST.sha256    the hash of every file above
    certificate.json   proof that the ledger holds the making of this very copy: who, when, and the hash of MANIFEST.sha256
    check.py           checks all of it with nothing but Python
"""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from helmont.core.ledger.export import export, prove
from helmont.core.ledger.tlog.notes import Checkpoint
from helmont.core.permissions import Actor
from helmont.core.signatures.models import SignedRecord
from helmont.core.writer import perform
from helmont.edc.actions.copies import CertifyCopy
from helmont.edc.queries.forms import forms_of, hidden_items
from helmont.participants.models import Participant
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.web.ledger.withholding import Withholding
from helmont.web.paper import check
from helmont.web.paper.contents import casebook_paper
from helmont.web.paper.rendering import render
from helmont.web.paper.shapes import Paper

MANIFEST, CERTIFICATE = "MANIFEST.sha256", "certificate.json"
# Records that belong to a study as a whole and tell nothing about another site.
COMMON = ("study:", "definition:")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Copy:
    """What a certified copy is of: the participants of one site, or one of them (``number``)."""

    study: str
    site: str
    number: str = ""

    @property
    def name(self) -> str:
        return f"{self.study}-{self.number or f'site-{self.site}'}-certified-copy"

    def participants(self) -> list[Participant]:
        found = Participant.objects.filter(study=self.study, site=self.site).order_by("number")
        return list(found.filter(number=self.number) if self.number else found)


def make_copy(of: Copy, reader: Actor, language: str, folder: Path, progress: Progress = lambda _d, _t: None) -> int:
    """Write the copy into an empty folder; returns the sequence of the entry that certifies it.

    Everything but the certificate shows the study at one moment. Raises ``Refused`` when the reader may not certify.
    """
    today = datetime.now(ZoneInfo(reader.timezone)).date()
    chosen = of.participants()

    papers: list[tuple[str, Paper]] = []
    sealed: list[Checkpoint] = []

    def read_everything(checkpoint: Checkpoint) -> None:
        """Of the same moment as the ledger. Nothing can be written meanwhile, not even how far it is."""
        papers.extend((each.number, casebook_paper(reader, each, language, checkpoint)) for each in chosen)
        _write_data(reader, chosen, folder / "data")
        sealed.append(checkpoint)

    progress(0, len(chosen))
    export(
        of.study,
        folder / "ledger",
        withhold=Withholding(reader, of.study, today),
        about=_About(of, chosen),
        beside=read_everything,
    )
    (folder / "casebooks").mkdir()
    for done, (number, paper) in enumerate(papers):
        progress(done, len(chosen))
        (folder / "casebooks" / f"{number}.pdf").write_bytes(render(paper, datetime.now(UTC)))
    shutil.copyfile(check.__file__, folder / "check.py")
    size = sealed[0].size
    readme = README.format(what=of.number or f"site {of.site}", study=of.study, size=size, people=len(chosen))
    (folder / "README.txt").write_text(readme, encoding="utf-8")
    manifest = _manifest(folder)
    (folder / MANIFEST).write_bytes(manifest)
    action = CertifyCopy(of.study, of.site, hashlib.sha256(manifest).hexdigest(), size, of.number)
    outcome = perform(action, reader, source={"channel": "web"})
    assert outcome.sequence is not None  # it always writes
    (folder / CERTIFICATE).write_bytes(orjson.dumps(prove(of.study, outcome.sequence), option=orjson.OPT_INDENT_2))
    progress(len(chosen), len(chosen))
    return outcome.sequence


class _About:
    """Which records of the study's log the copy is about."""

    def __init__(self, of: Copy, chosen: Sequence[Participant]) -> None:
        self._keys = {row.key for row in chosen}
        self._site = f"site:{of.study}/sites/{of.site}"
        under = SignedRecord.objects.filter(record__contains=f":{of.study}/").values_list("key", "signature", "record")
        signed = [(key, signature) for key, signature, record in under if self._of_participant(record)]
        self._signatures = {f"signed_record:{key}" for key, _s in signed} | {f"signature:{s}" for _k, s in signed}

    def _of_participant(self, record: str) -> bool:
        return "/".join(record.partition(":")[2].split("/", 2)[:2]) in self._keys

    def __call__(self, record: str) -> bool:
        if record.startswith(COMMON) or record == self._site or record in self._signatures:
            return True
        return self._of_participant(record)


def _write_data(reader: Actor, chosen: Iterable[Participant], folder: Path) -> None:
    """One CSV file a form: a line for each time it was filled in, a column for each item that the reader may see."""
    folder.mkdir()
    today = datetime.now(ZoneInfo(reader.timezone)).date()
    lines: dict[str, list[dict[str, str]]] = {}
    columns: dict[str, dict[str, None]] = {}
    for participant in chosen:
        study = compiled(participant.study, participant.definition)
        for row in forms_of(reader, participant, today):
            form = study.forms.get(row.form)
            if form is None:
                continue
            hidden = hidden_items(reader, participant, form, today)
            columns.setdefault(row.form, {}).update(dict.fromkeys(_columns(form, hidden, row.data)))
            place = {"PARTICIPANT": participant.number, "ENCOUNTER": row.encounter, "LINE": row.line}
            values = {key: _text(value) for key, value in row.data.items()}
            lines.setdefault(row.form, []).append({**place, "STATUS": row.status, **values})
    for form_id, found in lines.items():
        with (folder / f"{form_id}.csv").open("w", encoding="utf-8", newline="") as file:
            names = ["PARTICIPANT", "ENCOUNTER", "LINE", "STATUS", *columns[form_id]]
            writer = csv.DictWriter(file, names, restval="", extrasaction="raise")
            writer.writeheader()
            writer.writerows(found)


def _columns(form: CompiledForm, hidden: frozenset[str], data: Iterable[str]) -> list[str]:
    """Item keys in form order: those of single items always, of repeated ones where they hold something."""
    held = set(data)
    return [key for key in form.item_keys() if key in held or ("[" not in key and form.item(key).id not in hidden)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _manifest(folder: Path) -> bytes:
    """``<sha256>  <path>`` a line, as ``sha256sum --check`` reads it."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in paths
    )
    return "".join(f"{line}\n" for line in lines).encode()


README = """A certified copy of {what} in the study {study}: {people} participant(s), as of {size} entries of its ledger

Keep this folder as it is. It can be read and checked without Helmont, with Python 3.11 or later:

    python3 check.py

casebooks/         each participant's casebook as a document (PDF/A), with its audit trail
data/              the same values as tables (CSV, UTF-8), one file a form
ledger/            every entry about these participants, from which the data follow; see the README.txt there
MANIFEST.sha256    the hash of each of these files
certificate.json   the ledger's proof that this copy was made: by whom, when, and with which manifest

check.py finds a file that was changed, added or removed, an entry that was altered, a value that does not follow from the
entries, and a manifest that is not the one in the certificate. A key from inside this folder shows only that the folder
agrees with itself: compare ledger/key.txt with the key that you were told when the trial began, or the checkpoint with one
that was mailed to you.
"""
