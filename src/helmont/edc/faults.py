"""Faults of values in the person's language; the study definition itself knows no translations."""

from __future__ import annotations

from django.utils.translation import gettext as _

from helmont.edc.queries.titles import range_words
from helmont.study.model import Range
from helmont.study.values import ValueFault


def in_words(fault: ValueFault) -> tuple[str, str]:
    """What is wrong, and what would be accepted (empty when nothing is said of it)."""
    params = {name: range_words(each) if isinstance(each, Range) else each for name, each in fault.params.items()}
    accepted = _(fault.accepted_id) % params if fault.accepted_id else ""
    return _(fault.message_id) % params, accepted
