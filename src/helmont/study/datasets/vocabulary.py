"""The vocabulary of steps: functions whose signatures say what a study package may write.

A step is a function of the rows and the subject; what follows as keywords is what the package gives it. Annotations say
how it is read and what it does with it: a text that is ``Reads`` names a variable that must be there, one that is
``Creates`` a variable that the step makes, a ``Condition`` is an expression in CEL. From them the package is read, checked
and documented, so that the function is the only place that says what a step is.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from helmont.study.cel import CelSyntaxError, Program, parse
from helmont.study.kinds import Written


@dataclasses.dataclass(frozen=True, slots=True)
class Touches:
    """The text names something of a data set: how it is used decides what is checked."""

    use: str


Reads = Annotated[str, Touches("reads")]
"""A variable that must be there already."""
Creates = Annotated[str, Touches("creates")]
"""A variable that the step makes, or fills in."""
Of = Annotated[str, Touches("dataset")]
"""A data set made before this one."""
ReadsOther = Annotated[str, Touches("reads other")]
"""A variable of the data set that the step names."""
Condition = Annotated[Program, Written("cel")]
"""An expression over the variables of a record."""
Codes = Annotated[str, Touches("codelist")]
"""A codelist of the study."""


Makes = Callable[[Any, Any], set[str]]
"""Which variables a step makes, from the study and what the step was given."""


@dataclasses.dataclass(frozen=True, slots=True)
class StepKind:
    """A word of the vocabulary: its name, the function, and a class whose fields are what a package may give."""

    name: str
    function: Callable[..., Any]
    arguments: type
    makes: Makes | None = None
    """For steps that make more than their arguments name: the variables, from the study and the arguments."""

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


STEPS: dict[str, StepKind] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class Nothing:
    """The arguments of a step that could not be read."""


def step(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register a function as a step under its own name."""
    return _register(function, None)


def step_making(makes: set[str] | Makes) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a step that makes more variables than its arguments name: always these, or found from study and arguments."""
    found: Makes = (lambda _study, _arguments: makes) if isinstance(makes, set) else makes
    return lambda function: _register(function, found)


def _register(function: Callable[..., Any], makes: Makes | None) -> Callable[..., Any]:
    hints = get_type_hints(function, include_extras=True)
    fields: list[Any] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        if parameter.default is inspect.Parameter.empty:
            fields.append((name, hints[name]))
        else:
            fields.append((name, hints[name], dataclasses.field(default=parameter.default)))
    required = [field for field in fields if len(field) == 2]
    optional = [field for field in fields if len(field) == 3]
    words = "".join(word.capitalize() for word in function.__name__.split("_"))
    arguments = dataclasses.make_dataclass(words, [*required, *optional], frozen=True, slots=True)
    arguments.__module__ = __name__
    STEPS[function.__name__] = StepKind(function.__name__, function, arguments, makes)
    return function


@dataclasses.dataclass(frozen=True, slots=True)
class Touch:
    """One use of a variable, data set or codelist in the arguments of a step."""

    use: str
    name: str
    argument: str


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def touches(arguments: object) -> Iterator[Touch]:
    """Everything that the arguments of a step name, found by their annotations."""
    hints = _hints(type(arguments))  # type: ignore[arg-type]  # a class can be hashed
    for field in dataclasses.fields(arguments):  # type: ignore[arg-type]
        yield from touches_of(hints[field.name], getattr(arguments, field.name), field.name)


def touches_of(kind: Any, value: Any, argument: str) -> Iterator[Touch]:
    """Everything that one argument names."""
    if value is None:
        return
    kind = given(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        mark = inner[1]
        if isinstance(mark, Touches):
            yield Touch(mark.use, value, argument)
        elif isinstance(mark, Written) and mark.language == "cel":
            yield from (Touch("reads", name, argument) for name in _names(value))
    elif origin is tuple:
        for entry in value:
            yield from touches_of(inner[0], entry, argument)
    elif origin is not None and isinstance(value, Mapping):
        for key, entry in value.items():
            yield from touches_of(inner[0], key, argument)
            yield from touches_of(inner[1], entry, argument)
    elif dataclasses.is_dataclass(value):
        yield from touches(value)


@lru_cache(maxsize=8192)
def _names(text: str) -> tuple[str, ...]:
    """The names that an expression reads; none of one that cannot be read, which is reported where it was written."""
    try:
        return tuple(sorted(parse(text).names))
    except CelSyntaxError:
        return ()


def given(kind: Any) -> Any:
    """What an annotation is when there is a value: ``X`` of ``X | None``."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(part for part in get_args(kind) if part is not type(None))
    return kind


def in_order(expressions: Mapping[str, str]) -> list[str]:
    """The variables of expressions, each after those of them that it reads.

    The order in which they are written has no meaning: a published definition keeps its keys sorted.
    """
    order: list[str] = []
    left = sorted(expressions)
    while left:
        ready = [name for name in left if not set(_names(expressions[name])) & set(left) - {name}]
        order += ready or left[:1]  # of those that read each other the first goes first
        left = [name for name in left if name not in order]
    return order


def bound(kind: Any, value: Any) -> Any:
    """What the function receives for what the package says: expressions compiled, decimals as numbers."""
    if value is None:
        return None
    kind = given(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return parse(value).compile() if isinstance(inner[1], Written) and inner[1].language == "cel" else value
    if origin is tuple:
        return tuple(bound(inner[0], entry) for entry in value)
    if origin is not None and isinstance(value, Mapping):
        keys = in_order(value) if inner[1] == Condition else value
        return {bound(inner[0], key): bound(inner[1], value[key]) for key in keys}
    if kind in (Decimal, float):
        return float(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        hints = _hints(type(value))
        fields = dataclasses.fields(value)
        return dataclasses.replace(value, **{f.name: bound(hints[f.name], getattr(value, f.name)) for f in fields})
    return value
