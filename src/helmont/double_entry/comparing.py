"""Whether two people read the same on paper, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helmont.edc.items import base_item
from helmont.study.compiled_forms import CompiledForm


def compared(form: CompiledForm, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The item keys that either entry holds, in form order, without what is calculated."""
    calculated = set(form.calculated_ids)
    return [key for key in form.item_keys() if (key in first or key in second) and base_item(key) not in calculated]


def differences(form: CompiledForm, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Item key -> {first, second} where the two entries do not say the same; None stands for nothing."""
    return {
        key: {"first": first.get(key), "second": second.get(key)}
        for key in compared(form, first, second)
        if first.get(key) != second.get(key)
    }
