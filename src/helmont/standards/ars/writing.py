"""A reporting event as ARS JSON."""

from __future__ import annotations

from typing import Any

import orjson

from helmont.standards.ars.fields import attributes
from helmont.standards.ars.model import OperationResult, ReportingEvent, ResultGroup


def write_ars(event: ReportingEvent) -> bytes:
    """The document in UTF-8, indented; what is empty is left out, but for what the model requires."""
    return orjson.dumps(_Writer().json(event), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class _Writer:
    def __init__(self) -> None:
        self._groups: dict[ResultGroup, dict[str, Any]] = {}  # few, and named by thousands of results
        self._together: dict[int, list[dict[str, Any]]] = {}  # by identity: many results share their groups

    def json(self, thing: Any) -> dict[str, Any]:
        found = {}
        kind: type = type(thing)
        for each in attributes(kind):
            value = getattr(thing, each.name)
            if each.required or value not in (None, "", ()):
                found[each.key] = [self.value(one) for one in value] if each.many else self.value(value)
        return found

    def value(self, value: Any) -> Any:
        if isinstance(value, (str, bool, int)):
            return value
        if isinstance(value, OperationResult):
            return self.result(value)
        if isinstance(value, ResultGroup):
            return self._groups.get(value) or self._groups.setdefault(value, self.json(value))
        return self.json(value)

    def result(self, result: OperationResult) -> dict[str, Any]:
        """The same as ``json``, for what there is most of."""
        found: dict[str, Any] = {"operationId": result.operation_id}
        if result.result_groups:
            groups = result.result_groups
            found["resultGroups"] = self._together.get(id(groups)) or self._together.setdefault(
                id(groups), [self.value(group) for group in groups]
            )
        if result.raw_value:
            found["rawValue"] = result.raw_value
        if result.formatted_value:
            found["formattedValue"] = result.formatted_value
        return found
