"""One item as ItemDef."""

from __future__ import annotations

from helmont.standards.odm.names import Version, codelist_oid, item_oid, unit_oid
from helmont.standards.odm.xml import Element, add, add_texts
from helmont.study.model import Form, Item, Range, Sdtm, Study
from helmont.study.units import UNITS

_PARTIAL = {"date": {"day": "partialDate", "month": "partialDate", "year": "incompleteDate"}}
_PARTIAL["datetime"] = {"day": "partialDatetime", "month": "partialDatetime", "year": "incompleteDatetime"}
_TYPES = {"text": "text", "integer": "integer", "date": "date", "time": "partialTime", "datetime": "partialDatetime",
          "codelist": "text", "multiselect": "text", "file": "URI"}  # fmt: skip


def data_type(item: Item, version: Version) -> str:
    """The data type of an item's values. Times have no seconds, so they are of a partial type."""
    if item.type in ("decimal", "calculated"):
        return "float" if version == "1.3.2" else "decimal"
    if item.partial and item.type in _PARTIAL:
        return _PARTIAL[item.type][item.partial]
    return _TYPES[item.type]


def write_item(metadata: Element, study: Study, form: Form, item: Item, version: Version) -> None:
    """ItemDef with question, unit, limits, code list and checks; in 2.0 the unit is an item beside it."""
    number = item.type in ("integer", "decimal", "calculated")
    oid = item_oid(form.id, item.id)
    definition = add(
        metadata, "ItemDef", OID=oid, Name=item.id, DataType=data_type(item, version), Length=_length(study, item),
        SignificantDigits=str(item.decimals) if item.decimals is not None and version == "1.3.2" else None,
        SDSVarName=item.sdtm.variable if item.sdtm and len(item.sdtm.variable) <= 8 and version == "1.3.2" else None,
    )  # fmt: skip
    add_texts(definition, "Question", item.label.by_language, version)
    if version == "2.0":
        add_texts(definition, "CRFCompletionInstructions", item.hint.by_language if item.hint else {}, version)
    else:
        for code in (item.unit,) if item.unit else item.units:
            add(definition, "MeasurementUnitRef", MeasurementUnitOID=unit_oid(code))
    for hardness, limits in (("Soft", item.range), ("Hard", item.hard_range)) if number else ():
        _limits(definition, hardness, limits, item, version)
    for check in study.checks:
        if (check.form, check.item) == (form.id, item.id):
            _check(definition, check.expression, check.message.by_language, check.severity == "refuse", version)
    if item.codelist:
        add(definition, "CodeListRef", CodeListOID=codelist_oid(item.codelist))
    if item.sdtm:
        add(definition, "Alias", Context="SDTM", Name=annotation(item.sdtm))
    if version == "2.0" and (item.unit or item.units):
        _unit_item(metadata, oid, item)


def annotation(sdtm: Sdtm) -> str:
    """``VS.VSORRES where VSTESTCD=SYSBP``."""
    where = " and ".join(f"{name}={value}" for name, value in sdtm.where.items())
    return f"{sdtm.domain}.{sdtm.variable}" + (f" where {where}" if where else "")


def _length(study: Study, item: Item) -> str | None:
    """How long a value can be; ODM wants it for text and numbers."""
    if item.codelist:
        terms = next(codelist.terms for codelist in study.codelists if codelist.id == item.codelist)
        return str(max((len(term.code) for term in terms), default=1)) if item.type == "codelist" else None
    if item.type == "text":
        return str(item.length) if item.length else None
    return "16" if item.type in ("integer", "decimal", "calculated") else None


def _limits(definition: Element, hardness: str, limits: Range | None, item: Item, version: Version) -> None:
    unit = item.standard_unit or (item.units[0] if item.units else item.unit)
    for comparator, value in (("GE", limits.min), ("LE", limits.max)) if limits else ():
        if value is not None:
            check = add(definition, "RangeCheck", Comparator=comparator, SoftHard=hardness)
            add(check, "CheckValue", str(value))
            if unit and version == "1.3.2":
                add(check, "MeasurementUnitRef", MeasurementUnitOID=unit_oid(unit))


def _check(definition: Element, cel: str, message: object, refuse: bool, version: Version) -> None:
    check = add(definition, "RangeCheck", SoftHard="Hard" if refuse else "Soft")
    if version == "2.0":
        add(add(check, "FormalExpression", Context="CEL"), "Code", cel)
    else:
        add(check, "FormalExpression", cel, Context="CEL")
    if isinstance(message, dict):
        add_texts(check, "ErrorMessage", message, version)


def _unit_item(metadata: Element, oid: str, item: Item) -> None:
    add(metadata, "ItemDef", OID=f"{oid}.unit", Name=f"{item.id} unit", DataType="text")
    if item.units:
        definition = metadata[-1]
        add(definition, "CodeListRef", CodeListOID=f"CL.unit.{oid}")


def write_unit_codelists(metadata: Element, study: Study) -> None:
    """The code lists of the units to choose from (2.0)."""
    for form in study.forms:
        for item in form.items():
            if item.units:
                oid, name = f"CL.unit.{item_oid(form.id, item.id)}", f"Units of {item.id}"
                codelist = add(metadata, "CodeList", OID=oid, Name=name, DataType="text")
                for number, code in enumerate(item.units, 1):
                    one = add(codelist, "CodeListItem", CodedValue=code, OrderNumber=str(number))
                    add_texts(one, "Decode", {"en": UNITS[code].label or code}, "2.0")
