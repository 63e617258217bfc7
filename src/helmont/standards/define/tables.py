"""A dataset of a document as files: the variables, lengths, formats and OIDs are those that the document says."""

from __future__ import annotations

import re

import polars as pl

from helmont.standards import dataset_json, xpt
from helmont.standards.define.model import Dataset, Define, Item, Variable

_DATE = re.compile(r"(?:DATE|YYMMDD|MMDDYY|DDMMYY|E8601DA|B8601DA|WORDDATE|JULIAN)[A-Z]?\d*\.?\d*")
_DATETIME = re.compile(r"(?:DATETIME|E8601DT|B8601DT|DATEAMPM)\d*\.?\d*")
_TIME = re.compile(r"(?:TIME|E8601TM|B8601TM|HHMM|TIMEAMPM)\d*\.?\d*")
_TYPES: dict[str, dataset_json.model.DataType] = {
    "integer": "integer",
    "float": "float",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
}


def xpt_table(dataset: Dataset, frame: pl.DataFrame) -> xpt.Table:
    """The dataset for ``xpt.write``. Text without a length in the document (dates) is as long as its longest value."""
    columns = tuple(
        _xpt_column(one.item, frame) for one in dataset.variables if not one.no_data or one.item.name in frame
    )
    return xpt.Table(dataset.name, dataset.label, columns, frame)


def _xpt_column(item: Item, frame: pl.DataFrame) -> xpt.Column:
    if item.type in ("integer", "float"):
        return xpt.Column(item.name, item.label, "number", 8, _sas_format(item))
    length = item.length
    if length is None and item.name in frame and frame[item.name].dtype == pl.String:
        longest = frame[item.name].str.len_bytes().max()
        length = longest if isinstance(longest, int) else None
    return xpt.Column(item.name, item.label, "text", length or 1, _sas_format(item))


def _sas_format(item: Item) -> str:
    return item.format if item.format and xpt.model.parse_format(item.format) is not None else ""


def json_dataset(
    define: Define, dataset: Dataset, frame: pl.DataFrame, reference: str = "define.xml", modified: str | None = None
) -> dataset_json.Dataset:
    """The dataset for ``dataset_json.write_json``. Numbers under a date format are written as ISO 8601 dates."""
    system = None
    if define.source_system:
        system = dataset_json.System(define.source_system, define.source_version or "")
    return dataset_json.Dataset(
        oid=dataset.oid,
        name=dataset.name,
        label=dataset.label,
        columns=tuple(
            _json_column(one, frame) for one in dataset.variables if not one.no_data or one.item.name in frame
        ),
        frame=frame,
        file=f"{define.file}/{dataset.name.lower()}",
        originator=define.originator,
        system=system,
        study=define.study,
        version=define.version,
        reference=reference,
        modified=modified,
    )


def _json_column(variable: Variable, frame: pl.DataFrame) -> dataset_json.Column:
    item = variable.item
    kind = date_kind(item)
    text = item.name in frame and frame[item.name].dtype == pl.String
    return dataset_json.Column(
        oid=item.oid,
        name=item.name,
        label=item.label,
        type=kind or _TYPES.get(item.type, "string"),
        target=None if kind is None or text else "integer",
        length=item.length if item.type == "text" else None,
        format=item.format,
        key=variable.key,
    )


def date_kind(item: Item) -> dataset_json.model.DataType | None:
    """What a number under its display format is: ``date``, ``datetime``, ``time``, or ``None`` for a plain number."""
    form = (item.format or "").upper()
    if item.type not in ("integer", "float"):
        return None
    if _DATETIME.fullmatch(form):
        return "datetime"
    if _DATE.fullmatch(form):
        return "date"
    return "time" if _TIME.fullmatch(form) else None
