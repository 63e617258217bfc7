"""Damaged bodies are refused as such: nothing else comes of them, whatever the damage."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.signals.errors import SignalError
from helmont.signals.wire.decoding import TYPES, decode
from tests.signals.wire.test_formats import BODIES, SUGAR, TOPIC, WRIST

SOUND = {content_type: write() for content_type, write in BODIES.values()}
DAMAGE = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4)


@pytest.mark.parametrize("content_type", TYPES)
@settings(max_examples=60, deadline=None)
@given(cut=st.floats(0, 1), damage=DAMAGE)
def test_a_damaged_body_is_read_or_refused(content_type: str, cut: float, damage: list[tuple[float, int]]) -> None:
    body = bytearray(SOUND[content_type])
    for where, byte in damage:
        body[int(where * (len(body) - 1))] = byte
    del body[len(body) - int(cut * len(body) / 4) :]
    with contextlib.suppress(SignalError):
        assert decode(WRIST, content_type, "", bytes(body), TOPIC).rows > 0


@pytest.mark.parametrize("content_type", TYPES)
@settings(max_examples=40, deadline=None)
@given(body=st.binary(max_size=400), encoding=st.sampled_from(["", "gzip", "zstd"]))
def test_whatever_bytes_come_are_read_or_refused(content_type: str, body: bytes, encoding: str) -> None:
    with pytest.raises(SignalError):
        decode(SUGAR, content_type, encoding, body, TOPIC)
