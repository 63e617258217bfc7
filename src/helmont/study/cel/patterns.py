r"""Regular expressions for `matches`, in time linear in the text.

The engines of Python and of browsers backtrack, and `(a+)+$` can hold a server for hours; they also disagree about
`\d`, `\s` and `$`. So a pattern is compiled to a small automaton (Thompson, Regular expression search algorithm, CACM
11(6), 1968), the method of RE2, which CEL prescribes; the browser runs the same automaton.

Offered: literals, `.`, `[a-z]`, `[^a-z]`, `\d \w \s \D \W \S`, `\` before punctuation, `^`, `$`, `( )`, `(?: )`, `|`,
`* + ? {n} {n,} {n,m}`. As in RE2, `.` is any character but a newline and the match may be anywhere in the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from helmont.study.cel.errors import CelSyntaxError

MAXIMUM_STATES = 1000
MAXIMUM_NESTING = 20
_LAST = 0x10FFFF
_COUNTS = re.compile(r"\{([0-9]{1,3})(?:(,)([0-9]{1,3})?)?\}")

Ranges = tuple[tuple[int, int], ...]
_CLASSES: dict[str, Ranges] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 10), (12, 13), (32, 32)),
}
_CONTROL = {"n": 10, "r": 13, "t": 9, "f": 12}


class State(NamedTuple):
    """One state of the automaton; all but a split go on to the next.

    `op` is `in` (reads one character of `ranges`), `split` (goes on at either of two places, counted from here),
    `start` or `end` (of the text), or `match`.
    """

    op: str
    ranges: Ranges = ()
    first: int = 0
    second: int = 0


class Pattern:
    """A compiled pattern. `search(text)` tells whether it matches anywhere in the text."""

    def __init__(self, text: str) -> None:
        self.states = _Builder(text).states
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._begin = self._closure({0}, at_start=True)

    def to_json(self) -> list[list[object]]:
        """`[["in", low, high, low, high ...], ["split", 1, 3], ["start"], ["end"], ["match"]]` for the browser."""
        encoded: list[list[object]] = []
        for state in self.states:
            jumps = (state.first, state.second) if state.op == "split" else ()
            encoded.append([state.op, *(bound for pair in state.ranges for bound in pair), *jumps])
        return encoded

    def search(self, text: str) -> bool:
        accept = len(self.states) - 1
        current = self._begin
        for character in text:
            if accept in current:
                return True
            current = self._steps.get((current, character)) or self._step(current, character)
        return accept in self._closure(set(current), at_start=not text, at_end=True)

    def _step(self, current: frozenset[int], character: str) -> frozenset[int]:
        """The states after one more character. Remembered, so that a usual text costs a dictionary look-up each."""
        code = ord(character)
        moved = {i + 1 for i in current if any(low <= code <= high for low, high in self.states[i].ranges)}
        reached = self._closure(moved | {0})
        if len(self._steps) > MAXIMUM_STATES:
            self._steps.clear()
        self._steps[current, character] = reached
        return reached

    def _closure(self, pending: set[int], *, at_start: bool = False, at_end: bool = False) -> frozenset[int]:
        """`pending` and every state reachable from it without reading a character."""
        reached: set[int] = set()
        todo = list(pending)
        while todo:
            i = todo.pop()
            if i in reached:
                continue
            reached.add(i)
            state = self.states[i]
            if state.op == "split":
                todo += (i + state.first, i + state.second)
            elif (state.op == "start" and at_start) or (state.op == "end" and at_end):
                todo.append(i + 1)
        return frozenset(reached)


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> Pattern:
    """The automaton of a pattern. Raises CelSyntaxError naming the character at fault and what is offered."""
    return Pattern(text)


class _Builder:
    """Recursive descent over the pattern. A part is a list of states that fits anywhere, for its jumps are relative."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.nesting = text, 0, 0
        part = self._alternatives()
        if self.at < len(text):
            raise self._error("')' closes nothing")
        self.states = [*part, State("match")]

    def _error(self, message: str) -> CelSyntaxError:
        return CelSyntaxError(
            f"pattern {self.text!r}, character {self.at + 1}: {message}; offered are literals, '.', [a-z], "
            r"\d \w \s, ^, $, groups, | and * + ? {n,m}"
        )

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self) -> str:
        character = self._next()
        if not character:
            raise self._error("the pattern ends too early")
        self.at += 1
        return character

    def _sized(self, part: list[State]) -> list[State]:
        if len(part) > MAXIMUM_STATES:
            raise self._error(f"the pattern needs more than {MAXIMUM_STATES} states")
        return part

    def _alternatives(self) -> list[State]:
        parts = [self._sequence()]
        while self._next() == "|":
            self.at += 1
            parts.append(self._sequence())
        whole = parts.pop()
        for part in reversed(parts):
            leave = State("split", first=len(whole) + 1, second=len(whole) + 1)
            whole = [State("split", first=1, second=len(part) + 2), *part, leave, *whole]
        return self._sized(whole)

    def _sequence(self) -> list[State]:
        parts: list[State] = []
        while self._next() not in ("", "|", ")"):
            parts = self._sized(parts + self._repeated(self._atom()))
        return parts

    def _repeated(self, part: list[State]) -> list[State]:
        least, most = self._counts()
        if most is not None and (most < least or (most or 1) * len(part) > MAXIMUM_STATES):
            raise self._error(f"cannot repeat {least} to {most} times")
        if least * len(part) > MAXIMUM_STATES:
            raise self._error(f"cannot repeat {least} times")
        size = len(part)
        whole = part * least
        if most is None:
            again = State("split", first=-size, second=1)
            # Something with least one copy loops back to it; otherwise the loop may be skipped altogether.
            return [*whole, again] if least else [State("split", first=1, second=size + 2), *part, again]
        for left in range(most - least, 0, -1):
            whole = [*whole, State("split", first=1, second=left * (size + 1)), *part]
        if self._next() in ("*", "+", "?", "{") and (least, most) != (1, 1):
            raise self._error("a repetition directly after a repetition")
        return whole

    def _counts(self) -> tuple[int, int | None]:
        """How often the part before may be repeated; (1, 1) when nothing follows it."""
        character = self._next()
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if character in simple:
            self.at += 1
            return simple[character]
        if character != "{":
            return 1, 1
        found = _COUNTS.match(self.text, self.at)
        if not found:
            raise self._error("after '{' belongs a count such as {2} or {1,3}; write \\{ for the character")
        self.at = found.end()
        least, comma, most = found.groups()
        return int(least), int(most) if most else (None if comma else int(least))

    def _atom(self) -> list[State]:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return [State("in", self._set())]
        if character == ".":
            return [State("in", _complement(((10, 10),)))]
        if character in "^$":
            return [State("start" if character == "^" else "end")]
        if character == "\\":
            return [State("in", self._escape())]
        if character in "*+?{":
            self.at -= 1
            raise self._error(f"{character!r} repeats nothing")
        return [State("in", ((ord(character), ord(character)),))]

    def _group(self) -> list[State]:
        self.nesting += 1
        if self.nesting > MAXIMUM_NESTING:
            raise self._error(f"groups nested deeper than {MAXIMUM_NESTING}")
        if self._next() == "?":
            if self.text[self.at : self.at + 2] != "?:":
                raise self._error("look-around and named groups are not offered")
            self.at += 2
        part = self._alternatives()
        if self._take() != ")":
            raise self._error("')' expected")
        self.nesting -= 1
        return part

    def _escape(self) -> Ranges:
        character = self._take()
        if character.lower() in _CLASSES:
            ranges = _CLASSES[character.lower()]
            return ranges if character.islower() else _complement(ranges)
        if character.isalnum() and character not in _CONTROL:
            raise self._error(f"\\{character} is not offered")
        code = _CONTROL.get(character, ord(character))
        return ((code, code),)

    def _set(self) -> Ranges:
        negated = self._next() == "^"
        self.at += negated
        ranges: list[tuple[int, int]] = []
        while not (self._next() == "]" and ranges):
            low = self._member()
            if self._next() == "-" and self.text[self.at + 1 : self.at + 2] != "]":
                self.at += 1
                high = self._member()
                if len(low) != 1 or len(high) != 1 or low[0][0] > high[0][1]:
                    raise self._error("a range goes from a lower to a higher character")
                low = ((low[0][0], high[0][1]),)
            ranges += low
        self.at += 1
        return _complement(tuple(ranges)) if negated else tuple(ranges)

    def _member(self) -> Ranges:
        character = self._take()
        return self._escape() if character == "\\" else ((ord(character), ord(character)),)


def _complement(ranges: Ranges) -> Ranges:
    result: list[tuple[int, int]] = []
    low = 0
    for first, last in sorted(ranges):
        if first > low:
            result.append((low, first - 1))
        low = max(low, last + 1)
    return (*result, (low, _LAST)) if low <= _LAST else tuple(result)
