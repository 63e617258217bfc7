"""Small rows and participants for tests of steps."""

from collections.abc import Mapping
from typing import Any

from helmont.study.cel import Program, parse
from helmont.study.datasets.context import Context, Facts
from helmont.study.datasets.rows import Casebook, Row, Rows, Subject


class _Nothing:
    """A study without anything in it."""

    id, version = "TEST", "1"
    datasets, codelists = (), ()


def subject(facts: Facts | None = None, **datasets: list[Mapping[str, Any]]) -> Subject:
    """A participant with data sets made before."""
    made = {name: [Row(record) for record in records] for name, records in datasets.items()}
    return Subject(Casebook("P1", "701", "BE", (), ()), Context(_Nothing(), facts=facts), made)  # type: ignore[arg-type]


def rows(*records: Mapping[str, Any]) -> Rows:
    """Rows, each made of its place in a data set X."""
    return [Row(record, (("X", place),)) for place, record in enumerate(records)]


def cel(text: str) -> Program:
    """An expression, as a step receives it."""
    return parse(text).compile()


def column(records: Rows, *names: str) -> list[Any]:
    """The values of a variable, or of several, of every record."""
    if len(names) == 1:
        return [record.get(names[0]) for record in records]
    return [tuple(record.get(name) for name in names) for record in records]
