"""Units of measurement as UCUM codes, and exact conversion between them.

Source: The Unified Code for Units of Measure, version 2.1, tables of base, derived and customary units. A unit here
is a factor and an offset to the base unit of its dimension. Molar and mass concentration are different dimensions:
turning mg/dL into mmol/L needs the analyte's molar mass, and meq/L its valence, which a unit does not know and a
``Substance`` does.
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


_TABLE = """
mass
    kg = 1000
    g = 1
    mg = 0.001
    ug = 0.000001 µg
    ng = 1e-9
    pg = 1e-12
    t = 1000000
    [lb_av] = 453.59237 lb
    [oz_av] = 28.349523125 oz
    [stone_av] = 6350.29318 st
length
    m = 1
    cm = 0.01
    mm = 0.001
    um = 1e-6 µm
    nm = 1e-9
    km = 1000
    [in_i] = 0.0254 in
    [ft_i] = 0.3048 ft
    [mi_i] = 1609.344 mi
area
    m2 = 1 m²
    cm2 = 1e-4 cm²
    mm2 = 1e-6 mm²
volume
    L = 1
    dL = 0.1
    mL = 0.001
    uL = 1e-6 µL
    fL = 1e-15
    m3 = 1000 m³
    [foz_us] = 0.0295735295625 fl oz (US)
time
    s = 1
    ms = 0.001
    min = 60
    h = 3600
    d = 86400 days
    wk = 604800 weeks
    mo = 2629800 months
    a = 31557600 years
pressure
    mm[Hg] = 133.322 mmHg
    Pa = 1
    kPa = 1000
    cm[H2O] = 98.0665 cmH₂O
    bar = 100000
frequency
    Hz = 1
    /s = 1
    /min = 1/60
    {beats}/min = 1/60 beats/min
    {breaths}/min = 1/60 breaths/min
    /h = 1/3600
    /d = 1/86400 /day
    /wk = 1/604800 /week
fraction
    1 = 1
    % = 0.01
    [ppm] = 1e-6 ppm
    L/L = 1
    g/g = 1
    mmol/mol = 0.001
substance
    mol = 1
    mmol = 0.001
    umol = 1e-6 µmol
    nmol = 1e-9
    pmol = 1e-12
substance concentration
    mol/L = 1
    mmol/L = 0.001
    umol/L = 1e-6 µmol/L
    nmol/L = 1e-9
    pmol/L = 1e-12
mass concentration
    g/L = 1
    g/dL = 10
    g/mL = 1000
    mg/L = 0.001
    mg/dL = 0.01
    mg/mL = 1
    ug/L = 1e-6 µg/L
    ug/dL = 1e-5 µg/dL
    ug/mL = 0.001 µg/mL
    ng/L = 1e-9
    ng/dL = 1e-8
    ng/mL = 1e-6
    pg/mL = 1e-9
mass per mass
    mg/kg = 1
    ug/kg = 0.001 µg/kg
    mg/g = 1000
    ug/g = 1 µg/g
    g/kg = 1000
substance ratio
    mg/mmol = 1
    g/mol = 1
mass rate
    mg/d = 1 mg/day
    g/d = 1000 g/day
    ug/d = 0.001 µg/day
    mg/h = 24
    mg/wk = 1/7 mg/week
mass per mass rate
    mg/kg/d = 1 mg/kg/day
    ug/kg/min = 1.44 µg/kg/min
    mg/kg/h = 24
mass per area
    mg/m2 = 1 mg/m²
    g/m2 = 1000 g/m²
body mass index
    kg/m2 = 1 kg/m²
flow
    L/min = 1
    mL/min = 0.001
    L/s = 60
    mL/h = 1/60000
    L/h = 1/60
    mL/d = 1/1440000 mL/day
    L/d = 1/1440 L/day
normalised flow
    mL/min/{1.73_m2} = 1 mL/min/1.73 m²
catalytic concentration
    [IU]/L = 1 IU/L
    U/L = 1
    kU/L = 1000
    U/mL = 1000
    mU/L = 0.001
    m[IU]/L = 0.001 mIU/L
    m[IU]/mL = 1 mIU/mL
    u[IU]/mL = 0.001 µIU/mL
    [IU]/mL = 1000 IU/mL
