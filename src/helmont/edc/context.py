"""What a form's rules may look at beyond the form: other forms of the participant, the visit, the participant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from helmont.core.records import Row
from helmont.core.rows import Get
from helmont.core.transactions import Transaction
from helmont.edc.keys import LOG
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.outcomes import Context
from helmont.study.partial_dates import PartialDate

Data = Mapping[str, Any]


@lru_cache(maxsize=1024)
def privileges(form: CompiledForm) -> Mapping[str, str]:
    """Item id -> privilege, for the items of a form that need one to be seen."""
    return {item.id: item.privilege for item in form.form.items() if item.privilege}


@lru_cache(maxsize=1024)
def items_to_verify(form: CompiledForm) -> frozenset[str]:
    """Ids of the items that the study asks to verify against the source."""
    return frozenset(item.id for item in form.form.items() if item.verify)


def build_context(
    tx: Transaction,
    study: CompiledStudy,
    form: CompiledForm,
    participant: Row,
    encounter: Row | None,
    line: str = "",
) -> Context:
    """The context of one form; ``line`` is the key of the log line evaluated, which its own log then leaves out."""
    forms: dict[str, Data | Sequence[Data]] = {}
    for reference in form.needs:
        found = _referred(tx, study, reference, participant, encounter, line)
        if found is not None:
            forms[reference] = found
    visit = (
        {"id": encounter["oid"], "date": _date(encounter["date"]), "number": float(encounter["number"])}
        if encounter
        else {}
    )
    person = {"id": participant["number"], "site": participant["site"], "status": participant["status"]}
    return Context(today=tx.today, forms=forms, visit=visit, participant=person, environments=tx.rows.memo)


def _date(text: str) -> Any:
    return PartialDate.parse(text) if text else ""


def _referred(
    tx: Transaction, study: CompiledStudy, reference: str, participant: Row, encounter: Row | None, line: str
) -> Data | Sequence[Data] | None:
    root, *path = reference.split(".")
    key = participant["key"]
    match root:
        case "at":
            return _data(tx.get("form", f"{key}/{path[0]}/{path[1]}"))
        case "here":
            return _data(tx.get("form", f"{encounter['key']}/{path[0]}")) if encounter else None
        case "log":
            rows = tx.find("form", "container", f"{key}/{LOG}/{path[0]}")
            return [row["data"] for row in rows if row["key"] != line and row["status"] != "removed"]
        case _:
            return _earlier(tx, study, participant, encounter, path[0])


def _earlier(tx: Transaction, study: CompiledStudy, participant: Row, encounter: Row | None, form: str) -> list[Data]:
    """The form's data at the participant's earlier encounters, the nearest first."""
    if encounter is None:
        return []
    place = (encounter["date"], float(encounter["number"]))
    earlier = sorted(
        (
            (row["date"], float(row["number"]), row["key"])
            for row in tx.find("encounter", "participant", participant["key"])
            if row["date"] and (row["date"], float(row["number"])) < place
        ),
        reverse=True,
    )
    keys = [f"{key}/{form}" for _, _, key in earlier]
    tx.rows.prefetch(Get("form", key) for key in keys)
    found = (_data(tx.get("form", key)) for key in keys)
    return [data for data in found if data]


def _data(row: Row | None) -> Data | None:
    return row["data"] if row and row["status"] != "removed" else None
