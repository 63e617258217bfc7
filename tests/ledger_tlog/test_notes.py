"""Notes and checkpoints are those of C2SP signed-note and tlog-checkpoint; the specification's example opens."""

from base64 import b64decode

import pytest

from helmont.core.ledger.tlog.notes import Checkpoint, NoteError, Signer, Verifier, cosign, open_note, sign_note

LOG = Signer("trials.example/CDISCPILOT01", bytes(range(32)))
SPONSOR = Signer.generate("sponsor.example")
CHECKPOINT = Checkpoint(LOG.name, 4711, b"\x11" * 32)

# The verifier key and note of the Go implementation's documentation (golang.org/x/mod/sumdb/note).
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_note_of_the_go_implementation_opens() -> None:
    note = open_note(GO_NOTE, [Verifier.parse(GO_KEY)])
    assert note.signed_by == ("PeterNeumann",)
    assert note.text.endswith("what your problem is.\n")


def test_a_key_text_reads_back() -> None:
    assert str(Verifier.parse(GO_KEY)) == GO_KEY
    assert Verifier.parse(str(LOG.verifier)) == LOG.verifier
    again = Signer.parse(LOG.private_text())
    assert (again.verifier, again.private_text()) == (LOG.verifier, LOG.private_text())


def test_a_checkpoint_has_the_lines_of_the_specification() -> None:
    root = b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert Checkpoint("example.com/behind-the-sofa", 20852163, root).text() == text
    assert Checkpoint.parse(text).size == 20852163


def test_a_signed_checkpoint_opens_with_extension_lines() -> None:
    checkpoint = Checkpoint(LOG.name, 0, b"\x22" * 32, ("time 2026-11-22",))
    assert Checkpoint.open(checkpoint.sign(LOG), [LOG.verifier]) == checkpoint


def test_a_witness_signs_the_same_text_once() -> None:
    note = cosign(CHECKPOINT.sign(LOG), SPONSOR)
    assert cosign(note, SPONSOR) == note
    assert open_note(note, [LOG.verifier, SPONSOR.verifier]).signed_by == (LOG.name, "sponsor.example")
    opened = open_note(note, [LOG.verifier])
    assert opened.unknown == (f"sponsor.example+{SPONSOR.verifier.key_id.hex()}",)


def test_an_altered_checkpoint_is_refused() -> None:
    note = CHECKPOINT.sign(LOG).replace("4711", "4712")
    with pytest.raises(NoteError, match=r"signature of trials.example/CDISCPILOT01 is not over this text"):
        Checkpoint.open(note, [LOG.verifier])


def test_a_note_of_strangers_is_refused() -> None:
    with pytest.raises(NoteError, match=r"known keys: sponsor.example"):
        open_note(CHECKPOINT.sign(LOG), [SPONSOR.verifier])


def test_a_key_of_the_same_name_is_not_the_same_key() -> None:
    impostor = Signer.generate(LOG.name)
    with pytest.raises(NoteError, match=r"signed by trials.example"):
        open_note(CHECKPOINT.sign(impostor), [LOG.verifier])


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        ("", "an empty line and signature lines"),
        ("text\n— a AAAA\n", "an empty line and signature lines"),
        ("text\n\n— a AAAAAAAA", "each ending in a newline"),
        ("text\n\n- a AAAAAAAA\n", "signature line 1"),
        ("text\n\n— a AAAA\n", "signature line 1"),
        ("text\n\n— a !!!!\n", "not base64"),
        ("te\txt\n\n— a AAAAAAAA\n", "control characters"),
        ("text\n\n" + "— a AAAAAAAA\n" * 65, "65 signatures"),
    ],
)
def test_a_malformed_note_is_explained(note: str, problem: str) -> None:
    with pytest.raises(NoteError, match=problem):
        open_note(note, [LOG.verifier])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a\n1\n", "2 lines"),
        ("a\n01\nAAAA\n", "line 2: '01'"),
        ("a\n-1\nAAAA\n", "line 2"),
        ("a\n1\nAAAA\n", "32 byte root"),
        ("a\n1\n???\n", "line 3: not base64"),
        ("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", "non-empty line"),
    ],
)
def test_a_malformed_checkpoint_is_explained(text: str, problem: str) -> None:
    with pytest.raises(NoteError, match=problem):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("vkey", "problem"),
    [
        ("name", r"accepted is name\+key id\+base64 key"),
        ("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "key id c74f20a4"),
        ("PeterNeumann+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "key type 0x04"),
        ("PeterNeumann+c74f20a3+ARpc", "2 bytes"),
        ("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "without white space or plus"),
    ],
)
def test_a_malformed_key_is_explained(vkey: str, problem: str) -> None:
    with pytest.raises(NoteError, match=problem):
        Verifier.parse(vkey)


def test_an_error_about_a_private_key_does_not_repeat_it() -> None:
    secret = LOG.private_text()
    with pytest.raises(NoteError) as caught:
        Signer.parse(secret.replace(LOG.verifier.key_id.hex(), "00000000"))
    assert secret.rpartition("+")[2] not in str(caught.value)
    with pytest.raises(NoteError, match=r"begins with PRIVATE\+KEY\+"):
        Signer.parse(str(LOG.verifier))


def test_a_text_without_final_newline_cannot_be_signed() -> None:
    with pytest.raises(NoteError, match=r"ends in a newline"):
        sign_note("text", LOG)
    with pytest.raises(NoteError, match=r"at least one signer"):
        sign_note("text\n")
