"""Study definitions in any format that is read here, told apart by their content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from helmont.standards.archives import BadArchive, is_archive, unpack
from helmont.standards.importing import Imported, refused
from helmont.standards.odm.reading import read_odm
from helmont.standards.packages import read_package
from helmont.standards.redcap import read_redcap
from helmont.standards.usdm import read_usdm
from helmont.standards.xlsform import read_xlsform
from helmont.study.faults import Fault

Format = Literal["usdm", "odm", "redcap", "xlsform", "package"]
READERS: Mapping[Format, Callable[[bytes, str], Imported]] = {
    "usdm": read_usdm,
    "odm": read_odm,
    "redcap": read_redcap,
    "xlsform": read_xlsform,
    "package": read_package,
}
MAX_BYTES = 64_000_000


def recognise(content: bytes) -> Format:
    """The format a file seems to be in; a data dictionary where nothing else fits. Its reader says if it is not one."""
    start = content[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if is_archive(content):
        return _kind_of_archive(content)
    if start.startswith(b"<"):
        return "odm"
    return "usdm" if start.startswith((b"{", b"[")) else "redcap"


def read_definition(content: bytes, name: str) -> tuple[Format, Imported]:
    """The study of a file and the format it was read as. Never raises for what is in the file."""
    found = recognise(content)
    if len(content) > MAX_BYTES:
        return found, refused([Fault(name, 0, "", f"the file has {len(content)} bytes", f"at most {MAX_BYTES}")])
    return found, READERS[found](content, name)


def _kind_of_archive(content: bytes) -> Format:
    try:
        names = list(unpack(content, most_files=3_000, most_bytes=2 * MAX_BYTES))
    except BadArchive:
        return "xlsform" if b"xl/workbook.xml" in content else "package"
    if "xl/workbook.xml" in names:
        return "xlsform"
    packaged = any(name.rsplit("/", 1)[-1] == "study.yaml" for name in names)
    return "package" if packaged or not any(name.lower().endswith(".csv") for name in names) else "redcap"
