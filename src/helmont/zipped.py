"""What a damaged ZIP archive raises while it is read: what ``zipfile`` documents, and more."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

# zipfile documents the first; the others come from its decompressors, and from headers that do not add up, such as the
# fuzzed ones of the tests.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,  # a way of packing that zipfile does not know
    ValueError,
    IndexError,
    struct.error,
)