arbitrary amount
    [IU] = 1 IU
    U = 1
    [arb'U] = 1 arb. U
number concentration
    10*9/L = 1 10⁹/L
    10*12/L = 1000 10¹²/L
    10*6/L = 0.001 10⁶/L
    10*3/uL = 1 10³/µL
    10*6/uL = 1000 10⁶/µL
    /uL = 0.001 /µL
    /mm3 = 0.001 /mm³
    /L = 1e-9
    /mL = 1e-6
energy
    J = 1
    kJ = 1000
    cal = 4.184
    kcal = 4184
power
    W = 1
electric potential
    V = 1
    mV = 0.001
    uV = 1e-6 µV
speed
    m/s = 1
    km/h = 5/18
    mm/h = 1/3600000
acceleration
    m/s2 = 1 m/s²
    [g] = 9.80665 g
    m[g] = 0.00980665 mg
osmolality
    mosm/kg = 1 mOsm/kg
charge equivalents
    meq/L = 1 mEq/L
    eq/L = 1000 Eq/L
radiation dose
    Gy = 1
    mGy = 0.001
    Sv = 1
angle
    deg = 1 °
loudness
    dB = 1
lens power
    [diop] = 1 D
acidity
    [pH] = 1 pH
"""
"""Dimensions, and under each its units: UCUM code, factor to the base unit of the dimension, and label if another."""


def _table() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    dimension = ""
    for line in _TABLE.strip().splitlines():
        if not line.startswith(" "):
            dimension = line
            continue
        code, _, rest = line.strip().partition(" = ")
        factor, _, label = rest.partition(" ")
        units[code] = Unit(code, label or ("" if code == "1" else code), dimension, Fraction(factor))
    kelvin = Fraction("273.15")
    units["K"] = Unit("K", "K", "temperature")
    units["Cel"] = Unit("Cel", "°C", "temperature", Fraction(1), kelvin)
    units["[degF]"] = Unit("[degF]", "°F", "temperature", Fraction(5, 9), kelvin - 32 * Fraction(5, 9))
    for name in ("score", "tablets", "capsules", "puffs", "drops", "cigarettes", "units", "doses", "beats", "steps"):
        units[f"{{{name}}}"] = Unit(f"{{{name}}}", name, f"count of {name}")
    return units


UNITS = _table()
_PRECISION = Context(prec=15)


@dataclass(frozen=True, slots=True)
class Substance:
    """What a unit cannot know of an analyte: its molar mass in g/mol, and the charge of its ion."""

    molar_mass: Decimal | None = None
    valence: int | None = None


_PER_MOL = {"substance concentration", "mass concentration", "charge equivalents", "substance", "mass"}


class UnitFault(ValueError):
    """A unit that is not known, or two that do not measure the same thing."""


def unit_text(code: str) -> str:
    """How a unit is shown: its label, or the code, without braces, of one that the table does not have."""
    return UNITS[code].label if code in UNITS else code.strip("{}")


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


def convert_amount(value: Decimal, from_unit: str, to_unit: str, substance: Substance) -> Decimal:
    """``convert``, and across molar, mass and equivalent concentration with what is declared of the substance.

    A molar concentration times the molar mass is a mass concentration; times the valence it is one of equivalents.
    ``UnitFault`` names what would have to be declared.
    """
    source, target = unit(from_unit), unit(to_unit)
    if source.dimension == target.dimension or not {source.dimension, target.dimension} <= _PER_MOL:
        return convert(value, from_unit, to_unit)
    moles = Fraction(value) * source.factor / _per_mole(source, substance)
    exact = moles * _per_mole(target, substance) / target.factor
    return _PRECISION.divide(Decimal(exact.numerator), Decimal(exact.denominator))


def _per_mole(one: Unit, substance: Substance) -> Fraction:
    """How many base units of ``one``'s dimension a mole (per litre) of the substance is."""
    match one.dimension:
        case "mass concentration" | "mass":
            if not substance.molar_mass:
                raise UnitFault(f"{one.code}: the analyte's molar mass is needed, and not declared")
            return Fraction(substance.molar_mass)
        case "charge equivalents":
            if not substance.valence:
                raise UnitFault(f"{one.code}: the analyte's valence is needed, and not declared")
            return Fraction(1000 * substance.valence)
    return Fraction(1)
