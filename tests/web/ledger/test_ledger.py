"""The ledger's pages: what an outsider needs, and that what they download verifies with the single-file program."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from helmont.core.ledger import checkpoints, store, verifier
from helmont.core.ledger.models import Entry
from tests import cast

LEDGER = f"/studies/{cast.STUDY}/ledger"


def entry_of(record: str) -> int:
    return int(
        Entry.objects.filter(log=cast.STUDY, record=f"form:{record}")
        .order_by("sequence")
        .values_list("sequence", flat=True)[0]
    )


def test_the_page_states_size_key_and_what_it_does_not_prove() -> None:
    checkpoints.make_checkpoint(cast.STUDY)
    page = cast.sign_in("monitor").get(f"{LEDGER}/").content.decode()
    assert checkpoints.verifier_key(cast.STUDY) in page
    assert f">{store.log_size(cast.STUDY)}</dd>" in page
    assert "whoever holds its key and its database could rewrite everything" in page


def test_the_downloaded_proof_verifies(tmp_path: Path) -> None:
    proof = cast.sign_in("coordinator").get(f"{LEDGER}/entries/{entry_of(cast.VS)}/proof.json")
    (tmp_path / "proof.json").write_bytes(proof.content)
    key = cast.sign_in("coordinator").get(f"{LEDGER}/key.txt").content.decode().strip()
    assert verifier.main(["--proof", str(tmp_path / "proof.json"), "--key", key]) == 0


def test_the_checkpoint_is_the_signed_note_itself() -> None:
    note = checkpoints.make_checkpoint(cast.STUDY)
    assert cast.sign_in("monitor").get(f"{LEDGER}/checkpoint.txt").content.decode() == note
    assert cast.sign_in("monitor").get(f"{LEDGER}/checkpoint.txt?size=999999").status_code == 404


def test_the_verifier_is_the_program_itself() -> None:
    assert cast.sign_in("monitor").get(f"{LEDGER}/verifier.py").content == Path(verifier.__file__).read_bytes()


@pytest.mark.parametrize("handle", ["monitor", "coordinator"])
def test_an_entry_with_a_hidden_value_shows_its_hash_and_not_its_text(handle: str) -> None:
    client = cast.sign_in(handle)
    page = client.get(f"{LEDGER}/entries/{entry_of(cast.RAND)}").content.decode()
    assert "Leaf hash" in page
    assert "its proof cannot be downloaded by you" in page
    assert client.get(f"{LEDGER}/entries/{entry_of(cast.RAND)}/proof.json").status_code == 404


def test_an_entry_about_somebody_elsewhere_does_not_exist() -> None:
    for handle in ("elsewhere", cast.OUTSIDER):
        assert cast.sign_in(handle).get(f"{LEDGER}/entries/{entry_of(cast.VS)}").status_code == 404
    assert cast.sign_in("monitor").get(f"{LEDGER}/entries/999999").status_code == 404


def test_a_number_that_no_entry_has_is_answered_with_those_there_are() -> None:
    page = cast.sign_in("monitor").get(f"{LEDGER}/?entry=999999").content.decode()
    assert f"numbered from 0 to {store.log_size(cast.STUDY) - 1}" in page


@pytest.mark.parametrize("handle", ["data.manager", "inspector"])
def test_the_export_verifies_and_withholds_what_its_reader_may_not_see(handle: str, tmp_path: Path) -> None:
    answer = cast.sign_in(handle).post(f"{LEDGER}/export", {"reason": "inspection"})
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    archive.extractall(tmp_path)
    folder = tmp_path / cast.STUDY
    assert verifier.main([str(folder), "--state", str(folder / "state.jsonl")]) == 0
    everything = "".join(path.read_text() for path in folder.iterdir())
    assert cast.ALLOCATION not in everything
    withheld = [
        json.loads(line) for line in (folder / "entries.jsonl").read_text().splitlines() if '"withheld"' in line
    ]
    assert {line["withheld"] for line in withheld} >= {"allocation"}


def test_the_export_is_entered_in_the_log_and_refused_to_others() -> None:
    assert cast.sign_in("monitor").post(f"{LEDGER}/export").status_code == 403
    before = store.log_size(cast.STUDY)
    answer = cast.sign_in("data.manager").post(f"{LEDGER}/export", {"reason": "inspection"})
    assert b"".join(answer.streaming_content).startswith(b"PK")
    [last] = list(store.read_entries(cast.STUDY, before))
    assert (last.action, last.content["reason"]) == ("ledger.export", "inspection")
