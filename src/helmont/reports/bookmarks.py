"""The bookmarks of a PDF that typst made, put in another order: typst makes one per heading, in the order of the pages.

A reviewer of an annotated CRF expects every form twice, under its visits and by its name (SDTM Metadata Submission Guidelines
2.0, section 4.3). The bookmarks are added as an incremental update (ISO 32000-1, section 7.5.6): what was there stays byte for
byte, so its conformance to PDF/A and PDF/UA is untouched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s+(\d+)\s+%%EOF\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A line of the bookmarks. ``heading`` is the place among the PDF's own bookmarks of the highest level, from 0."""

    title: str
    heading: int
    children: tuple[Bookmark, ...] = field(default=())


def with_bookmarks(pdf: bytes, bookmarks: Sequence[Bookmark]) -> bytes:
    """The PDF with these bookmarks instead of its own; children are folded in. Raises ``ValueError`` when the file is not
    as typst writes it."""
    return _Update(pdf).bookmarks(bookmarks)


class _Update:
    def __init__(self, pdf: bytes) -> None:
        found = _TRAILER.search(pdf)
        if found is None:
            raise ValueError("the PDF has no trailer such as typst writes")
        self.pdf, self.trailer, self.start = pdf, found[1], int(found[2])
        self.size, self.root = self._number(rb"/Size (\d+)"), self._number(rb"/Root (\d+) 0 R")
        self.objects: dict[int, bytes] = {}

    def _number(self, pattern: bytes) -> int:
        found = re.search(pattern, self.trailer)
        if found is None:
            raise ValueError(f"the trailer of the PDF has no {pattern.decode()}")
        return int(found[1])

    def bookmarks(self, bookmarks: Sequence[Bookmark]) -> bytes:
        catalog = self._object(self.root)
        targets = self._targets(catalog)
        outlines = self._reserve()
        first, last = self._level(bookmarks, outlines, targets)
        count = len(bookmarks)
        self.objects[outlines] = b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % (first, last, count)
        self.objects[self.root] = re.sub(rb"/Outlines \d+ 0 R", b"/Outlines %d 0 R" % outlines, catalog)
        return self._written()

    def _object(self, number: int) -> bytes:
        found = re.search(rb"(?:^|[\r\n])%d 0 obj\s(.*?)\sendobj" % number, self.pdf, re.DOTALL)
        if found is None:
            raise ValueError(f"the PDF has no object {number}")
        return found[1]

    def _targets(self, catalog: bytes) -> list[bytes]:
        """Where the PDF's own bookmarks of the highest level lead."""
        found = re.search(rb"/Outlines (\d+) 0 R", catalog)
        outlines = self._object(int(found[1])) if found else b""
        following = re.search(rb"/First (\d+) 0 R", outlines)
        targets = []
        while following is not None:
            item = self._object(int(following[1]))
            target = re.search(rb"/Dest (\d+ 0 R)", item)
            if target is None:
                raise ValueError("a bookmark of the PDF leads nowhere")
            targets.append(target[1])
            following = re.search(rb"/Next (\d+) 0 R", item)
        return targets

    def _reserve(self) -> int:
        number, self.size = self.size, self.size + 1
        self.objects[number] = b""
        return number

    def _level(self, bookmarks: Sequence[Bookmark], parent: int, targets: list[bytes]) -> tuple[int, int]:
        numbers = [self._reserve() for _ in bookmarks]
        for place, (number, bookmark) in enumerate(zip(numbers, bookmarks, strict=True)):
            said = [b"<</Parent %d 0 R" % parent]
            if place:
                said.append(b"/Prev %d 0 R" % numbers[place - 1])
            if place + 1 < len(numbers):
                said.append(b"/Next %d 0 R" % numbers[place + 1])
            if bookmark.children:
                first, last = self._level(bookmark.children, number, targets)
                said.append(b"/First %d 0 R/Last %d 0 R/Count %d" % (first, last, -len(bookmark.children)))
            title = ("\ufeff" + bookmark.title).encode("utf-16-be").hex().encode()
            said.append(b"/Title<%s>/Dest %s>>" % (title, targets[bookmark.heading]))
            self.objects[number] = b"".join(said)
        return numbers[0], numbers[-1]

    def _written(self) -> bytes:
        body, offsets = bytearray(self.pdf if self.pdf.endswith(b"\n") else self.pdf + b"\n"), {}
        for number, content in sorted(self.objects.items()):
            offsets[number] = len(body)
            body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        start = len(body)
        body += b"xref\n"
        for first, last in _runs(sorted(offsets)):
            body += b"%d %d\n" % (first, last - first + 1)
            body += b"".join(b"%010d 00000 n\r\n" % offsets[number] for number in range(first, last + 1))
        trailer = re.sub(rb"/Size \d+", b"/Size %d" % self.size, self.trailer)
        body += b"trailer\n<<%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (trailer, self.start, start)
        return bytes(body)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Stretches of numbers that follow one another, as first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
