"""What is wrong with the terms of a reference range by themselves, and the terms in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from helmont.core.errors import Fault
from helmont.labs.ranges import DAYS, Terms
from helmont.study.units import UNITS


def field_faults(terms: Terms) -> Sequence[Fault]:
    """What is wrong with the fields of a range by themselves."""
    faults = []
    numbers: dict[str, Decimal] = {}
    for name in ("low", "high"):
        text = getattr(terms, name)
        try:
            if text:
                numbers[name] = Decimal(text)
            if text and not re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", text, re.ASCII):
                raise InvalidOperation
        except InvalidOperation:
            numbers.pop(name, None)
            faults.append(Fault(name, _("This is not a number."), "4.5"))
    if not terms.low and not terms.high:
        faults.append(Fault("low", _("A range has a lower limit, an upper limit, or both.")))
    if len(numbers) == 2 and numbers["low"] > numbers["high"]:
        faults.append(Fault("high", _("The upper limit lies below the lower one.")))
    if terms.unit not in UNITS:
        faults.append(Fault("unit", _("This is not a unit Helmont knows."), "U/L, mg/dL, 10*9/L"))
    if terms.sex not in ("", "F", "M"):
        faults.append(Fault("sex", _("This is not a sex that a range can be for."), _("F, M, or empty for both")))
    if terms.fasting not in ("", "Y", "N"):
        faults.append(Fault("fasting", _("This is not an answer."), _("Y, N, or empty for either")))
    if terms.age_unit not in DAYS:
        faults.append(Fault("age_unit", _("This is not a unit of age."), "a, mo, wk, d"))
    for name in ("age_low", "age_high"):
        if getattr(terms, name) and not re.fullmatch(r"\d{1,5}", getattr(terms, name), re.ASCII):
            faults.append(Fault(name, _("An age is a whole number of completed units."), "18"))
    for name in ("effective_from", "effective_to"):
        if getattr(terms, name) and not _is_date(getattr(terms, name)):
            faults.append(Fault(name, _("This is not a date."), "2014-01-16"))
    if not faults and terms.age_low and terms.age_high and int(terms.age_low) > int(terms.age_high):
        faults.append(Fault("age_high", _("The ages end before they begin.")))
    if not faults and terms.effective_to and terms.effective_to < terms.effective_from:
        faults.append(Fault("effective_to", _("The range ends before it begins.")))
    return faults


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def in_words(terms: Terms) -> str:
    """A range in one line: whose it is, and its limits."""
    units = {"a": _("years"), "mo": _("months"), "wk": _("weeks"), "d": _("days")}
    ages = ""
    if terms.age_low or terms.age_high:
        ages = f"{terms.age_low or 0}–{terms.age_high or '…'} {units.get(terms.age_unit, terms.age_unit)}"
    period = ""
    if terms.effective_from or terms.effective_to:
        period = f"{terms.effective_from or '…'}–{terms.effective_to or '…'}"
    limits = f"{terms.low or '…'}–{terms.high or '…'} {terms.unit}"
    return ", ".join(part for part in (terms.sex, ages, period, limits) if part)
