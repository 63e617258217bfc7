"""Which format a file has is told by its content; archives are looked into, within limits."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from helmont.signals.errors import SignalError
from helmont.signals.files import archives, read
from tests.signals.encoders import actigraph, axivity
from tests.signals.files.conftest import Reading

CONTENT = axivity.file(np.zeros((240, 3), np.int16), datetime(2024, 3, 1), axivity.Setting(packed=True))


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_one_file_in_a_zip_archive_is_read(reading: Reading) -> None:
    recording = reading(zipped({"week.cwa": CONTENT, "__MACOSX/._week.cwa": b"x"}))
    assert len(recording.signals["acceleration"]) == 240


def test_a_gzip_file_is_read(reading: Reading) -> None:
    assert len(reading(gzip.compress(CONTENT)).signals["acceleration"]) == 240


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"hello", b"%PDF-1.7"])
def test_other_content_is_refused_with_what_is_accepted(content: bytes, reading: Reading) -> None:
    with pytest.raises(SignalError, match=r"accepted: Axivity .cwa, GENEActiv .bin"):
        reading(content)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SignalError, match=r"^absent: No such file or directory; accepted: a file that can be read"):
        read(tmp_path / "absent")


def test_a_zone_is_checked_first(reading: Reading) -> None:
    with pytest.raises(SignalError, match=r"^timezone: 'Nowhere'"):
        reading(CONTENT, timezone="Nowhere")


def test_an_archive_of_several_files_of_no_known_kind_is_refused(reading: Reading) -> None:
    with pytest.raises(SignalError, match=r"a zip archive of 2 files; accepted: "):
        reading(zipped({"a": CONTENT, "b": CONTENT}))


def test_archives_within_archives_are_not_opened(reading: Reading) -> None:
    with pytest.raises(SignalError, match=r"^file, inner.zip: a file that begins with b'PK"):
        reading(zipped({"inner.zip": zipped({"week.cwa": CONTENT})}))


def test_a_decompression_bomb_is_refused_before_it_unpacks(reading: Reading) -> None:
    bomb = zipped({"log.bin": b"\0" * (8 << 20), "info.txt": actigraph.info(datetime(2020, 1, 1)).encode()})
    with pytest.raises(
        SignalError, match=r"^file, log.bin: unpacks to [0-9]+ times its size; accepted: at most 400 times"
    ):
        reading(bomb)
    with pytest.raises(SignalError, match=r"bytes unpacked so far; accepted: at most"):
        reading(gzip.compress(b"\0" * (8 << 20)))


def test_a_member_that_unpacks_to_more_than_it_declares_is_cut_off(reading: Reading) -> None:
    """The declared size is what is checked, so no more than that is ever unpacked."""
    content = bytearray(zipped({"week.cwa": CONTENT + bytes(600_000)}))
    true = (len(CONTENT) + 600_000).to_bytes(4, "little")
    assert content.count(true) == 2
    with pytest.raises(SignalError, match=r"accepted: a whole zip archive that is not encrypted"):
        reading(bytes(content).replace(true, len(CONTENT).to_bytes(4, "little")))


def test_too_many_members_are_refused(monkeypatch: pytest.MonkeyPatch, reading: Reading) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    with pytest.raises(SignalError, match=r"4 members; accepted: an archive of at most 3"):
        reading(zipped(dict.fromkeys("abcd", b"x")))


def test_a_broken_archive_is_refused(reading: Reading) -> None:
    content = zipped({"week.cwa": CONTENT})
    with pytest.raises(SignalError, match=r"accepted: a whole zip archive"):
        reading(content[: len(content) // 2])
