"""The items that a row rests on, as one person may see them: their values and the ledger entries that set them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from helmont.core.people.models import Person
from helmont.core.permissions import Actor
from helmont.datasets.walking import Item
from helmont.edc.keys import split_form_key
from helmont.edc.queries.audit import AuditChange, AuditEntry, Mask, form_history
from helmont.edc.queries.titles import encounter_title, form_title
from helmont.participants.models import Participant
from helmont.participants.queries import scope_of
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.web.addresses import entry_address, form_address

MOST = 200
"""Items of one page."""


@dataclass(frozen=True)
class Origin:
    """An item with its value at that moment, and the entry that set it; ``hidden`` when the person must not see it."""

    form: str
    label: str
    value: str = ""
    url: str = ""
    history: str = ""
    entry: AuditEntry | None = None
    who: str = ""
    proof: str = ""
    hidden: bool = False


def origins(
    actor: Actor, participant: Participant, items: list[Item], size: int, today: date, language: str
) -> list[Origin]:
    """Where a row came from, in the order of ``items``: the nearest first; entries after the first ``size`` do not count."""
    study = compiled(participant.study, participant.definition)
    mask = Mask(actor, participant, today)
    may_read = actor.may("audit.view", scope_of(participant), today)
    named: dict[str, list[str]] = {}
    for record, name in items[:MOST]:
        named.setdefault(record, []).append(name)
    by_item: dict[Item, Origin] = {}
    for record, names in named.items():
        kind, _colon, key = record.partition(":")
        if kind == "form":
            history = form_history(actor, participant, key, today) if may_read else []
            of_form = _of_form(study, key, names, history, mask, size, language)
        else:
            of_form = [_other(study, kind, key, language) for _name in names]
        by_item |= {(record, name): origin for name, origin in zip(names, of_form, strict=True)}
    found = [by_item[item] for item in items[:MOST]]
    handles = {each.entry.actor for each in found if each.entry}
    people = dict(Person.objects.filter(handle__in=handles).values_list("handle", "name"))
    return [_named(each, people) for each in found]


def _of_form(
    study: CompiledStudy, key: str, items: list[str], history: list[AuditEntry], mask: Mask, size: int, language: str
) -> list[Origin]:
    title = form_title(study, key, language, whose=False)
    form = study.forms.get(split_form_key(key)[3])
    last = _last_changes(history, f"form:{key}", size)
    log = key.partition("/")[0]
    found = []
    for item in items:
        known = form is not None and item in form.item_keys()
        if mask.hides(key, item):
            found.append(Origin(title, "", hidden=True))
            continue
        label = form.label(item, language) if form is not None and known else item
        entry, change = last.get(item, (None, None))
        found.append(
            Origin(
                form=title,
                label=label,
                value=_value(form, item, change, language) if known else "",
                url=form_address(key, item),
                history=f"{form_address(key)}/history?item={item}" if known else "",
                entry=entry,
                proof=entry_address(log, entry.sequence) if entry else "",
            )
        )
    return found


def _last_changes(history: Iterable[AuditEntry], record: str, size: int) -> dict[str, tuple[AuditEntry, AuditChange]]:
    found = {}
    for entry in history:
        if entry.sequence >= size:
            break
        for change in entry.changes:
            if f"{change.record_type}:{change.record}" == record and change.path.startswith("data/"):
                found[change.item] = (entry, change)
    return found


def _value(form: CompiledForm | None, item: str, change: AuditChange | None, language: str) -> str:
    if form is None or change is None or change.new is None:
        return ""
    return str(form.display(item, change.new, language))


def _other(study: CompiledStudy, kind: str, key: str, language: str) -> Origin:
    """What is no form: a visit, the participant themselves, a coding."""
    parts = key.split("/")
    if kind == "encounter" and len(parts) == 3:
        return Origin(encounter_title(study, parts[2], language), kind)
    return Origin(kind, key)


def _named(origin: Origin, names: dict[str, str]) -> Origin:
    if origin.entry is None:
        return origin
    return replace(origin, who=names.get(origin.entry.actor, origin.entry.actor))


def is_of(record: str, participant: Participant) -> bool:
    """Whether a record named ``form:STUDY/…`` is a form of the participant."""
    try:
        study, number, _encounter, _form, _line = split_form_key(record.removeprefix("form:"))
    except ValueError:
        return False
    return record.startswith("form:") and f"{study}/{number}" == participant.key
