"""What a form's rules may look at beyond the form: other forms of the participant, the visit, the participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from helmont.core.records import Row
from helmont.core.rows import Find, Get, Read
from helmont.core.transactions import Transaction
from helmont.edc.keys import LOG
from helmont.study.compiled_forms import CompiledForm
from helmont.study.outcomes import Context
from helmont.study.partial_dates import PartialDate

Data = Mapping[str, Any]


def context_reads(form: CompiledForm, participant: str, key: str) -> Iterable[Read]:
    """What ``build_context`` will read for the form with this key, as far as its references alone tell."""
    for reference in form.needs:
        root, place, form_id = _parts(reference)
        match root:
            case "at":
                yield Get("form", f"{participant}/{place}/{form_id}")
            case "here":
                yield Get("form", f"{key.rsplit('/', 1)[0]}/{form_id}")
            case "log":
                yield Find("form", "container", f"{participant}/{LOG}/{form_id}")
            case _:
                yield Find("encounter", "participant", participant)


def build_context(
    tx: Transaction,
    form: CompiledForm,
    participant: Row,
    encounter: Row | None,
    own_key: str = "",
    own: Data | None = None,
) -> Context:
    """The context of the form ``own_key``: its own log leaves its line out, and where a rule names the form itself
    by its encounter it sees ``own``, the values about to be saved."""
    forms: dict[str, Data | Sequence[Data]] = {}
    for reference in form.needs:
        found = _referred(tx, reference, participant, encounter, own_key, own)
        if found is not None:
            forms[reference] = found
    visit = (
        {"id": encounter["oid"], "date": _date(encounter["date"]), "number": float(encounter["number"])}
        if encounter
        else {}
    )
    person = {"id": participant["number"], "site": participant["site"], "status": participant["status"]}
    return Context(today=tx.today, forms=forms, visit=visit, participant=person, environments=tx.rows.memo)


def place_in_time(encounter: Row) -> tuple[str, float]:
    """What orders encounters: the date, and on the same date the visit number."""
    return encounter["date"], float(encounter["number"])


def _date(text: str) -> Any:
    return PartialDate.parse(text) if text else ""


def _referred(
    tx: Transaction,
    reference: str,
    participant: Row,
    encounter: Row | None,
    own_key: str,
    own: Data | None,
) -> Data | Sequence[Data] | None:
    root, place, form_id = _parts(reference)
    key = participant["key"]
    match root:
        case "at":
            form_key = f"{key}/{place}/{form_id}"
            return own if own is not None and form_key == own_key else _data(tx.get("form", form_key))
        case "here":
            return _data(tx.get("form", f"{encounter['key']}/{form_id}")) if encounter else None
        case "log":
            rows = tx.find("form", "container", f"{key}/{LOG}/{form_id}")
            return [row["data"] for row in rows if row["key"] != own_key and row["status"] != "removed"]
        case _:
            return _earlier(tx, participant, encounter, form_id)


def _earlier(tx: Transaction, participant: Row, encounter: Row | None, form: str) -> list[Data]:
    """The form's data at the participant's earlier encounters, the nearest first."""
    if encounter is None:
        return []
    place = place_in_time(encounter)
    earlier = sorted(
        (
            (place_in_time(row), row["key"])
            for row in tx.find("encounter", "participant", participant["key"])
            if row["date"] and place_in_time(row) < place
        ),
        reverse=True,
    )
    keys = [f"{key}/{form}" for _, key in earlier]
    tx.rows.prefetch(Get("form", key) for key in keys)
    found = (_data(tx.get("form", key)) for key in keys)
    return [data for data in found if data]


@lru_cache(maxsize=4096)
def _parts(reference: str) -> tuple[str, str, str]:
    """Where a reference points: its root, the encounter it names ("" for none) and the form."""
    root, *encounter, form_id = reference.split(".")
    return root, "".join(encounter), form_id


def _data(row: Row | None) -> Data | None:
    return row["data"] if row and row["status"] != "removed" else None
