"""Faults of values in the person's language; the study definition itself knows no translations."""

from __future__ import annotations

from django.utils.translation import gettext as _

from helmont.study.values import ValueFault


def in_words(fault: ValueFault) -> tuple[str, str]:
    """What is wrong, and what would be accepted (empty when nothing is said of it)."""
    accepted = _(fault.accepted_id) % fault.params if fault.accepted_id else ""
    return _(fault.message_id) % fault.params, accepted
