"""Tree to nested closures: each node becomes one function of the environment and the variables of macros.

Nothing is looked up twice: operators, fields and positions of variables are decided here, so that a check such as
`SYSBP > DIABP` costs a fraction of a microsecond for each of millions of forms.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from math import fmod

from helmont.study.cel.errors import CelSyntaxError, CelTypeError
from helmont.study.cel.functions import FUNCTIONS
from helmont.study.cel.patterns import compile_pattern
from helmont.study.cel.syntax import LOGICAL, MACROS, Node
from helmont.study.cel.values import (
    EXACT,
    NUMBERS,
    UNKNOWN,
    contained,
    equal,
    finite,
    kind_of,
    known,
    mismatch,
    relation,
)

Environment = Mapping[str, object]
Program = Callable[[Environment], object]
Locals = tuple[object, ...]
Closure = Callable[[Environment, Locals], object]


def compile_tree(tree: Node) -> Program:
    """A function from an environment to the value: bool, number, str, PartialDate, list, map or UNKNOWN."""
    closure = _compile(tree, ())

    def program(environment: Environment) -> object:
        return closure(environment, ())

    return program


def _compile(tree: Node, variables: tuple[str, ...]) -> Closure:
    """The closure of a node inside macros that bind `variables`, outermost first."""
    op = tree.op
    if op == "literal":
        return _constant(known(tree.args[0]))
    if op == "name":
        return _name(tree.word)
    if op == "var":
        return _variable(tree.word, variables)
    if op in MACROS:
        body = _compile(tree.operands[1], (*variables, tree.word))
        return _macro(op, _compile(tree.operands[0], variables), body)
    parts = [_compile(operand, variables) for operand in tree.operands]
    if op in LOGICAL:
        return _logical(op, parts)
    if op in _BUILDERS:
        return _BUILDERS[op](*parts)
    if op == ".":
        return _field(parts[0], tree.word)
    if op == "[]":
        return lambda env, local: [part(env, local) for part in parts]
    if op == "{}":
        keys = [str(arg) for arg in tree.args if not isinstance(arg, Node)]
        return lambda env, local: {key: part(env, local) for key, part in zip(keys, parts, strict=True)}
    if op == "matches":
        return _matches(parts[0], compile_pattern(tree.word).search)
    return _call(op, parts)


# Values


def _constant(value: object) -> Closure:
    return lambda _env, _local: value


def _name(name: str) -> Closure:
    """An entry of the environment: the one under the whole dotted name, otherwise level by level."""
    if "." not in name:

        def simple(env: Environment, _local: Locals) -> object:
            value = env.get(name, UNKNOWN)
            return value if type(value) in NUMBERS and -EXACT <= value <= EXACT else known(value)  # type: ignore[operator]

        return simple
    path = name.split(".")

    def dotted(env: Environment, _local: Locals) -> object:
        value = env.get(name)
        if value is not None:
            return known(value)
        value = known(env.get(path[0]))
        for field in path[1:]:
            value = _get(value, field)
        return value

    return dotted


def _get(value: object, field: str) -> object:
    """A field of a map; UNKNOWN when it is not there or the map itself is unknown."""
    if value is UNKNOWN:
        return UNKNOWN
    if type(value) is dict or isinstance(value, Mapping):
        return known(value.get(field))
    raise CelTypeError(f".{field} asks a {kind_of(value)} for a field; a map is accepted")


def _field(operand: Closure, field: str) -> Closure:
    return lambda env, local: _get(operand(env, local), field)


def _variable(name: str, variables: tuple[str, ...]) -> Closure:
    if name not in variables:
        raise CelSyntaxError(f"the variable {name!r} is bound by no macro around it")
    # The innermost macro wins when two use the same variable.
    slot = len(variables) - 1 - variables[::-1].index(name)
    return lambda _env, local: local[slot]


def _at(operand: Closure, index: Closure) -> Closure:
    def at(env: Environment, local: Locals) -> object:
        value, key = operand(env, local), index(env, local)
        if value is UNKNOWN or key is UNKNOWN:
            return UNKNOWN
        if isinstance(value, Mapping) and isinstance(key, str):
            return known(value.get(key))
        if isinstance(value, (list, tuple)) and type(key) in NUMBERS:
            inside = 0 <= key < len(value) and key == int(key)  # type: ignore[operator, call-overload]
            return known(value[int(key)]) if inside else UNKNOWN  # type: ignore[call-overload]
        raise mismatch("[]", value, key)

    return at


# Logic


def _truth(value: object, op: str) -> object:
    if value is True or value is False or value is UNKNOWN:
        return value
    raise CelTypeError(f"{op} has no meaning for a {kind_of(value)}; a boolean is accepted")


def _logical(op: str, parts: Sequence[Closure]) -> Closure:
    """Kleene's and, or: one part that decides is enough, whatever is unknown (Introduction to metamathematics, §64)."""
    decisive = op == "||"

    def logical(env: Environment, local: Locals) -> object:
        answer: object = not decisive
        for part in parts:
            value = part(env, local)
            if value is decisive:
                return decisive
            if _truth(value, op) is UNKNOWN:
                answer = UNKNOWN
        return answer

    return logical


