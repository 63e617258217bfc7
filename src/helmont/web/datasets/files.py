"""One data set as a file: CSV, a SAS transport file, Dataset-JSON. What is hidden from the person is not in it."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import UTC, datetime
from typing import IO, cast

import polars as pl

import helmont
from helmont.standards import dataset_json, xpt
from helmont.study.datasets.model import Dataset, Variable
from helmont.web.datasets.selecting import is_date
from helmont.web.worklist.views import safe_cell

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xpt": "application/x-sas-xport",
    "json": "application/json",
}
_TYPES: dict[str, dataset_json.model.DataType] = {"integer": "integer", "float": "float"}


def write(kind: str, dataset: Dataset, frame: pl.DataFrame, hidden: frozenset[str], study: str, time: str) -> IO[bytes]:
    """The file, to be closed by whoever takes it; ``StudyFaults`` when the format does not take what is in it."""
    variables = [each for each in dataset.variables if each.name not in hidden]
    shown = frame.select(each.name for each in variables)
    file = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115 - the response closes it
    moment = datetime.fromisoformat(time) if time else datetime.now(UTC)
    try:
        if kind == "csv":
            _csv(file, shown)
        elif kind == "xpt":
            columns = tuple(_xpt_column(each, shown) for each in variables)
            table = xpt.Table(dataset.id, dataset.label, columns, shown)
            xpt.write(table, file, xpt.Stamp(moment.replace(tzinfo=None)), encoding="utf-8")
        else:
            _json(file, dataset, variables, shown, study, moment)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _csv(file: IO[bytes], frame: pl.DataFrame) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(frame.columns)
    for row in frame.iter_rows():
        writer.writerow([_cell(value) for value in row])
    text.detach()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else safe_cell(str(value))


def _xpt_column(variable: Variable, frame: pl.DataFrame) -> xpt.Column:
    form = variable.format or ""
    form = form if xpt.model.parse_format(form) is not None else ""
    if variable.is_number:
        return xpt.Column(variable.name, variable.label, "number", 8, form)
    longest = frame[variable.name].str.len_bytes().max()
    length = max(variable.length or 1, longest if isinstance(longest, int) else 1)
    return xpt.Column(variable.name, variable.label, "text", length, form)


def _json(
    file: IO[bytes], dataset: Dataset, variables: list[Variable], frame: pl.DataFrame, study: str, moment: datetime
) -> None:
    columns = tuple(
        dataset_json.Column(
            oid=f"IT.{dataset.id}.{each.name}",
            name=each.name,
            label=each.label,
            type="date" if is_date(each) else _TYPES.get(each.type, "float") if each.is_number else "string",
            target="integer" if is_date(each) else None,
            length=None if each.is_number else each.length,
            format=each.format,
            key=dataset.keys.index(each.name) + 1 if each.name in dataset.keys else None,
        )
        for each in variables
    )
    content = dataset_json.Dataset(
        oid=f"IG.{dataset.id}",
        name=dataset.id,
        label=dataset.label,
        columns=columns,
        frame=frame,
        originator="Helmont",
        system=dataset_json.System("Helmont", helmont.__version__),
        study=study,
        modified=moment.isoformat(timespec="seconds"),
    )
    dataset_json.write_json(content, file, moment)
