"""YAML text as a tree that remembers where everything was written.

Built from the parser's events without recursion, so that no nesting, alias or size in a file can exhaust the process. A
plain scalar keeps the text as written: ``1.0`` stays "1.0", ``NO`` stays "NO", and whoever reads it decides what it
means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from helmont.study.faults import Fault

MAX_BYTES = 4_000_000
MAX_DEPTH = 40
MAX_NODES = 400_000
"""Nodes in one file, counting what an alias repeats each time it is repeated."""


@dataclass(slots=True)
class Node:
    """A scalar (``text``, None when empty), list (``children``) or mapping (``entries``), and where it was written."""

    file: str = ""
    line: int = 0
    text: str | None = None
    children: list[Node] | None = None
    entries: dict[str, Node] | None = None
    key_lines: dict[str, int] = field(default_factory=dict)
    weight: int = 1

    @property
    def shape(self) -> str:
        """What this is, in words."""
        if self.children is not None:
            return "a list"
        if self.entries is not None:
            return "a mapping"
        return "nothing" if self.text is None else "a text"


class _Unusable(Exception):
    def __init__(self, line: int, message: str, accepted: str = "") -> None:
        self.line, self.message, self.accepted = line, message, accepted


def compose(data: bytes, file: str, faults: list[Fault]) -> Node | None:
    """The tree of one YAML file, or ``None`` with the reason added to ``faults``."""
    try:
        if len(data) > MAX_BYTES:
            raise _Unusable(0, f"the file is {len(data)} bytes", f"at most {MAX_BYTES} bytes")
        return _build(data.decode("utf-8-sig"), file, faults)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        faults.append(Fault(file, line, "", "this is not UTF-8 text", "save the file as UTF-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(Fault(file, mark.line + 1 if mark else 0, "", f"not YAML: {error.problem or error.context}"))
    except yaml.YAMLError as error:
        faults.append(Fault(file, 0, "", f"not YAML: {' '.join(str(error).split())}"))
    except _Unusable as error:
        faults.append(Fault(file, error.line, "", error.message, error.accepted))
    return None


def _build(text: str, file: str, faults: list[Fault]) -> Node:
    open_nodes: list[tuple[Node, list[Node], str | None]] = []
    anchors: dict[str, Node] = {}
    root: Node | None = None
    count = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.DocumentStartEvent() if root is not None:
                raise _Unusable(line, "a second document starts here", "one document in a file; remove the ---")
            case yaml.ScalarEvent():
                empty = not event.style and event.value in ("", "~", "null")
                finished, anchor = Node(file, line, None if empty else event.value), event.anchor
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                node = Node(file, line)
                if isinstance(event, yaml.SequenceStartEvent):
                    node.children = []
                else:
                    node.entries = {}
                open_nodes.append((node, [], event.anchor))
                if len(open_nodes) > MAX_DEPTH:
                    raise _Unusable(line, "nested too deeply", f"at most {MAX_DEPTH} levels")
                continue
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                finished, parts, anchor = open_nodes.pop()
                _close(finished, parts, faults)
            case yaml.AliasEvent():
                if event.anchor not in anchors:
                    raise _Unusable(line, f"*{event.anchor} names nothing that is complete above it")
                finished, anchor = anchors[event.anchor], None
            case _:
                continue
        if anchor:
            anchors[anchor] = finished
        count += finished.weight if isinstance(event, yaml.AliasEvent) else 1
        if count > MAX_NODES:
            raise _Unusable(line, "the file holds too much", f"at most {MAX_NODES} values, aliases counted each time")
        if open_nodes:
            open_nodes[-1][1].append(finished)
            open_nodes[-1][0].weight += finished.weight
        else:
            root = finished
    if root is None or root.shape == "nothing":
        raise _Unusable(0, "the file is empty", "YAML as docs/study-package.md describes")
    return root


def _close(node: Node, parts: Sequence[Node], faults: list[Fault]) -> None:
    """Give a list its children, or a mapping its keys and values, saying which keys are not usable."""
    if node.entries is None:
        node.children = list(parts)
        return
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        if key.text is None:
            faults.append(Fault(node.file, key.line, "", f"{key.shape} cannot be a key", "a plain text"))
        elif key.text in node.entries:
            first = node.key_lines[key.text]
            faults.append(Fault(node.file, key.line, "", f"{key.text} is given twice", f"it is also on line {first}"))
        else:
            node.entries[key.text] = value
            node.key_lines[key.text] = key.line


def from_json(value: object, file: str) -> Node:
    """The same tree from a JSON document, so that a published version is read by the same rules as a package."""
    match value:
        case None:
            return Node(file)
        case Mapping():
            return Node(file, entries={str(key): from_json(item, file) for key, item in value.items()})
        case list() | tuple():
            return Node(file, children=[from_json(item, file) for item in value])
        case bool():
            return Node(file, text="true" if value else "false")
        case _:
            return Node(file, text=str(value))
