"""What a listing shows: of which form, which columns, under which conditions, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helmont.core.errors import Fault, Invalid
from helmont.core.ledger.tlog.canonical import dumps

ALL = "ITEMS"
"""The listing of every value of the study, a row each."""
MOST_COLUMNS, MOST_FILTERS, MOST_TEXT = 200, 20, 200

# What a condition can say, by the kind of its column.
OPERATORS: dict[str, Any] = {
    "is": gettext_lazy("is"),
    "not": gettext_lazy("is not"),
    "has": gettext_lazy("contains"),
    "starts": gettext_lazy("begins with"),
    "lt": gettext_lazy("is below"),
    "le": gettext_lazy("is at most"),
    "gt": gettext_lazy("is above"),
    "ge": gettext_lazy("is at least"),
    "empty": gettext_lazy("is empty"),
    "filled": gettext_lazy("is filled in"),
    "not_done": gettext_lazy("was not done"),
}
WITHOUT_VALUE = frozenset({"empty", "filled", "not_done"})
COMPARING = frozenset({"lt", "le", "gt", "ge"})


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a column; all of a listing's have to hold."""

    column: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """A listing's definition.

    ``form`` is a form's id, or ``ALL``; ``group`` a repeating group of it, whose rows are then the listing's rows.
    ``sort`` is a column, with a minus before it for descending; "" the order of participants and time. ``queries`` is
    "" or one of ``with`` and ``without``: rows that do (not) have an open query.
    """

    form: str
    group: str = ""
    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    search: str = ""
    queries: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it is kept in a record; what is empty is left out."""
        filters = [[each.column, each.operator, each.value] for each in self.filters]
        whole = {
            "form": self.form,
            "group": self.group,
            "columns": list(self.columns),
            "filters": filters,
            "sort": self.sort,
            "search": self.search,
            "queries": self.queries,
        }
        return {name: value for name, value in whole.items() if value}

    @property
    def sha256(self) -> str:
        """The hash of the definition's canonical JSON: two listings with the same hash show the same."""
        return sha256(dumps(self.to_json())).hexdigest()


def from_json(document: Mapping[str, Any]) -> Selection:
    """A definition as it was kept; raises ``Invalid`` for what is none."""
    filters = document.get("filters", ())
    if not isinstance(filters, list | tuple) or any(len(each) != 3 for each in filters):
        raise Invalid([Fault("filters", _("This is not a list of conditions."), "[[column, operator, value]]")])
    selection = Selection(
        form=str(document.get("form", "")),
        group=str(document.get("group", "")),
        columns=tuple(map(str, document.get("columns", ()))),
        filters=tuple(Filter(*map(str, each)) for each in filters),
        sort=str(document.get("sort", "")),
        search=str(document.get("search", ""))[:MOST_TEXT],
        queries=str(document.get("queries", "")),
    )
    if len(selection.columns) > MOST_COLUMNS or len(selection.filters) > MOST_FILTERS:
        most = {"columns": MOST_COLUMNS, "filters": MOST_FILTERS}
        raise Invalid(
            [Fault("columns", _("The listing is too large."), _("%(columns)s columns, %(filters)s conditions") % most)]
        )
    return selection
