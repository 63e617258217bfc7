"""The data dictionary, the names of exported columns, the instruments and their printed forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

from helmont.api.redcap.call import BadRequest, Call, handles
from helmont.api.redcap.printing import print_instruments
from helmont.core.errors import Fault, Invalid
from helmont.projects.actions import ChangeProject
from helmont.projects.design import COLUMNS, Design, DesignFault, read_dictionary
from helmont.projects.queries import design_for

FIELD_NAMES = ("original_field_name", "choice_value", "export_field_name")


def required_design(call: Call) -> Design:
    """The project's design; raises ``BadRequest`` for a study that was not made by a client."""
    design = design_for(call.study.key)
    if design is None:
        raise BadRequest(
            "The definition of this study is published as a study package and cannot be changed over this API."
        )
    return design


@handles("metadata")
def export_metadata(call: Call) -> HttpResponse:
    design = design_for(call.study.key)
    rows = list(design.fields.values()) if design else [dict(field.row) for field in call.layout.fields]
    fields, forms = call.listed("fields"), call.listed("forms")
    if fields or forms:
        rows = [row for row in rows if row["field_name"] in fields or row["form_name"] in forms]
    return call.table([{column: row[column] for column in COLUMNS} for row in rows], *COLUMNS)


@handles("metadata", "import")
def import_metadata(call: Call) -> HttpResponse:
    """Another data dictionary: the next version of the definition. What was entered stays."""
    design = required_design(call)
    try:
        fields, forms = read_dictionary(call.rows())
    except DesignFault as fault:
        raise Invalid([Fault("data", str(fault))]) from None
    labels = {name: design.forms.get(name, label) for name, label in forms.items()}
    kept = [pair for pair in design.mapping if pair[1] in labels]
    repeating = {pair: label for pair, label in design.repeating.items() if not pair[1] or pair[1] in labels}
    changed = replace(
        design,
        fields=fields,
        forms=labels,
        mapping=kept,
        repeating=repeating,
        record_field=next(iter(fields)),
    )
    call.perform(ChangeProject(call.study.key, changed))
    return call.count(len(fields))


@handles("exportFieldNames")
def export_field_names(call: Call) -> HttpResponse:
    rows: list[dict[str, Any]] = []
    layout = call.layout
    for instrument in layout.instruments.values():
        for field in layout.of_form(instrument.name):
            if field.kind != "file":
                rows += [dict(zip(FIELD_NAMES, (field.name, *column), strict=True)) for column in field.columns()]
        complete = f"{instrument.name}_complete"
        rows.append(dict(zip(FIELD_NAMES, (complete, "", complete), strict=True)))
    if wanted := call.get("field"):
        rows = [row for row in rows if row["original_field_name"] == wanted]
        if not rows:
            raise Invalid([Fault("field", f"there is no field “{wanted[:100]}”", "a field of the data dictionary")])
    return call.table(rows, *FIELD_NAMES, names=("fields", "field"))


@handles("instrument")
def export_instruments(call: Call) -> HttpResponse:
    rows = [{"instrument_name": one.name, "instrument_label": one.label} for one in call.layout.instruments.values()]
    return call.table(rows, "instrument_name", "instrument_label", names=("instruments", "item"))


@handles("pdf")
def export_pdf(call: Call) -> HttpResponse:
    """The instruments as empty forms to print. With values they are printed from the casebook."""
    if call.get("record") or call.get("allRecords"):
        raise BadRequest("Records are not printed over this API: print the casebook. Empty instruments are.")
    layout, wanted = call.layout, call.get("instrument")
    if wanted and wanted not in layout.instruments:
        raise Invalid([Fault("instrument", f"there is no instrument “{wanted[:100]}”", ", ".join(layout.instruments))])
    chosen = [one for one in layout.instruments.values() if wanted in ("", one.name)]
    return call.file(print_instruments(layout, chosen, datetime.now(UTC)), f"{call.study.key}.pdf", "application/pdf")
