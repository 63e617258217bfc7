"""Proofs over the API: an outsider's program checks them, and whoever may not see an entry cannot guess what it says."""

from __future__ import annotations

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client

from helmont.core.ledger import checkpoints, verifier
from helmont.core.ledger.models import Entry
from helmont.core.ledger.redaction import Redact
from helmont.core.writer import perform
from tests import cast

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]
LEDGER = f"/api/v1/ledger/{cast.STUDY}"


def sequence_of(form: str) -> int:
    found = Entry.objects.filter(log=cast.STUDY, record=f"form:{form}").order_by("sequence").first()
    assert found is not None
    return int(found.sequence)


def salt_of(sequence: int) -> str:
    return str(orjson.loads(Entry.objects.get(log=cast.STUDY, sequence=sequence).body)["salt"])


def get(handle: str, path: str) -> Any:
    return Client().get(f"{LEDGER}/{path}", headers={"Authorization": cast.token(handle)})


def test_the_proof_of_a_whole_entry_verifies_with_the_single_file_program(tmp_path: Path) -> None:
    proof = get("coordinator", f"entries/{sequence_of(cast.VS)}/proof")
    (tmp_path / "proof.json").write_bytes(proof.content)
    key = get("coordinator", "checkpoint").json()["key"]
    assert verifier.main(["--proof", str(tmp_path / "proof.json"), "--key", key]) == 0
    assert proof.json()["body"]


def test_a_proof_that_was_changed_on_the_way_does_not(tmp_path: Path) -> None:
    proof = get("coordinator", f"entries/{sequence_of(cast.VS)}/proof").json()
    (tmp_path / "proof.json").write_text(json.dumps(proof | {"body": proof["body"].replace('"80"', '"90"')}))
    assert verifier.main(["--proof", str(tmp_path / "proof.json")]) != 0


@pytest.mark.parametrize("handle", ["coordinator", "monitor", "data.manager", "statistician"])
def test_somebody_blinded_gets_the_leaf_of_an_allocation_and_neither_its_value_nor_its_salt(handle: str) -> None:
    sequence = sequence_of(cast.RAND)
    salt = salt_of(sequence)
    entry, proof = get(handle, f"entries/{sequence}"), get(handle, f"entries/{sequence}/proof")
    page = cast.sign_in(handle).get(f"/studies/{cast.STUDY}/ledger/entries/{sequence}")
    assert (entry.status_code, proof.status_code, page.status_code) == (200, 200, 200)
    for answer in (entry, proof, page):
        text = answer.content.decode()
        assert cast.ALLOCATION not in text
        assert salt not in text
    assert entry.json()["masked"]
    assert entry.json()["body"] is proof.json()["body"] is None
    assert proof.json()["leaf"] == bytes(Entry.objects.get(log=cast.STUDY, sequence=sequence).leaf).hex()


def test_who_is_unblinded_gets_the_entry_whole() -> None:
    sequence = sequence_of(cast.RAND)
    body = get("unblinded.monitor", f"entries/{sequence}/proof").json()["body"]
    assert cast.ALLOCATION in body
    assert salt_of(sequence) in body


@pytest.mark.parametrize("handle", ["data.manager", "study.manager", "inspector", "privacy.officer"])
def test_an_export_holds_neither_a_hidden_value_nor_the_salt_of_its_entry(handle: str) -> None:
    salt = salt_of(sequence_of(cast.RAND))
    answer = cast.sign_in(handle).post(f"/studies/{cast.STUDY}/ledger/export", {"reason": "inspection"})
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    everything = "".join(archive.read(name).decode() for name in archive.namelist())
    assert cast.ALLOCATION not in everything
    assert salt not in everything


def test_a_redacted_entry_keeps_its_leaf_and_loses_body_and_salt() -> None:
    sequence = sequence_of(cast.AE)
    salt = salt_of(sequence)
    perform(Redact(f"form:{cast.AE}", "data/AETERM", "a name was typed"), cast.actor("privacy.officer"))
    entry, proof = (get("coordinator", f"entries/{sequence}{rest}") for rest in ("", "/proof"))
    assert entry.json()["redacted"]
    assert entry.json()["body"] is proof.json()["body"] is None
    assert len(proof.json()["leaf"]) == 64
    assert "Headache" not in entry.content.decode() + proof.content.decode()
    everything = "".join(Entry.objects.filter(log=cast.STUDY).values_list("body", flat=True))
    assert salt not in everything


def test_requests_that_sign_the_same_size_at_once_write_one_whole_copy(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda size: checkpoints.write_copy("X", size % 5, f"note {size % 5}\n" * 500), range(200)))
    copies = sorted((tmp_path / "checkpoints" / "X").iterdir())
    assert [path.name for path in copies] == [f"{size}.txt" for size in range(5)]
    assert all(path.read_text() == f"note {size}\n" * 500 for size, path in enumerate(copies))
