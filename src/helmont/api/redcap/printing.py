"""Instruments as empty forms on paper."""

from __future__ import annotations

import json
from collections.abc import Sequence

import typst

from helmont.projects.layout import Field, Instrument, Layout

TEMPLATE = b"""
#let content = json(bytes(sys.inputs.content))
#set document(title: content.title)
#set page(paper: "a4", margin: 20mm, numbering: "1 / 1", header: text(8pt, fill: luma(90))[#content.title])
#set text(10pt, font: ("Liberation Sans", "DejaVu Sans", "Libertinus Serif"))
#for (number, form) in content.forms.enumerate() {
  if number > 0 { pagebreak() }
  heading(form.label)
  v(4mm)
  for field in form.fields {
    if field.header != "" { heading(level: 2, field.header) }
    block(breakable: false, width: 100%, below: 5mm)[
      #grid(columns: (48%, 52%), gutter: 3mm,
        [#field.label#if field.required [ \\*] #if field.note != "" { linebreak(); text(8pt, fill: luma(90), field.note) }],
        if field.choices.len() > 0 { for choice in field.choices [#box(square(size: 3mm, stroke: 0.5pt)) #choice \\ ] }
        else { v(4mm); line(length: 100%, stroke: 0.5pt) })
    ]
  }
}
"""


def print_instruments(layout: Layout, instruments: Sequence[Instrument]) -> bytes:
    """A PDF of the instruments without values."""
    forms = [
        {"label": one.label, "fields": [_shown(field) for field in layout.of_form(one.name)]} for one in instruments
    ]
    content = json.dumps({"title": layout.title, "forms": forms})
    made = typst.compile(TEMPLATE, sys_inputs={"content": content})
    assert isinstance(made, bytes)
    return made


def _shown(field: Field) -> dict[str, object]:
    return {
        "label": field.row["field_label"],
        "header": field.row["section_header"],
        "note": field.row["field_note"],
        "required": field.row["required_field"] == "y",
        "choices": list(field.choices.values()),
    }