def _not(operand: Closure) -> Closure:
    def negation(env: Environment, local: Locals) -> object:
        value = _truth(operand(env, local), "!")
        return UNKNOWN if value is UNKNOWN else not value

    return negation


def _conditional(condition: Closure, then: Closure, otherwise: Closure) -> Closure:
    def conditional(env: Environment, local: Locals) -> object:
        value = _truth(condition(env, local), "?:")
        if value is UNKNOWN:
            return UNKNOWN
        return then(env, local) if value is True else otherwise(env, local)

    return conditional


def _present(operand: Closure) -> Closure:
    return lambda env, local: operand(env, local) is not UNKNOWN


def _missing(operand: Closure) -> Closure:
    return lambda env, local: operand(env, local) is UNKNOWN


# Relations


def _relation(op: str, compare: Callable[..., bool]) -> Callable[[Closure, Closure], Closure]:
    def build(left: Closure, right: Closure) -> Closure:
        def related(env: Environment, local: Locals) -> object:
            a, b = left(env, local), right(env, local)
            if type(a) in NUMBERS and type(b) in NUMBERS:
                return compare(a, b)
            return relation(op, a, b)

        return related

    return build


def _equality(op: str) -> Callable[[Closure, Closure], Closure]:
    wanted = op == "=="

    def build(left: Closure, right: Closure) -> Closure:
        def related(env: Environment, local: Locals) -> object:
            a, b = left(env, local), right(env, local)
            if (type(a) is str and type(b) is str) or (type(a) in NUMBERS and type(b) in NUMBERS):
                return (a == b) is wanted
            same = equal(a, b, op)
            return UNKNOWN if same is UNKNOWN else same is wanted

        return related

    return build


def _in(left: Closure, right: Closure) -> Closure:
    def member(env: Environment, local: Locals) -> object:
        value, values = left(env, local), right(env, local)
        if value is UNKNOWN or values is UNKNOWN:
            return UNKNOWN
        if isinstance(values, (list, tuple)):
            return contained(value, values)
        if isinstance(values, Mapping) and isinstance(value, str):
            return known(values.get(value)) is not UNKNOWN
        raise mismatch("in", value, values)

    return member


# Arithmetic


def _arithmetic(op: str, compute: Callable[..., int | float]) -> Callable[[Closure, Closure], Closure]:
    divides = op in "/%"

    def build(left: Closure, right: Closure) -> Closure:
        def calculated(env: Environment, local: Locals) -> object:
            a, b = left(env, local), right(env, local)
            if type(a) in NUMBERS and type(b) in NUMBERS:
                if divides and b == 0:
                    return UNKNOWN
                value = compute(a, b)
                return value if -EXACT <= value <= EXACT else finite(value)
            if a is UNKNOWN or b is UNKNOWN:
                return UNKNOWN
            if op == "+" and kind_of(a) == kind_of(b) and isinstance(a, (str, list, tuple)):
                return a + b if isinstance(a, str) else [*a, *b]  # type: ignore[misc, operator]
            raise mismatch(op, a, b)

        return calculated

    return build


