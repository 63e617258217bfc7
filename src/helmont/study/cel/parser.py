"""Tokens to a tree: a Pratt parser (Top down operator precedence, POPL 1973) with CEL's table of precedence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from helmont.study.cel.errors import CelSyntaxError, line_and_column
from helmont.study.cel.functions import FUNCTIONS
from helmont.study.cel.lexer import Token, tokens
from helmont.study.cel.patterns import compile_pattern
from helmont.study.cel.syntax import LOGICAL, MACROS, MAXIMUM_DEPTH, RELATIONS, Node, Scalar, node
from helmont.study.partial_dates import PartialDate

T = TypeVar("T")

MAXIMUM_LENGTH = 4_000

_BINDING = {"?": 1, "||": 2, "&&": 3, **dict.fromkeys(RELATIONS, 4)}
_BINDING |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, ".": 8, "[": 8}
_UNARY = 7
_LITERALS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_CALLABLE = sorted({*FUNCTIONS, *MACROS, "has"})


def parse_tree(text: str) -> Node:
    """The tree of an expression. Raises CelSyntaxError with the place and what would be accepted there."""
    if len(text) > MAXIMUM_LENGTH:
        raise CelSyntaxError(f"{len(text)} characters; an expression has at most {MAXIMUM_LENGTH}", 1, 1)
    parser = _Parser(text)
    tree = parser.expression(0)
    parser.take("end", "an operator or the end")
    parser.refuse_stray_null(tree)
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.position = 0
        self.level = 0
        self.variables: list[str] = []

    # Tokens

    @property
    def next(self) -> Token:
        return self.tokens[self.position]

    def advance(self) -> Token:
        token = self.next
        self.position += token.kind != "end"
        return token

    def at_sign(self, sign: str) -> bool:
        return self.next.kind == "sign" and self.next.value == sign

    def take(self, wanted: str, accepted: str) -> Token:
        """The next token, which must be the sign or of the kind `wanted`."""
        token = self.next
        if token.kind != wanted and not self.at_sign(wanted):
            raise self.error(f"{token.value!r} is not expected here; {accepted} is accepted", token.offset)
        return self.advance()

    def error(self, message: str, offset: int) -> CelSyntaxError:
        return CelSyntaxError(message, *line_and_column(self.text, offset))

    def node(self, op: str, *args: Node | Scalar, offset: int) -> Node:
        try:
            return node(op, *args, offset=offset)
        except CelSyntaxError as too_deep:
            raise self.error(too_deep.message, offset) from None

    # Expressions

    def expression(self, binding: int) -> Node:
        """The longest expression from here whose operators bind tighter than `binding`."""
        self.level += 1
        if self.level > MAXIMUM_DEPTH:
            raise self.error(f"nested deeper than {MAXIMUM_DEPTH}; split the expression", self.next.offset)
        left = self.prefix()
        while (token := self.next).kind in ("sign", "name"):
            tightness = _BINDING.get(str(token.value), 0)
            if tightness <= binding:
                break
            self.advance()
            left = self.infix(left, token, tightness)
        self.level -= 1
        return left

    def prefix(self) -> Node:
        token = self.advance()
        value, offset = token.value, token.offset
        if token.kind == "number":
            return Node("literal", (value,), offset)
        if token.kind == "text":
            # The empty text is the missing value, so "" is another way to write null.
            return Node("literal", (value or None,), offset)
        if token.kind == "name":
            return self.named(str(value), offset)
        if value in ("!", "-") and token.kind == "sign":
            return self.unary(str(value), offset)
        if value == "(" and token.kind == "sign":
            inner = self.expression(0)
            self.take(")", "')' or an operator")
            return inner
        if value == "[" and token.kind == "sign":
            return self.node("[]", *self.sequence("]", lambda: [self.expression(0)]), offset=offset)
        if value == "{" and token.kind == "sign":
            return self.node("{}", *self.sequence("}", self.entry), offset=offset)
        raise self.error(f"{value!r} is not expected here; a name, a value, '!', '-' or '(' is accepted", offset)

    def named(self, name: str, offset: int) -> Node:
        if name in _LITERALS:
            return Node("literal", (_LITERALS[name],), offset)
        if name == "in":
            raise self.error("'in' needs a value before it: x in list", offset)
        if self.at_sign("("):
            return self.call(name, None, offset)
        return Node("var" if name in self.variables else "name", (name,), offset)

    def unary(self, sign: str, offset: int) -> Node:
        operand = self.expression(_UNARY)
        value = operand.args[0] if operand.op == "literal" else None
        if sign == "-" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return Node("literal", (-value,), offset)
        return self.node("!" if sign == "!" else "neg", operand, offset=offset)

    def infix(self, left: Node, token: Token, tightness: int) -> Node:
        sign, offset = str(token.value), token.offset
        if sign == ".":
            return self.member(left, offset)
        if sign == "[":
            index = self.expression(0)
            self.take("]", "']' or an operator")
            return self.node("at", left, index, offset=offset)
        if sign == "?":
            then = self.expression(0)
            self.take(":", "':' and what holds otherwise")
            return self.node("?:", left, then, self.expression(0), offset=offset)
        right = self.expression(tightness)
        if sign in LOGICAL:
            # One node for a whole chain, so that long conditions stay shallow.
            return self.node(sign, *(left.args if left.op == sign else (left,)), right, offset=offset)
        if sign in RELATIONS:
            return self.related(sign, left, right, offset)
        return self.node(sign, left, right, offset=offset)

    def related(self, sign: str, left: Node, right: Node, offset: int) -> Node:
        following = self.next
        if following.kind in ("sign", "name") and following.value in RELATIONS:
            raise self.error(
                f"{sign} and {following.value} in a row; write a {sign} b && b {following.value} c", offset
            )
        if sign in ("==", "!=") and _is_null(left) != _is_null(right):
            op = "missing" if sign == "==" else "present"
            return self.node(op, left if _is_null(right) else right, offset=offset)
        return self.node(sign, left, right, offset=offset)

    def member(self, left: Node, offset: int) -> Node:
        token = self.take("name", "the name of a field or function")
        name = str(token.value)
        if self.at_sign("("):
            return self.call(name, left, token.offset)
        if left.op == "name":
            return Node("name", (f"{left.word}.{name}",), left.offset)
        return self.node(".", left, name, offset=offset)

    # Calls

    def call(self, name: str, receiver: Node | None, offset: int) -> Node:
        """`name(...)` or `receiver.name(...)`; the receiver is the first argument."""
        if name not in _CALLABLE:
            raise self.error(f"there is no function {name!r}; known are {', '.join(_CALLABLE)}", offset)
        self.take("(", "'('")
        if name in MACROS:
            return self.macro(name, receiver, offset)
        arguments = self.sequence(")", lambda: [self.expression(0)])
        if receiver is not None:
            arguments = [receiver, *arguments]
        if name == "has":
            return self.has(arguments, offset)
        function = FUNCTIONS[name]
        if not function.accepts(len(arguments)):
            raise self.error(f"{name} with {len(arguments)} arguments; {_arity(name)} are accepted", offset)
        if name == "matches":
            return self.matches(arguments, offset)
        if function.result == "date" or name in ("days", "years"):
            self.require_dates(arguments)
        return self.node(name, *arguments, offset=offset)

    def has(self, arguments: list[Node], offset: int) -> Node:
        if len(arguments) != 1 or arguments[0].op not in ("name", ".", "at", "var"):
            raise self.error(
                "has(...) asks for one item: has(SYSBP), has(at.BASELINE.VS.WEIGHT) or has(r.SYSBP)", offset
            )
        return self.node("present", arguments[0], offset=offset)

    def matches(self, arguments: list[Node], offset: int) -> Node:
        pattern = arguments[1].args[0] if arguments[1].op == "literal" else None
        if not isinstance(pattern, str):
            raise self.error("matches(text, pattern): the pattern is a quoted text", arguments[1].offset)
        try:
            compile_pattern(pattern)
        except CelSyntaxError as refused:
            raise self.error(refused.message, arguments[1].offset) from None
        return self.node("matches", arguments[0], pattern, offset=offset)

    def require_dates(self, arguments: list[Node]) -> None:
        """A text written where a date belongs must be one; a mistake there would otherwise only ever be unknown."""
        for argument in arguments:
            value = argument.args[0] if argument.op == "literal" else None
            if isinstance(value, str):
                try:
                    PartialDate.parse(value)
                except ValueError as refused:
                    raise self.error(str(refused), argument.offset) from None

    def macro(self, name: str, receiver: Node | None, offset: int) -> Node:
        if receiver is None:
            raise self.error(f"{name} belongs to a list: log.AE.{name}(a, ...)", offset)
        token = self.take("name", "the variable that stands for one element")
        variable = str(token.value)
        if variable in _LITERALS or variable == "in":
            raise self.error(f"{variable!r} cannot be the name of a variable", token.offset)
        bodies: list[Node] = []
        self.variables.append(variable)
        while not bodies or (name == "map" and len(bodies) == 1 and self.at_sign(",")):
            self.take(",", "',' and an expression")
            bodies.append(self.expression(0))
        self.variables.pop()
        self.take(")", "')'")
        if len(bodies) == 2:
            receiver = self.node("filter", receiver, variable, bodies[0], offset=offset)
        return self.node(name, receiver, variable, bodies[-1], offset=offset)

    def sequence(self, closing: str, item: Callable[[], list[T]]) -> list[T]:
        """Items between commas up to and with `closing`."""
        items: list[T] = []
        while not self.at_sign(closing):
            items += item()
            if not self.at_sign(closing):
                self.take(",", f"',' or {closing!r}")
        self.advance()
        return items

    def entry(self) -> list[Node | Scalar]:
        key = self.take("text", "a quoted text as key")
        self.take(":", "':'")
        return [key.value, self.expression(0)]

    def refuse_stray_null(self, tree: Node, allowed: bool = False) -> None:
        """null is no value to compute with: it stands beside == and !=, or is what ?: leaves empty."""
        if _is_null(tree) and not allowed:
            raise self.error(
                'null (or "") is accepted in x == null, x != null and as a branch of ?: only; '
                "has(x) asks whether a value is there",
                tree.offset,
            )
        for i, operand in enumerate(tree.operands):
            self.refuse_stray_null(operand, tree.op == "?:" and i > 0)


def _is_null(tree: Node) -> bool:
    return tree.op == "literal" and tree.args[0] is None


def _arity(name: str) -> str:
    function = FUNCTIONS[name]
    least = len(function.parameters) - function.optional
    if function.variadic:
        return f"{least} or more"
    return f"{least} or {len(function.parameters)}" if function.optional else str(least)
