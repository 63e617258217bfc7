"""What of a study's log a person may take out of the house: the privilege that each value would need."""

from __future__ import annotations

from datetime import date
from typing import Any

from helmont.amendments.models import KeptValue
from helmont.core.permissions import Actor, Scope
from helmont.core.records import record_type
from helmont.edc.items import base_item, item_of, privileges
from helmont.edc.keys import split_form_key
from helmont.edc.models import Comment, Query
from helmont.participants.models import Participant
from helmont.studies.models import Definition
from helmont.studies.queries import compiled

ABOUT_ITEMS: dict[str, type[Any]] = {"query": Query, "comment": Comment, "kept_value": KeptValue}


class Withholding:
    """Decides for one person and study; what ``core.ledger.export.export`` calls ``withhold``.

    An item that any published version puts under a privilege stays under it.
    """

    def __init__(self, actor: Actor, study: str, today: date) -> None:
        self._items: dict[tuple[str, str], str] = {}
        for version in Definition.objects.filter(study=study).values_list("version", flat=True):
            for name, form in compiled(study, version).forms.items():
                self._items.update({(name, item): privilege for item, privilege in privileges(form).items()})
        self._hidden: dict[str, frozenset[str]] = {}
        self._scopes = {
            key: Scope(study, country, site)
            for key, country, site in Participant.objects.filter(study=study).values_list("key", "country", "site")
        }
        self._actor, self._study, self._today = actor, study, today
        self._remarks: dict[str, tuple[str, str]] = {}
        if self._items:
            for kind, model in ABOUT_ITEMS.items():
                for key, form, item in model.objects.filter(study=study).values_list("key", "form", "item"):
                    self._remarks[f"{kind}:{key}"] = (form, item)

    def __call__(self, record: str, path: str) -> str | None:
        """The privilege that the person lacks for a value, None when it may go out."""
        kind, _colon, key = record.partition(":")
        described = record_type(kind)
        if described.withheld is not None and described.withheld(self._actor, key, self._today):
            return "not_yet"
        if described.items_of is not None:
            item = item_of(path)
            return self._lacking(described.items_of(key), item) if item else None
        if kind in ABOUT_ITEMS and record in self._remarks:
            return self._lacking(*self._remarks[record])
        return None

    def _lacking(self, form_key: str, item: str) -> str | None:
        try:
            study, number, _encounter, form, _line = split_form_key(form_key)
        except ValueError:
            return None
        privilege = self._items.get((form, base_item(item)))
        return privilege if privilege in self._lacked(f"{study}/{number}") else None

    def _lacked(self, participant: str) -> frozenset[str]:
        if participant not in self._hidden:
            scope = self._scopes.get(participant, Scope(self._study))
            self._hidden[participant] = self._actor.hidden(scope, self._today)
        return self._hidden[participant]
