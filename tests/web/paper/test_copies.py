"""The certified copy: whole and provable without Helmont, about the site's participants only, and known to the ledger."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from helmont.core.errors import NotPermitted
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.writer import perform
from helmont.edc.actions.copies import CertifyCopy
from helmont.web.paper.copies import Copy, make_copy
from tests import cast

pytestmark = [pytest.mark.database]
SITE = Copy(cast.STUDY, cast.SITE)


def made(folder: Path, of: Copy = SITE, handle: str = "investigator") -> Path:
    place = folder / "copy"
    place.mkdir(parents=True)
    make_copy(of, cast.actor(handle), "en", place)
    return place


def checked(place: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-B", place / "check.py"], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_it_is_checked_with_nothing_but_python(tmp_path: Path) -> None:
    code, said = checked(made(tmp_path))
    assert (code, said.splitlines()[-1]) == (0, "The copy is whole."), said
    assert verify().clean


def altered_value(place: Path) -> None:
    path = place / "data" / "AE.csv"
    path.write_text(path.read_text().replace("Headache", "Backache"))


def altered_document(place: Path) -> None:
    [path] = (place / "casebooks").glob("*.pdf")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def altered_entry(place: Path) -> None:
    path = place / "ledger" / "entries.jsonl"
    path.write_text(path.read_text().replace("Headache", "Backache"))


def removed_file(place: Path) -> None:
    (place / "data" / "VS.csv").unlink()


def added_file(place: Path) -> None:
    (place / "data" / "ZZ.csv").write_text("PARTICIPANT\n")


def another_manifest(place: Path) -> None:
    """Somebody alters a value and makes the manifest fit: it is no longer the one that the ledger knows."""
    path = place / "data" / "AE.csv"
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    altered_value(place)
    manifest = place / "MANIFEST.sha256"
    manifest.write_text(manifest.read_text().replace(old, hashlib.sha256(path.read_bytes()).hexdigest()))


@pytest.mark.parametrize(
    "alter", [altered_value, altered_document, altered_entry, removed_file, added_file, another_manifest]
)
def test_whatever_is_altered_is_found(tmp_path: Path, alter: object) -> None:
    place = made(tmp_path)
    assert callable(alter)
    alter(place)
    code, said = checked(place)
    assert (code, said.splitlines()[-1]) == (1, "The copy is NOT as it was made."), said


@pytest.mark.parametrize(("name", "fault"), [("state.jsonl", "the data has"), ("entries.jsonl", "root hash")])
def test_values_follow_from_the_entries_although_most_entries_are_withheld(
    tmp_path: Path, name: str, fault: str
) -> None:
    ledger = made(tmp_path, Copy(cast.STUDY, cast.SITE, cast.PARTICIPANT)) / "ledger"
    path = ledger / name
    path.write_text(path.read_text().replace("Headache", "Backache"))
    command = [sys.executable, "-B", ledger / "verifier.py", ledger, "--state", ledger / "state.jsonl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, fault in done.stdout) == (1, True), done.stdout


def test_nothing_of_another_site_and_nothing_hidden_is_in_it(tmp_path: Path) -> None:
    place = made(tmp_path)
    files = [path for path in place.rglob("*") if path.is_file() and path.suffix != ".pdf"]
    everything = "".join(path.read_text() for path in files)
    assert cast.PARTICIPANT in everything
    assert cast.OTHER_PARTICIPANT not in everything
    assert cast.ALLOCATION not in everything
    assert cast.CONFIDENCE in everything, "the investigator may see what was told in confidence"


def test_the_certificate_names_who_made_it_and_the_manifest(tmp_path: Path) -> None:
    place = made(tmp_path, Copy(cast.STUDY, cast.SITE, cast.PARTICIPANT))
    said = orjson.loads(orjson.loads((place / "certificate.json").read_bytes())["body"])
    assert (said["actor"], said["role"], said["action"]) == ("investigator", "investigator", "edc.certify_copy")
    assert said["record"] == f"participant:{cast.STUDY}/{cast.PARTICIPANT}"
    assert said["copy"]["entries"] == store.log_size(cast.STUDY) - 1


def test_only_the_site_s_investigators_certify(tmp_path: Path) -> None:
    for handle in ("coordinator", "monitor", "sponsor", "data.manager"):
        with pytest.raises(NotPermitted):
            made(tmp_path / handle, handle=handle)
        with pytest.raises(NotPermitted):
            perform(CertifyCopy(cast.STUDY, cast.SITE, "0" * 64, 1), cast.actor(handle))
