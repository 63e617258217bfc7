"""Messages as segments, fields, repetitions, components and subcomponents, by each message's own encoding characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from helmont.standards.laboratory import MAX_BYTES, UnreadableFile
from helmont.study.faults import Fault

MAX_SEGMENTS = 200_000
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
_BATCH = {"FHS", "BHS", "BTS", "FTS"}
# HL7 table 0211, as far as Python has them; UNICODE UTF-16 and the East Asian sets are refused by name.
CHARSETS = {
    "": "utf-8", "ASCII": "ascii", "UNICODE": "utf-8", "UNICODE UTF-8": "utf-8",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Encoding:
    """Field, component, repetition, escape and subcomponent separators of MSH-1 and MSH-2."""

    field: str
    component: str
    repetition: str
    escape: str
    sub: str

    def plain(self, text: str) -> str:
        """The text without escape sequences (2.7): separators, hexadecimal, line breaks; others are left out."""
        if not self.escape or self.escape not in text:
            return text
        mark = re.escape(self.escape)
        return re.sub(f"{mark}([^{mark}]*){mark}", self._unescaped, text)

    def _unescaped(self, found: re.Match[str]) -> str:
        code = found[1]
        single = {"F": self.field, "S": self.component, "R": self.repetition, "E": self.escape, "T": self.sub}
        if code in single:
            return single[code]
        if code in (".br", ".sp"):
            return "\n"
        if re.fullmatch(r"X(?:[0-9A-Fa-f]{2})+", code):
            return bytes.fromhex(code[1:]).decode("latin-1")
        return ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; ``number`` counts those of its name in the message, ``line`` those of the file, both from 1."""

    name: str
    number: int
    line: int
    fields: tuple[str, ...]
    encoding: Encoding

    def text(self, field: int, component: int = 1, repetition: int = 1, sub: int = 1) -> str:
        """The plain text of one subcomponent, numbered from 1 as in the standard; empty when it is not there."""
        raw = self.fields[field] if field < len(self.fields) else ""
        for mark, place in (
            (self.encoding.repetition, repetition),
            (self.encoding.component, component),
            (self.encoding.sub, sub),
        ):
            parts = raw.split(mark) if mark else [raw]
            raw = parts[place - 1] if place <= len(parts) else ""
        plain = self.encoding.plain(raw).strip()
        return "" if plain == '""' else plain  # an explicit null is empty

    def has(self, field: int) -> bool:
        raw = self.fields[field] if field < len(self.fields) else ""
        marks = "".join((self.encoding.component, self.encoding.repetition, self.encoding.sub))
        return raw.replace('""', "").strip(marks + " ") != ""

    def place(self, field: int | None = None) -> str:
        """``OBX[3]-5``."""
        return f"{self.name}[{self.number}]" + (f"-{field}" if field else "")


@dataclass(frozen=True, slots=True)
class Message:
    number: int
    segments: tuple[Segment, ...]

    @property
    def head(self) -> Segment:
        return self.segments[0]


def read_messages(data: bytes, file: str) -> Iterator[Message]:
    """The messages of a file, singly or in a batch; ``UnreadableFile`` names the place of what cannot be one."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(Fault(file, 0, "", f"the file has {len(data)} bytes", f"at most {MAX_BYTES}"))
    # Segments end with a carriage return (2.5.1); files that passed through an editor have other line ends.
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\r").replace(b"\n", b"\r").split(b"\r")
    if len(lines) > MAX_SEGMENTS:
        raise UnreadableFile(Fault(file, 0, "", f"the file has {len(lines)} segments", f"at most {MAX_SEGMENTS}"))
    current: list[tuple[int, bytes]] = []
    number = 0
    for line, raw in enumerate(lines, 1):
        raw = raw.strip(b"\x0b\x1c ")  # MLLP block characters
        if not raw:
            continue
        name = raw[:3].decode("ascii", "replace")
        if name == "MSH" or name in _BATCH:
            if current:
                number += 1
                yield _message(current, number, file)
            current = [(line, raw)] if name == "MSH" else []
        elif not current:
            raise UnreadableFile(Fault(file, line, name, "a message begins with MSH", "MSH|^~\\&|..."))
        else:
            current.append((line, raw))
    if current:
        number += 1
        yield _message(current, number, file)
    if not number:
        raise UnreadableFile(Fault(file, 0, "", "the file holds no message", "MSH|^~\\&|..."))


def _message(lines: list[tuple[int, bytes]], number: int, file: str) -> Message:
    line, head = lines[0]
    encoding = _encoding(head, line, file)
    declared = _declared_charset(head, encoding)
    charset = CHARSETS.get(declared.upper())
    if charset is None:
        known = ", ".join(name for name in CHARSETS if name)
        raise UnreadableFile(Fault(file, line, "MSH-18", f"the character set {declared[:40]} is not read", known))
    segments: list[Segment] = []
    counts: dict[str, int] = {}
    for place, raw in lines:
        try:
            text = raw.decode(charset)
        except UnicodeDecodeError:
            wrong = f"this is not text in {declared or 'UTF-8'}, which MSH-18 declares or leaves to be assumed"
            raise UnreadableFile(Fault(file, place, "", wrong, "the character set declared in MSH-18")) from None
        name = text[:3]
        if not _NAME.fullmatch(name) or (len(text) > 3 and text[3] != encoding.field):
            wrong = f"{text[:8]!r} does not begin a segment"
            raise UnreadableFile(Fault(file, place, "", wrong, f"a segment's name and {encoding.field}, such as OBX"))
        counts[name] = counts.get(name, 0) + 1
        fields = text.split(encoding.field)
        if name == "MSH":  # MSH-1 is the separator itself
            fields.insert(1, encoding.field)
        segments.append(Segment(name, counts[name], place, tuple(fields), encoding))
    return Message(number, tuple(segments))


def _encoding(head: bytes, line: int, file: str) -> Encoding:
    text = head[:9].decode("latin-1")
    field = text[3:4]
    marks = text[4:].split(field)[0] if field else ""
    chosen = field + marks[:4]
    if len(marks) < 2 or len(set(chosen)) != len(chosen) or any(c.isalnum() or c.isspace() for c in chosen):
        raise UnreadableFile(Fault(file, line, "MSH-2", "the encoding characters cannot be read", "MSH|^~\\&|"))
    return Encoding(field, marks[0], marks[1], marks[2:3], marks[3:4])


def _declared_charset(head: bytes, encoding: Encoding) -> str:
    fields = head.decode("latin-1").split(encoding.field)
    return fields[17].split(encoding.repetition)[0].strip() if len(fields) > 17 else ""
