"""Whatever is wrong with a ZIP archive, it is said in one way, and no more is read than is allowed."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.standards.archives import BadArchive, unpack

CONTENT = {"folder/llt.asc": b"10000001$Headache$" * 40, "pt.asc": b"10019211$Headache$"}


def packed(compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as bundle:
        for name, content in CONTENT.items():
            bundle.writestr(name, content)
    return archive.getvalue()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_whole_archive_is_unpacked(compression: int) -> None:
    assert unpack(packed(compression), most_files=9, most_bytes=10_000) == CONTENT


def test_limits_hold_whatever_the_archive_claims() -> None:
    with pytest.raises(BadArchive, match="too much"):
        unpack(packed(), most_files=9, most_bytes=100)
    with pytest.raises(BadArchive, match="2 files"):
        unpack(packed(), most_files=1, most_bytes=10_000)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([packed(), packed(zipfile.ZIP_BZIP2), packed(zipfile.ZIP_LZMA)]), st.data())
def test_a_damaged_archive_is_refused_or_read_and_nothing_else(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    for content in (bytes(damaged), bytes(damaged[:cut])):
        with suppress(BadArchive):
            unpack(content, most_files=9, most_bytes=10_000)
