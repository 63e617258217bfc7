"""Results of devices become items of forms: the same save as anybody's, with where each value comes from beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.errors import Invalid, Refused
from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Get, Read, Rows
from helmont.core.transactions import Transaction
from helmont.edc.actions.entry import SaveForm
from helmont.edc.actions.queries import RaiseQuery
from helmont.edc.items import base_item
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy

ENTERED, WAITING = "entered", "waiting"


def entry_key(form: str, item: str) -> str:
    """The key of what says where an item's value comes from."""
    return f"{form}/results/{item}"


@dataclass(frozen=True)
class EnterResults(SaveForm):
    """Put results of devices into a form, and say of each item what it was computed from.

    ``results`` has for each item the columns of its ``EndpointEntry``; ``beside`` values that go with them (dates of rows).
    What cannot be entered waits, with a query where one can be raised: items that are locked, and values that a person put
    there. The form becomes complete unless it asks for something that is not there yet.
    """

    name: ClassVar[str] = "sensors.enter_results"
    permission: ClassVar[str] = "results.enter"
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)

    def reads(self) -> Iterable[Read]:
        yield from super().reads()
        for item in self.results:
            yield Get("endpoint_entry", entry_key(self.key, item))

    def further_reads(self, rows: Rows) -> Iterator[Iterable[Read]]:
        values = {item: each["entered"].get("value") for item, each in self.results.items()}
        yield from SaveForm.further_reads(replace(self, values=values), rows)

    def hidden_items(self, tx: Transaction, actor: Actor, form: CompiledForm) -> frozenset[str]:
        """None: what a device measured goes where the study says, whoever may look at it."""
        return frozenset()

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        _study, form = self.definition(tx)
        row = tx.get("form", self.key)
        held = {item: why for item in self.results if (why := self._by_hand(tx, row, item))}
        ready = [item for item in self.results if item not in held]
        while ready:
            branch = tx.branch()
            try:
                self._save(branch, actor, form, row, ready)
            except Refused as refusal:
                stopped = _stopped(refusal, ready)
                held |= dict.fromkeys(stopped, str(refusal.message))
                ready = [item for item in ready if item not in stopped]
            else:
                tx.adopt(branch)
                break
        for item in ready:
            self._keep(tx, item, ENTERED, {})
        for item, why in held.items():
            self._wait(tx, actor, item, why)
        now = tx.get("form", self.key)
        return {"key": self.key, "status": now["status"] if now else "blank", "entered": ready, "waiting": list(held)}

    def _save(self, tx: Transaction, actor: Actor, form: CompiledForm, row: Row | None, items: Sequence[str]) -> None:
        """The save itself, of those values that are not there yet."""
        values = {item: self.results[item]["entered"]["value"] for item in items}
        rows = {item.rpartition(".")[0] for item in items}
        values |= {item: value for item, value in self.beside.items() if item.rpartition(".")[0] in rows}
        data: Mapping[str, Any] = row["data"] if row else {}
        new = {item: value for item, value in values.items() if data.get(item) != value}
        if row is not None and not new:
            return
        _Save(self.key, new, complete=self._whole(form, {**data, **values}), reason=self.reason).perform(tx, actor)

    def _whole(self, form: CompiledForm, data: Mapping[str, Any]) -> bool:
        """Whether everything that the form requires is there."""
        filled = {base_item(key) for key in data}
        return all(item.id in filled for item in form.form.items() if item.required)

    def _by_hand(self, tx: Transaction, row: Row | None, item: str) -> str:
        """Why a value that a person put there, or a form that was called not done, stays as it is; empty otherwise."""
        if row is not None and row["status"] == "not_done":
            return _("The form was called not done.")
        new = self.results[item]["entered"]["value"]
        there = row["data"].get(item) if row else None
        entry = tx.get("endpoint_entry", entry_key(self.key, item))
        entered = entry["entered"].get("value") if entry else None
        return "" if there in (entered, new) else _("A person put another value there.")

    def _keep(self, tx: Transaction, item: str, state: str, waits: Mapping[str, Any], **other: Any) -> None:
        fields = {**self.results[item], **other}
        key = entry_key(self.key, item)
        base = {"study": self.log, "participant": self.participant_key, "form": self.key, "item": item}
        tx.put("endpoint_entry", key, **base, **fields, state=state, waits=dict(waits))

    def _wait(self, tx: Transaction, actor: Actor, item: str, why: str) -> None:
        """Keep a result that could not be entered, and ask about it where that is possible."""
        earlier = tx.get("endpoint_entry", entry_key(self.key, item))
        result = self.results[item]
        if earlier and earlier["waits"].get("basis") == result["basis"] and earlier["waits"].get("why") == why:
            return
        shown = result["entered"]["value"]
        waits = {"basis": result["basis"], "why": why, "since": tx.timestamp, "value": shown, "reason": self.reason}
        if earlier:
            tx.put("endpoint_entry", earlier["key"], state=WAITING, waits=waits)
        else:
            self._keep(tx, item, WAITING, waits, entered={})
        if tx.get("form", self.key) is not None:
            said = {"value": _text(shown), "why": why}
            text = _("The device's result is %(value)s. It was not entered: %(why)s") % said
            with suppress(
                Refused
            ):  # what is locked takes no query either; the result waits where data management sees it
                _Ask(self.key, item=item, text=text, once=True).perform(tx, actor)


@dataclass(frozen=True)
class _Save(SaveForm):
    """The save within, which no privilege narrows."""

    def hidden_items(self, tx: Transaction, actor: Actor, form: CompiledForm) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True)
class _Ask(RaiseQuery):
    """A query about an item that a privilege hides is hidden with it."""

    def hidden_items(self, tx: Transaction, actor: Actor, form: CompiledForm) -> frozenset[str]:
        return frozenset()


def _stopped(refusal: Refused, items: Sequence[str]) -> list[str]:
    """The items that a refusal is about: those it names, or all of them."""
    places = {fault.place for fault in refusal.faults} if isinstance(refusal, Invalid) else set()
    if refusal.details.get("level") == "item":
        places = {str(refusal.details.get("place"))}
    return [item for item in items if item in places] or list(items)


def _text(value: Any) -> str:
    return str(value["not_done"]) if isinstance(value, Mapping) and "not_done" in value else str(value)


def filled(tx: Transaction, study: CompiledStudy, form: str, items: Sequence[str]) -> list[str]:
    """Those of the items whose value a device measured."""
    sensors = study.study.sensors
    if not sensors or "record" not in sensors:
        return []
    entries = ((item, tx.get("endpoint_entry", entry_key(form, item))) for item in items)
    return [item for item, entry in entries if entry is not None and entry["entered"]]