def _negative(operand: Closure) -> Closure:
    def negative(env: Environment, local: Locals) -> object:
        value = operand(env, local)
        if type(value) in NUMBERS:
            return -value  # type: ignore[operator]
        if value is UNKNOWN:
            return UNKNOWN
        raise mismatch("-", value)

    return negative


# Functions and macros


def _matches(operand: Closure, search: Callable[[str], bool]) -> Closure:
    def matches(env: Environment, local: Locals) -> object:
        value = operand(env, local)
        if type(value) is str:
            return search(value)
        if value is UNKNOWN:
            return UNKNOWN
        raise CelTypeError(f"matches: argument 1 is a {kind_of(value)}; text is accepted")

    return matches


def _call(name: str, parts: Sequence[Closure]) -> Closure:
    function = FUNCTIONS[name]
    compute, accepted = function.compute, [function.kinds(position) for position in range(len(parts))]

    def called(env: Environment, local: Locals) -> object:
        arguments = [part(env, local) for part in parts]
        for argument in arguments:
            if argument is UNKNOWN:
                return UNKNOWN
        for argument, kinds in zip(arguments, accepted, strict=True):
            if kind_of(argument) not in kinds:
                return function.call(*arguments)  # says which argument is of a wrong kind
        return compute(*arguments)

    return called


def _macro(name: str, source: Closure, body: Closure) -> Closure:
    conclude = _CONCLUSIONS[name]

    def macro(env: Environment, local: Locals) -> object:
        values = source(env, local)
        if values is UNKNOWN:
            return UNKNOWN
        if not isinstance(values, (list, tuple)):
            raise CelTypeError(f"{name} belongs to a list; this is a {kind_of(values)}")
        elements = [known(value) for value in values]
        results = [body(env, (*local, element)) for element in elements]
        if name != "map":
            results = [_truth(result, name) for result in results]
        return conclude(elements, results)

    return macro


def _all(_: list[object], results: list[object]) -> object:
    if _has(results, False):
        return False
    return UNKNOWN if _has(results, UNKNOWN) else True


def _exists(_: list[object], results: list[object]) -> object:
    if _has(results, True):
        return True
    return UNKNOWN if _has(results, UNKNOWN) else False


def _exists_one(_: list[object], results: list[object]) -> object:
    count = sum(result is True for result in results)
    if count > 1:
        return False
    return UNKNOWN if _has(results, UNKNOWN) else count == 1


def _filter(elements: list[object], results: list[object]) -> object:
    """The elements that fulfil the condition; which ones is unknown as soon as it is unknown for one of them."""
    if _has(results, UNKNOWN):
        return UNKNOWN
    return [element for element, result in zip(elements, results, strict=True) if result is True]


def _has(results: list[object], wanted: object) -> bool:
    return any(result is wanted for result in results)


_CONCLUSIONS: dict[str, Callable[[list[object], list[object]], object]] = {
    "all": _all,
    "exists": _exists,
    "exists_one": _exists_one,
    "filter": _filter,
    "map": lambda _, results: results,
}

_BUILDERS: dict[str, Callable[..., Closure]] = {
    "at": _at,
    "!": _not,
    "?:": _conditional,
    "present": _present,
    "missing": _missing,
    "neg": _negative,
    "==": _equality("=="),
    "!=": _equality("!="),
    "in": _in,
    "<": _relation("<", operator.lt),
    "<=": _relation("<=", operator.le),
    ">": _relation(">", operator.gt),
    ">=": _relation(">=", operator.ge),
    "+": _arithmetic("+", operator.add),
    "-": _arithmetic("-", operator.sub),
    "*": _arithmetic("*", operator.mul),
    "/": _arithmetic("/", operator.truediv),
    "%": _arithmetic("%", fmod),
}
