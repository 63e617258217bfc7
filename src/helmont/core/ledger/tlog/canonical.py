"""Canonical JSON (RFC 8785, JSON Canonicalization Scheme) of ledger entries, as UTF-8 bytes.

The ledger takes a subset in which orjson with sorted keys writes exactly the bytes of RFC 8785:

* keys are ASCII text, so the UTF-16 order of RFC 8785 section 3.2.3 and orjson's UTF-8 order are the same order;
* integers lie within +-(2^53 - 1), the range of RFC 7493 (I-JSON);
* floats are refused: a measurement is text, so that `98.60` stays what the site wrote.

orjson itself refuses lone surrogates and integers out of range, but writes NaN as null and tuples as lists, so one flat
pass over the types follows. Only a refused value is walked again, to name the path.
"""

import json
from typing import TypeAlias

import orjson

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | bool | None"

MAX_INTEGER = 2**53 - 1

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_ACCEPTED = "a dict with ASCII text keys, list, str, int within +-(2^53 - 1), bool or None"
_SCALARS = frozenset({str, int, bool, type(None)})


class CanonicalError(ValueError):
    """A value has no canonical form. `path` says where it is, e.g. `changes[0].set["data/SYSBP"][1]`."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path or 'the value'}: {problem}; accepted is {_ACCEPTED}")
        self.path = path


def dumps(value: JSON) -> bytes:
    """The RFC 8785 bytes of `value`.

    Raises `CanonicalError`, which names the path, for anything outside the ledger's subset of JSON.
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError as error:
        _raise_fault(value, "")
        raise CanonicalError("", str(error)) from error
    if not _is_plain(value):
        _raise_fault(value, "")
    return text


def _is_plain(value: JSON) -> bool:
    """Whether only the accepted types and ASCII keys occur. A queue is several times faster than recursion."""
    queue: list[JSON] = [value]
    for item in queue:  # grows while it is read
        if type(item) in _SCALARS:
            continue
        if type(item) is list:
            queue.extend(item)
        elif type(item) is dict and "".join(item).isascii():
            queue.extend(item.values())
        else:
            return False
    return True


def _raise_fault(value: object, path: str, depth: int = 0) -> None:
    """Walk `value` in order and raise `CanonicalError` at the first thing that has no canonical form."""
    if depth > 250:  # orjson's own limit is 254
        raise CanonicalError(path[:80] + "...", "nested too deeply")
    if type(value) is dict:
        for key, member in value.items():
            if type(key) is not str:
                raise CanonicalError(path, f"the key {key!r} is {type(key).__name__}, not text")
            if not key.isascii():
                raise CanonicalError(path, f"the key {key!r} is not ASCII")
            _raise_fault(member, _join(path, key), depth + 1)
    elif type(value) is list:
        for position, member in enumerate(value):
            _raise_fault(member, f"{path}[{position}]", depth + 1)
    elif type(value) is str:
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise CanonicalError(path, f"a lone surrogate at character {error.start}") from error
    elif type(value) is int:
        if abs(value) > MAX_INTEGER:
            raise CanonicalError(path, f"the integer {value:#x} is out of range")
    elif type(value) not in _SCALARS:
        raise CanonicalError(path, f"{type(value).__name__} {value!r:.60} is not JSON of the ledger")


def _join(path: str, key: str) -> str:
    if key.isidentifier():
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key)}]"
