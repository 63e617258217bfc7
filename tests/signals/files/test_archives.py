"""A damaged archive is refused with its place, however its members are packed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.signals.errors import SignalError
from helmont.signals.files.archives import opened

PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
CONTENT = b"time,value\n" * 500


def archive(packing: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as made:
        made.writestr("a.csv", CONTENT)
    return file.getvalue()


def read(path: Path) -> bytes:
    with opened(path, "export.zip") as found:
        return b"".join(found.whole(member) for member in found)


@pytest.mark.parametrize("packing", PACKED)
def test_a_member_comes_out_whole(packing: int, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(archive(packing))
    assert read(path) == CONTENT


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.sampled_from(PACKED), st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_one_is_refused_and_nothing_else_comes_out(tmp_path: Path, packing: int, at: int, byte: int) -> None:
    data = bytearray(archive(packing))
    data[at % len(data)] = byte
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    try:
        found = read(path)
    except SignalError as refused:
        place = refused.place
    else:
        assert found in (CONTENT, b"")
        return
    assert place.startswith("export.zip")


def test_damage_within_a_packing_that_exports_rarely_have(tmp_path: Path) -> None:
    data = bytearray(archive(zipfile.ZIP_LZMA))
    body = data.index(b"a.csv") + len(b"a.csv")
    data[body + 4 : body + 9] = b"\xff" * 5  # the properties of LZMA
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(SignalError, match=r"a\.csv"):
        read(path)
