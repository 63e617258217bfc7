"""A form as the browser gets it: one language, limits as numbers, rules as trees for the expression engine there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helmont.study.model import Range
from helmont.study.units import UNITS

if TYPE_CHECKING:
    from helmont.study.compiled_forms import CompiledForm
    from helmont.study.form_rules import CompiledItem


def describe_form(form: CompiledForm, language: str) -> dict[str, Any]:
    """JSON-ready: ``{id, title, kind, groups: [{id, title, repeats, items}], checks, calculations}``; absent keys are
    left out.

    ``units`` are ``{code, label, factor, offset}`` with ``standard = factor * value + offset``; ``calculations`` are
    the ids of the calculated items in the order to calculate them.
    """
    source = form.form
    groups = []
    for group in source.groups:
        described: dict[str, Any] = {"id": group.id, "title": group.title.get(language)[0] if group.title else None}
        if group.repeats is not None:
            labels = [label.get(language)[0] for label in group.repeats.labels]
            described["repeats"] = {"min": group.repeats.min, "max": group.repeats.max, "labels": labels}
        described["items"] = [_item(form, form.items[item.id], language) for item in group.items]
        groups.append(_without_absent(described))
    checks = [
        {
            "id": compiled.check.id,
            "item": compiled.check.item,
            "group": compiled.repeating.id if compiled.repeating else None,
            "expression": compiled.rule.expression.to_json(),
            "message": compiled.check.message.get(language)[0],
            "severity": compiled.check.severity,
        }
        for compiled in form.checks
    ]
    return {
        "id": source.id,
        "title": source.title.get(language)[0],
        "kind": source.kind,
        "groups": groups,
        "checks": [_without_absent(check) for check in checks],
        "calculations": list(form.calculated_ids),
    }


def _item(form: CompiledForm, compiled: CompiledItem, language: str) -> dict[str, Any]:
    item = compiled.item
    label, fallback = item.label.get(language)
    terms = form.codelists[item.codelist].terms if item.codelist else None
    return _without_absent(
        {
            "id": item.id,
            "label": label,
            "label_fallback": fallback or None,
            "hint": item.hint.get(language)[0] if item.hint else None,
            "type": item.type,
            "unit": {"code": item.unit, "label": UNITS[item.unit].label} if item.unit else None,
            "units": _units(item.units, item.standard_unit or item.units[0]) if item.units else None,
            "standard_unit": item.standard_unit,
            "range": _range(item.range),
            "hard_range": _range(item.hard_range),
            "required": item.required or None,
            "length": item.length,
            "decimals": item.decimals,
            "partial": item.partial,
            "future": item.future or None,
            "terms": [{"code": term.code, "label": term.label.get(language)[0]} for term in terms] if terms else None,
            "choose": item.choose if terms else None,
            "lines": item.lines if item.type == "text" else None,
            "skip": compiled.skip.expression.to_json() if compiled.skip else None,
            "calculation": compiled.calculation.expression.to_json() if compiled.calculation else None,
            "privilege": item.privilege,
            "verify": item.verify or None,
            "file": {"types": list(item.file.types), "max_mb": item.file.max_mb} if item.file else None,
        }
    )


def _units(codes: tuple[str, ...], standard: str) -> list[dict[str, Any]]:
    target = UNITS[standard]
    found = []
    for code in codes:
        own = UNITS[code]
        factor, offset = own.factor / target.factor, (own.offset - target.offset) / target.factor
        found.append({"code": code, "label": own.label, "factor": float(factor), "offset": float(offset)})
    return found


def _range(limits: Range | None) -> dict[str, float] | None:
    if limits is None:
        return None
    return {side: float(value) for side, value in (("min", limits.min), ("max", limits.max)) if value is not None}


def _without_absent(described: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in described.items() if value is not None}
