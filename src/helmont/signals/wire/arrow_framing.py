"""The frames of an Arrow IPC stream, read only as far as it takes to see whether a body inside is compressed.

A compressed buffer says itself how much memory it will take, so a few bytes could ask for all there is. Streams come
uncompressed; ``Content-Encoding`` compresses the whole better anyway. Layout: the Arrow columnar format, "Encapsulated message
format", and FlatBuffers' tables of field offsets.
"""

from __future__ import annotations

from struct import error as StructError
from struct import unpack_from

from helmont.signals.errors import SignalError

_CONTINUES = 0xFFFFFFFF
_RECORD_BATCH = 3
_COMPRESSION = 3  # the field's number in the table RecordBatch
_HEADER_TYPE, _HEADER, _BODY_LENGTH = 1, 2, 3  # in the table Message


def refuse_compressed_bodies(stream: bytes) -> None:
    """Raises ``SignalError`` when a message of the stream has a compressed body, or cannot be followed."""
    place = 0
    try:
        while place + 8 <= len(stream):
            (mark,) = unpack_from("<I", stream, place)
            (length,) = unpack_from("<i", stream, place + 4) if mark == _CONTINUES else unpack_from("<i", stream, place)
            place += 8 if mark == _CONTINUES else 4
            if length == 0:
                return
            if length < 0 or place + length > len(stream):
                raise SignalError("body", f"a message of {length} bytes at byte {place}", "an Arrow IPC stream")
            place += length + _body(stream, place)
    except StructError:
        raise SignalError("body", f"damaged at byte {place}", "an Arrow IPC stream") from None


def _body(stream: bytes, message: int) -> int:
    """The length of the body that follows a message."""
    table = message + int(unpack_from("<I", stream, message)[0])
    kind = _field(stream, table, _HEADER_TYPE)
    header = _field(stream, table, _HEADER)
    if kind and header and stream[kind] == _RECORD_BATCH:
        inner = header + int(unpack_from("<I", stream, header)[0])
        if _field(stream, inner, _COMPRESSION):
            raise SignalError(
                "body", "a compressed record batch", "buffers without compression; use Content-Encoding: zstd"
            )
    at = _field(stream, table, _BODY_LENGTH)
    length = int(unpack_from("<q", stream, at)[0]) if at else 0
    if not 0 <= length <= len(stream):
        raise SignalError("body", f"a body of {length} bytes", "an Arrow IPC stream")
    return length


def _field(stream: bytes, table: int, number: int) -> int:
    """Where a field of a FlatBuffers table lies; 0 when it is not there."""
    if not 0 <= table <= len(stream) - 4:
        raise SignalError("body", f"a table at byte {table}", "an Arrow IPC stream")
    fields = table - int(unpack_from("<i", stream, table)[0])
    if not 0 <= fields <= len(stream) - 4:
        raise SignalError("body", f"a table at byte {fields}", "an Arrow IPC stream")
    (size,) = unpack_from("<H", stream, fields)
    slot = 4 + 2 * number
    if slot + 2 > size:
        return 0
    (away,) = unpack_from("<H", stream, fields + slot)
    return table + int(away) if away else 0
