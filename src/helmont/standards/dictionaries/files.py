"""The files of a dictionary as somebody brings them: single ones, a folder, or a ZIP, within limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from helmont.standards.archives import BadArchive, is_archive, unpack
from helmont.standards.dictionaries.model import Findings

MOST_BYTES = 400_000_000
MOST_FILES = 200
Files = Mapping[str, bytes]
"""File name in small letters, without its folder, to content."""


def gather(brought: Mapping[str, bytes], findings: Findings) -> dict[str, bytes]:
    """The files in ``brought`` (name to content), those inside a ZIP unpacked."""
    found: dict[str, bytes] = {}
    for name, content in brought.items():
        if is_archive(content):
            found |= _unpack(name, content, findings)
        else:
            found[_plain(name)] = content
    return found


def read_path(path: Path, findings: Findings) -> dict[str, bytes]:
    """The files of a folder (and of its folders), or one file."""
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
        return gather({each.name: each.read_bytes() for each in inside[:MOST_FILES]}, findings)
    return gather({path.name: path.read_bytes()}, findings)


def _plain(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name.lower()


def _unpack(name: str, content: bytes, findings: Findings) -> dict[str, bytes]:
    try:
        members = unpack(content, most_files=MOST_FILES, most_bytes=MOST_BYTES)
    except BadArchive as error:
        findings.error(name, 0, "", str(error), error.accepted)
        return {}
    return {_plain(each): data for each, data in members.items()}


def lines(files: Files, name: str, findings: Findings) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not empty, numbered from 1; nothing, and a finding, when it is not UTF-8 text."""
    data = files[name]
    if len(data) > MOST_BYTES:
        findings.error(name, 0, "", f"the file is {len(data)} bytes", f"at most {MOST_BYTES}")
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = data[: error.start].count(b"\n") + 1
        findings.error(name, place, "", "this is not UTF-8 text", "the files as UTF-8")
        return
    for number, written in enumerate(text.split("\n"), 1):
        if line := written.rstrip("\r"):
            if "\x00" in line or "\x1f" in line:
                findings.error(name, number, "", "the line holds a control character", "text")
            else:
                yield number, line
