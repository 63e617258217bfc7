"""Trial data as somebody brings them: an ODM file, or CSV files with their mapping; alone, side by side or in a ZIP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import file_digest, sha256
from pathlib import Path

from helmont.core.errors import NotPermitted
from helmont.core.permissions import Actor, Grant, Scope
from helmont.core.roles import ROLES
from helmont.exchange.edc_csv import plan_csv
from helmont.exchange.importing import Plan, Report
from helmont.exchange.odm.planning import plan_odm
from helmont.standards.archives import BadArchive, is_archive, unpack
from helmont.standards.edc_csv.mapping import read_mapping
from helmont.study.compiling import CompiledStudy
from helmont.study.faults import Fault, StudyFaults

PERMISSION = "data.import"
MAX_FILES, MAX_BYTES = 500, 500_000_000
_NEEDED = frozenset(
    {"study.view", "site.change", "participant.screen", "participant.change", "encounter.change", "form.enter"}
    | {"comment.write", "import.run", "allocation.read", "source.read"}
)
"""What the actions of a plan ask for; no import verifies, signs, locks or closes queries."""
_ACCEPTED = "one ODM file (.xml), or CSV files and the YAML that says which column is which item"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Data to take in: an ODM file, or a folder of CSV files with ``mapping``."""

    source: Path
    mapping: Path | None = None

    @property
    def format(self) -> str:
        return "ODM" if self.mapping is None else "CSV"

    @property
    def name(self) -> str:
        return self.source.name if self.mapping is None else self.mapping.name

    def sha256(self) -> str:
        """Of the file; of several, of their hashes in the order of their names."""
        files = [self.source]
        if self.mapping is not None:
            files = sorted({self.mapping, *(one for one in self.source.rglob("*") if one.is_file())})
        hashes = [_hash(each) for each in files]
        return hashes[0].hex() if len(hashes) == 1 else sha256(b"".join(hashes)).hexdigest()

    def plan(self, study: str, definition: CompiledStudy) -> Plan:
        """The steps, gone through as often as needed. Raises ``StudyFaults`` for a mapping that is wrong."""
        source = self.source
        if self.mapping is None:
            return lambda: plan_odm(source, study, definition)
        mapped = read_mapping(self.mapping)
        return lambda: plan_csv(source, mapped, study, definition)


def dataset_in(folder: Path) -> Dataset:
    """The data that lie in ``folder``; a ZIP in it is unpacked there first. Raises ``StudyFaults`` for anything else."""
    for path in [each for each in sorted(folder.iterdir()) if each.is_file()]:
        content = path.read_bytes() if path.suffix.lower() == ".zip" else b""
        if is_archive(content):
            _unpack(content, path, folder)
            path.unlink()
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    documents = [each for each in files if each.suffix.lower() == ".xml"]
    mappings = [each for each in files if each.suffix.lower() in (".yaml", ".yml")]
    tables = [each for each in files if each.suffix.lower() == ".csv"]
    if len(documents) == 1 and not tables and not mappings:
        return Dataset(documents[0])
    if len(mappings) == 1 and tables and not documents:
        return Dataset(mappings[0].parent, mappings[0])
    found = ", ".join(each.name for each in files[:10]) or "nothing"
    raise StudyFaults([Fault("", 0, "", f"these are no data to take in: {found}", _ACCEPTED)])


def importer(person: Actor, study: str, today: date) -> Actor:
    """The person in the role of an import, without the privileges that they lack. Raises ``NotPermitted``."""
    scope = Scope(study)
    if not person.may(PERMISSION, scope, today):
        raise NotPermitted(PERMISSION, permission=PERMISSION)
    lacking = {f"{privilege}.read" for privilege in person.hidden(scope, today)}
    only = (ROLES["import_service"].permissions & _NEEDED) - lacking
    return Actor(person.handle, (Grant("import_service", study, only=only),), person.timezone, person.language)


def counts_of(report: Report) -> dict[str, int]:
    """The numbers of a report in one map, as the note of an import keeps them."""
    counts = {f"created/{kind}": count for kind, count in sorted(report.created.items())}
    counts |= {f"changed/{kind}": count for kind, count in sorted(report.changed.items())}
    return {**counts, "unchanged": report.unchanged, "refused": report.refused}


def _unpack(content: bytes, archive: Path, folder: Path) -> None:
    try:
        members = unpack(content, most_files=MAX_FILES, most_bytes=MAX_BYTES)
    except BadArchive as bad:
        raise StudyFaults([Fault(archive.name, 0, "", str(bad), bad.accepted)]) from bad
    for name, data in members.items():
        plain = name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "").lstrip(".")[:100]
        if plain and not (folder / plain).exists():
            (folder / plain).write_bytes(data)


def _hash(path: Path) -> bytes:
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()
