"""Units of measurement as UCUM codes, and exact conversion between them.

Source: The Unified Code for Units of Measure, version 2.1, tables of base, derived, customary and apothecaries' units. A unit
here is a factor and an offset to the base unit of its dimension. Molar and mass concentration are different dimensions:
turning mg/dL into mmol/L needs the analyte's molar mass, which a unit does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """``base = factor * value + offset`` in the base unit of ``dimension``; ``label`` is how the unit is shown."""

    code: str
    label: str
    dimension: str
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)


def _table() -> dict[str, Unit]:
    rows: dict[str, list[tuple[str, str, str]]] = {
        "mass": [
            ("kg", "kg", "1000"), ("g", "g", "1"), ("mg", "mg", "0.001"), ("ug", "µg", "0.000001"),
            ("ng", "ng", "1e-9"), ("pg", "pg", "1e-12"), ("t", "t", "1000000"), ("[lb_av]", "lb", "453.59237"), ("[oz_av]", "oz", "28.349523125"),
            ("[stone_av]", "st", "6350.29318"),
        ],
        "length": [
            ("m", "m", "1"), ("cm", "cm", "0.01"), ("mm", "mm", "0.001"), ("um", "µm", "1e-6"), ("nm", "nm", "1e-9"), ("km", "km", "1000"),
            ("[in_i]", "in", "0.0254"), ("[ft_i]", "ft", "0.3048"), ("[mi_i]", "mi", "1609.344"),
        ],
        "area": [("m2", "m²", "1"), ("cm2", "cm²", "1e-4"), ("mm2", "mm²", "1e-6")],
        "volume": [
            ("L", "L", "1"), ("dL", "dL", "0.1"), ("mL", "mL", "0.001"), ("uL", "µL", "1e-6"), ("fL", "fL", "1e-15"), ("m3", "m³", "1000"),
            ("[foz_us]", "fl oz (US)", "0.0295735295625"),
        ],
        "time": [
            ("s", "s", "1"), ("ms", "ms", "0.001"), ("min", "min", "60"), ("h", "h", "3600"), ("d", "days", "86400"), ("wk", "weeks", "604800"),
            ("mo", "months", "2629800"), ("a", "years", "31557600"),
        ],
        "pressure": [("mm[Hg]", "mmHg", "133.322"), ("Pa", "Pa", "1"), ("kPa", "kPa", "1000"), ("cm[H2O]", "cmH₂O", "98.0665"), ("bar", "bar", "100000")],
        "frequency": [("Hz", "Hz", "1"), ("/s", "/s", "1"), ("/min", "/min", "1/60"), ("{beats}/min", "beats/min", "1/60"), ("{breaths}/min", "breaths/min", "1/60"), ("/h", "/h", "1/3600"), ("/d", "/day", "1/86400"), ("/wk", "/week", "1/604800")],
        "fraction": [("1", "", "1"), ("%", "%", "0.01"), ("[ppm]", "ppm", "1e-6"), ("L/L", "L/L", "1"), ("g/g", "g/g", "1"), ("mmol/mol", "mmol/mol", "0.001")],
        "substance": [("mol", "mol", "1"), ("mmol", "mmol", "0.001"), ("umol", "µmol", "1e-6"), ("nmol", "nmol", "1e-9"), ("pmol", "pmol", "1e-12")],
        "substance concentration": [("mol/L", "mol/L", "1"), ("mmol/L", "mmol/L", "0.001"), ("umol/L", "µmol/L", "1e-6"), ("nmol/L", "nmol/L", "1e-9"), ("pmol/L", "pmol/L", "1e-12")],
        "mass concentration": [
            ("g/L", "g/L", "1"), ("g/dL", "g/dL", "10"), ("g/mL", "g/mL", "1000"), ("mg/L", "mg/L", "0.001"), ("mg/dL", "mg/dL", "0.01"), ("mg/mL", "mg/mL", "1"),
            ("ug/L", "µg/L", "1e-6"), ("ug/dL", "µg/dL", "1e-5"), ("ug/mL", "µg/mL", "0.001"), ("ng/L", "ng/L", "1e-9"), ("ng/dL", "ng/dL", "1e-8"), ("ng/mL", "ng/mL", "1e-6"), ("pg/mL", "pg/mL", "1e-9"),
        ],
        "mass per mass": [("mg/kg", "mg/kg", "1"), ("ug/kg", "µg/kg", "0.001"), ("mg/g", "mg/g", "1000"), ("ug/g", "µg/g", "1"), ("g/kg", "g/kg", "1000")],
        "substance ratio": [("mg/mmol", "mg/mmol", "1"), ("g/mol", "g/mol", "1")],
        "mass rate": [("mg/d", "mg/day", "1"), ("g/d", "g/day", "1000"), ("ug/d", "µg/day", "0.001"), ("mg/h", "mg/h", "24"), ("mg/wk", "mg/week", "1/7")],
        "mass per mass rate": [("mg/kg/d", "mg/kg/day", "1"), ("ug/kg/min", "µg/kg/min", "1.44"), ("mg/kg/h", "mg/kg/h", "24")],
        "mass per area": [("mg/m2", "mg/m²", "1"), ("g/m2", "g/m²", "1000")],
        "body mass index": [("kg/m2", "kg/m²", "1")],
        "flow": [("L/min", "L/min", "1"), ("mL/min", "mL/min", "0.001"), ("L/s", "L/s", "60"), ("mL/h", "mL/h", "1/60000"), ("L/h", "L/h", "1/60"), ("mL/d", "mL/day", "1/1440000"), ("L/d", "L/day", "1/1440")],
        "normalised flow": [("mL/min/{1.73_m2}", "mL/min/1.73 m²", "1")],
        "catalytic concentration": [("[IU]/L", "IU/L", "1"), ("U/L", "U/L", "1"), ("kU/L", "kU/L", "1000"), ("U/mL", "U/mL", "1000"), ("mU/L", "mU/L", "0.001"), ("m[IU]/L", "mIU/L", "0.001"), ("m[IU]/mL", "mIU/mL", "1"), ("u[IU]/mL", "µIU/mL", "0.001"), ("[IU]/mL", "IU/mL", "1000")],
        "arbitrary amount": [("[IU]", "IU", "1"), ("U", "U", "1"), ("[arb'U]", "arb. U", "1")],
        "number concentration": [("10*9/L", "10⁹/L", "1"), ("10*12/L", "10¹²/L", "1000"), ("10*6/L", "10⁶/L", "0.001"), ("10*3/uL", "10³/µL", "1"), ("10*6/uL", "10⁶/µL", "1000"), ("/uL", "/µL", "0.001"), ("/mm3", "/mm³", "0.001"), ("/L", "/L", "1e-9"), ("/mL", "/mL", "1e-6")],
        "energy": [("J", "J", "1"), ("kJ", "kJ", "1000"), ("cal", "cal", "4.184"), ("kcal", "kcal", "4184")],
        "power": [("W", "W", "1")],
        "electric potential": [("V", "V", "1"), ("mV", "mV", "0.001"), ("uV", "µV", "1e-6")],
        "speed": [("m/s", "m/s", "1"), ("km/h", "km/h", "5/18"), ("mm/h", "mm/h", "1/3600000")],
        "acceleration": [("m/s2", "m/s²", "1"), ("[g]", "g", "9.80665")],
        "osmolality": [("mosm/kg", "mOsm/kg", "1")],
        "charge equivalents": [("meq/L", "mEq/L", "1"), ("eq/L", "Eq/L", "1000")],
        "radiation dose": [("Gy", "Gy", "1"), ("mGy", "mGy", "0.001"), ("Sv", "Sv", "1")],
        "angle": [("deg", "°", "1")],
        "loudness": [("dB", "dB", "1")],
        "lens power": [("[diop]", "D", "1")],
        "acidity": [("[pH]", "pH", "1")],
    }  # fmt: skip
    units = {
        code: Unit(code, label, dimension, Fraction(factor))
        for dimension, entries in rows.items()
        for code, label, factor in entries
    }
    kelvin = Fraction("273.15")
    units["K"] = Unit("K", "K", "temperature")
    units["Cel"] = Unit("Cel", "°C", "temperature", Fraction(1), kelvin)
    units["[degF]"] = Unit("[degF]", "°F", "temperature", Fraction(5, 9), kelvin - 32 * Fraction(5, 9))
    for name in ("score", "tablets", "capsules", "puffs", "drops", "cigarettes", "units", "doses", "beats", "steps"):
        units[f"{{{name}}}"] = Unit(f"{{{name}}}", name, f"count of {name}")
    return units


UNITS = _table()
_PRECISION = Context(prec=15)


class UnitFault(ValueError):
    """A unit that is not known, or two that do not measure the same thing."""


def unit(code: str) -> Unit:
    """The unit of a UCUM code; ``UnitFault`` when the table does not have it."""
    try:
        return UNITS[code]
    except KeyError:
        raise UnitFault(f"{code}: not a unit Helmont knows; write a UCUM code such as kg, cm, mm[Hg] or Cel") from None


def convert(value: Decimal, from_unit: str, to_unit: str) -> Decimal:
    """``value`` in ``to_unit``, to 15 significant digits; ``UnitFault`` when the dimensions differ."""
    if from_unit == to_unit:
        return value
    source, target = unit(from_unit), unit(to_unit)
    if source.dimension != target.dimension:
        raise UnitFault(f"{from_unit} is a {source.dimension} and {to_unit} a {target.dimension}: no conversion exists")
    exact = (Fraction(value) * source.factor + source.offset - target.offset) / target.factor
    return _PRECISION.divide(Decimal(exact.numerator), Decimal(exact.denominator))
