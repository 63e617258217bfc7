"""WFDB annotations: what was marked where in a record, such as each heart beat.

The MIT format of the WFDB applications guide (Moody): words of 16 bits with a code above and an interval in samples below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helmont.signals.errors import SignalError
from helmont.signals.recording import SECOND, Nanoseconds

ANNOTATORS = (
    *("atr", "qrs", "ecg", "man", "ari", "gqrs", "gqrsh", "gqrsl", "wqrs", "sqrs", "qrsc"),
    *("st", "pu", "q1c", "q2c", "nst", "sta", "stb", "stc"),
)
"""Extensions of annotation files; the first that is there gives the intervals between beats."""

SYMBOLS = {
    **dict(enumerate("NLRaVFJASEj/Q~", start=1)),
    **{16: "|", 18: "s", 19: "T", 20: "*", 21: "D", 22: '"', 23: "=", 24: "p", 25: "B", 26: "^", 27: "t", 28: "+"},
    **{
        29: "u",
        30: "?",
        31: "!",
        32: "[",
        33: "]",
        34: "e",
        35: "n",
        36: "@",
        37: "x",
        38: "f",
        39: "(",
        40: ")",
        41: "r",
    },
}
BEATS = frozenset("NLRaVFJASEj/QB?enfr")
NOTE, SKIP, NUMBER, SUBTYPE, CHANNEL, TEXT = 22, 59, 60, 61, 62, 63
MOST, LARGEST = 2_000_000, 16 << 20  # annotations, and bytes of them
LONGEST = 1_000_000_000  # seconds: 30 years
_RESOLUTION = re.compile(r"## time resolution: (\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True, eq=False)
class Annotations:
    """Marks in the order of the record: ``times`` in nanoseconds since 1970 and ``symbols``, both of shape (marks,)."""

    times: Nanoseconds
    symbols: NDArray[np.str_]

    def beats(self) -> Nanoseconds:
        """The times of the marks that are heart beats."""
        times: Nanoseconds = self.times[np.isin(self.symbols, sorted(BEATS))]
        return times


def annotated(data: bytes, place: str, start: int, rate: float) -> tuple[Annotations, str]:
    """The annotations in a file of a record that begins at ``start`` with ``rate`` frames a second, and what was wrong.

    The file may say a rate of its own. It is read to where it is whole: what was wrong is a sentence, empty when nothing was.
    Raises ``SignalError`` when not a single annotation is.
    """
    words = np.frombuffer(data[: min(len(data), LARGEST) // 2 * 2], "<u2").tolist()
    samples: list[int] = []
    codes: list[int] = []
    now, at, wrong = 0, 0, "the file ends without its mark of the end"
    while at < len(words) and len(samples) < MOST:
        code, low = words[at] >> 10, words[at] & 1023
        at += 1
        if code == 0 and low == 0:
            wrong = "" if at * 2 >= len(data) - 1 else "the file goes on behind its mark of the end; that was left out"
            break
        if code == SKIP:
            if at + 2 > len(words):
                break
            far = words[at] << 16 | words[at + 1]
            now += (far ^ 0x80000000) - 0x80000000
            at += 2
        elif code in (NUMBER, SUBTYPE, CHANNEL):
            continue
        elif code == TEXT:
            said = data[2 * at : 2 * at + low].rstrip(b"\0").decode("latin-1")
            if codes and codes[-1] == NOTE and samples[-1] == 0 and (match := _RESOLUTION.match(said)):
                rate = float(match[1]) or rate
                samples.pop()
                codes.pop()
            at += (low + 1) // 2
        else:
            now += low
            if code:  # 0 marks nothing
                samples.append(now)
                codes.append(code)
    if not samples:
        raise SignalError(place, "no annotation", "an annotation file in the MIT format")
    marks, kinds = np.array(samples, np.int64), np.array(codes)
    known = (marks >= 0) & (marks / rate < LONGEST)
    times = start + np.rint(marks[known] * (SECOND / rate)).astype(np.int64)
    order = np.argsort(times, kind="stable")
    symbols = np.array([SYMBOLS.get(code, "") for code in range(64)])[kinds[known]]
    if not known.all():
        wrong = "marks before the beginning, or 30 years after it, were left out"
    return Annotations(times[order], symbols[order]), wrong
