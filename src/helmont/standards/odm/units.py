"""Units as ODM writes them, turned into the UCUM codes that Helmont knows."""

from __future__ import annotations

from helmont.standards.odm.names import bare
from helmont.standards.odm.xml import Element, child, children, content, texts
from helmont.study.units import UNITS

_LABELS = {unit.label.casefold(): code for code, unit in reversed(UNITS.items()) if unit.label}
"""Where several units have a label it is that of the first: g and mg are masses, not accelerations."""
_CODES = {code.casefold(): code for code in UNITS}
_HABITS = {
    "beats/min": "{beats}/min", "bpm": "{beats}/min", "breaths/min": "{breaths}/min", "mmhg": "mm[Hg]", "c": "Cel",
    "degc": "Cel", "f": "[degF]", "degf": "[degF]", "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "lb": "[lb_av]",
    "lbs": "[lb_av]", "years": "a", "year": "a", "yrs": "a", "months": "mo", "weeks": "wk", "days": "d", "hours": "h",
    "minutes": "min", "seconds": "s", "sec": "s", "kilogram": "kg", "kilograms": "kg", "centimeter": "cm", "centimeters": "cm",
    "milligram": "mg", "percent": "%", "10^9/l": "10*9/L", "10^12/l": "10*12/L", "10^3/ul": "10*3/uL", "10^6/ul": "10*6/uL",
    "meq/l": "meq/L", "iu/l": "[IU]/L", "miu/l": "m[IU]/L", "tablet": "{tablets}", "capsule": "{capsules}",
}  # fmt: skip
"""How units are often written in data collection: in small letters, to the UCUM code."""


def ucum(*written: str) -> str | None:
    """The UCUM code of a unit, however it is written; None when Helmont knows no such unit."""
    for text in filter(None, (one.strip() for one in written)):
        for code in (text, bare(text)):
            if code in UNITS:
                return code
        folded = bare(text).casefold().replace("³", "^3").replace("⁹", "^9")
        for table in (_HABITS, _LABELS, _CODES):
            if folded in table:
                return table[folded]
    return None


def unit_of(definition: Element) -> str | None:
    """The UCUM code of a MeasurementUnit (1.3.2): by its Alias, its OID, its symbol or its name."""
    aliases = [one.get("Name", "") for one in children(definition, "Alias") if one.get("Context", "").upper() == "UCUM"]
    symbols = list(texts(child(definition, "Symbol")).values()) or [content(child(definition, "Symbol"))]
    oid = definition.get("OID", "")  # MU.1 is the first unit, not the unit one
    return ucum(*aliases, *symbols, definition.get("Name", ""), "" if bare(oid).isdigit() else oid)
