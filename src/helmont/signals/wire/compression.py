"""Taking the compression off a body, never further than a limit: a small body can stand for a very large one."""

from __future__ import annotations

import zlib

import zstandard

from helmont.signals.errors import SignalError

MOST = 64 * 1024 * 1024
"""Bytes of a body once its compression is off."""
ENCODINGS = ("identity", "gzip", "zstd")
_WINDOW = 27  # a frame that asks for more than 128 MB of memory is refused
_CHUNK = 1 << 10


def expand(body: bytes, encoding: str, most: int = MOST) -> bytes:
    """The body without its ``Content-Encoding``. Raises ``SignalError`` for one that is damaged, or larger than ``most``."""
    match encoding.strip().lower():
        case "" | "identity":
            found = body
        case "gzip":
            found = _gzip(body, most)
        case "zstd":
            found = _zstd(body, most)
        case other:
            raise SignalError("Content-Encoding", repr(other), ", ".join(ENCODINGS))
    if len(found) > most:
        raise _too_large(most)
    return found


def _gzip(body: bytes, most: int) -> bytes:
    found, rest = bytearray(), body
    while rest:  # a gzip file may consist of several members
        machine = zlib.decompressobj(wbits=31)
        try:
            found += machine.decompress(rest, most + 1 - len(found))
        except zlib.error as error:
            raise SignalError("body", f"gzip: {error}", "a whole gzip stream") from None
        if len(found) > most:
            raise _too_large(most)
        if not machine.eof:
            raise SignalError("body", "the gzip stream ends too early", "a whole gzip stream")
        rest = machine.unused_data
    return bytes(found)


def _zstd(body: bytes, most: int) -> bytes:
    try:
        if 0 < zstandard.frame_content_size(body) <= most:  # one frame that says how long it is, as most do
            return zstandard.ZstdDecompressor(max_window_size=1 << _WINDOW).decompress(body, allow_extra_data=False)
    except zstandard.ZstdError:
        pass  # several frames, or a damaged one: the longer way says which
    found, rest = bytearray(), memoryview(body)
    while rest:  # several frames may follow each other
        machine = zstandard.ZstdDecompressor(max_window_size=1 << _WINDOW).decompressobj()
        while rest and not machine.eof:
            # A block of four bytes can stand for 128 kB, so little is given at a time.
            try:
                found += machine.decompress(rest[:_CHUNK])
            except zstandard.ZstdError as error:
                raise SignalError("body", f"zstd: {error}", "a whole zstd stream") from None
            rest = rest[_CHUNK:]
            if len(found) > most:
                raise _too_large(most)
        if not machine.eof:
            raise SignalError("body", "the zstd stream ends too early", "a whole zstd stream")
        if machine.unused_data:
            rest = memoryview(body)[len(body) - len(rest) - len(machine.unused_data) :]
    return bytes(found)


def _too_large(most: int) -> SignalError:
    found = f"more than {most} bytes without its compression"
    return SignalError("body", found, f"at most {most} bytes: send smaller batches")
