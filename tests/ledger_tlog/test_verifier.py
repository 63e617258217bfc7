"""The single-file verifier accepts an honest export and names what is wrong with any other."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.core.ledger import verifier
from helmont.core.ledger.tlog import merkle
from helmont.core.ledger.tlog.canonical import dumps
from helmont.core.ledger.tlog.notes import Signer

from . import exports
from .exports import FORM, HISTORY, SIGNER, entry

CHAIN = "Every old value is the one left by the entries before it"
COVERED = "The entries are those the checkpoint was signed over"
DATA = "The current data is what the entries lead to"
EARLIER = "The export extends the earlier checkpoint"
FORMED = "Every entry is well formed"
ORDER = "No entry is missing or out of order"
PLACE = "Every entry names its own place and log"
REDACTION = "Every redaction is recorded by a later entry"
SIGNED = "The checkpoint is signed with the log's key"

# RFC 8032 section 7.1: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return exports.write(tmp_path / "export")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, list[str]]]:
    """Exit code, and the faults of every check that has some."""
    code = verifier.main([*map(str, arguments), "--json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, {check["name"]: check["faults"] for check in report.get("checks", ()) if check["faults"]}


def rewrite(folder: Path, number: int, line: str) -> None:
    """Replace one line of entries.jsonl."""
    path = folder / "entries.jsonl"
    every = path.read_text().splitlines()
    every[number] = line
    path.write_text("\n".join(every) + "\n")


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_ed25519_vectors_of_rfc_8032(public: str, message: str, signature: str) -> None:
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert verifier.ed25519_verify(key, text, signed)
    assert not verifier.ed25519_verify(key, text + b"x", signed)
    assert not verifier.ed25519_verify(key, text, signed[:-1] + bytes([signed[-1] ^ 1]))
    too_large = (int.from_bytes(signed[32:], "little") + verifier.ORDER).to_bytes(32, "little")
    assert not verifier.ed25519_verify(key, text, signed[:32] + too_large)


@given(st.binary(max_size=40), st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_random_keys_and_signatures_do_not_verify(message: bytes, public: bytes, signature: bytes) -> None:
    assert not verifier.ed25519_verify(public, message, signature)


def test_an_honest_export_is_clean_without_anything_but_python(folder: Path) -> None:
    command = [sys.executable, "-I", "-S", verifier.__file__, str(folder), "--state", str(folder / "state.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Result: no faults" in done.stdout
    assert DATA in done.stdout


def test_an_empty_log_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, exports.write(tmp_path / "export", [])) == (0, {})


def test_a_changed_body_does_not_lead_to_the_signed_root(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    altered = entry(2, {"status": ["draft", "complete"]}, actor="someone.else")
    rewrite(folder, 2, json.dumps({"sequence": 2, "body": dumps(altered).decode()}))
    code, faults = run(capsys, folder)
    assert code == 1
    assert faults.keys() == {COVERED}


def test_a_checkpoint_signed_with_another_key_is_a_fault(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "checkpoint").write_text(exports.checkpoint(HISTORY, Signer.generate(SIGNER.name)))
    code, faults = run(capsys, folder)
    assert code == 1
    assert "not signed by trials.example/CDISCPILOT01" in faults[SIGNED][0]


def test_an_edited_checkpoint_is_not_signed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "checkpoint"
    path.write_text(path.read_text().replace("\n5\n", "\n6\n"))
    _, faults = run(capsys, folder)
    assert "is not over this checkpoint" in faults[SIGNED][0]
    assert "holds 5 entries, the checkpoint covers 6" in faults[COVERED][0]


def test_a_key_of_ones_own_overrules_the_one_in_the_export(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = Signer.generate(SIGNER.name).verifier
    assert run(capsys, folder, "--key", SIGNER.verifier)[0] == 0
    assert run(capsys, folder, "--key", own)[1].keys() == {SIGNED}


def test_a_missing_entry_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "entries.jsonl"
    every = path.read_text().splitlines(keepends=True)
    path.write_text("".join(every[:1] + every[2:]))
    _, faults = run(capsys, folder)
    assert faults[ORDER] == ["line 2: entry 2; entries 1 to 1 are missing"]
    assert f"entry 3: {FORM} data/WEIGHT" in faults[CHAIN][0]


def test_an_earlier_checkpoint_is_extended(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    earlier = tmp_path / "earlier"
    earlier.write_text(exports.checkpoint(HISTORY[:3]))
    assert run(capsys, folder, "--checkpoint", earlier) == (0, {})


def test_a_rewritten_history_is_found_by_an_outside_checkpoint(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = tmp_path / "earlier"
    earlier.write_text(exports.checkpoint([entry(0, {"status": [None, "complete"]}), *HISTORY[1:3]]))
    code, faults = run(capsys, folder, "--checkpoint", earlier)
    assert code == 1
    assert faults.keys() == {EARLIER}
    assert "the first 3 entries have root hash" in faults[EARLIER][0]


def test_an_export_shorter_than_the_outside_checkpoint_is_a_fault(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = tmp_path / "earlier"
    earlier.write_text(exports.checkpoint([*HISTORY, entry(5, {"status": ["complete", "locked"]})]))
    _, faults = run(capsys, folder, "--checkpoint", earlier)
    assert faults[EARLIER] == ["the earlier checkpoint covers 6 entries, the export holds only 5"]


def test_an_old_value_that_does_not_follow_on_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = [*HISTORY[:2], entry(2, {"status": ["signed", "complete"]}), *HISTORY[3:]]
    code, faults = run(capsys, exports.write(tmp_path / "export", broken))
    expected = f'entry 2: {FORM} status: the old value is given as "signed", the entries before it leave "draft"'
    assert (code, faults) == (1, {CHAIN: [expected]})


def test_a_true_is_not_a_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = [entry(0, {"open": [None, True]}), entry(1, {"open": [1, False]})]
    assert run(capsys, exports.write(tmp_path / "export", broken))[1].keys() == {CHAIN}


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"sequence": 7}, "entry 2: its body says it is entry 7"),
        ({"log": "OTHER"}, "entry 2: its body says it is of log OTHER, not CDISCPILOT01"),
    ],
)
def test_a_body_that_belongs_elsewhere_is_named(
    more: dict[str, Any], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = [*HISTORY[:2], {**HISTORY[2], **more}, *HISTORY[3:]]
    assert run(capsys, exports.write(tmp_path / "export", moved)) == (1, {PLACE: [problem]})


def test_a_recorded_redaction_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    redact = entry(5, {}, action="ledger.redact", redacts=[1])
    folder = exports.write(tmp_path / "export", [*HISTORY, redact], {1: 5})
    assert run(capsys, folder, "--state", folder / "state.jsonl") == (0, {})
    verifier.main([str(folder)])
    assert "1 not verifiable because of a redaction" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("last", "problem"),
    [
        (entry(5, {}, action="ledger.redact", redacts=[0]), "entry 1: entry 5 does not record its redaction"),
        (entry(5, {}, action="edc.save_form", redacts=[1]), "entry 1: entry 5 does not record its redaction"),
        (entry(5, {}, action="ledger.redact"), "entry 1: entry 5 does not record its redaction"),
    ],
)
def test_a_redaction_nobody_recorded_is_a_fault(
    last: exports.Entry, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exports.write(tmp_path / "export", [*HISTORY, last], {1: 5})
    assert run(capsys, folder) == (1, {REDACTION: [problem]})


def test_a_redaction_by_an_entry_that_is_not_there_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, faults = run(capsys, exports.write(tmp_path / "export", HISTORY, {1: 9}))
    assert faults[REDACTION] == ["entries [1]: redacted by entry 9, which is not a later entry here"]


def test_data_changed_behind_the_ledger_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = folder / "state.jsonl"
    state.write_text(json.dumps({"record": FORM, "fields": {"status": "complete", "data/SYSBP": "120"}}) + "\n{}\n")
    code, faults = run(capsys, folder, "--state", state)
    assert code == 1
    assert faults[DATA] == [
        f'{FORM} data/SYSBP: the data has "120", the entries lead to "113"',
        "state.jsonl line 2: the line does not read record, fields",
        "form:CDISCPILOT01/01-701-1015/SCREENING_1/DM/1: the entries lead to this record, the data does not have it",
    ]


def body_line(body: str) -> str:
    return json.dumps({"sequence": 2, "body": body})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"sequence": "2"}', "no sequence"),
        ('{"sequence": 2}', "neither a body nor leaf"),
        ('{"sequence": 2, "leaf": "AB", "redacted_by": 3}', "neither a body nor leaf"),
        (body_line("{"), "not JSON"),
        (body_line('{ "a":1}'), "not canonical"),
        (body_line('{"b":1,"a":1}'), "not canonical"),
        (body_line('{"a":1,"a":1}'), "not canonical"),
        (body_line('{"a":1.5}'), "measurements are text"),
        (body_line('{"a":NaN}'), "measurements are text"),
        (body_line('{"a":"\ud800"}'), "cannot be encoded"),
        (body_line('{"a":' + "9" * 5000 + "}"), "not JSON"),
        (body_line('{"action":"a","log":"l"}'), "no sequence"),
        (body_line('{"action":"a","changes":{},"log":"l","sequence":2}'), "changes is not a list"),
        (body_line('{"action":"a","changes":[{}],"log":"l","sequence":2}'), "does not read record, set"),
        (
            body_line('{"action":"a","changes":[{"record":"r","set":{"p":[1]}}],"log":"l","sequence":2}'),
            "not a pair",
        ),
    ],
)
def test_a_malformed_line_is_a_fault_and_no_stack_trace(
    line: str, problem: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(folder, 2, line)
    code, faults = run(capsys, folder)
    assert code == 1
    assert faults[FORMED][0].startswith("line 3: ")
    assert problem in faults[FORMED][0]
    assert COVERED in faults


@given(st.binary(max_size=60))
def test_no_line_makes_the_verifier_stumble(junk: bytes) -> None:
    entries = verifier.Entries(verifier.Report("junk"))
    with contextlib.suppress(verifier.Malformed):
        entries.entry(junk, 1, 0)
    assert entries.tree.size == 0


def test_a_long_list_of_faults_is_counted_but_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = [entry(number, {"status": ["wrong", "x"]}) for number in range(30)]
    assert verifier.main([str(exports.write(tmp_path / "export", broken))]) == 1
    printed = capsys.readouterr().out
    assert "and 10 more" in printed
    assert "Result: 30 faults" in printed


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("checkpoint", None, "No such file"),
        ("key.txt", None, "No such file"),
        ("entries.jsonl", None, "No such file"),
        ("checkpoint", "junk", "a checkpoint reads"),
        ("checkpoint", "a\nx\nAAAA\n\n— a AAAAAAAA\n", "line 2"),
        ("checkpoint", "a\n1\nAAAA\n\n— a AAAAAAAA\n", "line 3"),
        ("checkpoint", "a\n1\n" + "A" * 43 + "=\n\n— a é\n", "not base64"),
        ("key.txt", "junk", "a key reads"),
        ("key.txt", "a+b+AAAA", "not an Ed25519 key"),
        ("key.txt", "a+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "key id"),
    ],
)
def test_an_unusable_export_is_explained(
    file: str, content: str | None, problem: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    assert verifier.main([str(folder)]) == 2
    printed = capsys.readouterr().out
    assert file.split(".")[0] in printed
    assert problem in printed


@pytest.fixture
def proof() -> dict[str, Any]:
    hashes = merkle.inclusion_proof(exports.leaves(HISTORY), 1)
    return {
        "checkpoint": exports.checkpoint(HISTORY),
        "key": str(SIGNER.verifier),
        "sequence": 1,
        "body": dumps(HISTORY[1]).decode(),
        "inclusion": [value.hex() for value in hashes],
    }


def prove(proof: dict[str, Any], folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, list[str]]]:
    path = folder / "proof.json"
    path.write_text(json.dumps(proof))
    return run(capsys, "--proof", path)


def test_one_entry_is_proven(proof: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(proof, tmp_path, capsys) == (0, {})


def test_an_altered_entry_is_not_proven(
    proof: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof["body"] = proof["body"].replace("113", "114")
    code, faults = prove(proof, tmp_path, capsys)
    assert code == 1
    assert faults.keys() == {"The entry is among those the checkpoint was signed over"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inclusion": []}, 1),
        ({"inclusion": ["00" * 32] * 500}, 1),
        ({"sequence": 0}, 1),
        ({"sequence": 99}, 1),
        ({"body": "{}"}, 1),
        ({"inclusion": ["xy"]}, 2),
        ({"inclusion": None}, 2),
        ({"checkpoint": "?"}, 2),
        ({"key": "?"}, 2),
    ],
)
def test_a_false_or_malformed_proof_is_refused(
    change: dict[str, Any], code: int, proof: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prove({**proof, **change}, tmp_path, capsys)[0] == code


@given(st.integers(1, 80), st.data())
def test_inclusion_proofs_agree_with_the_products(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(b"%d" % i) for i in range(size)]
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(leaves, index)
    assert verifier.root_from_proof(leaves[index], index, size, proof) == merkle.root(leaves)
    assert verifier.root_from_proof(leaves[index], index, size, [*proof, bytes(32)]) is None
    assert not proof or verifier.root_from_proof(leaves[index], index, size, proof[:-1]) is None
