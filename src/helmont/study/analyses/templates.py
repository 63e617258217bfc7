"""Texts of a table with figures in them: ``{mean:.1} ({sd:.2})``, ``{ANOVA.p:P4}``, ``{diff_p[PBO]:P3}``, ``{ARM}``.

A figure is an operation of the row's analysis or, before a dot, of another one; groups that the row and the column do not give
stand in brackets. A name in capitals is the label of the group that the row or column is in. After a colon stands how the
number is printed: ``width.decimals``, ``.decimals``, or a format's id. The part after `` // `` is printed where the first
figure is zero, the part after `` ?? `` where there is none (``{median:.1} ?? not reached``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_FIELD = re.compile(
    r"\{(?:(?P<analysis>[A-Z][A-Z0-9_]*)\.)?(?P<name>[A-Za-z][A-Za-z0-9_]*)(?:\[(?P<groups>[^\]{}]*)\])?(?::(?P<format>[^{}:]+))?\}"
)
NUMBER_FORMAT = re.compile(r"(?P<width>\d*)\.(?P<decimals>\d)|(?P<whole>\d+)")


@dataclass(frozen=True, slots=True)
class Field:
    """A figure, or with a name in capitals the label of a group."""

    name: str
    analysis: str = ""
    groups: tuple[str, ...] = ()
    format: str = ""

    @property
    def is_label(self) -> bool:
        return self.name.isupper() and not self.analysis


@dataclass(frozen=True, slots=True)
class Template:
    """Texts and fields in order; ``zero`` where the first figure is zero, ``absent`` where there is none."""

    parts: tuple[str | Field, ...]
    zero: Template | None = None
    absent: Template | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        mine = tuple(part for part in self.parts if isinstance(part, Field))
        return mine + tuple(field for other in (self.zero, self.absent) if other for field in other.fields)


class TemplateError(ValueError):
    """The text is no template; the message says why."""


@cache
def template(text: str) -> Template:
    """Read a template; raises ``TemplateError``."""
    first, absent = _split(text, " ?? ")
    first, zero = _split(first, " // ")
    parts: list[str | Field] = []
    place = 0
    for found in _FIELD.finditer(first):
        parts.append(_plain(first[place : found.start()]))
        groups = tuple(each.strip() for each in (found["groups"] or "").split(",") if each.strip())
        parts.append(Field(found["name"], found["analysis"] or "", groups, found["format"] or ""))
        place = found.end()
    parts.append(_plain(first[place:]))
    return Template(tuple(part for part in parts if part != ""), zero, absent)


def _split(text: str, mark: str) -> tuple[str, Template | None]:
    """What stands before the mark, and the template after it."""
    first, found, rest = f"{text} ".partition(mark)
    return (first, template(rest.rstrip())) if found else (text, None)


def _plain(text: str) -> str:
    if "{" in text or "}" in text:
        raise TemplateError(f"{text.strip()!r} holds a brace that begins or ends no field, such as {{mean:.1}}")
    return text
