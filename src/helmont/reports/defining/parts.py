"""What several variables of a document refer to, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from helmont.standards.define.model import Codelist, Comment, Condition, Method, Term, WhereClause
from helmont.standards.define.names import item_oid, where_oid


def distinct(value: str) -> str:
    """The value as part of an OID, in which ``_ALB`` and ``ALB`` stay apart: an underscore at an end is lost otherwise."""
    return f"U{value}U" if value.strip("_") != value else value


@dataclass(slots=True)
class Shared:
    """Methods, comments, codelists and where clauses by OID, in the order in which they were first needed."""

    methods: dict[str, Method] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    codelists: dict[str, Codelist] = field(default_factory=dict)
    where_clauses: dict[str, WhereClause] = field(default_factory=dict)

    def comment(self, oid: str, text: str) -> str:
        """The OID of a comment."""
        self.comments.setdefault(oid, Comment(oid, text))
        return oid

    def method(self, method: Method) -> str:
        """The OID of a method."""
        return self.methods.setdefault(method.oid, method).oid

    def codelist(
        self, oid: str, name: str, terms: Sequence[Term], kind: Literal["text", "integer", "float"] = "text"
    ) -> str:
        """The OID of a codelist with these terms; one that stands for texts and for numbers is two."""
        if oid in self.codelists and self.codelists[oid].type != kind:
            oid = f"{oid}.{kind}"
        self.codelists.setdefault(oid, Codelist(oid, name, tuple(terms), type=kind))
        return oid

    def where(self, dataset: str, conditions: Sequence[Condition], names: Sequence[str]) -> str:
        """The OID of a where clause; ``names`` are the variables of its conditions."""
        parts = [
            where_oid(dataset, name, each.comparator, *map(distinct, each.values))
            for name, each in zip(names, conditions, strict=True)
        ]
        oid = parts[0] if len(parts) == 1 else ".AND.".join([parts[0], *(part.split(".", 2)[2] for part in parts[1:])])
        self.where_clauses.setdefault(oid, WhereClause(oid, tuple(conditions)))
        return oid

    def equal(self, dataset: str, variable: str, value: str) -> str:
        """The OID of the clause that a variable has one value."""
        return self.where(dataset, [Condition(item_oid(dataset, variable), "EQ", (value,))], [variable])
