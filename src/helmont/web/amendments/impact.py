"""What an amendment means for one participant, as people read it: forms by their titles, values by their labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from helmont.amendments.impact import Impact, QueryChange, guarded_items
from helmont.amendments.migrating import routes_between
from helmont.core.permissions import Actor
from helmont.edc.actions.amending.outcome import Kept, Moved
from helmont.edc.keys import split_form_key
from helmont.edc.queries.titles import form_title
from helmont.participants.models import Participant
from helmont.participants.queries import scope_of
from helmont.studies.queries import compiled
from helmont.study.compiling import CompiledStudy
from helmont.study.values import Value
from helmont.web.addresses import form_address


@dataclass
class Way:
    """Values that go from one form to another: each with its visit or line, label, what it says, and what it is then."""

    was: str
    now: str
    values: list[tuple[str, str, str, str]] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether any of them is called or written differently there."""
        return any(then for *_value, then in self.values)


def visible(impact: Impact, person: Actor, whom: Participant, day: date) -> Impact:
    """The impact without what is under a privilege that the person lacks at this participant's site."""
    old, new = (compiled(whom.study, version) for version in (impact.source, impact.target))
    lacking = person.hidden(scope_of(whom), day)
    hidden = {
        (form, item)
        for form, item in guarded_items(routes_between(old, new))
        for study in (old, new)
        if form in study.forms
        and item in study.forms[form].items
        and study.forms[form].items[item].item.privilege in lacking
    }
    return impact.without(hidden)


def details(impact: Impact, study: str, language: str) -> dict[str, Any]:
    """What the participant's page shows."""
    words = _Words(compiled(study, impact.source), compiled(study, impact.target), language)
    return {
        "ways": words.ways(impact.moved),
        "converted": [words.conversion(one) for one in impact.converted],
        "unfit": [words.misfit(one) for one in sorted(impact.unfit, key=lambda one: words.order(one.form))],
        "former": [words.title(one.form) for one in impact.former_forms],
        "asked": [
            (words.title(key), words.labels(key, impact.asked[key])) for key in sorted(impact.asked, key=words.order)
        ],
        "asked_forms": [words.title(key) for key in sorted(impact.asked_forms, key=words.order)],
        "asked_visits": [words.new.encounters[oid].label.get(language)[0] for oid in impact.asked_visits],
        "marks": [
            *((_("Signature"), words.title(key), "") for key in impact.signatures),
            *((_("Review"), words.title(key), "") for key in impact.reviews),
            *((_("Verification"), words.title(key), words.label(key, item)) for key, item in impact.verifications),
        ],
        "queries": [
            *words.queries(_("opened"), impact.opened),
            *words.queries(_("closed"), impact.closed),
            *words.queries(_("moved"), impact.queries_moved),
        ],
    }


class _Words:
    """The two versions in one language."""

    def __init__(self, old: CompiledStudy, new: CompiledStudy, language: str) -> None:
        self.old, self.new, self._language = old, new, language

    def title(self, key: str) -> str:
        return form_title(self._version(key), key, self._language, whose=False)

    def _version(self, key: str) -> CompiledStudy:
        return self.new if key.split("/")[3] in self.new.forms else self.old

    def label(self, key: str, item: str, version: CompiledStudy | None = None) -> str:
        """What the item is called in a version (the new one, if it has it there)."""
        for study in [version] if version else [self.new, self.old]:
            form = study.forms.get(key.split("/")[3])
            if form is not None and item in form:
                return form.label(item, self._language)
        return item

    def labels(self, key: str, items: Iterable[str]) -> list[str]:
        return [self.label(key, item) for item in items]

    def value(self, key: str, item: str, value: Value | None, version: CompiledStudy) -> str:
        form = version.forms.get(key.split("/")[3])
        known = form is not None and item in form
        return form.display(item, value, self._language) if form is not None and known else str(value or "")

    def order(self, key: str) -> tuple[int, int, str]:
        """What sorts forms as the protocol does: visits in its order, then lines of logs by their number."""
        _study, _participant, encounter, form, line = split_form_key(key)
        visits = list(self.new.encounters)
        return visits.index(encounter) if encounter in visits else len(visits), int(line or 0), form

    def ways(self, moved: Iterable[Moved]) -> list[Way]:
        """One for each two kinds of forms."""
        found: dict[tuple[str, str], Way] = {}
        for one in sorted(moved, key=lambda one: self.order(one.form)):
            if (one.form, one.item) == (one.to_form, one.to_item):
                continue
            (before, place), (after, place_now) = self._parts(one.form, self.old), self._parts(one.to_form, self.new)
            titles = before, after
            was, now = self.label(one.form, one.item, self.old), self.label(one.to_form, one.to_item, self.new)
            said, says = self._both(one)
            elsewhere = place_now if place_now != place else ""
            then = ": ".join(
                part for part in (elsewhere, now if now != was else "", says if says != said else "") if part
            )
            way = found.setdefault(titles, Way(*titles))
            way.values.append((place, was, said, then))
        return list(found.values())

    def _parts(self, key: str, version: CompiledStudy) -> tuple[str, str]:
        """The form's title, and its visit or line."""
        title, _comma, place = form_title(version, key, self._language, whose=False).rpartition(", ")
        return title, place

    def _both(self, one: Moved) -> tuple[str, str]:
        """What a value says before and then; with its code where only that differs."""
        was = self.value(one.form, one.item, one.was, self.old)
        now = self.value(one.to_form, one.to_item, one.now, self.new)
        return (f"{was} ({one.was})", f"{now} ({one.now})") if was == now and one.was != one.now else (was, now)

    def conversion(self, one: Moved) -> tuple[str, str, str, str]:
        """Form, item, and what it says before and then."""
        return self.title(one.to_form), self.label(one.to_form, one.to_item, self.new), *self._both(one)

    def misfit(self, one: Kept) -> tuple[str, str, str, str, str]:
        """Address and title of the form, item, value, and why it has no place."""
        why = _(one.why.message_id) % one.why.params if one.why else ""
        said = self.value(one.form, one.item, one.value, self.old)
        return (
            form_address(one.form, one.item),
            self.title(one.form),
            self.label(one.form, one.item, self.old),
            said,
            why,
        )

    def queries(self, what: str, changes: Iterable[QueryChange]) -> list[tuple[str, str, str, str]]:
        return [(what, self.title(q.form), self.label(q.form, q.item), q.rule) for q in changes]
