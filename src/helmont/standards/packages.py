"""A study package as one ZIP file: how it is brought to a page, and taken away from one."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from helmont.standards.archives import BadArchive, unpack
from helmont.standards.importing import Imported, finish, refused
from helmont.study.faults import Fault
from helmont.study.loading import examine_folder
from helmont.study.model import Study
from helmont.study.writing import package_files

MAX_FILES = 2_500
MAX_BYTES = 64_000_000
_PLACE = re.compile(r"(?:[a-z]{1,20}/)?[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.yaml")
_MADE = (1980, 1, 1, 0, 0, 0)
"""The time in every header: equal studies make equal archives."""


def read_package(content: bytes, name: str) -> Imported:
    """The study of a zipped package. Its folder may be zipped with it; what is not YAML is named and not read."""
    try:
        members = unpack(content, most_files=MAX_FILES, most_bytes=MAX_BYTES)
    except BadArchive as bad:
        return refused([Fault(name, 0, "", str(bad), bad.accepted)])
    top = _top(members)
    faults: list[Fault] = []
    with TemporaryDirectory(prefix="helmont-package-") as place:
        for member, data in sorted(members.items()):
            within = member.replace("\\", "/").removeprefix(top)
            if _PLACE.fullmatch(within):
                target = Path(place, within)
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(data)
            else:
                faults.append(Fault(member[:200], 0, "", "this file is not read", "the YAML of a package", "note"))
        study, found = examine_folder(place)
    # The folder is ours and gone: what is wrong with it is said of the archive.
    faults += [fault if fault.file != place else Fault(name, 0, "", fault.message, fault.accepted) for fault in found]
    if study is None or any(fault.severity == "error" for fault in faults):
        return refused(faults)
    return finish(study, faults, name)


def zip_package(study: Study) -> bytes:
    """The package of the study as a ZIP with one folder in it; raises ``StudyFaults`` when it cannot be written."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in package_files(study).items():
            member = zipfile.ZipInfo(f"{study.id.lower()}/{name}", _MADE)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text.encode())
    return made.getvalue()


def _top(members: dict[str, bytes]) -> str:
    """The folder in which ``study.yaml`` lies, as a prefix of names; the outermost where there are several."""
    names = [name.replace("\\", "/") for name in members]
    found = [name for name in names if name.rsplit("/", 1)[-1] == "study.yaml"]
    return min(found, key=len).removesuffix("study.yaml") if found else ""
