"""An expression: its text, the names it reads, and its value in an environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from helmont.study.cel.compiler import Environment, Program, compile_tree
from helmont.study.cel.parser import parse_tree
from helmont.study.cel.syntax import Node, from_json, names, to_json
from helmont.study.cel.writer import write


@dataclass(frozen=True)
class Expression:
    """A parsed expression. Two are equal when their trees are, however they were spaced."""

    tree: Node
    text: str = field(compare=False)

    @cached_property
    def names(self) -> frozenset[str]:
        """The dotted references it reads: `SYSBP`, `at.BASELINE.VS.WEIGHT`; not the variables of macros."""
        return frozenset(names(self.tree))

    @cached_property
    def _program(self) -> Program:
        return compile_tree(self.tree)

    def compile(self) -> Program:
        """A fast function from an environment to the value. Compiled once and safe to share between threads."""
        return self._program

    def evaluate(self, environment: Environment) -> object:
        """The value in `environment`: bool, int, float, str, PartialDate, list, map or UNKNOWN.

        A name is looked up whole (`"at.BASELINE.VS.WEIGHT"`) and otherwise level by level (`["at"]["BASELINE"]...`).
        Raises CelTypeError when an operator meets kinds of value it has no meaning for.
        """
        return self._program(environment)

    def to_json(self) -> object:
        """The tree as lists and scalars, for the browser and for the published study; see `syntax`."""
        return to_json(self.tree)

    @classmethod
    def from_json(cls, data: object) -> Expression:
        """The expression that `to_json` wrote; its text is written anew. Raises CelSyntaxError for anything else."""
        tree = from_json(data)
        compile_tree(tree)
        return cls(tree, write(tree))


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read an expression. Raises CelSyntaxError with line, column and what would be accepted there."""
    return Expression(parse_tree(text), text)
