"""Somebody who has only the export folder, Python and a key can check the whole history."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helmont.core.errors import NotFound, NotPermitted
from helmont.core.ledger import checkpoints, export, store
from helmont.core.ledger.redaction import Redact
from helmont.core.ledger.tlog.merkle import verify_consistency
from helmont.core.permissions import Actor, Grant
from helmont.core.writer import perform
from tests.ledger.kit import LOG, OFFICER, history, put, put_many, sql

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("guarded")]


def outsider(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """What the program in the folder says, run as its reader would, away from everything else."""
    done = subprocess.run(
        [sys.executable, "-I", "verifier.py", *options, "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def said(report: dict[str, Any]) -> str:
    return "\n".join(
        line for check in report["checks"] for line in [check["name"] + check["examined"], *check["faults"]]
    )


def test_an_outsider_finds_the_export_clean_and_the_data_what_the_entries_lead_to(tmp_path: Path) -> None:
    put_many(300)
    history()
    note = checkpoints.make_checkpoint(LOG)
    kept = tmp_path / "kept.txt"
    kept.write_text(note)
    put(f"{LOG}/assignments/1", role="monitor", reason="back")
    exported = export.export(LOG, tmp_path / "export")
    assert exported == export.Exported(entries=307, withheld=0, redacted=0, records=300)
    code, report = outsider(
        tmp_path / "export", ".", "--state", "state.jsonl", "--checkpoint", str(kept),
        "--key", checkpoints.verifier_key(LOG),
    )  # fmt: skip
    assert (code, report["result"]) == (0, "clean"), said(report)
    assert sorted(path.name for path in (tmp_path / "export").iterdir()) == [
        "README.txt",
        "checkpoint",
        "entries.jsonl",
        "key.txt",
        "state.jsonl",
        "verifier.py",
    ]


def test_an_outsider_finds_a_value_that_was_changed_in_the_tables(tmp_path: Path) -> None:
    history()
    sql("UPDATE core_assignment SET role = 'sponsor' WHERE key = 'TRIAL1/assignments/0'")
    export.export(LOG, tmp_path / "export")
    code, report = outsider(tmp_path / "export", ".", "--state", "state.jsonl")
    assert code == 1
    assert 'assignment:TRIAL1/assignments/0 role: the data has "sponsor", the entries lead to "monitor"' in said(report)


def test_after_a_redaction_an_outsider_still_follows_every_value(tmp_path: Path) -> None:
    history()
    perform(Redact(f"assignment:{LOG}/assignments/2", "tasks/NOTE", "a name"), OFFICER)
    perform(Redact(f"assignment:{LOG}/assignments/2", "tasks/VISITS", "a name"), OFFICER)
    exported = export.export(LOG, tmp_path / "export")
    assert exported.redacted == 3
    code, report = outsider(tmp_path / "export", ".", "--state", "state.jsonl")
    assert (code, report["result"]) == (0, "clean"), said(report)
    assert "not verifiable" not in said(report)


def test_a_residue_that_the_redaction_does_not_state_is_found(tmp_path: Path) -> None:
    history()
    perform(Redact(f"assignment:{LOG}/assignments/2", "tasks/NOTE", "a name"), OFFICER)
    export.export(LOG, tmp_path / "export")
    entries = tmp_path / "export/entries.jsonl"
    lines = entries.read_text().splitlines()
    assert '"residue"' in lines[2]
    lines[2] = lines[2].replace("els.peeters", "jan.peeters")
    entries.write_text("\n".join(lines) + "\n")
    code, report = outsider(tmp_path / "export", ".")
    assert code == 1
    assert "entry 2: entry 6 restates it otherwise" in said(report)


def test_what_a_blinded_reader_may_not_see_is_withheld_and_the_tree_is_whole(tmp_path: Path) -> None:
    history()
    put(f"{LOG}/assignments/5", person="rob", tasks={"ARM": "placebo", "NOTE": "x"})

    def withhold(_record: str, path: str) -> str | None:
        return "allocation" if path == "tasks/ARM" else None

    exported = export.export(LOG, tmp_path / "export", withhold=withhold)
    assert exported.withheld == 1
    assert all("placebo" not in path.read_text() for path in (tmp_path / "export").iterdir())
    last = (tmp_path / "export/entries.jsonl").read_text().splitlines()[-1]
    assert json.loads(last).keys() == {"sequence", "leaf", "withheld", "touches"}
    assert json.loads(last)["touches"] == [f"assignment:{LOG}/assignments/5"]
    code, report = outsider(tmp_path / "export", ".", "--state", "state.jsonl")
    assert (code, report["result"]) == (0, "clean"), said(report)
    assert "7 entries, 1 of them withheld" in said(report)


def test_taking_a_copy_is_in_the_ledger_and_for_those_entitled_to_it() -> None:
    history()
    outcome = perform(export.ExportLedger(LOG, "inspection"), OFFICER)
    entry = store.read_entry(LOG, outcome.sequence or 0)
    assert entry is not None
    assert (entry.action, entry.content["export"], entry.content["role"]) == (
        "ledger.export",
        {"entries": 7},
        "privacy_officer",
    )
    with pytest.raises(NotPermitted):
        perform(export.ExportLedger(LOG), Actor("mona", (Grant("monitor", LOG),)))


def test_an_export_needs_a_folder_of_its_own_and_a_log_with_entries(tmp_path: Path) -> None:
    history()
    (tmp_path / "x").mkdir()
    (tmp_path / "x/y").touch()
    with pytest.raises(FileExistsError, match="not empty"):
        export.export(LOG, tmp_path / "x")
    with pytest.raises(ValueError, match="known logs: TRIAL1, system"):
        export.export("TRIAL9", tmp_path / "z")


def test_one_entry_is_proven_by_itself(tmp_path: Path) -> None:
    put_many(300)
    checkpoints.make_checkpoint(LOG)
    export.export(LOG, tmp_path / "export")
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(export.prove(LOG, 257)))
    code, report = outsider(tmp_path / "export", "--proof", str(proof), "--key", checkpoints.verifier_key(LOG))
    assert (code, report["result"]) == (0, "clean"), said(report)
    proof.write_text(proof.read_text().replace("person.257", "person.258"))
    assert outsider(tmp_path / "export", "--proof", str(proof))[0] == 1
    with pytest.raises(NotFound):
        export.prove(LOG, 300)


def test_a_log_is_proven_to_extend_what_it_was() -> None:
    put_many(300)
    proof = export.consistency(LOG, 260)
    old_root, new_root = bytes.fromhex(proof["old_root"]), bytes.fromhex(proof["new_root"])
    verify_consistency(260, old_root, 300, new_root, [bytes.fromhex(value) for value in proof["consistency"]])
    with pytest.raises(ValueError, match="tree size 301"):
        export.consistency(LOG, 260, 301)
