"""The participant's own values that endpoints are computed with, such as the length of a leg, from the forms of their record.

A value holds from the date of its visit on, until a later visit has another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from helmont.edc.models import Form
from helmont.participants.models import Encounter
from helmont.studies.queries import compiled
from helmont.study.device_items import NUMBERS
from helmont.study.units import UnitFault, convert

if TYPE_CHECKING:
    from helmont.signals.endpoints.definition import EndpointDefinition
    from helmont.signals.endpoints.personal import Personal, Taken
    from helmont.signals.endpoints.settings import ItemOf


def items_in(definitions: Iterable[EndpointDefinition]) -> set[ItemOf]:
    """The items of the record that definitions ask for."""
    from helmont.signals.endpoints.personal import items_of

    return {item for definition in definitions for item in items_of(definition).values()}


def personal_of(participant: str, definitions: Iterable[EndpointDefinition]) -> Personal:
    """What the record has of the items that definitions ask for, in the order of the visits."""
    from helmont.signals.endpoints.personal import Taken

    asked = items_in(definitions)
    if not asked:
        return {}
    visits = {
        row.key: (row.date, float(row.number))
        for row in Encounter.objects.filter(participant=participant, status="begun").exclude(date="")
    }
    forms = Form.objects.filter(participant=participant, form__in={item.form for item in asked}, container__in=visits)
    found: dict[ItemOf, list[Taken]] = {}
    for row in sorted(forms, key=lambda row: visits[row.container]):
        for item in asked:
            number = _number(row, item) if item.form == row.form else None
            if number is not None:
                source = f"{row.key}.{item.item}"
                found.setdefault(item, []).append(Taken(number, item.unit, visits[row.container][0], source))
    return found


def _number(row: Form, item: ItemOf) -> float | None:
    """A form's value of an item, in the unit that is asked for; None where there is none."""
    form = compiled(row.study, row.definition).forms.get(row.form)
    there = form.items.get(item.item) if form else None
    value = row.data.get(item.item)
    if there is None or value is None or there.item.type not in NUMBERS:
        return None
    said: Mapping[str, Any] = value if isinstance(value, Mapping) else {"value": value, "unit": there.item.unit or "1"}
    try:
        return float(convert(Decimal(said["value"]), said["unit"], item.unit)) if "value" in said else None
    except UnitFault:  # an earlier version of the study had it in a unit that is none of these
        return None


def written(values: Mapping[str, Sequence[Taken]]) -> dict[str, list[dict[str, Any]]]:
    """Values that were used, by setting, as plain data."""
    return {name: [asdict(each) for each in some] for name, some in values.items()}
