"""The expressions of a study: edit checks, skips, calculations and eligibility, in CEL with three-valued logic.

An expression is parsed once, when a study is checked and published. Python compiles the tree to closures; the browser
evaluates the same tree as JSON (`helmont/cel.js`). One set of cases holds both to the same answers.

Where this departs from the CEL specification, because a clinical record has gaps and its authors are not programmers:

* What is missing is UNKNOWN: a name or key that is not there, None, the empty text. Logic is Kleene's; every other
  operator and function is strict. `has(x)`, `x == null` and `x != null` are always true or false; `null` (also
  written `""`) may otherwise only be a branch of `?:`.
* There is one kind of number, the IEEE double: `5 / 2` is 2.5 and `1 == 1.0` is true. Division by zero and results too
  large are UNKNOWN, so that a calculation stays empty.
* Dates may be partial. A text beside a date is read as a date. A relation is UNKNOWN when the known parts cannot
  decide.
* Kinds that do not fit (`1 < "a"`, also `1 == "1"`) raise CelTypeError when evaluated, even before `|| true`;
  `infer` finds them before a study is published. Of a text that is no number or date, `double`, `int`
  and `date` are UNKNOWN.
* `a < b < c` is refused, long integers, bytes, timestamps and types as values do not exist.

Limits: 4,000 characters, 64 levels.
"""

from helmont.study.cel.compiler import Program
from helmont.study.cel.errors import CelError, CelSyntaxError, CelTypeError
from helmont.study.cel.expression import Expression, parse
from helmont.study.cel.transport import value_from_json, value_to_json
from helmont.study.cel.types import ANY, BOOLEAN, DATE, NUMBER, TEXT, Type, infer, list_of, map_of
from helmont.study.cel.values import UNKNOWN, Unknown

__all__ = [
    "ANY",
    "BOOLEAN",
    "DATE",
    "NUMBER",
    "TEXT",
    "UNKNOWN",
    "CelError",
    "CelSyntaxError",
    "CelTypeError",
    "Expression",
    "Program",
    "Type",
    "Unknown",
    "infer",
    "list_of",
    "map_of",
    "parse",
    "value_from_json",
    "value_to_json",
]
