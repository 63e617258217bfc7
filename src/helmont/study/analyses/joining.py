"""The files of ``analyses/`` as one tree, with layouts filled in: what a published definition holds of them.

Each file is a mapping; lists of the same name are joined over the files. An output may say ``layout: ID`` and
``with: {week: 24}``: it is then what the layout says with ``${week}`` replaced, its own keys taking the place of the layout's.
"""

from __future__ import annotations

import re
from pathlib import Path

from helmont.study.faults import Fault, one_of
from helmont.study.nodes import Node, compose

_LISTS = ("analysis_sets", "groupings", "subsets", "formats", "outputs")
_SCALARS = ("id", "name", "protocol", "participants", "participant")
_MAX_FILES = 500
_PARAMETER = re.compile(r"\$\{([a-z_][a-z0-9_]*)\}")


def joined_files(folder: Path, faults: list[Fault]) -> Node | None:
    """The reporting event of a folder, to be read; None (with what is wrong, when it is no folder) without one."""
    if not folder.is_dir():
        if folder.exists():
            faults.append(Fault("analyses", 0, "", "this is a file", "a folder of .yaml files"))
        return None
    files = sorted(path for path in folder.iterdir() if path.suffix == ".yaml" and not path.name.startswith("."))
    if len(files) > _MAX_FILES:
        faults.append(Fault("analyses", 0, "", f"the folder holds {len(files)} files", f"at most {_MAX_FILES}"))
        return None
    nodes = [compose(path.read_bytes(), f"analyses/{path.name}", faults) for path in files]
    root, layouts = _joined([node for node in nodes if node is not None], faults)
    outputs = root.entries["outputs"] if root.entries else Node()
    outputs.children = [_laid_out(each, layouts, faults) for each in outputs.children or []]
    return root


def _joined(files: list[Node], faults: list[Fault]) -> tuple[Node, dict[str, Node]]:
    """One node with the keys of all files, and the layouts by id."""
    root = Node("analyses", 0, entries={name: Node("analyses", 0, children=[]) for name in _LISTS})
    entries = root.entries or {}
    layouts: dict[str, Node] = {}
    for file in files:
        if file.entries is None:
            faults.append(Fault(file.file, file.line, "", f"expected a mapping, found {file.shape}", "outputs: ..."))
            continue
        for key, node in file.entries.items():
            line = file.key_lines.get(key, file.line)
            if key in _SCALARS and key not in entries:
                entries[key] = node
                root.key_lines[key] = line
            elif key in _SCALARS:
                faults.append(Fault(file.file, line, key, f"{key} is already given in {entries[key].file}"))
            elif key not in (*_LISTS, "layouts"):
                accepted = one_of([*_LISTS, *_SCALARS, "layouts"], key)
                faults.append(Fault(file.file, line, "", f"{key} is not a key of a file of analyses", accepted))
            elif node.children is None:
                faults.append(Fault(file.file, line, key, f"expected a list, found {node.shape}", "- id: ..."))
            elif key == "layouts":
                layouts |= _by_id(node.children, faults)
            else:
                entries[key].children = [*(entries[key].children or []), *node.children]
    return root, layouts


def _by_id(nodes: list[Node], faults: list[Fault]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in nodes:
        name = (node.entries or {}).get("id")
        if name is None or not name.text:
            faults.append(Fault(node.file, node.line, "layouts", "a layout needs an id", "id: ..."))
        elif name.text in found:
            faults.append(Fault(node.file, node.line, "layouts", f"the layout {name.text} is declared twice"))
        else:
            found[name.text] = node
    return found


def _laid_out(output: Node, layouts: dict[str, Node], faults: list[Fault]) -> Node:
    """The output with what its layout says."""
    mine = output.entries
    if mine is None or "layout" not in mine:
        return output
    name, given = mine["layout"].text or "", mine.get("with") or Node(entries={})
    layout = layouts.get(name)
    if layout is None:
        line = output.key_lines["layout"]
        faults.append(Fault(output.file, line, "layout", f"{name} is no layout", one_of(list(layouts), name)))
        return output
    values = {key: node.text or "" for key, node in (given.entries or {}).items()}
    asked: set[str] = set()
    filled = _filled(layout, values, asked)
    for missing in sorted(asked - values.keys()):
        message = f"the layout {name} needs {missing}"
        faults.append(Fault(output.file, output.line, "with", message, f"with: {{{missing}: ...}}"))
    for unknown in sorted(values.keys() - asked):
        message = f"{unknown} is not asked by the layout {name}"
        faults.append(Fault(output.file, output.line, "with", message, one_of(sorted(asked), unknown)))
    entries = {key: node for key, node in (filled.entries or {}).items() if key != "id"}
    entries |= {key: node for key, node in mine.items() if key not in ("layout", "with")}
    return Node(output.file, output.line, entries=entries, key_lines=filled.key_lines | output.key_lines)


def _filled(node: Node, values: dict[str, str], asked: set[str]) -> Node:
    """A copy with the parameters replaced; those met are added to ``asked``."""

    def replace(found: re.Match[str]) -> str:
        asked.add(found[1])
        return values.get(found[1], "")

    return Node(
        node.file,
        node.line,
        None if node.text is None else _PARAMETER.sub(replace, node.text),
        None if node.children is None else [_filled(each, values, asked) for each in node.children],
        None if node.entries is None else {key: _filled(each, values, asked) for key, each in node.entries.items()},
        node.key_lines,
        node.weight,
    )
