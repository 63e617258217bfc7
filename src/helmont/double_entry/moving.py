"""An amendment calls a visit or a form otherwise: what two people are copying goes on under the new name.

An entry that moves leaves a shell under its old key, with all that it held, which says where it goes on. Values go where
those of a saved form would go; what has no place in the form any more is set aside in the entry.
"""

from __future__ import annotations

from typing import Any

from helmont.core.records import Row
from helmont.core.rows import Find
from helmont.core.transactions import Transaction
from helmont.double_entry.models import CLOSED, MOVED, transcription_key
from helmont.double_entry.turns import lines_begun
from helmont.edc.actions.amending.outcome import Amended
from helmont.edc.keys import LOG, container_key, form_key, split_form_key
from helmont.study.routes import Routes, place_all, values


def transcriptions_read(participant: str) -> Find:
    return Find("transcription", "participant", participant)


def move_transcriptions(tx: Transaction, participant: Row, routes: Routes, _done: Amended) -> None:
    """Each entry of the participant under its key in the version ``routes.new``."""
    places: dict[str, str] = {}
    for row in tx.find("transcription", "participant", participant["key"]):
        if row["status"] == MOVED or split_form_key(row["form"])[3] not in routes.old.forms:
            continue
        was = row["form"]
        if was not in places:
            places[was] = _place(tx, participant["key"], row, routes)
        _move(tx, row, places[was], routes)


def _place(tx: Transaction, participant: str, row: Row, routes: Routes) -> str:
    """The key that the form of this entry has now; what is settled goes along with its visit only."""
    study, number, encounter, name, line = split_form_key(row["form"])
    encounter = routes.visits.get(encounter, encounter)
    if row["status"] in CLOSED or routes.lives(name):
        return form_key(study, number, encounter, name, line)
    goal = next(iter(routes.targets(name)), name)
    if goal != name and encounter == LOG:
        # A line keeps its number where the other log has none of that number.
        taken = {number for form, number in lines_begun(tx, participant) if form == goal}
        container = container_key(study, number, LOG, goal)
        taken |= {int(each["line"]) for each in tx.find("form", "container", container)}
        line = str(max(taken) + 1) if int(line) in taken else line
    return form_key(study, number, encounter, goal, line)


def _move(tx: Transaction, row: Row, to: str, routes: Routes) -> None:
    name, goal = split_form_key(row["form"])[3], split_form_key(to)[3]
    data: dict[str, Any] = row["data"]
    aside: dict[str, Any] = {}
    if row["status"] not in CLOSED and routes.leads_anywhere(name) and not routes.stays(name):
        placed, _homeless = place_all({name: data}, routes, tx.today)
        carried = placed.get(goal, {})
        data = values(carried)
        kept = {one.key for one in carried.values()}
        aside = {key: value for key, value in row["data"].items() if key not in kept}
    if to == row["form"]:
        if data != row["data"]:
            tx.put("transcription", row["key"], data=data, aside={**row["aside"], **aside})
        return
    key = transcription_key(to, int(row["number"]))
    fields = {column: value for column, value in row.items() if column not in ("key", "revision", "form", "data")}
    tx.put("transcription", key, **fields, form=to, data=data)
    tx.put("transcription", row["key"], status=MOVED, moved=key)
