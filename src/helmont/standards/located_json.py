"""JSON of which every value knows its line, so that a finding can name it."""

from __future__ import annotations

import json
import re
from typing import Any

from helmont.study.faults import Fault

MAX_DEPTH = 100
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


class _Unusable(ValueError):
    pass


def parse_json(data: bytes, file: str, findings: list[Fault]) -> Any:
    """The value of a JSON document, or None with the reason in ``findings``.

    Refused beyond what JSON itself refuses: a key that an object has twice, NaN and infinities, lone surrogates (they
    cannot be stored), and nesting deeper than ``MAX_DEPTH``.
    """
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
        json.dumps(value, ensure_ascii=False).encode()
        if _depth(text) > MAX_DEPTH:
            raise _Unusable("nested too deeply")
        return value
    except json.JSONDecodeError as error:
        findings.append(Fault(file, error.lineno, f"column {error.colno}", f"not JSON: {error.msg}"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        findings.append(Fault(file, line, "", "this is not UTF-8 text", "JSON in UTF-8"))
    except UnicodeEncodeError:
        findings.append(Fault(file, 0, "", "a text holds half of a character (a lone surrogate)", "whole characters"))
    except RecursionError:
        findings.append(Fault(file, 0, "", "nested too deeply", f"at most {MAX_DEPTH} levels"))
    except ValueError as error:  # _Unusable, and numbers longer than Python reads
        findings.append(Fault(file, 0, "", str(error)[:200], "JSON as RFC 8259 describes"))
    return None


def lines_of(text: str) -> dict[str, int]:
    """The line (from 1) on which each value of a valid JSON text starts, by JSON pointer (RFC 6901)."""
    lines: dict[str, int] = {}
    stack: list[list[Any]] = []  # [pointer, next index, or the key whose value follows (None: a key comes)]
    line, position, key_next = 1, 0, False
    for match in _TOKEN.finditer(text):
        token = match.group()
        line += text.count("\n", position, match.start())
        position = match.start()
        if token in "}]":
            stack.pop()
            key_next = False
        elif token == ",":
            key_next = not isinstance(stack[-1][1], int)
            if not key_next:
                stack[-1][1] += 1
        elif token == ":":
            key_next = False
        elif key_next:
            stack[-1][1] = json.loads(token).replace("~", "~0").replace("/", "~1")
        else:
            pointer = f"{stack[-1][0]}/{stack[-1][1]}" if stack else ""
            lines[pointer] = line
            if token in "{[":
                stack.append([pointer, 0 if token == "[" else None])
                key_next = token == "{"
    return lines


def _depth(text: str) -> int:
    deepest = now = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        now += (token in "{[") - (token in "}]")
        deepest = max(deepest, now)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Unusable(f"the key {twice[:60]!r} is given twice in one object")
    return found


def _constant(name: str) -> Any:
    raise _Unusable(f"{name} is not a JSON number")
