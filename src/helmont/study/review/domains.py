"""Which values expressions leave: conjunctions of intervals and sets, exact where every part compares a name with constants.

What cannot be compared (a count over a log, two names with each other) is left out, which only ever makes the answer
"perhaps somebody": a contradiction that is found is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from helmont.study.cel.syntax import Node

Constant = float | str
MAX_ALTERNATIVES = 4_000
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class TooMany(Exception):
    """The alternatives are more than are worth comparing."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Values a name may have: an interval of numbers, perhaps one of a few constants, and not some others."""

    low: float = float("-inf")
    high: float = float("inf")
    low_open: bool = False
    high_open: bool = False
    within: frozenset[Constant] | None = None
    without: frozenset[Constant] = frozenset()

    def meet(self, other: Domain) -> Domain:
        """The values that both allow."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high = min(self.high, other.high)
        high_open = any(each.high_open for each in (self, other) if each.high == high)
        both = [each.within for each in (self, other) if each.within is not None]
        within = frozenset.intersection(*both) if both else None
        return Domain(low, high, low_open, high_open, within, self.without | other.without)

    @property
    def empty(self) -> bool:
        if self.within is not None:
            return not any(self._has(value) for value in self.within)
        if self.low == self.high:
            return self.low_open or self.high_open or self.low in self.without
        return self.low > self.high

    def _has(self, value: Constant) -> bool:
        if value in self.without:
            return False
        if isinstance(value, str):
            return self.low == float("-inf") and self.high == float("inf")
        above = value > self.low or (value == self.low and not self.low_open)
        return above and (value < self.high or (value == self.high and not self.high_open))


Alternative = Mapping[str, Domain]
"""Names to domains that hold together; one of several alternatives."""


def alternatives(tree: Node, integers: frozenset[str], wanted: bool = True) -> tuple[list[Alternative], bool]:
    """The alternatives under which ``tree`` is ``wanted``, and whether every part of it was understood.

    ``integers`` are names of whole numbers: above 49 is from 50 on.
    """
    op = tree.op
    if op == "!":
        return alternatives(tree.operands[0], integers, not wanted)
    if op in ("&&", "||"):
        parts = [alternatives(each, integers, wanted) for each in tree.operands]
        exact = all(each for _, each in parts)
        lists = [each for each, _ in parts]
        if (op == "&&") == wanted:
            return together(lists), exact
        return [alternative for each in lists for alternative in each], exact
    if op == "literal" and isinstance(tree.args[0], bool):
        return ([{}] if tree.args[0] == wanted else []), True
    found = _relation(tree, wanted)
    if found is None:
        return [{}], False
    name, domain = found
    return [{name: _whole(domain) if name in integers else domain}], True


def together(lists: Iterable[list[Alternative]]) -> list[Alternative]:
    """The alternatives in which one of each list holds; impossible ones are left out. Raises :class:`TooMany`."""
    found: list[Alternative] = [{}]
    for each in lists:
        merged = [both for one in found for other in each if (both := _merge(one, other)) is not None]
        if len(merged) > MAX_ALTERNATIVES:
            raise TooMany
        found = merged
    return found


def _merge(one: Alternative, other: Alternative) -> Alternative | None:
    merged = dict(one)
    for name, domain in other.items():
        merged[name] = merged[name].meet(domain) if name in merged else domain
        if merged[name].empty:
            return None
    return merged


def _relation(tree: Node, wanted: bool) -> tuple[str, Domain] | None:
    if len(tree.operands) != 2:
        return None
    left, right = tree.operands
    op = tree.op
    if op == "in" and left.op == "name" and right.op == "[]":
        values = [_constant(each) for each in right.operands]
        known = frozenset(value for value in values if value is not None)
        if len(known) != len(set(values)):
            return None
        return left.word, Domain(within=known) if wanted else Domain(without=known)
    if op not in _TURNED:
        return None
    if right.op == "name":
        left, right, op = right, left, _TURNED[op]
    value = _constant(right)
    if left.op != "name" or value is None:
        return None
    return left.word, _compared(op if wanted else _OPPOSITE[op], value)


def _compared(op: str, value: Constant) -> Domain:
    if op in ("==", "!="):
        return Domain(within=frozenset({value})) if op == "==" else Domain(without=frozenset({value}))
    if isinstance(value, str):
        return Domain()
    if op in (">", ">="):
        return Domain(low=value, low_open=op == ">")
    return Domain(high=value, high_open=op == "<")


def _constant(tree: Node) -> Constant | None:
    if tree.op == "neg" and tree.operands[0].op == "literal":
        inner = _constant(tree.operands[0])
        return -inner if isinstance(inner, float) else None
    value = tree.args[0] if tree.op == "literal" else None
    if isinstance(value, bool) or value is None:
        return None
    return value if isinstance(value, str) else float(value) if isinstance(value, (int, float)) else None


def _whole(domain: Domain) -> Domain:
    """The same whole numbers, with closed ends."""
    low, high = domain.low, domain.high
    if low not in (float("-inf"), float("inf")):
        low = float(int(low // 1) + 1) if domain.low_open or low != low // 1 else low
    if high not in (float("-inf"), float("inf")):
        high = float(int(-(-high // 1)) - 1) if domain.high_open and high == high // 1 else float(high // 1)
    return replace(domain, low=low, high=high, low_open=False, high_open=False)
