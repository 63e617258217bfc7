"""The limits that results were judged by, for whoever submits them beside the results: now, or of records as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from helmont.edc.models import Form
from helmont.labs.definition import lab_definition
from helmont.labs.deriving import limits, limits_in
from helmont.labs.ranges import Band

Limits = dict[str, tuple[str, str]]
"""``<form's key>#<item key>`` to lower and upper limit, in the unit of the result; empty where there is none."""
Ranges = dict[tuple[str, str], list[Band]]
"""The ranges in use, by laboratory and analyte."""
Fields = Mapping[str, Any]


def limits_now(study: str, participants: Iterable[str]) -> Iterator[tuple[str, Limits]]:
    """For each participant (by key) the limits of their results, found anew from forms and ranges as they are."""
    return limits(study, participants)


def bands_then(ranges: Iterable[Fields]) -> Ranges:
    """The ranges in use, by laboratory and analyte, of the fields of records as they were at a moment."""
    found: Ranges = defaultdict(list)
    for fields in ranges:
        if not fields.get("withdrawn"):
            band = Band(**{name: fields[name] for name in Band.__dataclass_fields__ if name in fields})
            found[band.laboratory, band.analyte].append(band)
    return found


def limits_then(study: str, person: Fields, forms: Iterable[Fields], dates: Mapping[str, str], bands: Ranges) -> Limits:
    """The limits of one participant's results, from the fields of their records as they were at a moment."""
    definition = lab_definition(study, person.get("definition", ""))
    if definition is None:
        return {}
    wanted = {*definition.samples, *definition.person_forms}
    found = [Form(**{name: each[name] for name in _FORM if name in each}) for each in forms if each["form"] in wanted]
    return limits_in(definition, sorted(found, key=lambda form: form.key), dates, bands)


_FORM = ("key", "container", "encounter", "form", "line", "data")
