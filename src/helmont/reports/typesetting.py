"""Documents as PDF/A-2a (to be kept) and PDF/UA-1 (tagged), laid out by typst with the fonts inside it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

import typst

FOLDER = Path(__file__).parent
Standard = Literal["a-2a", "a-3a", "ua-1"]
STANDARDS: tuple[Standard, ...] = ("a-2a", "ua-1")


def typeset(
    layout: str | Path,
    contents: bytes,
    moment: datetime,
    files: Mapping[str, bytes] | None = None,
    standards: Sequence[Standard] = STANDARDS,
) -> bytes:
    """The PDF of a layout, given its contents as JSON and the files that it names.

    A layout is a file of this package (``table.typ``), or the whole path of one elsewhere. ``moment`` is its time of
    making; the same input is the same file anywhere. A file that holds others is PDF/A-3a (``standards``).
    """
    return typeset_and_asked(layout, contents, moment, files, standards=standards)[0]


def typeset_and_asked(
    layout: str | Path,
    contents: bytes,
    moment: datetime,
    files: Mapping[str, bytes] | None = None,
    selector: str = "",
    standards: Sequence[Standard] = STANDARDS,
) -> tuple[bytes, str]:
    """``typeset``, and what the document says at ``selector`` (such as ``<item>``), as JSON."""
    with _placed(layout, contents, files or {}) as path:
        compiler = typst.Compiler(str(path), ignore_system_fonts=True)
        pdf = compiler.compile(format="pdf", pdf_standards=list(standards), timestamp=int(moment.timestamp()))
        said = compiler.query(selector, field="value") if selector else ""
    assert isinstance(pdf, bytes)
    return pdf, said


@contextmanager
def _placed(layout: str | Path, contents: bytes, files: Mapping[str, bytes]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="helmont-pdf-") as place:
        folder = Path(place)
        given = {Path(layout).name: (FOLDER / layout).read_bytes(), "contents.json": contents, **files}
        for name, content in given.items():
            (folder / name).write_bytes(content)
        yield folder / Path(layout).name
