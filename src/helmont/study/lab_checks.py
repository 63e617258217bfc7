"""What must hold between a study's laboratory and its forms."""

from __future__ import annotations

from helmont.study.faults import one_of
from helmont.study.labs import Analyte, Labs, Sample
from helmont.study.model import Form, Study
from helmont.study.reading import Reading
from helmont.study.roles import wrong_role

_DATES = frozenset({"date", "datetime"})
_COLUMNS = ("participant", "visit", "date", "time", "test", "result", "unit", "status", "fasting", "comparator")


def check_labs(study: Study, reading: Reading) -> None:
    """Items that are named exist and are of a kind that fits; every form with results says when they were collected."""
    labs = study.labs
    if labs is None:
        return
    forms = {form.id: form for form in study.forms}
    for name in ("sex", "age", "birth_date"):
        _check_person_item(labs, name, forms, reading)
    if labs.age is None and labs.birth_date is None:
        reading.fault_in(labs, "age", "nothing says how old a participant is", "age: DM.AGE, or birth_date: DM.BRTHDTC")
    for sample in labs.samples:
        _check_sample(sample, forms, reading)
    sampled = {sample.form for sample in labs.samples}
    for analyte in labs.analytes:
        _check_analyte(analyte, sampled, forms, reading)
    for column in labs.csv.columns:
        if column not in _COLUMNS:
            reading.fault_in(labs.csv, "columns", f"{column} means nothing here", one_of(_COLUMNS, column))
    if len(labs.csv.delimiter) != 1:
        reading.fault_in(labs.csv, "delimiter", "a delimiter is one character", "',' or ';'")
    for alert in labs.alerts:
        if alert.grade is None and not alert.all:
            reading.fault_in(alert, "id", "nothing says when this alert is raised", "grade: 3, or all: [...]")
        if alert.grade is not None and not 1 <= alert.grade <= 4:
            reading.fault_in(alert, "grade", f"{alert.grade} is not a grade that a result can have", "1 to 4")
        if wrong := wrong_role(alert.roles):
            reading.fault_in(alert, "roles", *wrong[1:])


def _check_person_item(labs: Labs, name: str, forms: dict[str, Form], reading: Reading) -> None:
    path = getattr(labs, name)
    if path is None:
        return
    form, _, _item = path.partition(".")
    known = [f"{form}.{each.id}" for each in forms[form].items()] if form in forms else list(forms)
    if path not in known:
        reading.fault_in(labs, name, f"{path} is not an item of a form", one_of(known, path))


def _check_sample(sample: Sample, forms: dict[str, Form], reading: Reading) -> None:
    items = {item.id: item for item in forms[sample.form].items()} if sample.form in forms else {}
    for name in ("date", "time", "fasting", "laboratory"):
        item = getattr(sample, name)
        if items and item is not None and item not in items:
            reading.fault_in(sample, name, f"{item} is not an item of {sample.form}", one_of(list(items), item))
    if sample.date in items and items[sample.date].type not in _DATES:
        reading.fault_in(sample, "date", f"{sample.date} is not a date", "an item of type date or datetime")


def _check_analyte(analyte: Analyte, sampled: set[str], forms: dict[str, Form], reading: Reading) -> None:
    items = {item.id: item for item in forms[analyte.form].items()} if analyte.form in forms else {}
    if not items:
        return
    for name in ("item", "comparator"):
        item = getattr(analyte, name)
        if item is not None and item not in items:
            reading.fault_in(analyte, name, f"{item} is not an item of {analyte.form}", one_of(list(items), item))
    if analyte.item in items and items[analyte.item].type not in ("integer", "decimal"):
        reading.fault_in(
            analyte, "item", f"{analyte.item} does not hold a number", "an item of type integer or decimal"
        )
    if analyte.form not in sampled:
        reading.fault_in(analyte, "form", f"no sample says when {analyte.form} was collected", "samples: [{form: ...}]")
