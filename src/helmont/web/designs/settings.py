"""The settings of any design as fields of a form, and the design that typed texts declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlencode

import yaml
from django.utils.translation import gettext as _

from helmont.design import DESIGNS, Boin, Declared, DesignError, Keyboard, Mtpi, Mtpi2, ThreePlusThree, Tpi
from helmont.design.dose_finding.interval import IntervalDesign

LONGEST = 2000
"""Characters of one setting."""
MOST_AT_ONCE, MOST_DOSES = 36, 6
"""Patients and doses of a trial whose outcomes are enumerated while a page waits."""


@dataclass(frozen=True)
class Setting:
    """A field of the form. ``name`` is the setting's own, as in files and at the terminal, so it is not translated."""

    name: str
    text: str
    choices: tuple[str, ...] = ()
    needed: bool = False
    wide: bool = False


@dataclass(frozen=True)
class _Shape:
    """What a setting may be."""

    choices: tuple[Any, ...] = ()
    listed: bool = False
    nested: bool = False
    words: bool = False
    """Texts are taken as they are."""
    alone: bool = False
    """One number is a list of one."""
    text: bool = False
    """What is no number is taken as it is."""


@lru_cache
def _shapes(name: str) -> dict[str, _Shape]:
    kind = DESIGNS[name]
    hints = get_type_hints(kind)
    return {each.name: _shape(hints[each.name]) for each in fields(kind) if each.init}


def _shape(hint: Any) -> _Shape:
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    choices = tuple(choice for each in kinds if get_origin(each) is Literal for choice in get_args(each))
    return _Shape(
        choices=(True, False) if bool in kinds else choices,
        listed=any(get_origin(each) is tuple for each in kinds),
        nested=any(isinstance(each, type) and issubclass(each, Declared) for each in kinds),
        words=any(get_origin(each) is tuple and str in get_args(each) for each in kinds),
        alone=any(get_origin(each) is tuple and int in get_args(each) for each in kinds) and int not in kinds,
        text=str in kinds,
    )


def initial(kind: type[Declared], example: Mapping[str, Any]) -> dict[str, str]:
    """The texts that a form begins with."""
    texts = {}
    for each in fields(kind):
        default = None if each.default is MISSING else each.default
        texts[each.name] = written(example.get(each.name, default))
    return texts


def address(design: Declared, truths: Sequence[str] = ()) -> str:
    """The page of a design, below ``/designs/``, with its settings and what might be true."""
    texts = initial(type(design), {each.name: getattr(design, each.name) for each in fields(design)})
    return f"{design.kind}/?{urlencode({**texts, 'trials': '1000', 'seed': '6', 'truth': truths}, doseq=True)}"


def enumerated_at_once(design: Declared) -> bool:
    """Whether all outcomes are enumerated before anybody would notice."""
    if isinstance(design, ThreePlusThree):
        return True
    if not isinstance(design, IntervalDesign) or type(design) not in (Boin, Keyboard, Mtpi, Mtpi2, Tpi):
        return False
    return design.patients <= MOST_AT_ONCE and design.doses <= MOST_DOSES


def form(kind: type[Declared], texts: Mapping[str, str]) -> list[Setting]:
    """A field for every setting, with what was typed."""
    needed = {each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING}
    return [
        Setting(
            name,
            texts.get(name, ""),
            tuple(written(choice) for choice in shape.choices),
            name in needed,
            shape.listed or shape.nested or len(texts.get(name, "")) > 12,
        )
        for name, shape in _shapes(kind.__name__).items()
    ]


def declared(kind: str, texts: Mapping[str, str]) -> tuple[Declared | None, dict[str, str]]:
    """The design that the texts declare, or None; and what is wrong, by setting."""
    faults: dict[str, str] = {}
    values: dict[str, Any] = {"design": kind}
    for name, shape in _shapes(kind).items():
        text = texts.get(name, "").strip()
        if not text:
            continue  # as by default
        if len(text) > LONGEST:
            faults[name] = _("At most %(most)s characters.") % {"most": LONGEST}
            continue
        try:
            values[name] = _read(text, shape)
        except ValueError:
            faults[name] = _example_of(shape)
    if faults:
        return None, faults
    try:
        return Declared.from_dict(values), {}
    except DesignError as fault:
        return None, {fault.setting.partition("[")[0]: str(fault)}


def _example_of(shape: _Shape) -> str:
    if shape.choices:
        return _("One of %(choices)s.") % {"choices": ", ".join(map(written, shape.choices))}
    if shape.nested:
        return _("A design with its settings, such as {design: LanDeMets, like: OF}.")
    if shape.listed:
        return _("Numbers with spaces between them, such as 0.1 0.25 0.4.")
    return _("A number, such as 0.3.")


def _read(text: str, shape: _Shape) -> Any:
    """A value as typed. Raises ``ValueError``."""
    if shape.choices:
        for choice in shape.choices:
            if written(choice) == text:
                return choice
        raise ValueError(text)
    if shape.words and not text.startswith("["):
        return text.split()
    if shape.nested or text[0] in "[{":
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError:
            raise ValueError(text) from None
    if shape.listed and len(text.split()) > 1:
        return [number(each) for each in text.split()]
    try:
        found = number(text)
    except ValueError:
        if shape.text:
            return text
        raise
    return [found] if shape.alone else found


def number(text: str) -> int | float:
    """A whole number or another one; a comma is a decimal comma. Raises ``ValueError``."""
    text = text.replace(",", ".")
    return int(text) if text.lstrip("+-").isdecimal() else float(text)


def written(value: Any) -> str:
    """A value as it is typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Declared):
        return _flow(value.to_dict())
    if isinstance(value, Mapping):
        return _flow(value)
    if isinstance(value, (tuple, list)):
        if any(isinstance(each, (tuple, list, Mapping)) or " " in str(each) for each in value):
            return _flow(value)
        return " ".join(map(written, value))
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _flow(value: Any) -> str:
    """In one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"'{value}'" if isinstance(value, str) and yaml.safe_load(value) != value else str(value)
