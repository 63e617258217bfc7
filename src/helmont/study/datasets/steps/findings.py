"""Findings: results in standard units, the laboratory's limits, and how a result stands to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from helmont.study.cel.functions import round_half_away, text_of_number
from helmont.study.datasets.rows import Row, Rows, Subject
from helmont.study.datasets.steps.assigning import number
from helmont.study.datasets.vocabulary import step_making

_DIGITS = 9
"""Decimals that are kept of a converted result: more would be noise of binary fractions."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """How results of some tests in one unit become results in the standard unit: ``(value + add) * factor``."""

    tests: tuple[str, ...] = ()
    of: str | None = None
    to: str | None = None
    factor: Decimal | None = None
    add: Decimal | None = None
    decimals: int | None = None
    limit_decimals: int | None = None
    """Decimals of the limits of the reference range, which laboratories print rounded."""


def _results(_study: Any, arguments: Any) -> set[str]:
    domain = arguments.domain
    return {f"{domain}STRESC", f"{domain}STRESN", f"{domain}STRESU"}


@step_making(_results)
def derive_vars_stres(
    rows: Rows,
    subject: Subject,
    *,
    domain: str,
    conversions: tuple[Conversion, ...] = (),
    values: Mapping[str, str] | None = None,
) -> Rows:
    """Results in standard format and unit: --STRESC, --STRESN, --STRESU (SDTMIG 3.4, 6.3).

    The first conversion that names the test and the unit holds; without one the result stays as it is, a number without
    meaningless zeros. ``values`` are texts that stand for another text (``ABSENT: 0``, of one test only ``MHITM01=PRESENT:
    2``). A result that is a limit
    (``<0.2``) is converted and stays a text.
    """
    # The same result comes again and again, of one participant as of another.
    known: dict[_Original, _Result] = subject.context.cache.setdefault((derive_vars_stres, domain, id(conversions)), {})
    result, test, original_unit = f"{domain}ORRES", f"{domain}TESTCD", f"{domain}ORRESU"
    text, value, unit = f"{domain}STRESC", f"{domain}STRESN", f"{domain}STRESU"
    for row in rows:
        original = row.get(result), row.get(test), row.get(original_unit)
        if original not in known:
            if len(known) > _MOST:
                known.clear()
            known[original] = _result(*original, conversions, values or {})
        row[text], row[value], row[unit] = known[original]
    return rows


_Original = tuple[str | None, str | None, str | None]
_Result = tuple[str | None, float | None, str | None]
_MOST = 100_000


def _result(
    original: str | None,
    test: str | None,
    unit: str | None,
    conversions: tuple[Conversion, ...],
    values: Mapping[str, str],
) -> _Result:
    """A result in standard format: text, number and unit."""
    if original is None:
        return None, None, None
    rule = conversion(conversions, test, unit)
    text = _meant(original, test, values)
    sign = text[: len(text) - len(text.lstrip("<>="))]
    value = number(text[len(sign) :])
    if value is not None:
        value = converted(value, rule)
        text = sign + text_of_number(value)
    return text, None if sign else value, rule.to if rule else unit


def _meant(original: str, test: str | None, values: Mapping[str, str]) -> str:
    """What a result stands for, said for its test (``MHITM01=PRESENT``) or for all."""
    return values.get(f"{test}={original}") or values.get(original) or original


def conversion(conversions: tuple[Conversion, ...], test: str | None, unit: str | None) -> Conversion | None:
    """The first conversion that holds for a test and a unit."""
    for rule in conversions:
        if (not rule.tests or test in rule.tests) and (rule.of is None or rule.of == unit):
            return rule
    return None


def converted(value: float, rule: Conversion | None, decimals: int | None = None) -> float:
    """A number in the standard unit, rounded half away from zero."""
    if rule is not None:
        value = (value + float(rule.add or 0)) * float(rule.factor or 1)
    places = decimals if decimals is not None else rule.decimals if rule and rule.decimals is not None else _DIGITS
    rounded = round_half_away(value, places)
    return float(rounded) if isinstance(rounded, int | float) else value


def _limits(_study: Any, arguments: Any) -> set[str]:
    domain = arguments.domain
    return {f"{domain}{name}" for name in ("ORNRLO", "ORNRHI", "STNRLO", "STNRHI", "NRIND")}


@step_making(_limits)
def derive_vars_reference_range(
    rows: Rows,
    subject: Subject,
    *,
    domain: str,
    conversions: tuple[Conversion, ...] = (),
    abnormal: tuple[str, ...] = (),
) -> Rows:
    """The laboratory's reference range beside each result, in both units, and LOW, NORMAL, HIGH or ABNORMAL by it.

    Of tests without a range the texts in ``abnormal`` are ABNORMAL, every other result NORMAL (SDTMIG 3.4, 6.3.5.6).
    """
    for row in rows:
        reading = subject.casebook.readings.get(_result_of(row)) if row.sources else None
        low, high = (number(reading.low), number(reading.high)) if reading else (None, None)
        rule = conversion(conversions, row.get(f"{domain}TESTCD"), row.get(f"{domain}ORRESU"))
        decimals = rule.limit_decimals if rule else None
        row[f"{domain}ORNRLO"], row[f"{domain}ORNRHI"] = low, high
        row[f"{domain}STNRLO"] = None if low is None else converted(low, rule, decimals)
        row[f"{domain}STNRHI"] = None if high is None else converted(high, rule, decimals)
        row[f"{domain}NRIND"] = indicator(row.get(f"{domain}ORRES"), low, high, abnormal)
    return rows


def _result_of(row: Row) -> tuple[str, str]:
    record, item = row.sources[0]
    return record, str(item)


def indicator(result: str | None, low: float | None, high: float | None, abnormal: tuple[str, ...]) -> str | None:
    """How a result stands to its range; ``None`` when it cannot be said."""
    if result is None:
        return None
    if low is None and high is None:
        return "ABNORMAL" if result in abnormal else "NORMAL"
    if result[0] in "<>":
        limit = number(result.lstrip("<>="))
        if result[0] == "<":
            return "LOW" if limit is not None and low is not None and limit < low else None
        return "HIGH" if limit is not None and high is not None and limit > high else None
    value = number(result)
    if value is None:
        return None
    if low is not None and value < low:
        return "LOW"
    return "HIGH" if high is not None and value > high else "NORMAL"
