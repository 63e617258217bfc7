"""A folder of YAML becomes one tree, and the tree becomes a study.

The files of a package are joined to the shape of the published document (``study.yaml`` at the top, then ``protocol``,
``forms``, ``codelists``, ``checks``, and where there are any ``labs``, ``verification``, ``datasets``, ``analyses``,
``design`` and ``sensors``), each node keeping its own file and line; from there package and document are read alike.
"""

from __future__ import annotations

from pathlib import Path

from helmont.study.analyses.joining import joined_files
from helmont.study.check_tests import failing_tests
from helmont.study.checking import check_study
from helmont.study.faults import Fault, StudyFaults
from helmont.study.model import Study
from helmont.study.nodes import Node, compose
from helmont.study.reading import LANGUAGE, Reading, faults_in_order
from helmont.study.sensing import FILE as SENSORS
from helmont.study.trial_design import FILE as DESIGN

AMENDMENT = "amendment.yaml"
_PARTS = (
    "protocol",
    "forms",
    "codelists",
    "checks",
    "verification",
    "amendment",
    "labs",
    "datasets",
    "analyses",
    "design",
    "sensors",
)
_FILES = ("study.yaml", "protocol.yaml", "verification.yaml", "labs.yaml", AMENDMENT, DESIGN, SENSORS)
_MAX_FILES = 2_000


def load_study(folder: Path | str) -> Study:
    """The study of a package; ``StudyFaults`` with everything that is wrong when any of it is an error."""
    study, faults = examine_folder(folder)
    if study is None or any(fault.severity == "error" for fault in faults):
        raise StudyFaults(faults)
    return study


def check_folder(folder: Path | str) -> list[Fault]:
    """Every fault and warning of a package, errors first, each by file and line; empty when there is nothing to say."""
    return examine_folder(folder)[1]


def read_study(root: Node, faults: list[Fault]) -> tuple[Study, list[Fault]]:
    """Read and check a whole definition; the study is only usable when no fault is an error."""
    study, reading = _read(root, faults)
    return study, faults_in_order(reading.faults)


def read_unchecked(root: Node) -> tuple[Study, list[Fault]]:
    """A definition that was checked when it was published: only what cannot be read, or refers to nothing, is a fault."""
    study, reading = _read(root, [], check=False)
    return study, faults_in_order(reading.faults)


def _read(root: Node, faults: list[Fault], *, check: bool = True) -> tuple[Study, Reading]:
    reading = Reading(_languages(root), faults)
    study: Study = reading.read(root, Study, "")
    reading.check_references()
    if check:
        check_study(study, reading)
    return study, reading


def examine_folder(folder: Path | str) -> tuple[Study | None, list[Fault]]:
    """The study of a package, as far as it could be read, and everything that is wrong with it."""
    folder = Path(folder)
    faults: list[Fault] = []
    if not folder.is_dir():
        return None, [Fault(str(folder), 0, "", "this is not a folder", "the folder that holds study.yaml")]
    root = _compose(folder, "study.yaml", faults)
    protocol = _compose(folder, "protocol.yaml", faults)
    amendment = _compose(folder, AMENDMENT, faults) if (folder / AMENDMENT).exists() else None
    _warn_about_strays(folder, faults)
    forms = _folder(folder, "forms", faults)
    datasets = _folder(folder, "datasets", faults)
    lists = {part: _folder(folder, part, faults) for part in ("codelists", "checks")}
    if root is None or root.entries is None:
        if root is not None:
            faults.append(Fault(root.file, root.line, "", f"expected a mapping, found {root.shape}", "id: ..."))
        return None, faults_in_order(faults)
    for part in _PARTS:
        if root.entries.pop(part, None) is not None:
            where = f"{part}.yaml" if f"{part}.yaml" in _FILES else f"the folder {part}/"
            faults.append(
                Fault(root.file, root.key_lines[part], "", f"{part} is not a key of study.yaml", f"use {where}")
            )
    root.entries["protocol"] = protocol or Node("protocol.yaml", 0, entries={})
    if (folder / "labs.yaml").exists() and (labs := _compose(folder, "labs.yaml", faults)) is not None:
        root.entries["labs"] = labs
    root.entries["forms"] = Node("forms", 0, children=forms)
    if datasets:
        root.entries["datasets"] = Node("datasets", 0, children=datasets)
    if (analyses := joined_files(folder / "analyses", faults)) is not None:
        root.entries["analyses"] = analyses
    if (folder / "verification.yaml").exists():
        root.entries["verification"] = _compose(folder, "verification.yaml", faults) or Node(entries={})
    for file, part in ((DESIGN, "design"), (SENSORS, "sensors")):
        if (folder / file).exists():
            root.entries[part] = _compose(folder, file, faults) or Node(entries={})
    if amendment is not None:
        root.entries["amendment"] = amendment
    for part, nodes in lists.items():
        root.entries[part] = Node(part, 0, children=_flatten(nodes, faults))
    study, reading = _read(root, faults)
    if not any(fault.severity == "error" for fault in faults):
        # Only in a package: a published definition has passed its tests and does not change.
        for test, message, accepted in failing_tests(study):
            reading.fault_in(test, "expect", message, accepted)
    return study, faults_in_order(reading.faults)


def _languages(root: Node) -> tuple[str, ...]:
    """The languages the study declares, needed before any text is read; English when they cannot be read."""
    declared = (root.entries or {}).get("languages")
    codes = [child.text for child in (declared.children or [])] if declared else []
    return tuple(dict.fromkeys(code for code in codes if code and LANGUAGE.fullmatch(code))) or ("en",)


def _compose(folder: Path, name: str, faults: list[Fault]) -> Node | None:
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        faults.append(Fault(name, 0, "", "the file is missing", "see docs/study-package.md"))
    except OSError as error:
        faults.append(Fault(name, 0, "", f"the file cannot be read: {error.strerror}"))
    else:
        return compose(data, name, faults)
    return None


def _folder(folder: Path, part: str, faults: list[Fault]) -> list[Node]:
    path = folder / part
    if not path.is_dir():
        if path.exists():
            faults.append(Fault(part, 0, "", "this is a file", "a folder of .yaml files"))
        return []
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    if len(names) > _MAX_FILES:
        faults.append(Fault(part, 0, "", f"the folder holds {len(names)} files", f"at most {_MAX_FILES}"))
        return []
    nodes = []
    for name in names:
        if name.endswith(".yaml"):
            nodes.append(_compose(folder, f"{part}/{name}", faults))
        else:
            faults.append(Fault(f"{part}/{name}", 0, "", "this file is not read", "a name ending in .yaml", "warning"))
    return [node for node in nodes if node is not None]


def _flatten(files: list[Node], faults: list[Fault]) -> list[Node]:
    """The entries of files that each hold a list."""
    found: list[Node] = []
    for node in files:
        if node.children is None:
            faults.append(Fault(node.file, node.line, "", f"expected a list, found {node.shape}", "- id: ..."))
        else:
            found.extend(node.children)
    return found


def _warn_about_strays(folder: Path, faults: list[Fault]) -> None:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in (".yaml", ".yml") and path.name not in _FILES:
            accepted = f"{', '.join(_FILES)}, or a file in forms/, codelists/, checks/ or datasets/"
            faults.append(Fault(path.name, 0, "", "this file is not read", accepted, "warning"))
