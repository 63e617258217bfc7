"""Environments as JSON, for the browser: the counterpart of `environmentFromJson` in `helmont/cel.js`."""

from __future__ import annotations

from collections.abc import Mapping

from helmont.study.cel.values import UNKNOWN, known
from helmont.study.partial_dates import PartialDate

DATE = "$date"


def value_to_json(value: object) -> object:
    """A value ready for `json.dumps`: dates as `{"$date": "2013-12"}` and what is missing as None, at any depth."""
    value = known(value)
    if value is UNKNOWN:
        return None
    if isinstance(value, PartialDate):
        return {DATE: str(value)}
    if isinstance(value, Mapping):
        return {key: value_to_json(entry) for key, entry in value.items()}
    return [value_to_json(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def value_from_json(data: object) -> object:
    """What `value_to_json` wrote, with None for what is missing. Raises ValueError for a date that is none."""
    if isinstance(data, list):
        return [value_from_json(entry) for entry in data]
    if isinstance(data, dict):
        if DATE in data:
            return PartialDate.parse(data[DATE])
        return {key: value_from_json(entry) for key, entry in data.items()}
    return data
